"""An address as a QR code, drawn here: no other host is asked, and no script runs."""

import io

import segno


def qr_svg(address: str) -> bytes:
    """The code as an SVG document, black on white with the quiet margin that cameras need."""
    drawn = io.BytesIO()
    # “M” survives a smudged slide and a bad projector; the size on the page is the page's business.
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=4, scale=8, dark="#000", light="#fff", omitsize=True, title="QR code"
    )
    return drawn.getvalue()

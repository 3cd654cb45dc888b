"""Handing out a file: always as a download, never shown, never guessed at, never kept by the browser."""

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header


def as_attachment(name: str) -> dict[str, str]:
    """The headers that make a browser save a file under this name."""
    return {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def stored_file(file: FieldFile, *, name: str, content_type: str) -> HttpResponse:
    """An uploaded file, which is small. 404 where there is none, or it is no longer there."""
    if not file:
        raise Http404
    try:
        with file.open("rb") as opened:
            content = opened.read()
    except FileNotFoundError as missing:
        raise Http404 from missing
    return HttpResponse(content, content_type=content_type, headers=as_attachment(name))

"""Handing out a file: always as a download, never shown, never kept by the browser."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from communities.exports.formats import File


def download(file: File) -> HttpResponse:
    return HttpResponse(file.content, content_type=file.content_type, headers=as_attachment(file.name))


def as_attachment(name: str) -> dict[str, str]:
    """What makes a browser save a file under this name, and neither show, guess at nor keep it."""
    return {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }

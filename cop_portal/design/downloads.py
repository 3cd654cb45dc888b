"""Handing out a file: always as a download, never shown, never guessed at, never kept by the browser."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.utils.http import content_disposition_header


def as_attachment(name: str) -> dict[str, str]:
    """The headers that make a browser save a file under this name."""
    return {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def stored_file(file: FieldFile, *, name: str, content_type: str) -> FileResponse:
    """An uploaded file. 404 where there is none, or it is no longer there."""
    if not file:
        raise Http404
    try:
        content = file.open("rb")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response = FileResponse(content, content_type=content_type)
    # Last: on its own it would show the file, under the name by which it is kept.
    for header, value in as_attachment(name).items():
        response[header] = value
    return response

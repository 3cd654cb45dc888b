"""Handing out a file: always as a download, never shown, never kept by the browser."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from communities.exports.formats import File


def download(file: File) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.name) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(file.content, content_type=file.content_type, headers=headers)

"""Handing out what was exported."""

from django.http import HttpResponse

from communities.exports.formats import File
from cop_portal.design.downloads import as_attachment


def download(file: File) -> HttpResponse:
    return HttpResponse(file.content, content_type=file.content_type, headers=as_attachment(file.name))

"""Questionnaires from files and as files, and their checks, over the API: the same rules and words as on the pages."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from communities.imports.tables import too_large
from cop_portal.design.downloads import as_attachment
from cop_portal.installation import clock
from cop_portal.installation.uploads import was_too_large
from evaluations.api.instrument_file_serializers import (
    ChecksOutput,
    InstrumentFileInput,
    InstrumentFileOutput,
    WholeInstrumentFileOutput,
)
from evaluations.api.instruments import ForReaders
from evaluations.imports.instrument_files import receive_instrument_file
from evaluations.instrument_checks.checks import checks_of
from evaluations.interchange.instrument_json import written
from evaluations.interchange.redcap import dictionary_of
from evaluations.models import InstrumentFile, InstrumentVersion
from evaluations.permissions import Permission
from evaluations.questionnaire import questionnaire_of
from evaluations.services.instruments.files import discard_instrument_file, make_drafts, plans_of
from evaluations.services.instruments.previews import becomes, foreseen


class _Files(ForReaders, GenericAPIView[InstrumentFile]):
    permission: ClassVar[str] = Permission.PUBLISH_INSTRUMENTS
    serializer_class: Any = InstrumentFileOutput

    def get_queryset(self) -> QuerySet[InstrumentFile]:
        if getattr(self, "swagger_fake_view", False):
            return InstrumentFile.objects.none()
        files = InstrumentFile.objects.visible_to(self.reader).select_related("by")
        return files.prefetch_related("drafts__instrument")

    def file(self) -> InstrumentFile:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def answer(self, pk: int, status_code: int = status.HTTP_200_OK) -> Response:
        """A file as it stands now, with what would be made of it."""
        file = self.get_queryset().get(pk=pk)
        plans = [] if file.drafts.all() else plans_of(file)
        # Beside the file's own fields, and never stored with it.
        file.planned = [{"plan": plan, "becomes": becomes(plan), "seen": foreseen(plan)} for plan in plans]  # type: ignore[attr-defined]
        return Response(WholeInstrumentFileOutput(file).data, status=status_code)


class InstrumentFileList(_Files, ListAPIView[InstrumentFile]):
    """The files that were uploaded, the newest first; and uploading one."""

    parser_classes = [MultiPartParser]
    ordering = ("-uploaded_at", "-pk")

    @extend_schema(request={"multipart/form-data": InstrumentFileInput}, responses={201: WholeInstrumentFileOutput})
    def post(self, request: Request) -> Response:
        """Reads and keeps a file. No questionnaire is made of it yet."""
        if was_too_large(request._request):  # noqa: SLF001 - the upload handler marks Django's own request
            raise too_large()
        asked = InstrumentFileInput(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        file = receive_instrument_file(
            content=said["file"].read(),
            file_name=said["file"].name,
            serves=said.get("serves"),
            value_cycle=said.get("value_cycle", ""),
            by=self.reader,
            now=clock.now(),
        )
        response = self.answer(file.pk, status.HTTP_201_CREATED)
        response["Location"] = reverse("api:instrument-file", args=[file.pk])
        return response


class InstrumentFileDetail(_Files):
    """One file: what did not fit, and what would be made of it."""

    @extend_schema(responses=WholeInstrumentFileOutput)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.file().pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Throws away a file of which nothing was made."""
        discard_instrument_file(file=self.file(), by=self.reader, now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InstrumentFileDrafts(_Files):
    """Drafts of what a file holds."""

    @extend_schema(request=None, responses={201: WholeInstrumentFileOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Makes a draft of each questionnaire in the file that is not published just so."""
        file = self.file()
        make_drafts(file=file, by=self.reader, now=clock.now())
        return self.answer(file.pk, status.HTTP_201_CREATED)


class _OfVersion(ForReaders, GenericAPIView[InstrumentVersion]):
    permission: ClassVar[str] = Permission.SEE_INSTRUMENTS
    serializer_class: Any = ChecksOutput

    def version(self) -> InstrumentVersion:
        versions = InstrumentVersion.objects.visible_to(self.reader).select_related("instrument")
        return get_object_or_404(versions, instrument__code=self.kwargs["code"], number=self.kwargs["number"])


class InstrumentChecks(_OfVersion):
    """Minutes to answer, every way through, what nobody reaches, and reading ages; of a draft too."""

    @extend_schema(responses=ChecksOutput)
    def get(self, request: Request, code: str, number: int) -> Response:
        return Response(ChecksOutput(checks_of(questionnaire_of(self.version()))).data)


class InstrumentAsJson(_OfVersion):
    """A questionnaire as a file, in the form that can be uploaded again."""

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.BINARY})
    def get(self, request: Request, code: str, number: int) -> HttpResponse:
        headers = as_attachment(f"{code}-{number}.json")
        return HttpResponse(written(self.version()), content_type="application/json", headers=headers)


class InstrumentAsDictionary(_OfVersion):
    """A questionnaire as a REDCap data dictionary of 18 columns."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, code: str, number: int) -> HttpResponse:
        headers = as_attachment(f"{code}-{number}-redcap.csv")
        content = dictionary_of(self.version()).content
        return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)

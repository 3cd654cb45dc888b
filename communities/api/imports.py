"""Bringing people and organisations in from files, over the API: the same steps, rules and words as on the pages."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.imports_serializers import (
    ColumnsInput,
    DecisionsInput,
    ImportOutput,
    ImportQuestionOutput,
    ImportRowOutput,
    UploadInput,
)
from communities.api.problems import said_in
from communities.api.views import reader
from communities.exports.rejected import rejected_rows
from communities.imports.receiving import receive_file
from communities.imports.tables import too_large
from communities.models import Community, ImportBatch, ImportRow
from communities.permissions import Permission
from communities.services.imports.batches import discard_import
from communities.services.imports.preview import decide_rows, preview_import
from communities.services.imports.questions import open_questions
from communities.services.imports.running import ask_for_import
from communities.services.imports.undoing import ask_for_undo
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock
from cop_portal.installation.uploads import was_too_large


class _Imports(GenericAPIView[ImportBatch]):
    serializer_class: Any = ImportOutput

    def get_queryset(self) -> QuerySet[ImportBatch]:
        if getattr(self, "swagger_fake_view", False):
            return ImportBatch.objects.none()
        return ImportBatch.objects.visible_to(reader(self.request)).select_related("community", "by").with_counts()

    def answer(self, batch: ImportBatch, status_code: int = status.HTTP_200_OK) -> Response:
        """An import as it stands now, with its version."""
        found = self.get_queryset().get(pk=batch.pk)
        return Response(ImportOutput(found).data, status=status_code, headers={"ETag": etag(found.version)})


class ImportList(_Imports, ListAPIView[ImportBatch]):
    """The files that were uploaded, the newest first; and uploading one."""

    signed_in = True
    parser_classes = [MultiPartParser]
    ordering = ("-uploaded_at", "-pk")

    @extend_schema(request={"multipart/form-data": UploadInput}, responses={201: ImportOutput})
    def post(self, request: Request) -> Response:
        """Uploads a file and guesses its columns. Nothing is added."""
        data = request.data
        if was_too_large(request._request):  # noqa: SLF001 - the upload handler marks Django's own request
            raise too_large()
        asked = UploadInput(data=data)
        asked.is_valid(raise_exception=True)
        file, kind, slug = (asked.validated_data[name] for name in ("file", "kind", "community"))
        user = reader(request)
        community = get_object_or_404(Community.objects.visible_to(user), slug=slug) if slug else None
        is_members = kind == ImportBatch.Kind.MEMBERS
        require(user, Permission.IMPORT_MEMBERS if is_members else Permission.IMPORT_ORGANISATIONS, community)
        batch = receive_file(
            content=file.read(), file_name=file.name, kind=kind, community=community, by=user, now=clock.now()
        )
        return self.answer(batch, status.HTTP_201_CREATED)


class ImportDetail(_Imports, RetrieveAPIView[ImportBatch]):
    """One import: its columns, how many rows are in each class, and how far it has come."""

    signed_in = True

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())


class _OnImport(_Imports):
    """A step of one import, for those who may import into its community."""

    permission: ClassVar[str] = Permission.IMPORT_MEMBERS

    @cached_property
    def batch(self) -> ImportBatch:
        return get_object_or_404(ImportBatch.objects.visible_to(reader(self.request)), pk=self.kwargs["pk"])

    def permission_object(self) -> Community | None:
        return self.batch.community

    def done(self) -> dict[str, Any]:
        """What every step is told: the file, the version that was looked at, who and when."""
        return {
            "batch": self.batch,
            "version": expected_version(self.request),
            "by": reader(self.request),
            "now": clock.now(),
        }

    def accepted(self, batch: ImportBatch) -> Response:
        """What the worker will do, and where to look whether it has."""
        response = self.answer(batch, status.HTTP_202_ACCEPTED)
        response["Location"] = reverse("api:import", args=[batch.pk])
        return response


class ImportColumns(_OnImport):
    @extend_schema(request=ColumnsInput, responses=ImportOutput, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Says which column holds what, and sorts every row into its class. Nothing is added."""
        said = said_in(request, ColumnsInput)
        return self.answer(preview_import(**self.done(), **said))


class ImportDecisions(_OnImport):
    @extend_schema(responses=ImportQuestionOutput(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What only a person can decide, with the answers on offer."""
        return Response(ImportQuestionOutput(open_questions(self.batch), many=True).data)

    @extend_schema(request=DecisionsInput, responses=ImportOutput, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Decides some or all of it, and sorts the rows again."""
        said = said_in(request, DecisionsInput)
        return self.answer(decide_rows(**self.done(), decisions=said["decisions"]))


class RunImport(_OnImport):
    @extend_schema(request=None, responses={202: ImportOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Imports the rows as they are sorted, as a whole. The worker does it: look at `Location` until it has."""
        return self.accepted(ask_for_import(**self.done()))


class UndoImport(_OnImport):
    @extend_schema(request=None, responses={202: ImportOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Takes back everything that the import brought, within 30 days; all of it or nothing. The worker does it: look
        at `Location` until it has."""
        return self.accepted(ask_for_undo(**self.done()))


class DiscardImport(_OnImport):
    @extend_schema(request=None, responses=ImportOutput, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Throws away a file that has not been imported."""
        return self.answer(discard_import(**self.done()))


class ImportRows(_OnImport, ListAPIView[Any]):
    """The rows of the file in their order, each in its class; `?kind=` shows one class."""

    serializer_class: Any = ImportRowOutput
    filter_backends = []
    ordering = ("number", "pk")

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return ImportRow.objects.none()
        rows = ImportRow.objects.filter(batch=self.batch)
        kind = self.request.query_params.get("kind")
        return rows.of_kind(kind) if kind in ImportRow.Kind.values else rows


class RejectedRows(_OnImport):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The rows that stay out, as CSV, with the reason in each."""
        file = rejected_rows(self.batch, now=clock.now())
        return HttpResponse(file.content, content_type=file.content_type)

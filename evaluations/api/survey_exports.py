"""Taking a closed survey away over the API: the steps, refusals and words of the pages."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from communities.api.problems import said_in
from communities.api.views import reader
from cop_portal.accounts.access import require
from cop_portal.design.downloads import as_attachment
from cop_portal.installation import clock
from evaluations.models import Survey, SurveyExport
from evaluations.permissions import Permission, export_permission
from evaluations.services.survey_exports.asking import ask_for_export
from evaluations.services.survey_exports.keeping import archive_for, delete_export
from evaluations.services.survey_exports.progress import progress_of

LONGEST_REASON = 500


class SurveyExportInput(serializers.Serializer[Any]):
    """What to take away, and why where rows of a confidential survey are asked for."""

    what = serializers.ChoiceField(choices=SurveyExport.What.choices)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST_REASON)


class SurveyExportOutput(serializers.ModelSerializer[SurveyExport]):
    """One archive: while it is made, how far it is; once it is ready, its digest and until when it is kept."""

    percent = serializers.SerializerMethodField(help_text="How far the worker has come, of 100.")

    class Meta:
        model = SurveyExport
        fields = (
            "id", "survey", "mode", "what", "reason", "state", "percent", "message", "asked_at", "made_at",
            "kept_until", "file_name", "size", "archive_digest",
        )  # fmt: skip

    @extend_schema_field(serializers.IntegerField())
    def get_percent(self, export: SurveyExport) -> int:
        return progress_of(export).percent


class SurveyExportList(ListAPIView[SurveyExport]):
    """The archives you have asked for of one survey, the newest first."""

    permission: ClassVar[str] = Permission.EXPORT_RESULTS
    serializer_class = SurveyExportOutput
    ordering = ("-asked_at", "-pk")

    @cached_property
    def survey(self) -> Survey:
        surveys = Survey.objects.visible_to(reader(self.request)).select_related("community", "version__instrument")
        return get_object_or_404(surveys, pk=self.kwargs["pk"])

    def permission_object(self) -> Survey:
        return self.survey

    def get_queryset(self) -> QuerySet[SurveyExport]:
        if getattr(self, "swagger_fake_view", False):
            return SurveyExport.objects.none()
        return SurveyExport.objects.visible_to(reader(self.request)).filter(survey=self.survey).without_archive()

    @extend_schema(request=SurveyExportInput, responses={202: SurveyExportOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Asks for an archive. The worker makes it: look at `Location` until it has."""
        said, by = said_in(request, SurveyExportInput), reader(request)
        is_rows = said["what"] == SurveyExport.What.ROWS
        require(by, export_permission(mode=self.survey.mode, is_rows=is_rows), self.survey)
        export = ask_for_export(survey=self.survey, by=by, now=clock.now(), **said)
        answer = Response(SurveyExportOutput(export).data, status=status.HTTP_202_ACCEPTED)
        answer["Location"] = reverse("api:survey-export", args=[export.pk])
        return answer


class _OfExport(APIView):
    """Something about one archive: `self.export`, or 404. Whoever may no longer have what is in it is refused."""

    permission: ClassVar[str] = Permission.EXPORT_RESULTS
    needs_archive: ClassVar[bool] = False

    @cached_property
    def export(self) -> SurveyExport:
        exports = SurveyExport.objects.visible_to(reader(self.request)).select_related(
            "survey__community", "survey__version__instrument", "survey__release"
        )
        return get_object_or_404(exports if self.needs_archive else exports.without_archive(), pk=self.kwargs["pk"])

    def permission_object(self) -> Survey:
        return self.export.survey

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        is_rows = self.export.what == SurveyExport.What.ROWS
        require(request.user, export_permission(mode=self.export.mode, is_rows=is_rows), self.export.survey)


class SurveyExportDetail(_OfExport):
    """One archive that you have asked for."""

    @extend_schema(responses=SurveyExportOutput)
    def get(self, request: Request, pk: int) -> Response:
        """One archive: how far it is, or what is in it."""
        return Response(SurveyExportOutput(self.export).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Deletes the archive before its time. That you asked for it stays noted."""
        delete_export(export=self.export, by=reader(request), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class DownloadSurveyExport(_OfExport):
    """The archive itself."""

    needs_archive: ClassVar[bool] = True

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The archive, as a zip. 409 while it is made, once it is not kept any more, or where the data have changed."""
        file = archive_for(export=self.export, now=clock.now())
        return HttpResponse(file.content, content_type=file.content_type, headers=as_attachment(file.name))

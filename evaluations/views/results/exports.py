"""Taking a closed survey away: asking for it, watching it being made, downloading it."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from communities.views.community.downloads import download
from cop_portal.accounts.access import require
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.exports import ExportSurveyForm
from evaluations.models import Survey, SurveyExport
from evaluations.permissions import Permission, export_permission, offered_exports
from evaluations.services.retention.dates import destroyed_words
from evaluations.services.survey_exports.asking import ReasonMissing, ask_for_export, why_not_closed
from evaluations.services.survey_exports.keeping import ExportNotReady, archive_for, delete_export, trouble_with
from evaluations.services.survey_exports.progress import progress_of
from evaluations.views.in_community import OfSurvey

LISTED = 20
HTMX_RELOAD = {"HX-Refresh": "true"}


class ExportSurvey(OfSurvey, ServiceFormView):
    """What can be taken away, to whom and in what form; and what one has asked for before."""

    permission: ClassVar[str] = Permission.EXPORT_RESULTS
    template_name = "evaluations/export_survey.html"
    form_class = ExportSurveyForm
    heading = "Take this survey away"
    submit_label = "Make the files"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ReasonMissing: "reason"}

    def get_form_kwargs(self) -> dict[str, Any]:
        offered = offered_exports(self.user, self.survey)
        return {**super().get_form_kwargs(), "mode": self.survey.mode, "offered": offered}

    def get_cancel_url(self) -> str:
        return self.survey.get_absolute_url()

    def perform(self, form: ExportSurveyForm) -> HttpResponse:
        said = form.cleaned_data
        export = ask_for_export(
            survey=self.survey, what=said["what"], reason=said.get("reason", ""), by=self.user, now=clock.now()
        )
        return redirect(export)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = SurveyExport.objects.visible_to(self.user).filter(survey=self.survey).without_archive()
        return super().get_context_data(
            only_results=offered_exports(self.user, self.survey) == [SurveyExport.What.FIGURES],
            not_closed=why_not_closed(self.survey),
            destroyed=destroyed_words(self.survey),
            kept_days=settings.EXPORT_KEPT_DAYS,
            rows_from=settings.CONFIDENTIAL_ROWS_FROM,
            exports=[_linked(export, self.survey) for export in mine.newest_first()[:LISTED]],
            **kwargs,
        )


def _linked(export: SurveyExport, survey: Survey) -> SurveyExport:
    """With the survey it belongs to, which is known, so that its address costs no query."""
    export.survey = survey
    return export


class OfExport(OfSurvey):
    """A page of one export: `self.export`, or 404. Whoever may no longer have what is in it is refused."""

    permission: ClassVar[str] = Permission.EXPORT_RESULTS
    needs_archive: ClassVar[bool] = False
    export: SurveyExport

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        exports = SurveyExport.objects.visible_to(self.user).filter(survey=self.survey)
        self.export = get_object_or_404(
            exports if self.needs_archive else exports.without_archive(), pk=kwargs["export_pk"]
        )
        self.export.survey = self.survey

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_rows = self.export.what == SurveyExport.What.ROWS
        require(self.user, export_permission(mode=self.survey.mode, is_rows=is_rows), self.community)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(export=self.export, progress=progress_of(self.export), **kwargs)


class ExportPage(OfExport, TemplateView):
    """How far it is; then the file, with its digest and until when it is kept; or why there is none."""

    template_name = "evaluations/export.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        trouble = "" if self.export.is_waiting else trouble_with(self.export, now=clock.now())
        heading = f"{self.export.get_what_display()}, as files"
        return super().get_context_data(**{"heading": heading, "trouble": trouble, **kwargs})


class ExportProgress(OfExport, TemplateView):
    """A piece of the page, asked for every second. Once there is nothing to wait for, the page is new."""

    template_name = "evaluations/export_progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.export.is_waiting:
            return HttpResponse(headers=HTMX_RELOAD)
        return super().get(request, *args, **kwargs)


class DeleteExport(OfExport, ServiceFormView):
    """Deleting one's archive before its time, after a page that says what stays."""

    template_name = "evaluations/delete_export.html"
    form_class = forms.Form
    heading = "Delete these files"
    submit_label = "Delete them"

    def get_cancel_url(self) -> str:
        return self.export.get_absolute_url()

    def perform(self, form: forms.Form) -> HttpResponse:
        delete_export(export=self.export, by=self.user, now=clock.now())
        return redirect(self.export)


class DownloadExport(ExportPage):
    """The archive. Where it may not be handed out any more, the page says why (409)."""

    needs_archive: ClassVar[bool] = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return download(archive_for(export=self.export, now=clock.now()))
        except ExportNotReady as refusal:
            context = self.get_context_data(trouble=" ".join(refusal.messages))
            return self.render_to_response(context, status=refusal.status)

"""A community's surveys: the list, opening one, one survey, closing it."""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import ListView, TemplateView

from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.surveys import CloseSurveyForm, ConfirmSurveyForm, OpenSurveyForm, end_of
from evaluations.models import PrivacyMode, Survey
from evaluations.permissions import Permission
from evaluations.services.closing import close_survey
from evaluations.services.surveys import ClosesTooSoon, check_opening, open_survey, preview_opening
from evaluations.views import words
from evaluations.views.in_community import InCommunity, OfSurvey
from evaluations.views.rows import closing_words, opening_summary, survey_row, survey_summary

USUAL_DAYS = 21


class SurveyList(InCommunity, ListView[Survey]):
    """What is being asked now, and what has been."""

    permission: ClassVar[str] = Permission.SEE_SURVEYS
    template_name = "evaluations/survey_list.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Survey]:
        return self.community.surveys.with_turnout().select_related("version").newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.user
        context = super().get_context_data(
            can_open=user.has_perm(Permission.OPEN_SURVEY, self.community),
            **kwargs,
        )
        return context | {"rows": [survey_row(survey, user) for survey in context["object_list"]]}


class ChooseSurvey(InCommunity, ServiceFormView):
    """First half of opening a survey: which questionnaire, until when. Nothing is stored."""

    permission: ClassVar[str] = Permission.OPEN_SURVEY
    template_name = "evaluations/choose_survey.html"
    form_class = OpenSurveyForm
    heading = "Open a survey"
    submit_label = "See who will be asked"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ClosesTooSoon: "closes_on"}

    def get_initial(self) -> dict[str, Any]:
        return {"closes_on": clock.today() + timedelta(days=USUAL_DAYS)}

    def perform(self, form: OpenSurveyForm) -> HttpResponse:
        version, closes_on = form.cleaned_data["version"], form.cleaned_data["closes_on"]
        check_opening(
            community=self.community,
            version=version,
            mode=PrivacyMode(version.default_privacy),
            closes_at=end_of(closes_on),
            now=clock.now(),
        )
        chosen = {"version": version.pk, "closes_on": closes_on.isoformat()}
        return redirect(f"{reverse('evaluations:confirm-survey', args=[self.community.slug])}?{urlencode(chosen)}")

    def get_cancel_url(self) -> str:
        return reverse("evaluations:survey-list", args=[self.community.slug])


class OpenSurvey(InCommunity, ServiceFormView):
    """Second half: who will be asked and when, who will not and why; then it opens."""

    permission: ClassVar[str] = Permission.OPEN_SURVEY
    template_name = "evaluations/open_survey.html"
    form_class = ConfirmSurveyForm
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ClosesTooSoon: "closes_on"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ConfirmSurveyForm(request.GET)
        if not form.is_valid() or not self.may_open(form):
            return redirect("evaluations:open-survey", self.community.slug)
        return self.render_to_response(self.get_context_data(form=form))

    def may_open(self, form: ConfirmSurveyForm) -> bool:
        """Whether the first page would have led here: its address can be made up, or old."""
        version, closes_at = form.cleaned_data["version"], end_of(form.cleaned_data["closes_on"])
        mode, now = PrivacyMode(version.default_privacy), clock.now()
        try:
            check_opening(community=self.community, version=version, mode=mode, closes_at=closes_at, now=now)
        except Refusal:
            return False
        return True

    def perform(self, form: ConfirmSurveyForm) -> HttpResponse:
        version = form.cleaned_data["version"]
        survey = open_survey(
            community=self.community,
            version=version,
            mode=PrivacyMode(version.default_privacy),
            closes_at=end_of(form.cleaned_data["closes_on"]),
            reminder_days=version.reminder_days,
            by=self.user,
            now=clock.now(),
        )
        messages.success(self.request, f"“{version.title}” is open. {survey.asked_words}")
        return redirect(survey)

    def show_again(self, form: Any, *, status: int) -> HttpResponse:
        if "version" in form.cleaned_data and "closes_on" in form.cleaned_data:
            return super().show_again(form, status=status)
        # What came is not what the first page offers: back to it, with what is wrong.
        choose = ChooseSurvey(template_name=ChooseSurvey.template_name)
        choose.setup(self.request, **self.kwargs)
        return choose.post(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = context["form"].cleaned_data
        version, closes_at, now = chosen["version"], end_of(chosen["closes_on"]), clock.now()
        preview = preview_opening(community=self.community, version=version, closes_at=closes_at, now=now)
        return context | {
            "preview": preview,
            "summary": opening_summary(version, opens_at=now, closes_at=closes_at),
            "promise": words.PROMISES[PrivacyMode(version.default_privacy)],
            "that_never_what": words.THAT_NEVER_WHAT,
            "who_sees": words.who_sees(),
            "asked_heading": f"Will be asked: {len(preview.asked)}",
            "not_asked_heading": f"Will not be asked: {len(preview.not_asked)}",
        }


class SurveyPage(OfSurvey, TemplateView):
    """One survey: its window, who was asked, how many have answered (counted nightly), what comes next."""

    permission: ClassVar[str] = Permission.SEE_SURVEYS
    template_name = "evaluations/survey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, survey = self.user, self.survey
        return super().get_context_data(
            summary=survey_summary(survey, user),
            can_close=survey.state == Survey.State.OPEN and user.has_perm(Permission.CLOSE_SURVEY, survey),
            row=survey_row(survey, user),
            **kwargs,
        )


class CloseSurvey(OfSurvey, ServiceFormView):
    """Closing a survey before its last day, after a page that says what that means."""

    permission: ClassVar[str] = Permission.CLOSE_SURVEY
    template_name = "evaluations/close_survey.html"
    form_class = CloseSurveyForm
    runs_own_transactions: ClassVar[bool] = True
    heading = "Close this survey now"
    submit_label = "Close it now"

    def get_cancel_url(self) -> str:
        return self.survey.get_absolute_url()

    def perform(self, form: CloseSurveyForm) -> HttpResponse:
        survey = close_survey(survey=self.survey, by=self.user, now=clock.now())
        messages.success(self.request, closing_words(survey))
        return redirect(self.survey)

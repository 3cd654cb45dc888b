"""A community's surveys: the list, one survey, closing it. Opening one is in opening.py."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.generic import ListView, TemplateView

from communities.models import Community
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from evaluations.dashboards import wave_plan
from evaluations.forms.surveys import CloseSurveyForm
from evaluations.models import PrivacyMode, Survey
from evaluations.permissions import Permission
from evaluations.services.closing.closing import close_survey
from evaluations.views.in_community import InCommunity, OfSurvey
from evaluations.views.results.heard import heard_panel
from evaluations.views.surveys.rows import closing_words, survey_row, survey_summary


class SurveyList(InCommunity, ListView[Survey]):
    """What is being asked now, and what has been."""

    permission: ClassVar[str] = Permission.SEE_SURVEYS
    template_name = "evaluations/survey_list.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Survey]:
        return self.community.surveys.with_turnout().select_related("version", "session").newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.user
        context = super().get_context_data(
            can_open=user.has_perm(Permission.OPEN_SURVEY, self.community),
            **kwargs,
        )
        return context | {
            "rows": [survey_row(survey, user) for survey in context["object_list"]],
            "plan": self.plan(),
            "plan_rule": wave_plan.rule(),
        }

    def plan(self) -> wave_plan.WavePlan | None:
        """What is due next; a community that is not active is asked nothing."""
        if self.community.state != Community.State.ACTIVE:
            return None
        planned = [settings.FULL_QUESTIONNAIRE, settings.CORE_QUESTIONNAIRE]
        surveys = self.community.surveys.filter(version__instrument__code__in=planned)
        return wave_plan.wave_plan(surveys.select_related("version__instrument").order_by("pk"), clock.today())


class SurveyPage(OfSurvey, TemplateView):
    """One survey: its window, who was asked, how many have answered (counted nightly), what comes next."""

    permission: ClassVar[str] = Permission.SEE_SURVEYS
    template_name = "evaluations/survey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, survey = self.user, self.survey
        may_end = user.has_perm(Permission.CLOSE_SURVEY, survey)
        return super().get_context_data(
            summary=survey_summary(survey, user),
            can_close=may_end and survey.state == Survey.State.OPEN,
            can_cancel=may_end and survey.can_be_cancelled,
            can_export=survey.state == Survey.State.CLOSED and user.has_perm(Permission.EXPORT_RESULTS, survey),
            row=survey_row(survey, user),
            heard=heard_panel(survey, user),
            sees_who_answered=survey.mode == PrivacyMode.NAMED and user.has_perm(Permission.SEE_WHO_ANSWERED, survey),
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

    def get_initial(self) -> dict[str, Any]:
        return {"although_extended": self.survey.was_extended}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_named=self.survey.mode == PrivacyMode.NAMED, **kwargs)

    def perform(self, form: CloseSurveyForm) -> HttpResponse:
        survey = close_survey(survey=self.survey, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, closing_words(survey))
        return redirect(self.survey)

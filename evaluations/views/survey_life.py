"""More time for a survey that is open; or the end of it, before anyone has read a word."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.survey_life import CancelSurveyForm, MoreTimeForm
from evaluations.forms.surveys import end_of
from evaluations.permissions import Permission
from evaluations.services.cancelling import cancel_survey
from evaluations.services.extending import NotMoreTime, TooMuchTime, give_more_time
from evaluations.views.in_community import OfSurvey


class _ChangeSurvey(OfSurvey, ServiceFormView):
    permission: ClassVar[str] = Permission.CLOSE_SURVEY

    def get_cancel_url(self) -> str:
        return self.survey.get_absolute_url()


class MoreTime(_ChangeSurvey):
    """A later last day, with a notice and a reminder to those who have not answered."""

    template_name = "evaluations/more_time.html"
    form_class = MoreTimeForm
    heading = "Give more time to answer"
    submit_label = "Give more time"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NotMoreTime: "closes_on", TooMuchTime: "closes_on"}

    def perform(self, form: MoreTimeForm) -> HttpResponse:
        closes_at = end_of(form.cleaned_data["closes_on"])
        survey = give_more_time(survey=self.survey, closes_at=closes_at, by=self.user, now=clock.now())
        messages.success(self.request, f"It now closes on {survey.closes_on}. Those who have not answered will hear.")
        return redirect(self.survey)


class CancelSurvey(_ChangeSurvey):
    """Ends it unread, after a page that says what is destroyed and who is told."""

    template_name = "evaluations/cancel_survey.html"
    form_class = CancelSurveyForm
    # The keys are destroyed and the database wiped after the commit, never inside it.
    runs_own_transactions: ClassVar[bool] = True
    heading = "Cancel this survey"
    submit_label = "Continue"

    def perform(self, form: CancelSurveyForm) -> HttpResponse:
        if form.cleaned_data["sure"] == "no":
            messages.info(self.request, "Nothing was changed: it is still open.")
            return redirect(self.survey)
        because = form.cleaned_data["because"]
        cancel_survey(survey=self.survey, because=because, by=self.user, now=clock.now())
        messages.success(
            self.request, "It is cancelled. What had been sent was destroyed, and everyone asked will hear."
        )
        return redirect(self.survey)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(key_days=settings.KEY_DESTRUCTION_DAYS, **kwargs)

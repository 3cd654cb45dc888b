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
from evaluations.models import PrivacyMode
from evaluations.permissions import Permission
from evaluations.services.surveys.cancelling import cancel_survey
from evaluations.services.surveys.extending import NotMoreTime, TooMuchTime, give_more_time
from evaluations.views.in_community import OfSurvey

WAITS = {
    True: "results come later, and nobody is shown an answer before then",
    False: "results come later, and what has been sent stays sealed until then",
}
DESTROYED = {
    True: "every answer that has been sent is deleted, before anyone was shown it",
    False: "every answer that has been sent is destroyed unread, and so are the keys that could have opened it",
}
# Named answers were never sealed: no key keeps them from whoever opens a backup.
IN_BACKUPS = {
    True: "Backups made while it was open hold the answers, with names, until the backups are deleted.",
    False: "Backups made while it was open are kept for {days} days at most, and nobody can open the answers in them "
    "without the keys.",
}


class _ChangeSurvey(OfSurvey, ServiceFormView):
    permission: ClassVar[str] = Permission.CLOSE_SURVEY

    def get_cancel_url(self) -> str:
        return self.survey.get_absolute_url()

    @property
    def is_named(self) -> bool:
        return self.survey.mode == PrivacyMode.NAMED


class MoreTime(_ChangeSurvey):
    """A later last day, with a notice and a reminder to those who have not answered."""

    template_name = "evaluations/more_time.html"
    form_class = MoreTimeForm
    heading = "Give more time to answer"
    submit_label = "Give more time"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NotMoreTime: "closes_on", TooMuchTime: "closes_on"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(waits=WAITS[self.is_named], **kwargs)

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
        in_backups = IN_BACKUPS[self.is_named].format(days=settings.KEY_DESTRUCTION_DAYS)
        return super().get_context_data(destroyed=DESTROYED[self.is_named], in_backups=in_backups, **kwargs)

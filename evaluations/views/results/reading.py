"""What members said, as far as it may be shown: every figure comes from the survey's release."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.views.generic import TemplateView

from evaluations import results
from evaluations.models import Survey
from evaluations.permissions import Permission, require_results
from evaluations.services.results.in_brief import in_brief
from evaluations.views.in_community import OfSurvey
from evaluations.views.results.heard import heard_panel
from evaluations.views.results.result_rows import shown

RATE_RULE = (
    "The share of those who were asked, in mail and on their Home page, who sent their answers before it closed. "
    "Whether anyone opened a mail is not tracked."
)
ACCEPTED_RULE = (
    "Mail accepted: how many of those asked have an address whose mail server accepted at least one mail about it. "
    "People can also answer from their Home page, without a mail."
)


NOT_ACCEPTED_RULE = "How many had mail about it accepted was not counted for this survey, so that step is left out."


class Results(OfSurvey, TemplateView):
    """Results exist after a survey has closed; members see them once they are shared."""

    permission: ClassVar[str] = Permission.SEE_SHARED_RESULTS
    template_name = "evaluations/results.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_results(self.user, self.survey)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        survey = self.survey
        if survey.state != Survey.State.CLOSED:
            return super().get_context_data(not_yet=results.not_yet_words(survey), **kwargs)
        found = results.of(survey)
        return super().get_context_data(
            results=found,
            response_rate=results.response_rate_words(survey),
            in_brief=in_brief(found),
            funnel=funnel(survey, found),
            rate_rule=f"{RATE_RULE} {NOT_ACCEPTED_RULE if found.mail_accepted is None else ACCEPTED_RULE}",
            # Hidden as a whole is said once; under each question it would only be repeated.
            shown=None if found.hidden else shown(survey, found, reader=self.user),
            by_group=f"By {found.breakdown.label.lower()}" if found.breakdown else "",
            heard=heard_panel(survey, self.user),
            can_export=self.user.has_perm(Permission.EXPORT_RESULTS, survey),
            **kwargs,
        )


def funnel(survey: Survey, found: results.SurveyResults) -> list[tuple[str, str]]:
    """From those asked to those who answered, as far as it is, and may be, known. Opening is not a step: nobody tracks
    it. Neither is accepted mail where nobody counted it, as in a room or before it was counted at all."""
    accepted = [] if found.mail_accepted is None else [("Mail accepted", str(found.mail_accepted))]
    answered = "hidden" if found.hidden else results.response_rate_words(survey)
    return [("Asked", str(found.asked)), *accepted, ("Answered", answered)]

"""What members said, as far as it may be shown: every figure comes from the survey's release."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.views.generic import TemplateView

from evaluations import results
from evaluations.models import Survey
from evaluations.permissions import Permission, require_results
from evaluations.views.in_community import OfSurvey
from evaluations.views.result_rows import question_block

RATE_RULE = (
    "The share of those who were asked, in mail and on their Home page, who sent their answers before it closed. "
    "Whether anyone opened a mail is not tracked."
)


class Results(OfSurvey, TemplateView):
    """Results exist after a survey has closed; members see them once they are shared."""

    permission: ClassVar[str] = Permission.SEE_SHARED_RESULTS
    template_name = "evaluations/results.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_results(self.user, self.survey)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.survey.state != Survey.State.CLOSED:
            return super().get_context_data(not_yet=results.not_yet_words(self.survey), **kwargs)
        found = results.of(self.survey)
        return super().get_context_data(
            results=found,
            rate_rule=RATE_RULE,
            response_rate=results.response_rate_words(self.survey),
            # Hidden as a whole is said once; under each question it would only be repeated.
            questions=[] if found.hidden else [question_block(question) for question in found.questions],
            **kwargs,
        )

"""Results over the API: the release, in the words of the page."""

from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cop_portal.refusals import Conflict
from evaluations import results
from evaluations.api.surveys import OneSurvey
from evaluations.models import Survey
from evaluations.permissions import Permission, require_results


class ResultsNotYet(Conflict):
    """Results exist after a survey has closed; there are no running totals."""


class FigureOutput(serializers.Serializer[Any]):
    """A share, a band or something hidden. `words` is what the page says; only a share has numbers."""

    type = serializers.ChoiceField(choices=["share", "band", "suppressed"])
    words = serializers.CharField()
    why = serializers.CharField(required=False, help_text="Why it is hidden.")
    value = serializers.FloatField(required=False)
    count = serializers.IntegerField(required=False)
    base = serializers.IntegerField(required=False)
    low = serializers.FloatField(required=False, help_text="95 % interval, where the base is under 30.")
    high = serializers.FloatField(required=False)


class CountOutput(serializers.Serializer[Any]):
    words = serializers.CharField()
    value = serializers.IntegerField(allow_null=True)


class OptionResultOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    figure = FigureOutput()


class QuestionResultOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    kind = serializers.CharField()
    section = serializers.CharField()
    evaluation_question = serializers.CharField()
    headline = FigureOutput(allow_null=True)
    options = OptionResultOutput(many=True)
    base = CountOutput()
    left_out = CountOutput()


class ResultsOutput(serializers.Serializer[Any]):
    survey = serializers.IntegerField()
    asked = serializers.IntegerField()
    answered = CountOutput()
    response_rate = serializers.CharField()
    rule = serializers.CharField()
    minimum = serializers.IntegerField()
    hidden = FigureOutput(allow_null=True)
    next_step = serializers.CharField()
    includes = serializers.CharField()
    questions = QuestionResultOutput(many=True)


class SurveyResults(OneSurvey):
    """What a closed survey's release says. 409 before it has closed, 403 for a member before it is shared."""

    permission: ClassVar[str] = Permission.SEE_SHARED_RESULTS

    @extend_schema(responses=ResultsOutput)
    def get(self, request: Request, pk: int) -> Response:
        survey = self.survey
        require_results(self.reader, survey)
        if survey.state != Survey.State.CLOSED:
            raise ResultsNotYet(results.not_yet_words(survey), code="results_not_yet")
        return Response(ResultsOutput(written(survey)).data)


def written(survey: Survey) -> dict[str, Any]:
    """The results as plain values, in the shape of ResultsOutput."""
    found = results.of(survey)
    return {
        **asdict(found),
        "survey": survey.pk,
        "response_rate": results.response_rate_words(survey),
        "hidden": figure_written(found.hidden),
        "questions": [
            {
                **asdict(question),
                "headline": figure_written(question.headline),
                "options": [
                    {"code": option.code, "label": option.label, "figure": figure_written(option.figure)}
                    for option in question.options
                ],
            }
            for question in found.questions
        ],
    }


def figure_written(figure: results.Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    known = {name: value for name, value in asdict(figure).items() if value is not None}
    return {"type": type(figure).__name__.lower(), **known, "words": figure.words}

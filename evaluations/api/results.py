"""Results over the API: the release, in the words of the page."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict
from evaluations import results
from evaluations.api.surveys import OneSurvey
from evaluations.models import Survey
from evaluations.permissions import Permission, require_results
from evaluations.services.results.in_brief import in_brief
from evaluations.services.results.side_by_side import Beside, beside
from evaluations.services.results.texts import released_texts
from evaluations.services.results.why_hidden import reasons_of


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


class EarlierResultOutput(serializers.Serializer[Any]):
    """One earlier survey. Where the question was asked in other words, or of others, the row ends with a break."""

    asked = serializers.CharField()
    is_break = serializers.BooleanField()
    headline = FigureOutput(allow_null=True)
    options = OptionResultOutput(many=True)
    base = CountOutput(allow_null=True)


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
    texts = serializers.ListField(
        child=serializers.CharField(), help_text="What members wrote, as a second reader released it."
    )
    earlier = EarlierResultOutput(many=True, help_text="What the same question said before, the newest first.")


class GroupQuestionOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    headline = FigureOutput(allow_null=True)
    options = OptionResultOutput(many=True)


class GroupResultOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    base = CountOutput()
    hidden = FigureOutput(allow_null=True)
    questions = GroupQuestionOutput(many=True)


class BreakdownOutput(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    why = serializers.CharField()
    groups = GroupResultOutput(many=True)


class HeadlineOutput(serializers.Serializer[Any]):
    """One result that stands out. `words` is empty where the lead says it all; `others`: how many more say as much."""

    lead = serializers.CharField()
    code = serializers.CharField()
    text = serializers.CharField()
    words = serializers.CharField()
    others = serializers.IntegerField()


class InBriefOutput(serializers.Serializer[Any]):
    """Two headlines at most; `why_none` says why there is none, where there is none."""

    headlines = HeadlineOutput(many=True)
    why_none = serializers.CharField()


class ReasonOutput(serializers.Serializer[Any]):
    """Why figures with these words are not shown."""

    words = serializers.CharField()
    why = serializers.CharField()


class ResultsOutput(serializers.Serializer[Any]):
    survey = serializers.IntegerField()
    asked = serializers.IntegerField()
    answered = CountOutput()
    response_rate = serializers.CharField()
    in_brief = InBriefOutput()
    rule = serializers.CharField()
    minimum = serializers.IntegerField()
    hidden = FigureOutput(allow_null=True)
    next_step = serializers.CharField()
    includes = serializers.CharField()
    mail_accepted = serializers.IntegerField(
        allow_null=True, help_text="Of how many asked a mail server accepted a mail about it; null: not counted."
    )
    breakdown = BreakdownOutput(allow_null=True)
    questions = QuestionResultOutput(many=True)
    reasons = ReasonOutput(many=True, help_text="Why something is hidden, each reason once.")


class SurveyResults(OneSurvey):
    """What a closed survey's release says. 409 before it has closed, 403 for a member before it is shared."""

    permission: ClassVar[str] = Permission.SEE_SHARED_RESULTS

    @extend_schema(responses=ResultsOutput)
    def get(self, request: Request, pk: int) -> Response:
        survey = self.survey
        require_results(self.reader, survey)
        if survey.state != Survey.State.CLOSED:
            raise ResultsNotYet(results.not_yet_words(survey), code="results_not_yet")
        return Response(ResultsOutput(written(survey, reader=self.reader)).data)


def written(survey: Survey, *, reader: User) -> dict[str, Any]:
    """The results as plain values, in the shape of ResultsOutput; beside them what this reader may see."""
    found = results.of(survey)
    texts, earlier = released_texts(survey), {} if found.hidden else beside(survey, found, reader=reader)
    return {
        **asdict(found),
        "survey": survey.pk,
        "response_rate": results.response_rate_words(survey),
        "in_brief": asdict(in_brief(found)),
        "reasons": [asdict(one) for one in reasons_of(found, [one for rows in earlier.values() for one in rows])],
        "hidden": figure_written(found.hidden),
        "breakdown": breakdown_written(found.breakdown),
        "questions": [
            {
                **asdict(question),
                "headline": figure_written(question.headline),
                "options": options_written(question.options),
                "texts": texts.get(question.code, []),
                # The first is this survey itself.
                "earlier": [earlier_written(one) for one in earlier.get(question.code, [])[1:]],
            }
            for question in found.questions
        ],
    }


def options_written(options: Iterable[results.OptionResult]) -> list[dict[str, Any]]:
    return [{"code": one.code, "label": one.label, "figure": figure_written(one.figure)} for one in options]


def earlier_written(one: Beside) -> dict[str, Any]:
    result = one.result
    return {
        "asked": one.when,
        "is_break": one.is_break,
        "headline": figure_written(result.headline if result else one.hidden),
        "options": options_written(result.options) if result else [],
        "base": asdict(result.base) if result else None,
    }


def breakdown_written(breakdown: results.BreakdownResult | None) -> dict[str, Any] | None:
    if breakdown is None:
        return None
    return {
        "label": breakdown.label,
        "why": breakdown.why,
        "groups": [
            {
                "code": group.code,
                "label": group.label,
                "base": asdict(group.base),
                "hidden": figure_written(group.hidden),
                "questions": [
                    {
                        "code": question.code,
                        "headline": figure_written(question.headline),
                        "options": options_written(question.options),
                    }
                    for question in group.questions
                ],
            }
            for group in breakdown.groups
        ],
    }


def figure_written(figure: results.Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    known = {name: value for name, value in asdict(figure).items() if value is not None}
    return {"type": type(figure).__name__.lower(), **known, "words": figure.words}

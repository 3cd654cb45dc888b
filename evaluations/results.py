"""The only door to a survey figure: reads what a release says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from evaluations.breakdowns import Breakdown, ShownGroup, ShownQuestion
from evaluations.disclosure import (
    RULE_VERSION,
    Band,
    Count,
    Figure,
    Rules,
    Share,
    Shown,
    Suppressed,
    Tallied,
    percent,
)
from evaluations.models import Release, Survey

__all__ = [
    "Band", "BreakdownResult", "Count", "Figure", "GroupQuestionResult", "GroupResult", "OptionResult",
    "QuestionResult", "Share", "Suppressed", "SurveyResults", "answered_words", "content_of", "not_yet_words", "of",
    "response_rate_words",
]  # fmt: skip

RULE = (
    "Each share is of the people who answered that question; “does not apply” and “too early to say” are left out of "
    "the base. From {figures_from} answers on there are figures, with a 95% interval while the base is under 30. "
    "From {minimum} to {last_band} answers there are bands only. Under {minimum} nothing is shown."
)
NEXT_STEP_HIDDEN = (
    "These answers stay unread. They will be shown together with those of the next survey with the same questions, "
    "once at least {minimum} people have answered."
)
NEXT_STEP_SHOWN = "Talk about them at your next session: what do you want to keep, and what will you do differently?"
NEXT_STEP_MERGED = "Too few people answered to show this alone. The answers were released together with a later survey."
FIGURE_TYPES: dict[str, type[Share | Band | Suppressed]] = {"share": Share, "band": Band, "suppressed": Suppressed}


@dataclass(frozen=True)
class OptionResult:
    code: str
    label: str
    figure: Figure


@dataclass(frozen=True)
class QuestionResult:
    """What may be shown of one question. Texts have neither headline nor options: a base says how many wait."""

    code: str
    text: str
    kind: str
    section: str
    evaluation_question: str
    headline: Figure | None
    options: tuple[OptionResult, ...]
    base: Count
    left_out: Count
    is_two_sided: bool = False


@dataclass(frozen=True)
class GroupQuestionResult:
    """What may be shown of one question in one group: the share agreeing, or each option, or why neither."""

    code: str
    headline: Figure | None
    options: tuple[OptionResult, ...]


@dataclass(frozen=True)
class GroupResult:
    """One group of the breakdown. `hidden` is set when nothing of it may be shown."""

    code: str
    label: str
    base: Count
    questions: tuple[GroupQuestionResult, ...]
    hidden: Suppressed | None

    def question(self, code: str) -> GroupQuestionResult | None:
        return next((question for question in self.questions if question.code == code), None)


@dataclass(frozen=True)
class BreakdownResult:
    """What may be shown by group; `why` says why there is nothing, where there is nothing."""

    label: str
    why: str
    groups: tuple[GroupResult, ...]


@dataclass(frozen=True)
class SurveyResults:
    """What may be shown of a closed survey. `hidden` is set when nothing of it may be."""

    asked: int
    answered: Count
    rule: str
    questions: tuple[QuestionResult, ...]
    minimum: int
    hidden: Suppressed | None
    next_step: str
    includes: str = ""
    breakdown: BreakdownResult | None = None
    # Of how many a mail server accepted at least one mail about it; None where nobody counted.
    mail_accepted: int | None = None


def of(survey: Survey) -> SurveyResults:
    """The results of a closed survey. Raises Release.DoesNotExist while there is no release."""
    release: Release = survey.release
    content = release.content
    next_step = NEXT_STEP_MERGED if survey.released_with_id else content["next_step"]
    hidden = content["hidden"]
    return SurveyResults(
        asked=content["asked"],
        answered=Count(**content["answered"]),
        rule=content["rule"],
        questions=tuple(_question(question) for question in content["questions"]),
        minimum=release.minimum_base,
        hidden=Suppressed(**hidden) if hidden else None,
        next_step=next_step,
        includes=content["includes"],
        # Releases made before surveys could have one do not speak of it.
        breakdown=_breakdown(content.get("breakdown")),
        mail_accepted=content.get("mail_accepted"),
    )


def not_yet_words(survey: Survey) -> str:
    """What is said of a survey that has not closed: there are no running totals."""
    return f"Results exist after it closes, on {survey.closes_on}."


def response_rate_words(survey: Survey) -> str:
    """Who answered, of those asked: a share from figures on, a band below, nothing under the minimum."""
    content = _turnout(survey)
    answered, asked = Count(**content["answered"]), content["asked"]
    if answered.value is not None:
        return f"{percent(answered.value / asked)} of {asked}"
    return content["hidden"]["words"] if content["hidden"] else f"{answered.words} of {asked}"


def answered_words(survey: Survey) -> str:
    """How many answered, as far as it may be known: a number, "5 to 9" or "fewer than 5"."""
    return Count(**_turnout(survey)["answered"]).words


def _turnout(survey: Survey) -> dict[str, Any]:
    """Those three parts of the release that say who answered: alone from `with_turnout()`, else out of the whole."""
    if not hasattr(survey, "turnout_asked"):
        content: dict[str, Any] = survey.release.content
        return content
    return {key: getattr(survey, f"turnout_{key}") for key in ("asked", "answered", "hidden")}


def content_of(
    *,
    rules: Rules,
    tallies: Iterable[Tallied],
    includes: str = "",
    breakdown: Breakdown | None = None,
    waits: str = NEXT_STEP_HIDDEN,
    mail_accepted: int | None = None,
) -> dict[str, Any]:
    """The content of a release: everything that may be shown, and nothing from which more could be worked out.

    `waits` says what too few answers wait for; "{minimum}" stands in it for how many there must be.
    """
    return {
        "rule_version": RULE_VERSION,
        "asked": rules.turnout.asked,
        "answered": asdict(rules.counted(rules.turnout.answered)),
        "rule": RULE.format(minimum=rules.minimum, figures_from=rules.figures_from, last_band=rules.figures_from - 1),
        "hidden": asdict(rules.too_few) if rules.is_hidden() else None,
        "next_step": waits.format(minimum=rules.minimum) if rules.is_hidden() else NEXT_STEP_SHOWN,
        "includes": includes,
        "questions": [_written(shown) for shown in rules.show(tallies)],
        "breakdown": _breakdown_written(breakdown) if breakdown else None,
        "mail_accepted": mail_accepted,
    }


def _breakdown_written(breakdown: Breakdown) -> dict[str, Any]:
    return {
        "label": breakdown.label,
        "why": breakdown.why,
        "groups": [_group_written(group) for group in breakdown.groups],
    }


def _group_written(group: ShownGroup) -> dict[str, Any]:
    return {
        "code": group.code,
        "label": group.label,
        "base": asdict(group.base),
        "questions": [_group_question_written(question) for question in group.questions],
        "hidden": asdict(group.hidden) if group.hidden else None,
    }


def _group_question_written(shown: ShownQuestion) -> dict[str, Any]:
    return {
        "code": shown.code,
        "headline": _figure_written(shown.headline) if shown.headline else None,
        "options": [
            {"code": code, "label": label, "figure": _figure_written(figure)} for code, label, figure in shown.options
        ],
    }


def _written(shown: Shown) -> dict[str, Any]:
    question = shown.question
    return {
        "code": question.code,
        "text": question.text,
        "kind": question.kind,
        "section": question.section,
        "evaluation_question": question.evaluation_question,
        "is_two_sided": question.is_two_sided,
        "headline": _figure_written(shown.headline) if shown.headline else None,
        "options": [
            {
                "code": option.code,
                "label": option.label,
                "figure": _figure_written(shown.options[option.code]),
            }
            for option in question.counted_options
            if option.code in shown.options
        ],
        "base": asdict(shown.base),
        "left_out": asdict(shown.left_out),
    }


def _figure_written(figure: Figure) -> dict[str, Any]:
    name = next(name for name, kind in FIGURE_TYPES.items() if isinstance(figure, kind))
    return {"type": name, **asdict(figure)}


def _figure(written: Mapping[str, Any]) -> Figure:
    fields = {name: value for name, value in written.items() if name != "type"}
    return FIGURE_TYPES[written["type"]](**fields)


def _breakdown(written: Mapping[str, Any] | None) -> BreakdownResult | None:
    if written is None:
        return None
    groups = tuple(_group(group) for group in written["groups"])
    return BreakdownResult(label=written["label"], why=written["why"], groups=groups)


def _group(written: Mapping[str, Any]) -> GroupResult:
    return GroupResult(
        code=written["code"],
        label=written["label"],
        base=Count(**written["base"]),
        questions=tuple(
            GroupQuestionResult(
                code=question["code"],
                headline=_figure(question["headline"]) if question["headline"] else None,
                options=_options(question["options"]),
            )
            for question in written["questions"]
        ),
        hidden=Suppressed(**written["hidden"]) if written["hidden"] else None,
    )


def _options(written: Iterable[Mapping[str, Any]]) -> tuple[OptionResult, ...]:
    return tuple(OptionResult(option["code"], option["label"], _figure(option["figure"])) for option in written)


def _question(written: Mapping[str, Any]) -> QuestionResult:
    return QuestionResult(
        code=written["code"],
        text=written["text"],
        kind=written["kind"],
        section=written["section"],
        evaluation_question=written["evaluation_question"],
        headline=_figure(written["headline"]) if written["headline"] else None,
        options=_options(written["options"]),
        base=Count(**written["base"]),
        left_out=Count(**written["left_out"]),
        is_two_sided=written["is_two_sided"],
    )

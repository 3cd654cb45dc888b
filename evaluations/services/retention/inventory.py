"""What destroying the single answers of a survey takes away, and what stays: the dry run, in sentences.

Numbers are those that the results show: an exact count of few answers would say more than the release does. Of a named
survey, where it is no secret who answered, they are counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime

from evaluations import results
from evaluations.models import PrivacyMode, Survey, SurveyExport
from evaluations.models.named import NamedResponse
from evaluations.models.response import FreeText
from evaluations.questionnaire import TEXTS
from evaluations.services.results.texts import released_texts

ROWS_OF = {
    PrivacyMode.ANONYMOUS: "without names",
    PrivacyMode.CONFIDENTIAL: "under pseudonyms to which there is no key any more",
    PrivacyMode.NAMED: "with their names and their texts",
}
BACKUPS = "Backups that were made before still hold them, until newer ones take their place."


@dataclass(frozen=True)
class Inventory:
    goes: list[str]
    stays: list[str]


def in_brief(survey: Survey) -> str:
    """What is kept of single people, in a line of a list. Needs `with_single_answers()` and `with_turnout()`."""
    has_rows, has_texts = survey.has_rows, survey.has_texts  # type: ignore[attr-defined]
    rows = [f"Answers of {results.answered_words(survey)} people"] if has_rows else []
    return " and ".join([*rows, *(["texts that are not shown"] if has_texts else [])]).capitalize()


def inventory_of(survey: Survey) -> Inventory:
    """Line by line. Needs `with_single_answers()`, the release and the version; the same queries for any number."""
    shown = {code: len(texts) for code, texts in released_texts(_shown_in(survey)).items()}
    return Inventory(
        goes=[*_rows(survey), *_texts(survey, shown), *_originals(survey), *_archives(survey)],
        stays=_stays(survey, sum(shown.values())),
    )


def _shown_in(survey: Survey) -> Survey:
    """The survey whose results show this one's texts: too few answers are released together with later ones."""
    return survey.released_with or survey


def _rows(survey: Survey) -> list[str]:
    if not survey.has_rows:  # type: ignore[attr-defined]
        return []
    if survey.mode == PrivacyMode.NAMED:
        number = str(NamedResponse.objects.filter(survey=survey).count())
    else:
        number = results.answered_words(survey)
    who = "1 person" if number == "1" else f"{number} people"
    return [f"The answers of {who}, a row for each, {ROWS_OF[PrivacyMode(survey.mode)]}."]


def _texts(survey: Survey, shown: dict[str, int]) -> list[str]:
    """Question by question, from what the release says of how many were written."""
    if survey.mode == PrivacyMode.NAMED or not survey.has_texts:  # type: ignore[attr-defined]
        return []
    return [
        f"Texts about “{question.text}” that are not shown. Written: {_written(question.base.words)}; "
        f"shown: {shown.get(question.code, 0)}."
        for question in results.of(survey).questions
        if question.kind in TEXTS
    ]


def _written(words: str) -> str:
    return "a number that is hidden" if words == "hidden" else words


def _originals(survey: Survey) -> list[str]:
    """Of texts that are shown with words left out, what stood there before."""
    number = FreeText.objects.filter(survey=survey, is_shown=True).exclude(redacted="").exclude(text="").count()
    if not number:
        return []
    texts = "1 text that is" if number == 1 else f"{number} texts that are"
    return [f"What stood in {texts} shown with words left out."]


def _archives(survey: Survey) -> list[str]:
    number = SurveyExport.objects.kept().filter(survey=survey, what=SurveyExport.What.ROWS).count()
    return [f"Files made of these answers that are still kept for whoever asked for them: {number}."] if number else []


def _stays(survey: Survey, shown: int) -> list[str]:
    released = date_format(localtime(survey.release.made_at))
    texts = [f"The {shown} texts that are shown with the results, as they are shown."] if shown else []
    return [
        f"The results as they were released on {released}: totals, shares and bands. They do not change.",
        *texts,
        f"That {survey.asked_count} people were asked, and who of them answered.",
    ]

"""What an export is made of, read through the doors that pages use: the release, released texts, rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime

from communities.exports.tables import Scope
from evaluations import results
from evaluations.exports import answers, figures
from evaluations.exports.package import Contents, Data
from evaluations.exports.study import Study
from evaluations.interchange import instrument_json, redcap
from evaluations.models import PrivacyMode, Survey, SurveyExport
from evaluations.questionnaire import Questionnaire, questionnaire_of
from evaluations.services.answers import rows
from evaluations.services.results.texts import released_texts

OF_PEOPLE = "A share of a multiple choice is of the people who answered, not of the answers they chose."
FIGURES_ONLY = (
    "These are the released results, as the results page shows them: no answer of a single person is in any file. A "
    "blank is a number that is not shown; the words beside it say why."
)
LEFT_OUT = "Some answers, such as “does not apply”, are left out of the base; in SPSS they are missing values."
BLANK = "A blank is no answer, or a question that was not asked: the codebook says of whom each was asked."
NO_ORDER = "The rows are in the order of their content. It says nothing about who answered, or when."
GROUPED = "Numbers and dates stand in the groups in which results are shown: an exact one could show whose it is."
NOBODY = (
    "No name, no pseudonym, no community and no text is in any file, and nobody may be sought in them: the people who "
    "answered were promised so."
)
NAMED = "These answers were given under the name of the person. Handle them as what a colleague told you."


def contents_of(survey: Survey, what: str) -> Contents:
    """Everything the archive is made of. Raises a Refusal where that may not be had any more."""
    dictionary = redcap.dictionary_of(survey.version)
    return Contents(
        data=data_of(survey, what),
        instrument=instrument_json.written(survey.version),
        dictionary=dictionary.content,
        unfit=tuple(str(note) for note in dictionary.notes),
    )


def data_of(survey: Survey, what: str) -> Data:
    """Its tables, and what they are about. Raises a Refusal where they may not be had any more."""
    questionnaire = questionnaire_of(survey.version)
    if what == SurveyExport.What.FIGURES:
        return _figures(survey, questionnaire)
    if survey.mode == PrivacyMode.CONFIDENTIAL:
        return _confidential(survey, questionnaire)
    return _named(survey, questionnaire)


def _figures(survey: Survey, questionnaire: Questionnaire) -> Data:
    found = results.of(survey)
    facts = [
        ("Window", _window(survey)),
        ("Privacy", PrivacyMode(survey.mode).label),
        ("Asked", f"{found.asked:,}"),
        ("Answered", results.response_rate_words(survey)),
        ("Smallest group that is shown", str(found.minimum)),
        ("Released", _day(survey.release.made_at)),
        *((("Includes", found.includes),) if found.includes else ()),
        *((("Hidden", found.hidden.why),) if found.hidden else ()),
    ]
    study = _study(
        survey,
        questionnaire,
        name=_name(survey, "results"),
        community=survey.community.name,
        at=survey.release.made_at,
        summary="The results of a survey of a community of practice: what may be shown of it, and nothing else.",
        facts=facts,
        rules=(found.rule, OF_PEOPLE, LEFT_OUT, FIGURES_ONLY),
    )
    # In a named survey nobody reads texts for others: they stand in the rows, beside their name.
    texts = None if survey.mode == PrivacyMode.NAMED else released_texts(survey)
    datasets = figures.datasets_of(found, questionnaire, texts)
    return Data(study, datasets, figures.shares_of(found))


def _confidential(survey: Survey, questionnaire: Questionnaire) -> Data:
    """Nothing in it says which community was asked; its month stands for the day of the close."""
    dataset = answers.confidential(questionnaire, rows.confidential_rows(survey))
    assert survey.closed_at is not None  # noqa: S101 - asked for after the close only
    month = localtime(survey.closed_at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rules = [NOBODY, NO_ORDER, LEFT_OUT, BLANK]
    study = _study(
        survey,
        questionnaire,
        name=f"{survey.version.instrument.code}-v{survey.version.number}-answers",
        community="",
        at=month,
        summary="Answers to a confidential survey, a row for each person, without anything that says who.",
        facts=(
            ("Privacy", PrivacyMode.CONFIDENTIAL.label),
            ("Rows", f"{len(dataset.rows):,}"),
            ("Closed in", date_format(month, "F Y")),
        ),
        rules=[*rules, GROUPED] if answers.are_grouped(questionnaire) else rules,
        is_rows=True,
    )
    return Data(study, (dataset,))


def _named(survey: Survey, questionnaire: Questionnaire) -> Data:
    scope = Scope(survey.community)
    given = [answers.NamedAnswers(scope.name_of(row.person), row.answers) for row in rows.named_rows(survey)]
    dataset = answers.named(questionnaire, given)
    assert survey.closed_at is not None  # noqa: S101 - asked for after the close only
    study = _study(
        survey,
        questionnaire,
        name=_name(survey, "answers"),
        community=survey.community.name,
        at=survey.closed_at,
        summary="Answers to a named survey of a community of practice, a row for each person.",
        facts=(
            ("Window", _window(survey)),
            ("Privacy", PrivacyMode.NAMED.label),
            ("Asked", f"{survey.asked_count:,}"),
            ("Rows", f"{len(dataset.rows):,}"),
        ),
        rules=(NAMED, NO_ORDER, LEFT_OUT, BLANK),
        is_rows=True,
    )
    return Data(study, (dataset,))


def _study(
    survey: Survey,
    questionnaire: Questionnaire,
    *,
    name: str,
    community: str,
    at: datetime,
    summary: str,
    facts: Sequence[tuple[str, str]],
    rules: Sequence[str],
    is_rows: bool = False,
) -> Study:
    version = survey.version
    return Study(
        name=name,
        title=version.title,
        instrument=version.instrument.code,
        version=version.number,
        community=community,
        portal=settings.PORTAL_NAME,
        controller=settings.CONTROLLER_NAME,
        at=at,
        summary=summary,
        facts=tuple(facts),
        rules=tuple(rules),
        questionnaire=questionnaire,
        is_rows=is_rows,
    )


def _name(survey: Survey, what: str) -> str:
    assert survey.closed_at is not None  # noqa: S101 - asked for after the close only
    day = localtime(survey.closed_at).date().isoformat()
    return f"{survey.community.slug}-{survey.version.instrument.code}-{what}-{day}"


def _window(survey: Survey) -> str:
    assert survey.closed_at is not None  # noqa: S101 - asked for after the close only
    return f"{_day(survey.opened_at)} to {_day(survey.closed_at)}"


def _day(moment: datetime) -> str:
    return date_format(localtime(moment))

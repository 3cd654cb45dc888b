"""What a close leaves behind: shuffled responses, texts apart, tallies, a release and what pages read of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localdate

from cop_portal import outbox
from evaluations import emails
from evaluations.disclosure import RULE_VERSION, Rules, Share, Tallied, Turnout
from evaluations.models import PrivacyMode, Release, Survey, WaveSummary
from evaluations.models.response import FreeText, Response, Tally
from evaluations.questionnaire import (
    INFORMATION,
    Answers,
    Questionnaire,
    questionnaire_of,
)
from evaluations.results import content_of
from evaluations.services.answers.boxes import Record
from evaluations.services.answers.confidential import keep_confidential
from evaluations.services.closing.tallying import tallied
from evaluations.services.pulses import pools
from evaluations.services.results.turnouts import turnout_of
from evaluations.services.surveys import grouping

# With fewer, a row of answers says too much even without a name: only tallies and texts are kept.
RESPONSES_FROM = 10
# The tally row that holds a question's base; no option has this code.
BASE = ""

_random = SystemRandom()


@dataclass(frozen=True)
class Pool:
    """This survey, and those before it with the same questions that had too few answers to be shown alone."""

    survey: Survey
    earlier: Sequence[Survey]

    @property
    def ids(self) -> list[int]:
        return [self.survey.pk, *(survey.pk for survey in self.earlier)]

    def turnout(self) -> Turnout:
        return turnout_of(self.ids)


def release_results(*, survey: Survey, records: Iterable[Record], now: datetime) -> Release:
    """Store what came back, without any trace of who sent what or when, and release what may be shown of it."""
    questionnaire = questionnaire_of(survey.version)
    shuffled = list(records)
    _random.shuffle(shuffled)
    answers = [record.answers for record in shuffled]
    if survey.mode == PrivacyMode.ANONYMOUS:
        _keep_responses(survey, questionnaire, answers)
        _keep_texts(survey, questionnaire, answers)
    elif survey.mode == PrivacyMode.CONFIDENTIAL:
        keep_confidential(survey, questionnaire, shuffled)
    # Named answers have been kept since they were sent.
    Tally.objects.bulk_create(tally_rows(survey, questionnaire, answers))
    pool = Pool(survey, hidden_before(survey))
    rules = Rules(settings.MINIMUM_BASE, pool.turnout())
    tallies = _tallies_of(pool, questionnaire)
    breakdown = grouping.broken_down(
        survey, questionnaire, shuffled, rules=rules, whole=tallies, is_pooled=bool(pool.earlier)
    )
    release = Release.objects.create(
        survey=survey,
        made_at=now,
        rule_version=RULE_VERSION,
        minimum_base=rules.minimum,
        content=content_of(
            rules=rules,
            tallies=tallies,
            includes=_includes(pool),
            waits=pools.waits_words(survey),
            breakdown=breakdown,
            mail_accepted=_mail_accepted(pool),
        ),
    )
    if not rules.is_hidden():
        Survey.objects.filter(pk__in=[earlier.pk for earlier in pool.earlier]).update(released_with=survey)
        _summarise(survey, rules, tallies)
    return release


def _mail_accepted(pool: Pool) -> int | None:
    """Of how many a mail server accepted a mail about these surveys; None where an earlier one was not counted."""
    numbers = [earlier.release.content.get("mail_accepted") for earlier in pool.earlier]
    numbers.append(outbox.accepted(emails.occasion(pool.survey)))
    return None if None in numbers else sum(numbers)


def _keep_responses(survey: Survey, questionnaire: Questionnaire, records: Sequence[Answers]) -> None:
    if len(records) < RESPONSES_FROM:
        return
    coded = {question.code for question in questionnaire.questions if not question.is_text}
    Response.objects.bulk_create(
        Response(
            survey=survey,
            mode=survey.mode,
            answers={code: answer for code, answer in record.items() if code in coded},
        )
        for record in records
    )


def _keep_texts(survey: Survey, questionnaire: Questionnaire, records: Sequence[Answers]) -> None:
    """Each question's texts in an order of their own: the third text here is not the third text there."""
    for question in questionnaire.questions:
        if question.is_text:
            texts = [str(record[question.code]) for record in records if question.code in record]
            _random.shuffle(texts)
            FreeText.objects.bulk_create(FreeText(survey=survey, item_code=question.code, text=text) for text in texts)


def tally_rows(survey: Survey, questionnaire: Questionnaire, records: Sequence[Answers]) -> list[Tally]:
    """Bases and counted options. What was skipped or left out is one figure, so it is not tallied by its reason."""
    return [
        Tally(survey=survey, item_code=tally.question.code, option_code=option_code, count=count)
        for tally in tallied(questionnaire, records)
        for option_code, count in {BASE: tally.base, **tally.counts}.items()
    ]


def hidden_before(survey: Survey) -> list[Survey]:
    """Earlier surveys of the same questions in the same community whose answers still wait to be shown.

    And in the same mode: whoever reads named answers could take them off, and would be left with the others.
    And shared alike: what was to stay with those who lead is not shown to members as a part of something else.
    Of pulses only those of the same quarter: what was said after one session waits no longer for the next.
    """
    earlier = (
        Survey.objects.closed()
        .filter(community=survey.community_id, version=survey.version_id, mode=survey.mode, released_with=None)
        .filter(shared_with=survey.shared_with)
        .filter(pools.pooled_with(survey))
        .exclude(pk=survey.pk)
        .select_related("release", "session")
        .order_by("closed_at", "pk")
    )
    return [one for one in earlier if one.release.content["hidden"]]


def _tallies_of(pool: Pool, questionnaire: Questionnaire) -> list[Tallied]:
    counted: dict[tuple[str, str], int] = {}
    for item_code, option_code, count in Tally.objects.filter(survey__in=pool.ids).values_list(
        "item_code", "option_code", "count"
    ):
        counted[item_code, option_code] = counted.get((item_code, option_code), 0) + count
    return [
        Tallied(
            question=question,
            base=counted[question.code, BASE],
            counts={option.code: counted[question.code, option.code] for option in question.counted_options},
        )
        for question in questionnaire.questions
        if question.kind != INFORMATION
    ]


def _includes(pool: Pool) -> str:
    """Which earlier answers are in these figures, in words."""
    days = [date_format(localdate(earlier.closed_at)) for earlier in pool.earlier if earlier.closed_at]
    if not days:
        return ""
    if pool.survey.session_id is not None:
        return pools.includes_words(pool.earlier)
    return f"Together with the answers to the survey that closed on {' and on '.join(days)}, {pools.TOO_FEW_ALONE}"


def _summarise(survey: Survey, rules: Rules, tallies: Iterable[Tallied]) -> None:
    """One row per published headline, so that pages across surveys read rows and never a response."""
    WaveSummary.objects.bulk_create(
        WaveSummary(
            survey=survey,
            item_code=shown.question.code,
            base=shown.headline.base,
            share=round(shown.headline.value, 4),
        )
        for shown in rules.show(tallies)
        if isinstance(shown.headline, Share)
    )

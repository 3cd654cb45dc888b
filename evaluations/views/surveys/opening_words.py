"""What the page that opens a survey says, and what the next one starts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Community, Person
from communities.working_days import next_working_moment
from evaluations.breakdowns import Declared
from evaluations.models import InstrumentVersion, PrivacyMode, Survey
from evaluations.questionnaire import questionnaire_of
from evaluations.services.keys.pseudonyms import promised_end
from evaluations.services.surveys import grouping
from evaluations.services.surveys.opening import Asked, OpeningPreview
from evaluations.views.answers.mode_words import NAMED_WORDS, RECORDED_UNDER_PSEUDONYM, who_sees
from evaluations.views.surveys import words
from evaluations.views.surveys.rows import row

CONFIDENTIAL_UNTIL = (
    "Your answers are kept under a pseudonym. The key to it is destroyed on {}. From the close until that day you can "
    "see, correct and erase your answers; after it nobody can tell which are yours."
)
LATER = "Not sooner: something else has been asked of them, or will be, within 5 working days"


@dataclass(frozen=True)
class AskedTogether:
    """Those whose first mail goes at the same moment, by name. `why_later` is empty for those asked at once."""

    first_mail_at: datetime
    why_later: str
    people: list[Person]


def usual(version: InstrumentVersion, today: date) -> dict[str, Any]:
    """How this questionnaire is usually put to people."""
    return {
        "mode": version.default_privacy,
        "closes_on": today + timedelta(days=version.opens_for_days),
        "reminders": list(version.reminder_days),
        "breakdown": "",
        "shared_with": Survey.SharedWith.MEMBERS,
    }


def asked_together(preview: OpeningPreview, *, now: datetime) -> list[AskedTogether]:
    """Who is asked when, the earliest first: what is the same for many is said once."""
    at_once = next_working_moment(now)
    people: dict[datetime, list[Person]] = {}
    for one in preview.asked:
        people.setdefault(one.first_mail_at, []).append(one.person)
    return [AskedTogether(at, LATER if at > at_once else "", people[at]) for at in sorted(people)]


def first_mail_words(asked: Iterable[Asked]) -> str:
    """Tuesday 24 November 2026; or: Tuesday 24 November 2026 to Monday 30 November 2026"""
    days = sorted({timezone.localdate(one.first_mail_at): one.first_mail_at for one in asked}.items())
    if not days:
        return ""
    first, last = words.day_words(days[0][1]), words.day_words(days[-1][1])
    return first if first == last else f"{first} to {last}"


def opening_summary(chosen: Mapping[str, Any], *, now: datetime) -> list[dict[str, Any]]:
    """How people are asked, for the page that asks whether to. `chosen` is what `open_survey` takes."""
    by_group = dict(grouping.choices(questionnaire_of(chosen["version"])))
    reminders = words.reminder_words(chosen["reminder_days"], opens_at=now, closes_at=chosen["closes_at"])
    return [
        row("Questionnaire", chosen["version"].title),
        row("How answers are kept", PrivacyMode(chosen["mode"]).label),
        row("Closes at the end of", words.day_words(chosen["closes_at"])),
        row("Reminders", reminders),
        row("Results by group", by_group[chosen["breakdown"]]),
        row("Who may see the results", Survey.SharedWith(chosen["shared_with"]).label),
    ]


def promises(chosen: Mapping[str, Any], declared: Declared | None, *, community: Community, now: datetime) -> list[str]:
    """What members will read before they answer, in the words in which they read it."""
    mode = PrivacyMode(chosen["mode"])
    if mode == PrivacyMode.NAMED:
        told = [NAMED_WORDS.first_line, NAMED_WORDS.later]
    elif mode == PrivacyMode.CONFIDENTIAL:
        ends_on = promised_end(
            community=community, version=chosen["version"], opens_at=now, closes_at=chosen["closes_at"]
        )
        told = [CONFIDENTIAL_UNTIL.format(date_format(ends_on)), RECORDED_UNDER_PSEUDONYM]
    else:
        told = [words.PROMISES[mode], words.THAT_NEVER_WHAT]
    told += who_sees(mode, chosen["shared_with"])
    if declared:
        told.append(declared.told())
    return told

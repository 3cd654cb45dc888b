"""When a community is asked next: the full questions once a year, the core ones half-yearly between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from evaluations.models import Survey

# A full survey that would fall due so soon after is brought forward, rather than asking twice.
SOON_AFTER = timedelta(days=45)
NAMES = {"full": "The full questions", "core": "The core questions"}


@dataclass(frozen=True)
class WavePlan:
    """What was asked, in sentences, and what is due next: `code`, empty while one of the two is still open."""

    asked: tuple[str, ...]
    next: str
    code: str
    is_due: bool


def rule() -> str:
    return (
        f"The full questions every {settings.FULL_SURVEY_MONTHS} months, and the core questions every "
        f"{settings.CORE_SURVEY_MONTHS} months between them, counted from the day of the last opening."
    )


def wave_plan(surveys: Iterable[Survey], today: date) -> WavePlan:
    """The plan of one community, from its surveys with their questionnaires. No query of its own."""
    codes = {settings.FULL_QUESTIONNAIRE: "full", settings.CORE_QUESTIONNAIRE: "core"}
    last: dict[str, Survey] = {}
    for survey in surveys:
        which = codes.get(survey.version.instrument.code)
        if which is None or survey.session_id is not None or survey.state == Survey.State.CANCELLED:
            continue
        if which not in last or survey.opened_at > last[which].opened_at:
            last[which] = survey
    asked = tuple(asked_words(name, last.get(which)) for which, name in NAMES.items())
    still_open = next((survey for survey in last.values() if survey.state != Survey.State.CLOSED), None)
    which, on = due({which: timezone.localdate(survey.opened_at) for which, survey in last.items()}, today)
    if still_open is not None:
        return WavePlan(asked, f"{NAMES[which]}, from {date_format(on)} on", "", is_due=False)
    code = next(code for code, name in codes.items() if name == which)
    when = "due now" if on <= today else f"due from {date_format(on)} on"
    return WavePlan(asked, f"{NAMES[which]}, {when}", code, is_due=on <= today)


def due(last_on: dict[str, date], today: date) -> tuple[str, date]:
    """Which of the two is next, and from when on, given when each was opened last."""
    if not last_on:
        return "full", today
    on = months_after(max(last_on.values()), settings.CORE_SURVEY_MONTHS)
    if "full" not in last_on:
        return "full", on
    is_full = months_after(last_on["full"], settings.FULL_SURVEY_MONTHS) <= on + SOON_AFTER
    return ("full" if is_full else "core"), on


def asked_words(name: str, survey: Survey | None) -> str:
    if survey is None:
        return f"{name} have not been asked yet."
    opened = date_format(timezone.localdate(survey.opened_at))
    is_open = survey.state != Survey.State.CLOSED
    return f"{name} have been open since {opened}." if is_open else f"{name} were last asked on {opened}."


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = first_after - timedelta(days=1)
    return date(year, month + 1, min(day.day, last.day))

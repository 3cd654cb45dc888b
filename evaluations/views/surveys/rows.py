"""A survey in words, for the list and for its own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from evaluations import results
from evaluations.models import PrivacyMode, Survey
from evaluations.permissions import Permission, may_see_results
from evaluations.services.retention.dates import destroyed_words
from evaluations.views.surveys import words

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


@dataclass(frozen=True)
class SurveyRow:
    """A survey as one reader may see it. `results_url` is empty where there is nothing for them to read."""

    survey: Survey
    name: str
    answered: str
    shown: str
    results_url: str


def survey_row(survey: Survey, user: User) -> SurveyRow:
    may_read = may_see_results(user, survey)
    is_closed = survey.state == Survey.State.CLOSED
    if is_closed:
        shown = "Results" if may_read else "Not shared with members yet"
    elif survey.state == Survey.State.CANCELLED:
        shown = "Nothing: it was cancelled, and its answers were destroyed"
    else:
        shown = f"Results come after it has closed: not before {words.day_words(survey.closes_at)}"
    opened = date_format(timezone.localtime(survey.opened_at), "F Y")
    name = survey.asked_about if survey.is_pulse else f"{survey.version.title}, {opened}"
    return SurveyRow(
        survey, name, answered_words(survey, user), shown, survey.get_results_url() if is_closed and may_read else ""
    )


def answered_words(survey: Survey, user: User) -> str:
    """How many have answered, for those who may know it: counted nightly while it is open, as released once closed."""
    if survey.state == Survey.State.CLOSED and may_see_results(user, survey):
        return results.response_rate_words(survey)
    if not user.has_perm(Permission.SEE_RESPONSE_COUNTS, survey):
        return "Seen by the facilitator"
    return survey.count_words if survey.state == Survey.State.OPEN else survey.get_state_display()


def row(key: str, value: Any) -> dict[str, Any]:
    """A row of the design system's summary list."""
    return {"key": {"text": key}, "value": {"text": str(value)}}


def survey_summary(survey: Survey, user: User) -> list[dict[str, Any]]:
    """The rows at the top of a survey's page."""
    mode = PrivacyMode(survey.mode)
    sees_counts = user.has_perm(Permission.SEE_RESPONSE_COUNTS, survey)
    rows = [
        row("State", survey.get_state_display()),
        row("Opened", words.day_words(survey.opened_at)),
        _end(survey),
        row("Privacy", f"{mode.label}. {words.PROMISES[mode]}"),
    ]
    if survey.pseudonym_key:
        rows.append(row("Key to the pseudonyms", survey.pseudonym_key.end_words))
    if sees_counts:
        rows.append(row("Asked", survey.asked_count))
        rows.append(row("Answered", answered_words(survey, user)))
        rows.append(row("Reminders", words.reminders_of(survey)))
    rows.append(row("Results are for", survey.get_shared_with_display()))
    if survey.was_extended:
        rows.append(
            row(
                "Extended",
                f"Once, by {settings.SURVEY_EXTENSION_DAYS} days, because too few had answered to show anything.",
            )
        )
    if gone := destroyed_words(survey):
        rows.append(row("Single answers", f"{gone} The results stay as they were released."))
    if survey.halted_because and sees_counts:
        rows.append(row("Halted", survey.halted_because))
    return rows


def _end(survey: Survey) -> dict[str, Any]:
    if survey.cancelled_at:
        return row("Cancelled", f"{words.day_words(survey.cancelled_at)}. {survey.cancelled_because}")
    if survey.closed_at:
        return row("Closed", words.day_words(survey.closed_at))
    return row("Closes at the end of", words.day_words(survey.closes_at))


def closing_words(survey: Survey) -> str:
    """What came of asking to close a survey: closed, given more time once, or halted."""
    if survey.state == Survey.State.CLOSED:
        return f"“{survey.version.title}” is closed. Its results are here."
    if survey.state == Survey.State.OPEN:
        return f"Too few have answered to show anything. It stays open, this once, until {survey.closes_on}."
    return f"No more answers are taken. {survey.halted_because}"

"""What the portal says about asking: privacy modes and reminders, in the words members read."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from evaluations.models import PrivacyMode, Survey

THAT_NEVER_WHAT = (
    "We record that you answered, so that reminders stop; never what you answered. "
    "Your own words may still show who you are."
)
PROMISES = {
    PrivacyMode.ANONYMOUS: "Nothing that is stored links a person to an answer: not a name, not a time, not an order.",
    PrivacyMode.CONFIDENTIAL: (
        "Answers are kept under a pseudonym. The key to it is destroyed on a date that members are told."
    ),
    PrivacyMode.NAMED: (
        "Answers are kept with the name of the person who gave them, and the facilitators can read them."
    ),
}


# A pulse is short, and its days are working days.
PULSE_REMINDER = "Once, after 2 working days, only to those who have not answered."


def day_words(moment: datetime) -> str:
    """Friday 4 December 2026"""
    return date_format(timezone.localtime(moment), "l j F Y")


def _listed(numbers: Sequence[int]) -> str:
    words = [str(n) for n in numbers]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def reminder_words(reminder_days: Sequence[int], *, opens_at: datetime, closes_at: datetime) -> str:
    """When reminders go, without those that would come after the close."""
    days = [day for day in reminder_days if opens_at + timedelta(days=day) < closes_at]
    if not days:
        return "No reminders."
    return f"On day{'s' if len(days) > 1 else ''} {_listed(days)}, only to those who have not answered."


def reminders_of(survey: Survey) -> str:
    """When reminders of a survey go; of a pulse, whose days are working days, once if at all."""
    if survey.is_pulse:
        return PULSE_REMINDER if survey.reminder_days else "No reminders."
    return reminder_words(survey.reminder_days, opens_at=survey.opened_at, closes_at=survey.closes_at)


def nobody_reads(survey: Survey) -> str:
    """Stands by every sealed text box: what is written here reaches nobody in time to help."""
    return (
        f"Nobody reads this before it has closed, which is planned for {survey.closes_on}. If someone is at risk, "
        "use your incident system or your Freedom to Speak Up Guardian now."
    )

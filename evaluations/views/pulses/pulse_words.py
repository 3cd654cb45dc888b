"""What the pages of a session and of a survey say about a pulse."""

from datetime import datetime
from typing import Any

from django.conf import settings

from evaluations.models import Survey
from evaluations.services.surveys.opening import OpeningPreview
from evaluations.views.surveys import words
from evaluations.views.surveys.rows import row


def sent(pulse: Survey) -> str:
    """6 people who were there are asked, until Tuesday 1 December 2026."""
    number = pulse.invitations.count()
    who = "1 person who was there is" if number == 1 else f"{number} people who were there are"
    return f"{who} asked how it was, until {words.day_words(pulse.closes_at)}."


def summary(closes_at: datetime) -> list[dict[str, Any]]:
    return [
        row("Closes at the end of", words.day_words(closes_at)),
        row("Reminder", words.PULSE_REMINDER),
        row("Results", "After it closes, and only figures made of enough answers"),
    ]


def few_asked(preview: OpeningPreview) -> str:
    """What to know before asking so few that their answers will wait for others; empty where they are enough."""
    established = sum(one.is_established for one in preview.asked)
    if not preview.asked or established >= settings.MINIMUM_BASE:
        return ""
    return (
        f"Answers are shown only once at least {settings.MINIMUM_BASE} members of long enough standing have answered. "
        "With fewer they stay unread, and are shown together with those after other sessions of the same quarter."
    )

"""What Home asks of a person, as rows of the design system's task list: each says what, where and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from communities.forms.actions import HELP, NOT_MINE
from communities.models import Action, Pause
from evaluations.keys import KeyTrouble
from evaluations.links import token_for
from evaluations.models import Invitation

# The answers that Home takes for an action, in the words of the buttons.
HOME_ANSWERS: dict[str, str] = {Action.State.DONE: "Done", HELP: "Need help", NOT_MINE: "Not mine"}


def heading(number: int) -> str:
    """2 things are asked of you"""
    if not number:
        return "Nothing is asked of you at the moment"
    return "1 thing is asked of you" if number == 1 else f"{number} things are asked of you"


def survey_task(invitation: Invitation) -> dict[str, Any]:
    """Questions to answer, through the person's own link; without it when the survey's key cannot be read just now."""
    survey = invitation.survey
    task = {
        "title": {"text": f"{survey.version.title}, {survey.community.name}"},
        "hint": {"text": "No name is kept with your answers."},
        "status": {"text": f"Closes {short_day(timezone.localdate(survey.closes_at))}"},
    }
    try:
        return task | {"href": reverse("evaluations:answer", args=[token_for(invitation)])}
    except KeyTrouble:
        return task | {"hint": {"text": "Use the link in your mail."}}


@dataclass(frozen=True)
class ActionTask:
    """Something the person said they would do, with the answers that Home takes."""

    action: Action
    status: str
    answers: list[tuple[str, str]]


def action_task(action: Action, today: date) -> ActionTask:
    is_overdue = action.due_on < today
    status = f"{'Was due' if is_overdue else 'Due'} {short_day(action.due_on)}"
    # Help that has been asked for is not asked for again from here.
    offered = {state: label for state, label in HOME_ANSWERS.items() if state != HELP or action.help_asked_at is None}
    return ActionTask(action=action, status=status, answers=list(offered.items()))


def requests_task(asking: Mapping[str, Any]) -> dict[str, Any]:
    """People who wait to be let into a community that this person runs."""
    number = asking["number"]
    who = "Someone asks" if number == 1 else f"{number} people ask"
    return {
        "title": {"text": f"{who} to join {asking['community__name']}"},
        "hint": {"text": "You decide."},
        "href": reverse("communities:join-requests", args=[asking["community__slug"]]),
        "status": {"text": f"Since {short_day(timezone.localdate(asking['since']))}"},
    }


def look_again_task(pause: Pause) -> dict[str, Any]:
    """A paused community that HIN staff wanted to look at again by now."""
    return {
        "title": {"text": f"Look again at {pause.community.name}"},
        "hint": {"text": f"Paused since {short_day(pause.starts_on)}: {pause.because}"},
        "href": reverse("communities:edit-community", args=[pause.community.slug]),
        "status": {"text": f"Since {short_day(pause.look_again_on)}"},
    }


def short_day(day: date) -> str:
    """Fri 4 December"""
    return date_format(day, "D j F")

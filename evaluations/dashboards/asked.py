"""What Home asks of a person, as rows of the design system's task list: each says what, where and until when."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Action, Pause
from evaluations.keys import KeyTrouble
from evaluations.links import token_for
from evaluations.models import Invitation


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


def action_task(action: Action, today: date) -> dict[str, Any]:
    """Something the person said they would do."""
    is_overdue = action.due_on < today
    return {
        "title": {"text": f"Your action: {action.text}"},
        "hint": {"text": action.community.name},
        "href": f"{reverse('communities:action-list', args=[action.community.slug])}#action-{action.pk}",
        "status": {"text": f"{'Was due' if is_overdue else 'Due'} {short_day(action.due_on)}"},
    }


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

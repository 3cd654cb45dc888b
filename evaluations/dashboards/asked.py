"""What Home asks of a person, as rows of the design system's task list: each says what, where and until when."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Action
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


def short_day(day: date) -> str:
    """Fri 4 December"""
    return date_format(day, "D j F")

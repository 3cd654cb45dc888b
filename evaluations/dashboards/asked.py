"""What Home asks of a person: each thing says what, where and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from communities.forms.actions import HELP, NOT_MINE
from communities.models import Action, CheckIn, Commitment, Pause, Session
from evaluations import keys
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.services.results.text_review import Pile

# The answers that Home takes for an action, in the words of the buttons.
HOME_ANSWERS: dict[str, str] = {Action.State.DONE: "Done", HELP: "Need help", NOT_MINE: "Not mine"}
# What stands with an answer to a survey, by its privacy mode.
KEPT_WITH_ANSWERS: dict[str, str] = {
    PrivacyMode.ANONYMOUS: "No name is kept with your answers.",
    PrivacyMode.CONFIDENTIAL: "Your answers are kept under a pseudonym.",
    PrivacyMode.NAMED: "Your answers are kept with your name.",
}


def heading(number: int) -> str:
    """2 things are asked of you"""
    if not number:
        return "Nothing is asked of you at the moment"
    return "1 thing is asked of you" if number == 1 else f"{number} things are asked of you"


@dataclass(frozen=True)
class SurveyTask:
    """Questions to answer. The person's own link is made when they go there, and is on no page."""

    survey: Survey
    about: str
    status: str
    can_answer: bool


def survey_task(invitation: Invitation) -> SurveyTask:
    """One survey that this person is asked to answer; not from here when its key cannot be read just now."""
    survey = invitation.survey
    can_answer = keys.can_read_link_key(survey.key_id)
    return SurveyTask(
        survey=survey,
        about=KEPT_WITH_ANSWERS[survey.mode] if can_answer else "Use the link in your mail.",
        status=f"Closes {short_day(timezone.localdate(survey.closes_at))}",
        can_answer=can_answer,
    )


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


@dataclass(frozen=True)
class CommitmentTask:
    """Something the person said they would try, with the answers that Home takes: the words of the record."""

    commitment: Commitment
    status: str
    answers: list[tuple[str, str]]


def commitment_task(commitment: Commitment) -> CommitmentTask:
    return CommitmentTask(
        commitment=commitment,
        status=f"Said on {short_day(commitment.made_on)}",
        answers=[(state.value, state.label) for state in Commitment.ANSWERS],
    )


def check_in_task(check_in: CheckIn) -> dict[str, Any]:
    """A session that goes on. The code is asked for here too: being signed in does not show that one is there."""
    return {
        "title": {"text": f"Check in: {check_in.session.community.name}"},
        "hint": {"text": "Type the code on the screen, or tell a facilitator that you are here."},
        "href": reverse("communities:type-check-in-code"),
        "status": {"text": f"Until {date_format(timezone.localtime(check_in.ends_at), 'H:i')}"},
    }


def record_task(session: Session) -> dict[str, Any]:
    """A session that is over and has no record yet, in a community that this person runs."""
    return {
        "title": {"text": f"Record the session: {session.community.name}"},
        "hint": {"text": "Who came, and what you learned. It takes three minutes."},
        "href": reverse("communities:record-session", args=[session.community.slug, session.pk]),
        "status": {"text": f"Was on {short_day(session.day)}"},
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


def share_task(survey: Survey) -> dict[str, Any]:
    """Results that members were told they would see, and do not see yet."""
    return {
        "title": {"text": f"Share what members said: {survey.version.title}, {survey.community.name}"},
        "hint": {"text": "They want to know what came of it."},
        "href": survey.get_results_url(),
        "status": {"text": f"Closed {short_day(timezone.localdate(survey.closed_at))}"},
    }


def texts_tasks(piles: Sequence[Pile]) -> list[dict[str, Any]]:
    """Texts that have waited for a second reader longer than they should: one line for all of them."""
    if not piles:
        return []
    where = piles[0].survey.community.name if len(piles) == 1 else f"{len(piles)} surveys"
    since = min(pile.late_from for pile in piles)
    return [
        {
            "title": {"text": f"Read what members wrote: {where}"},
            "hint": {"text": "It is shown only after someone who is not in their community has read it."},
            "href": reverse("evaluations:texts"),
            "status": {"text": f"Late since {short_day(since)}"},
        }
    ]


def retention_tasks(number: int) -> list[dict[str, Any]]:
    """Surveys whose single answers have passed their date: one line for all of them."""
    if not number:
        return []
    of = "1 survey" if number == 1 else f"{number} surveys"
    return [
        {
            "title": {"text": f"Single answers to {of} are due to be destroyed"},
            "hint": {"text": "Nothing goes by itself: look at what goes and what stays, and decide."},
            "href": reverse("evaluations:retention"),
            "status": {"text": "Due"},
        }
    ]


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

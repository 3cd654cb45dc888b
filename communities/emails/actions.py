"""Mail about what someone said they would do: a reminder, being given something, and an owner who cannot."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from communities import links
from communities.models import Action, Community, Problem, RoleTerm
from communities.working_days import next_working_moment
from cop_portal import outbox
from cop_portal.accounts.models import User

REMINDER = "communities.action_reminder"
GIVEN = "communities.action_given"
NEEDS_YOU = "communities.action_needs_you"
# Before or after the day it is due.
BEFORE, AFTER = "before", "after"
# Why the facilitators are written to.
HELP, NOT_MINE = "help", "not_mine"
WITHIN = timedelta(days=7)


def reminder(action: Action, which: str, *, to: str, now: datetime) -> outbox.Mail:
    """Asks the owner how it went, once before and once after the day it is due. Another day is another occasion."""
    return outbox.Mail(
        dedupe_key=f"action:{action.pk}:{which}:{action.due_on}:{action.link_generation}",
        kind=REMINDER,
        to=to,
        params={**_as_it_stands(action), "which": which, "due_on": action.due_on.isoformat()},
        due_at=next_working_moment(now),
        not_after=now + WITHIN,
    )


def given(action: Action, *, to: str, by: User, now: datetime) -> outbox.Mail:
    """Tells someone what another person has given them to do."""
    return outbox.Mail(
        dedupe_key=f"action:{action.pk}:given:{action.link_generation}",
        kind=GIVEN,
        to=to,
        params={**_as_it_stands(action), "by": by.pk},
        due_at=next_working_moment(now),
        not_after=now + WITHIN,
    )


def needs_you(
    action: Action, what: str, *, problem: Problem | None, user_id: int, to: str, now: datetime
) -> outbox.Mail:
    """Tells a facilitator that an action's owner needs help, or says that it is not theirs."""
    return outbox.Mail(
        dedupe_key=f"action:{action.pk}:{what}:{action.version}:{user_id}",
        kind=NEEDS_YOU,
        to=to,
        params={"action": action.pk, "what": what, "problem": problem.pk if problem else None, "user": user_id},
        due_at=now,
        not_after=now + WITHIN,
    )


def _as_it_stands(action: Action) -> dict[str, outbox.JSON]:
    return {"action": action.pk, "generation": action.link_generation}


def render_reminder(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    action = _action(params)
    return _worded("reminder", f"Your action for {_name(action)}", action, is_before=params["which"] == BEFORE)


def render_given(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    action, by = _action(params), User.objects.get(pk=params["by"])
    return _worded("given", f"Something for you to do for {_name(action)}", action, by=by)


def render_needs_you(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    action, problem = _action(params), Problem.objects.filter(pk=params["problem"]).first()
    subject = "Help is needed with an action" if params["what"] == HELP else "An action needs another owner"
    community = f"{settings.BASE_URL.rstrip('/')}/communities/{action.community.slug}"
    address = f"{community}/problems/{problem.pk}/" if problem else f"{community}/actions/{action.pk}/edit/"
    return _worded("needs_you", f"{subject}, {_name(action)}", action, problem=problem, address=address)


def _worded(name: str, subject: str, action: Action, **more: Any) -> outbox.Rendered:
    """The link is worked out here and held nowhere."""
    token = links.token_for(links.ACTION, action.pk, action.link_generation)
    context = {
        "action": action,
        "link": links.address(links.ACTION, token),
        "portal_name": settings.PORTAL_NAME,
        "contact": settings.CONTACT_EMAIL,
        **more,
    }
    return outbox.Rendered(subject=subject, text=render_to_string(f"communities/mail/action_{name}.txt", context))


def _action(params: Mapping[str, Any]) -> Action:
    return Action.objects.select_related("community", "owner__user").get(pk=params["action"])


def _name(action: Action) -> str:
    # A name with a line break in it would be two headers.
    return f"the {' '.join(action.community.name.split())} community"


def is_reminder_due(params: Mapping[str, Any]) -> bool:
    """Not once it is answered, due another day or someone else's, nor while the community rests."""
    wanted = {"link_generation": params["generation"], "due_on": params["due_on"], "is_private": False}
    active = Action.objects.open().filter(community__state=Community.State.ACTIVE)
    return active.filter(pk=params["action"], disowned_at=None, **wanted).exists()


def is_given_due(params: Mapping[str, Any]) -> bool:
    open_now = Action.objects.open().filter(pk=params["action"], link_generation=params["generation"])
    return open_now.filter(is_private=False).exists()


def is_facilitator_needed(params: Mapping[str, Any]) -> bool:
    """Not once it is answered or has another owner, nor when they no longer facilitate."""
    action = Action.objects.open().filter(pk=params["action"]).first()
    if action is None or (params["what"] == NOT_MINE and action.disowned_at is None):
        return False
    terms = RoleTerm.objects.current().facilitators().filter(community=action.community)
    return terms.filter(person__user=params["user"]).exists()


def register() -> None:
    for name, render, is_due in (
        (REMINDER, render_reminder, is_reminder_due),
        (GIVEN, render_given, is_given_due),
        (NEEDS_YOU, render_needs_you, is_facilitator_needed),
    ):
        outbox.register(outbox.MailKind(name=name, render=render, is_still_due=is_due, in_doubt="resend_once"))

"""The mail around joining: an invitation, that someone waits for a decision, and that the answer is no."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from communities import links
from communities.models import Community, JoinRequest, MemberInvitation
from cop_portal import outbox
from cop_portal.accounts.models import User

INVITATION = "communities.invitation"
REQUESTS_WAITING = "communities.requests_waiting"
REQUEST_DECLINED = "communities.request_declined"
WAITING_WITHIN = timedelta(days=3)
DECLINED_WITHIN = timedelta(days=14)


def invitation(invited: MemberInvitation, *, now: datetime) -> outbox.Mail:
    """The personal link by which someone joins or says no. Sent again, it is another link."""
    return outbox.Mail(
        dedupe_key=f"member_invitation:{invited.pk}:{invited.generation}",
        kind=INVITATION,
        to=invited.email,
        params={"invitation": invited.pk, "generation": invited.generation},
        due_at=now,
        not_after=_end_of(invited),
    )


def _end_of(invited: MemberInvitation) -> datetime:
    midnight = datetime.combine(invited.expires_on + timedelta(days=1), datetime.min.time())
    return timezone.make_aware(midnight)


def render_invitation(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    invited = MemberInvitation.objects.select_related("community", "invited_by").get(pk=params["invitation"])
    token = links.token_for(links.INVITE, invited.pk, params["generation"])
    words = {
        **_of_the_house(),
        "to": to,
        "community": invited.community,
        "invited_by": invited.invited_by,
        "expires_on": invited.expires_on,
        "address": links.address(links.INVITE, token),
    }
    by, name = _one_line(invited.invited_by.name), _one_line(invited.community.name)
    return outbox.Rendered(
        subject=f"{by} invites you to the {name} community",
        text=render_to_string("communities/mail/invitation.txt", words),
    )


def is_invitation_due(params: Mapping[str, Any]) -> bool:
    """While nobody has answered it or taken it back, and no later link has taken its place. (`not_after` ends it.)"""
    still = MemberInvitation.objects.waiting()
    return still.filter(pk=params["invitation"], generation=params["generation"]).exists()


def requests_waiting(community: Community, facilitator: User, *, to: str, now: datetime) -> outbox.Mail:
    """That people ask to join: at most one mail a day to each facilitator, however many ask."""
    return outbox.Mail(
        dedupe_key=f"join_requests:{community.pk}:{timezone.localdate(now)}:{facilitator.pk}",
        kind=REQUESTS_WAITING,
        to=to,
        params={"community": community.pk, "facilitator": facilitator.pk, "day": timezone.localdate(now).isoformat()},
        due_at=now,
        not_after=now + WAITING_WITHIN,
    )


def render_requests_waiting(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    community = Community.objects.get(pk=params["community"])
    number = JoinRequest.objects.waiting().filter(community=community).count()
    words = {
        **_of_the_house(),
        "facilitator": User.objects.get(pk=params["facilitator"]),
        "community": community,
        "number": number,
        "address": _address_of(reverse("communities:join-requests", args=[community.slug])),
    }
    who = "Someone asks" if number == 1 else f"{number} people ask"
    return outbox.Rendered(
        subject=f"{who} to join the {_one_line(community.name)} community",
        text=render_to_string("communities/mail/requests_waiting.txt", words),
    )


def are_requests_waiting(params: Mapping[str, Any]) -> bool:
    """Not once all have been decided, or to someone who facilitates no longer.

    Nor where more people have asked on a later day: the mail of that day tells of all of them.
    """
    facilitator = User.objects.filter(pk=params["facilitator"]).first()
    if facilitator is None:
        return False
    waiting = JoinRequest.objects.to_decide(facilitator).filter(community=params["community"])
    asked_last = waiting.order_by("-asked_at").values_list("asked_at", flat=True).first()
    return asked_last is not None and timezone.localdate(asked_last).isoformat() <= params["day"]


def request_declined(request: JoinRequest, *, to: str, now: datetime) -> outbox.Mail:
    """That a request was turned down, and why. Only to someone who was signed in when they asked."""
    return outbox.Mail(
        dedupe_key=f"join_request:{request.pk}:declined",
        kind=REQUEST_DECLINED,
        to=to,
        params={"request": request.pk},
        due_at=now,
        not_after=now + DECLINED_WITHIN,
    )


def render_request_declined(params: Mapping[str, Any], to: str) -> outbox.Rendered:
    request = JoinRequest.objects.select_related("community", "user", "decided_by").get(pk=params["request"])
    return outbox.Rendered(
        subject=f"About your request to join the {_one_line(request.community.name)} community",
        text=render_to_string("communities/mail/request_declined.txt", {**_of_the_house(), "request": request}),
    )


def is_request_declined_due(params: Mapping[str, Any]) -> bool:
    return JoinRequest.objects.filter(pk=params["request"], state=JoinRequest.State.DECLINED).exists()


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _address_of(path: str) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{path}"


def _of_the_house() -> dict[str, str]:
    return {
        "portal_name": settings.PORTAL_NAME,
        "controller": settings.CONTROLLER_NAME,
        "contact": settings.CONTACT_EMAIL,
        "base_url": settings.BASE_URL,
    }


def register() -> None:
    for kind in (
        outbox.MailKind(
            name=INVITATION, render=render_invitation, is_still_due=is_invitation_due, in_doubt="resend_once"
        ),
        outbox.MailKind(
            name=REQUESTS_WAITING, render=render_requests_waiting, is_still_due=are_requests_waiting, in_doubt="hold"
        ),
        outbox.MailKind(
            name=REQUEST_DECLINED,
            render=render_request_declined,
            is_still_due=is_request_declined_due,
            in_doubt="resend_once",
        ),
    ):
        outbox.register(kind)

"""Putting in the outbox what the plan says is due, for those who have not answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from cop_portal import outbox
from cop_portal.accounts.models import User
from evaluations import emails
from evaluations.models import PlannedRequest, Survey

BATCH = 500


def plan_due_mail(*, now: datetime) -> int:
    """Every due request becomes a mail once; returns how many were new. May run twice, late, or twice at a time.

    Requests to people who have answered are marked as handled like the others, and make no mail.
    """
    planned = 0
    while due := list(
        PlannedRequest.objects.due(now)
        .select_related("invitation__survey", "invitation__person")
        .order_by("due_at", "pk")[:BATCH]
    ):
        planned += _hand_over(due, now)
    return planned


@transaction.atomic
def _hand_over(due: Sequence[PlannedRequest], now: datetime) -> int:
    addresses = addresses_of(request.invitation.person.user_id for request in due)
    mails = [
        emails.request(request, to=addresses[request.invitation.person.user_id])
        for request in _last_of_each(due)
        if request.invitation.person.user_id in addresses and _is_wanted(request, now)
    ]
    PlannedRequest.objects.waiting().filter(pk__in=[request.pk for request in due]).update(is_handled=True)
    return outbox.enqueue(*mails)


def _last_of_each(due: Iterable[PlannedRequest]) -> list[PlannedRequest]:
    """One mail to each, however many requests fell due while the portal was down: the last says it all."""
    return list({request.invitation_id: request for request in due}.values())


def _is_wanted(request: PlannedRequest, now: datetime) -> bool:
    survey, invitation = request.invitation.survey, request.invitation
    is_open = survey.state == Survey.State.OPEN and survey.closes_at > now
    return is_open and not invitation.is_answered and not invitation.is_stopped


def addresses_of(user_ids: Iterable[int]) -> dict[int, str]:
    """The primary address of each user who has one."""
    return dict(EmailAddress.objects.filter(user__in=list(user_ids), primary=True).values_list("user_id", "email"))


def tell_staff(survey: Survey, *, now: datetime) -> None:
    """Writes to staff and administrators that a survey has stopped; once a day as long as it lasts."""
    staff = list(User.objects.filter(role__in=[User.Role.STAFF, User.Role.ADMINISTRATOR], is_active=True))
    addresses = addresses_of(user.pk for user in staff)
    outbox.enqueue(
        *(emails.halted(survey, staff=user, to=addresses[user.pk], now=now) for user in staff if user.pk in addresses)
    )

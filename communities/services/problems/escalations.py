"""Putting a problem to the person who can act: sending the brief, sending its link again, taking it back, and
ceasing to wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from communities import links
from communities.emails import problems as emails
from communities.models import (
    Brief,
    Community,
    Escalation,
    LeverHolder,
    Organisation,
    Problem,
    RoleTerm,
)
from communities.services.communities import locked
from communities.services.problems.briefs import refuse_unless_it_may_be_put_to_someone, stale_brief
from communities.services.problems.register import ProblemMovedOn, move, moved_on, settle_problem, step
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class AskNotSaid(Refusal):
    """Nobody can answer a question that was not put."""


class NoAddressToSendTo(Refusal):
    """A brief that is mailed needs somewhere to go."""


class NoLongerWaiting(Conflict):
    """Only a question that waits for its answer can be sent again or taken back."""


class ReasonNotSaid(Refusal):
    """Whoever reads the trail learns why a question was taken back."""


@dataclass(frozen=True)
class WhoCanAct:
    """The person who can act, as a facilitator names them. Without an address nothing can be mailed to them."""

    name: str
    post: str
    email: str = ""
    organisation: Organisation | None = None


@transaction.atomic
def send_brief(
    *, problem: Problem, version: int, to: WhoCanAct, is_mailed: bool, by: User, now: datetime
) -> Escalation:
    """Puts the brief to the person who can act, by mail with a personal link, or notes that it was handed over.

    `version` is that of the draft as it was read. From now on the brief stays as it is.
    """
    locked(problem.community)
    problem.refresh_from_db()
    refuse_unless_it_may_be_put_to_someone(problem)
    if is_mailed and not to.email.strip():
        raise NoAddressToSendTo("Enter the mail address of the person who can act.", code="no_address_to_send_to")
    brief = Brief.objects.drafts().select_for_update().filter(problem=problem, version=version).first()
    if brief is None:
        raise stale_brief()
    escalation = escalate_problem(problem=problem, to=_holder(to), ask=brief.ask, by=by, now=now)
    Brief.objects.filter(pk=brief.pk).update(sent_at=now)
    Escalation.objects.filter(pk=escalation.pk).update(brief=brief)
    escalation.refresh_from_db()
    if is_mailed:
        escalation = _with_link(escalation, generation=1)
        outbox.enqueue(emails.brief(escalation, now=now), emails.reminder(escalation, now=now))
    return escalation


@transaction.atomic
def escalate_problem(*, problem: Problem, to: LeverHolder, ask: str, by: User, now: datetime) -> Escalation:
    """Records that the problem was put to a named person who can act. Sends nothing."""
    if not ask.strip():
        raise AskNotSaid("Say what you ask the person who can act to do.", code="ask_not_said")
    move(problem, Problem.State.ESCALATED, by=by, now=now)
    escalation = Escalation.objects.create(problem=problem, lever_holder=to, ask=ask.strip(), asked_at=now, by=by)
    audit.record(event="problem.put_to_someone", by=by, target=escalation, at=now)
    return escalation


def _holder(to: WhoCanAct) -> LeverHolder:
    """The same row for the same person in the same post; another post is another row, and the past stays."""
    said = {"name": to.name.strip(), "post": to.post.strip(), "email": to.email.strip().lower()}
    known = LeverHolder.objects.filter(**said, organisation=to.organisation).order_by("pk").first()
    return known or LeverHolder.objects.create(**said, organisation=to.organisation)


def _with_link(escalation: Escalation, *, generation: int) -> Escalation:
    """With the hash of a link of this generation. The link itself is made when its mail leaves."""
    token = links.token_for(links.ESCALATION, escalation.pk, generation)
    Escalation.objects.filter(pk=escalation.pk).update(generation=generation, link_hash=links.hash_of(token))
    escalation.refresh_from_db()
    return escalation


@transaction.atomic
def send_link_again(*, escalation: Escalation, email: str, by: User, now: datetime) -> Escalation:
    """Sends a fresh link, to this address from now on. The link before it leads nowhere any more."""
    locked(escalation.problem.community)
    if not email.strip():
        raise NoAddressToSendTo("Enter the mail address of the person who can act.", code="no_address_to_send_to")
    current = _still_waiting(escalation)
    holder, address = current.lever_holder, email.strip().lower()
    if holder.email != address:
        corrected = WhoCanAct(name=holder.name, post=holder.post, email=address, organisation=holder.organisation)
        Escalation.objects.filter(pk=current.pk).update(lever_holder=_holder(corrected))
    current = renew_link(current)
    outbox.enqueue(emails.brief(current, now=now), emails.reminder(current, now=now))
    audit.record(event="escalation.sent_again", by=by, target=current, at=now)
    return current


def renew_link(escalation: Escalation) -> Escalation:
    """Makes the link known so far useless, and another one possible. Within the caller's transaction."""
    return _with_link(escalation, generation=escalation.generation + 1)


def _still_waiting(escalation: Escalation) -> Escalation:
    """The row as it is now, held. Refuses when nobody waits for its answer any more."""
    current = Escalation.objects.select_for_update().get(pk=escalation.pk)
    if not current.is_waiting:
        raise NoLongerWaiting(
            "This has been answered or taken back meanwhile, so there is nothing to wait for.",
            code="no_longer_waiting",
        )
    return current


@transaction.atomic
def withdraw_escalation(*, escalation: Escalation, because: str, by: User, now: datetime) -> Escalation:
    """Takes back what was put to someone: the link says so, no mail follows, and the problem is beyond reach again."""
    if not because.strip():
        raise ReasonNotSaid("Say why you take it back. It stays on the trail.", code="reason_not_said")
    locked(escalation.problem.community)
    current = _still_waiting(escalation)
    problem = Problem.objects.select_related("community").get(pk=current.problem_id)
    if not problem.is_waiting:
        raise moved_on(problem, Problem.State.BEYOND_REACH)
    Escalation.objects.filter(pk=current.pk).update(withdrawn_at=now, version=F("version") + 1)
    # Not one of a problem's own ways: nothing happened to it, a step was taken back.
    step(problem, Problem.State.BEYOND_REACH, note=because, by=by, now=now)
    current.refresh_from_db()
    audit.record(event="escalation.withdrawn", by=by, target=current, at=now)
    return current


def end_waiting(*, now: datetime) -> int:
    """Marks as “no reply” what has waited longer than the setting allows, and tells the facilitators. How many.

    Each in a transaction of its own; one that somebody else deals with at this moment is left to them.
    """
    days = settings.NO_REPLY_AFTER_DAYS
    overdue = Problem.objects.filter(
        state=Problem.State.ESCALATED, state_since__lte=now - timedelta(days=days)
    ).exclude(community__state=Community.State.CLOSED)
    ended = 0
    for problem in overdue.select_related("community").order_by("pk"):
        try:
            _end_waiting(problem, days, now)
        except ProblemMovedOn:
            continue
        ended += 1
    return ended


@transaction.atomic
def _end_waiting(problem: Problem, days: int, now: datetime) -> None:
    waiting = Escalation.objects.waiting().filter(problem=problem).first()
    words = f"No reply from the person who can act within {days} days."
    settle_problem(problem=problem, state=Problem.State.NO_REPLY, came_of_it=words, by=None, now=now)
    if waiting is not None:
        tell_facilitators(waiting, emails.News.NO_REPLY, now=now)


def tell_facilitators(escalation: Escalation, news: emails.News, *, now: datetime) -> None:
    """Tells those who facilitate the community today, and whoever put the question, what has happened to it."""
    community = escalation.problem.community_id
    terms = RoleTerm.objects.current().facilitators().filter(community=community)
    whom = Q(user__person__role_terms__in=terms) | Q(user=escalation.by_id)
    addresses = EmailAddress.objects.filter(whom, primary=True, user__is_active=True).distinct()
    outbox.enqueue(
        *(
            emails.news(escalation, news, user_id=user_id, to=to, now=now)
            for user_id, to in addresses.values_list("user_id", "email")
        )
    )

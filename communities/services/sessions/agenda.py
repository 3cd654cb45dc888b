"""What members would like to talk about: proposing it, putting it on an agenda, leaving it for later, declining it."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from communities.models import AgendaItem, Community, Person, Session
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal, Stale

MOST_WAITING = 200


class NothingProposed(Refusal):
    """An agenda item says what it is about."""


class BacklogFull(Refusal):
    """A list that nobody can read through helps nobody."""


class AgendaItemMovedOn(Stale):
    """Two people arranging one agenda never overwrite each other."""


class NotASessionAhead(Refusal):
    """Items are put on the agenda of a session that is planned, in the same community."""


class NotOnAnAgenda(Refusal):
    """What was covered was on an agenda."""


class AtTheEndAlready(Refusal):
    """Nothing stands before the first or after the last."""


class NoReasonForDeclining(Refusal):
    """Whoever proposed something learns why it is not taken up."""


class NotYoursToTakeBack(Refusal):
    """Only who proposed something under their name can take it back."""


@transaction.atomic
def propose_agenda_item(
    *, community: Community, text: str, detail: str = "", is_named: bool, by: User, now: datetime
) -> AgendaItem:
    """Proposes something to talk about. Without a name neither the item nor the trail says who it was."""
    community = locked(community)
    if not text.strip():
        raise NothingProposed("Say what you would like to talk about.", code="nothing_proposed")
    if AgendaItem.objects.filter(community=community, state=AgendaItem.State.PROPOSED).count() >= MOST_WAITING:
        raise BacklogFull(
            f"{MOST_WAITING} proposals are waiting already. A facilitator has to go through them first.",
            code="backlog_full",
        )
    item = AgendaItem.objects.create(
        community=community,
        text=text.strip(),
        detail=detail.strip(),
        proposed_by=Person.objects.filter(user=by).first() if is_named else None,
        proposed_on=timezone.localdate(now),
    )
    audit.record(event="agenda_item.proposed", by=by if is_named else None, target=item, at=now)
    return item


@transaction.atomic
def put_on_agenda(*, item: AgendaItem, version: int, session: Session, by: User, now: datetime) -> AgendaItem:
    """Puts an item last on the agenda of a planned session, wherever it was before."""
    locked(item.community)
    is_ahead = session.state == Session.State.PLANNED and session.ends_at > now
    if session.community_id != item.community_id or not is_ahead:
        raise NotASessionAhead(
            "Choose a session of this community that is planned and not over.", code="not_a_session_ahead"
        )
    last = AgendaItem.objects.on_agenda_of(session).aggregate(last=Max("position"))["last"] or 0
    _move(item, version, state=AgendaItem.State.ON_AGENDA, session=session, position=last + 1)
    audit.record(event="agenda_item.put_on_agenda", by=by, target=item, at=now)
    return item


@transaction.atomic
def move_agenda_item(*, item: AgendaItem, version: int, up: bool, by: User, now: datetime) -> AgendaItem:
    """Moves an item one place up or down on the agenda of a session that is not over. It and the one it changes places
    with have a new version each, so that nobody moves what they have seen elsewhere."""
    locked(item.community)
    session = item.session
    if session is None or session.state != Session.State.PLANNED or session.ends_at <= now:
        raise NotASessionAhead(
            "Only what is on the agenda of a session that is planned and not over has a place in its order.",
            code="not_a_session_ahead",
        )
    order = list(AgendaItem.objects.on_agenda_of(session))
    was = next((at for at, other in enumerate(order) if (other.pk, other.version) == (item.pk, version)), None)
    if was is None:
        raise _moved_on()
    at = was - 1 if up else was + 1
    if not 0 <= at < len(order):
        raise AtTheEndAlready("It is first already." if up else "It is last already.", code="at_the_end_already")
    _move(item, version, position=at + 1)
    AgendaItem.objects.filter(pk=order[at].pk).update(version=F("version") + 1)
    order[was], order[at] = order[at], order[was]
    # Counted through anew: what was taken off has left gaps.
    for place, other in enumerate(order, start=1):
        AgendaItem.objects.filter(pk=other.pk).exclude(position=place).update(position=place)
    audit.record(event="agenda_item.moved", by=by, target=item, at=now)
    return item


@transaction.atomic
def defer_agenda_item(*, item: AgendaItem, version: int, by: User, now: datetime) -> AgendaItem:
    """Leaves an item for later: it waits again, on no agenda."""
    locked(item.community)
    _move(item, version, state=AgendaItem.State.PROPOSED, session=None, position=0)
    audit.record(event="agenda_item.deferred", by=by, target=item, at=now)
    return item


@transaction.atomic
def decline_agenda_item(*, item: AgendaItem, version: int, because: str, by: User, now: datetime) -> AgendaItem:
    """Says that an item is not taken up, and why."""
    locked(item.community)
    if not because.strip():
        raise NoReasonForDeclining(
            "Say why it is not taken up. Whoever proposed it reads this.", code="no_reason_for_declining"
        )
    _settle(item, version, AgendaItem.State.DECLINED, now, session=None, declined_because=because.strip())
    audit.record(event="agenda_item.declined", by=by, target=item, at=now)
    return item


@transaction.atomic
def cover_agenda_item(*, item: AgendaItem, version: int, by: User, now: datetime) -> AgendaItem:
    """Says that what was on an agenda has been talked about. Until then it carries over."""
    locked(item.community)
    if item.session is None or item.session.state == Session.State.CANCELLED or item.session.starts_at > now:
        raise NotOnAnAgenda(
            "Only what was on the agenda of a session that has begun can have been covered.", code="not_on_an_agenda"
        )
    _settle(item, version, AgendaItem.State.COVERED, now)
    audit.record(event="agenda_item.covered", by=by, target=item, at=now)
    return item


@transaction.atomic
def withdraw_agenda_item(*, item: AgendaItem, version: int, by: User, now: datetime) -> AgendaItem:
    """Takes back one's own proposal."""
    locked(item.community)
    if item.proposed_by is None or item.proposed_by.user_id != by.pk:
        raise NotYoursToTakeBack(
            "You can take back what you proposed under your name. This came from someone else, or without a name.",
            code="not_yours_to_take_back",
        )
    _settle(item, version, AgendaItem.State.WITHDRAWN, now, session=None)
    audit.record(event="agenda_item.withdrawn", by=by, target=item, at=now)
    return item


def _settle(item: AgendaItem, version: int, state: str, now: datetime, **changes: object) -> None:
    _move(item, version, state=state, settled_on=timezone.localdate(now), **changes)


def _move(item: AgendaItem, version: int, **changes: object) -> None:
    """From waiting or on an agenda to somewhere else, if nobody has moved it since it was read."""
    unsettled = AgendaItem.objects.filter(pk=item.pk, version=version, state__in=AgendaItem.OPEN)
    if not unsettled.update(version=F("version") + 1, **changes):
        raise _moved_on()
    item.refresh_from_db()


def _moved_on() -> AgendaItemMovedOn:
    return AgendaItemMovedOn(
        "Someone else has dealt with this meanwhile. Look at it again before you go on.", code="agenda_item_moved_on"
    )

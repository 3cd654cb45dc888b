"""Pausing a community and going on, closing it and, where that was a mistake, opening it again."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeAlias

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Community, CommunityChange, Pause, Session
from communities.services.communities import locked, note_change
from communities.services.joining.join_endings import end_all_joining
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

Facts: TypeAlias = dict[str, list[str | None]]

# What other rooms say stands in the way of closing a community: a sentence, or nothing.
Obstacle: TypeAlias = Callable[[Community], str]
_obstacles: list[Obstacle] = []

LONGEST_LOOK_AHEAD = timedelta(days=2 * 366)


class CommunityNotActive(Conflict):
    """Only what goes on can pause."""


class CommunityNotPaused(Conflict):
    """Only what has paused can go on."""


class CommunityNotClosed(Conflict):
    """Only what has closed can be opened again."""


class NoReasonToPause(Refusal):
    """Who finds a paused community learns why."""


class LookAgainNotAhead(Refusal):
    """A pause names a day, not too far off, on which someone looks at it again."""


class NoClosingNote(Refusal):
    """What a community leaves behind begins with why it ended."""


class SessionsStillPlanned(Refusal):
    """In a closed community nobody could cancel or record them any more."""


class StillUnderWay(Refusal):
    """Something of another room goes on in this community, which nobody could end any more."""


class NoReasonToReopen(Refusal):
    """Opening a closed community again is the exception, and says why."""


def register_obstacle(obstacle: Obstacle) -> None:
    """Lets a higher room say why a community cannot be closed yet. Called in `AppConfig.ready()`."""
    if obstacle not in _obstacles:
        _obstacles.append(obstacle)


@transaction.atomic
def pause_community(
    *, community: Community, because: str, look_again_on: date, by: User | None, now: datetime
) -> Community:
    """Pauses an active community, with the reason and a day on which staff are asked to look at it again."""
    community = locked(community)
    if community.state != Community.State.ACTIVE:
        raise CommunityNotActive(f"{community.name} has already been paused.", code="community_not_active")
    because = _reason(because)
    _refuse_unless_ahead(look_again_on, now)
    Pause.objects.create(
        community=community, because=because, starts_on=timezone.localdate(now), look_again_on=look_again_on
    )
    facts: Facts = {"look_again_on": [None, look_again_on.isoformat()]}
    return _become(community, Community.State.PAUSED, CommunityChange.What.PAUSED, by, now, note=because, facts=facts)


@transaction.atomic
def look_again_later(*, community: Community, because: str, look_again_on: date, by: User, now: datetime) -> Community:
    """The pause goes on: for this reason, until someone looks again on this day."""
    community = locked(community)
    pause = _running_pause(community)
    because = _reason(because)
    _refuse_unless_ahead(look_again_on, now)
    facts: Facts = {"look_again_on": [pause.look_again_on.isoformat(), look_again_on.isoformat()]}
    Pause.objects.filter(pk=pause.pk).update(because=because, look_again_on=look_again_on)
    what = CommunityChange.What.LOOK_AGAIN
    return _become(community, Community.State.PAUSED, what, by, now, note=because, facts=facts)


@transaction.atomic
def resume_community(*, community: Community, by: User, now: datetime) -> Community:
    """A paused community goes on."""
    community = locked(community)
    _end_pause(community, now)
    return _become(community, Community.State.ACTIVE, CommunityChange.What.RESUMED, by, now)


@transaction.atomic
def close_community(*, community: Community, closing_note: str, by: User, now: datetime) -> Community:
    """Closes a community for good, with a note on why and what it leaves. From now on it is only read and exported."""
    community = locked(community)
    if not (closing_note := closing_note.strip()):
        raise NoClosingNote("Say why the community closes and what it leaves behind.", code="no_closing_note")
    if planned := Session.objects.planned().filter(community=community).count():
        words = "A session is" if planned == 1 else f"{planned} sessions are"
        raise SessionsStillPlanned(
            f"{words} still planned, or not recorded yet. Cancel or record what is planned first: "
            "in a closed community nobody can.",
            code="sessions_still_planned",
        )
    for words in filter(None, (obstacle(community) for obstacle in _obstacles)):
        raise StillUnderWay(words, code="still_under_way")
    if community.is_paused:
        _end_pause(community, now)
    end_all_joining(community, now)
    community.closed_on, community.closing_note = timezone.localdate(now), closing_note
    return _become(community, Community.State.CLOSED, CommunityChange.What.CLOSED, by, now, note=closing_note)


@transaction.atomic
def reopen_community(*, community: Community, because: str, by: User, now: datetime) -> Community:
    """Opens a closed community again, as an active one. Its history keeps that it was closed."""
    community = Community.objects.select_for_update().get(pk=community.pk)
    if not community.is_closed:
        raise CommunityNotClosed(f"{community.name} is not closed.", code="community_not_closed")
    if not (because := because.strip()):
        raise NoReasonToReopen("Say why the community is opened again.", code="no_reason_to_reopen")
    community.closed_on, community.closing_note = None, ""
    return _become(community, Community.State.ACTIVE, CommunityChange.What.REOPENED, by, now, note=because)


def _become(
    community: Community,
    state: Community.State,
    what: CommunityChange.What,
    by: User | None,
    now: datetime,
    *,
    note: str = "",
    facts: Facts | None = None,
) -> Community:
    """Stores the state of a community that this transaction holds, and the line in its history."""
    community.state = state
    community.version += 1
    community.save(update_fields=["state", "version", "closed_on", "closing_note"])
    note_change(community, what, facts=facts, note=note, by=by, now=now)
    return community


def _running_pause(community: Community) -> Pause:
    pause = Pause.objects.running().filter(community=community).first()
    if pause is None:
        raise CommunityNotPaused(f"{community.name} is not paused.", code="community_not_paused")
    return pause


def _end_pause(community: Community, now: datetime) -> None:
    pause = _running_pause(community)
    Pause.objects.filter(pk=pause.pk).update(ends_on=timezone.localdate(now))


def _reason(because: str) -> str:
    if not (because := because.strip()):
        raise NoReasonToPause("Say why the community pauses.", code="no_reason_to_pause")
    return because


def _refuse_unless_ahead(look_again_on: date, now: datetime) -> None:
    today = timezone.localdate(now)
    latest = today + LONGEST_LOOK_AHEAD
    if not today < look_again_on <= latest:
        raise LookAgainNotAhead(
            f"Choose a day after today, and no later than {date_format(latest)}.", code="look_again_not_ahead"
        )

"""Recording a session: merging what several people say of it, keeping every version, bringing an earlier one back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Unpack

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Attendance, Membership, Session, SessionVersion
from communities.services.communities import locked
from communities.services.records import content as record
from communities.services.records.answering import note_answers
from communities.services.records.content import ATTENDANCE, KEPT, Content, Path
from communities.services.records.merging import Clash, merge
from communities.services.records.said import Said
from communities.services.records.writing import Writing, settled
from communities.services.sessions.planning import SessionNotYet
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal, Stale

MOST_LEARNING_POINTS = 3


class SessionCancelled(Refusal):
    """A cancelled session keeps its place in the record, as cancelled."""


class SessionChangedMeanwhile(Stale):
    """Two people recording the same session never overwrite each other: where they want different things, they choose.

    `clashes` are the places in question, `version` is the one against which the writer can save their choice, and
    `merged` what would stand where there is no question.
    """

    clashes: Sequence[Clash] = ()
    version: int = 0
    merged: Content


class NotAMemberOnThatDay(Refusal):
    """The roster of a session is its community's members on that day."""


class TooManyLearningPoints(Refusal):
    """What everyone should remember is short."""


class NoSuchVersion(Refusal):
    """Only what was saved can be brought back."""


@transaction.atomic
def record_session(
    *,
    session: Session,
    version: int,
    answers: Mapping[int, str] | None = None,
    tried: Mapping[int, str] | None = None,
    verdicts: Mapping[int, str] | None = None,
    give_way: Collection[Path] = (),
    by: User,
    now: datetime,
    **said: Unpack[Said],
) -> Session:
    """Records what happened at a session, for the first time or again as a correction.

    `version` is the one that the writer had read. What others have saved since is kept: changes of different places
    are merged, and where both changed the same place differently nothing is stored (`SessionChangedMeanwhile`).
    `give_way` are places where the writer, asked, takes what stood at that version instead of what they say.
    `answers`, `tried` and `verdicts` say how earlier actions, commitments and decisions of the community (by id) went.
    """
    community = locked(session.community)
    stands = Session.objects.get(pk=session.pk)
    refuse_unrecordable(stands, now)
    roster = set(Membership.objects.on_day(stands.day).filter(community=community).values_list("pk", flat=True))
    _refuse_strangers(said.get("attendance", {}), roster, stands)
    current = _within(roster, record.read(stands))
    base = _within(roster, record.as_read_at(stands, version, current)) if version <= stands.version else None
    if base is None:
        raise _changed([], stands.version, current)
    mine = record.as_said(said, base=base, current=current, settled=settled(stands, current))
    for path in give_way:
        mine[path] = base.get(path)
    merged, clashes = merge(base=base, theirs=current, mine=mine)
    if clashes:
        raise _changed(clashes, stands.version, merged)
    if merged != current or stands.state != Session.State.HELD:
        _save(stands, before=current, after=merged, roster=roster, by=by, now=now)
    note_answers(community, answers=answers or {}, tried=tried or {}, verdicts=verdicts or {}, by=by, now=now)
    session.refresh_from_db()
    return session


@transaction.atomic
def restore_version(*, session: Session, number: int, version: int, by: User, now: datetime) -> Session:
    """Brings back the record as it stood at version `number`, as a new version: nothing of the others is lost.

    What something has come of since (an answered action, a decision looked at again, a problem) stays as it is.
    `version` is the one that stands, as whoever restores had read it.
    """
    community = locked(session.community)
    stands = Session.objects.get(pk=session.pk)
    refuse_unrecordable(stands, now)
    wanted = SessionVersion.objects.filter(session=stands, number=number).first()
    if wanted is None:
        raise NoSuchVersion("This session has no such version of its record.", code="no_such_version")
    roster = set(Membership.objects.on_day(stands.day).filter(community=community).values_list("pk", flat=True))
    current = _within(roster, record.read(stands))
    if version != stands.version:
        raise _changed([], stands.version, current)
    kept = settled(stands, current)
    # A file that was removed is gone for good: what a version says of it brings nothing back.
    said_then = record.from_json(wanted.content).items()
    after = {path: value for path, value in said_then if path not in kept and not record.is_file(path, value)}
    after |= {path: value for path, value in current.items() if path in kept or (path[0] in KEPT and path not in after)}
    _save(stands, before=current, after=_within(roster, after), roster=roster, by=by, now=now, restored_from=number)
    session.refresh_from_db()
    return session


def refuse_unrecordable(session: Session, now: datetime) -> None:
    if session.state == Session.State.CANCELLED:
        raise SessionCancelled(
            "This session was cancelled, so there is nothing to record. If it took place after all, "
            "choose “Record a past session” on the community’s sessions page.",
            code="session_cancelled",
        )
    if session.starts_at > now:
        start = timezone.localtime(session.starts_at)
        raise SessionNotYet(
            f"This session starts on {date_format(start)} at {date_format(start, 'TIME_FORMAT')}. "
            "You can record it from then.",
            code="session_not_yet",
        )


def _within(roster: set[int], content: Content) -> Content:
    """Without those who are not on the roster (any more): a membership can be put right after the session."""
    return {path: value for path, value in content.items() if path[0] != ATTENDANCE or int(path[1]) in roster}


def _refuse_strangers(attendance: Mapping[int, str], roster: set[int], session: Session) -> None:
    # Whoever has left the roster since the page was loaded is not a stranger while nothing is known of them.
    known = {pk for pk, status in attendance.items() if status != Attendance.Status.UNKNOWN}
    if not known <= roster:
        raise NotAMemberOnThatDay(
            f"Someone you marked was not a member on {date_format(session.day)}. Add them as a member first.",
            code="not_a_member_on_that_day",
        )


def _changed(clashes: list[Clash], version: int, merged: Content) -> SessionChangedMeanwhile:
    refusal = SessionChangedMeanwhile(
        "Someone else has changed the record of this session while you were writing. Nothing of theirs has been "
        "overwritten, and what you typed is still here. Choose what should stand, then save again.",
        code="session_changed_meanwhile",
    )
    refusal.clashes, refusal.version, refusal.merged = clashes, version, merged
    return refusal


def _save(
    session: Session,
    *,
    before: Content,
    after: Content,
    roster: set[int],
    by: User,
    now: datetime,
    restored_from: int | None = None,
) -> None:
    if len(record.part(after, "learning_points")) > MOST_LEARNING_POINTS:
        raise TooManyLearningPoints(
            f"Keep to {MOST_LEARNING_POINTS} learning points at most.", code="too_many_learning_points"
        )
    _keep_what_stood(session, before)
    _take_turn(session, now)
    Writing(community=session.community, session=session, by=by, now=now).write(before, after, roster)
    SessionVersion.objects.create(
        session=session,
        number=session.version + 1,
        at=now,
        by=by,
        restored_from=restored_from,
        content=record.to_json(after),
    )
    event = "session.recorded" if restored_from is None else "session.restored"
    audit.record(event=event, by=by, target=session, at=now)


def _keep_what_stood(session: Session, before: Content) -> None:
    """A record from before versions were kept becomes the first of them, by nobody known."""
    if session.recorded_at is not None and not SessionVersion.objects.filter(session=session).exists():
        SessionVersion.objects.create(
            session=session, number=session.version, at=session.recorded_at, by=None, content=record.to_json(before)
        )


def _take_turn(session: Session, now: datetime) -> None:
    """Moves the session to its next version. Its community is locked, so that nobody can have come between."""
    Session.objects.filter(pk=session.pk, version=session.version).update(
        state=Session.State.HELD, recorded_at=Coalesce(F("recorded_at"), Value(now)), version=F("version") + 1
    )

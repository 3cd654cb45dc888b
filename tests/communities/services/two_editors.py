"""Two people who save the same session's record again and again on real connections, and what is left of it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier
from uuid import UUID

from django.db import connections

from communities.models import Attendance, Guest, Membership, Session, SessionVersion
from communities.services.records.content import Path, as_it_stands, part
from communities.services.records.said import NewGuest, Said
from communities.services.sessions.recording import SessionChangedMeanwhile, record_session
from cop_portal.accounts.models import User
from tests.factories.communities import NOW, CommunityFactory, MembershipFactory, SessionFactory, facilitator_of

STATUSES = ("room", "online", "apologies", "absent")
# Every so many saves both also write the same line, so that they must be asked.
CONTESTED_EVERY = 5
EACH = 2


@dataclass
class Editor:
    """One of two: has a line, members and guests of their own, and now and then writes the focus that both want."""

    name: str
    line: str
    by: User
    members: list[Membership]
    session_pk: int
    counts: Counter[str] = field(default_factory=Counter)
    asked_about: set[Path] = field(default_factory=set)

    def edit(self, saves: int, start: Barrier) -> Editor:
        start.wait()
        try:
            for number in range(saves):
                self._save(number)
        finally:
            connections.close_all()
        return self

    def _save(self, number: int) -> None:
        """One save on what was read at the start of it. Whoever is asked to choose reads again, and insists."""
        session = Session.objects.select_related("community").get(pk=self.session_pk)
        while True:
            version, said = self._writes(session, number)
            try:
                saved = record_session(session=session, version=version, by=self.by, now=NOW, **said)
            except SessionChangedMeanwhile as refusal:
                self.asked_about |= {clash.path for clash in refusal.clashes}
                self.counts["asked"] += 1
            else:
                self.counts["saved"] += 1
                self.counts["merged"] += saved.version > version + 1
                return

    def _writes(self, session: Session, number: int) -> tuple[int, Said]:
        """What stands, as a form would show it, with what this editor changes in it."""
        version, stands = as_it_stands(session)
        mark = f"{self.name} {number}"
        marks = {int(pk): str(status) for pk, status in part(stands, "attendance")}
        marks |= {member.pk: STATUSES[(number + n) % len(STATUSES)] for n, member in enumerate(self.members)}
        guests = [NewGuest(key=UUID(key), **guest) for key, guest in part(stands, "guests")]
        said: Said = {"attendance": marks, "guests": [*guests, NewGuest(mark)]}
        if number % CONTESTED_EVERY == 0:
            said["focus"] = mark
        if self.line == "notes":
            return version, {**said, "notes": mark}
        return version, {**said, "private_note": mark}


def edit_together(saves: int) -> Counter[str]:
    """Both save so many times. Asserts that nothing of either is lost; gives how often they were merged and asked."""
    community = CommunityFactory.create()
    first, second = facilitator_of(community), facilitator_of(community)
    members = MembershipFactory.create_batch(2 * EACH, community=community)
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=1))
    editors = [
        Editor("First", "notes", first, members[:EACH], session.pk),
        Editor("Second", "private_note", second, members[EACH:], session.pk),
    ]
    start = Barrier(len(editors))
    with ThreadPoolExecutor(len(editors)) as pool:
        done = [work.result() for work in [pool.submit(editor.edit, saves, start) for editor in editors]]
    _nothing_is_lost(session, editors, saves)
    return sum((editor.counts for editor in done), Counter[str]())


def _nothing_is_lost(session: Session, editors: list[Editor], saves: int) -> None:
    session.refresh_from_db()
    # They are asked about the line that both want, and about nothing else.
    assert set().union(*(editor.asked_about for editor in editors)) <= {("focus", "")}
    last = saves - 1
    assert (session.notes, session.private_note) == (f"First {last}", f"Second {last}")
    wanted = sorted(f"{editor.name} {number}" for editor in editors for number in range(saves))
    assert sorted(Guest.objects.values_list("name", flat=True)) == wanted
    for editor in editors:
        for offset, member in enumerate(editor.members):
            assert Attendance.objects.get(membership=member).status == STATUSES[(last + offset) % len(STATUSES)]
    contested = last - last % CONTESTED_EVERY
    assert session.focus in {f"{editor.name} {contested}" for editor in editors}
    versions = SessionVersion.objects.filter(session=session)
    assert versions.count() == session.version - 1 == saves * len(editors)
    # What was asked about is in the versions, too: whoever was overruled can read and restore it.
    focuses = set(versions.values_list("content__focus", flat=True))
    assert focuses >= {f"{e.name} {n}" for e in editors for n in range(0, saves, CONTESTED_EVERY)}

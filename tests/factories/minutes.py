"""A session with something of every kind in its record, some of it private."""

from datetime import timedelta

from communities.models import (
    Attendance,
    Commitment,
    Decision,
    Guest,
    LearningPoint,
    Membership,
    Problem,
    Resource,
    Session,
)
from tests.factories.communities import NOW, TODAY, ActionFactory, ProblemFactory, SessionFactory

PRIVATE = (
    "A private lesson", "A private decision", "A private action", "A private attempt", "A private problem",
    "A private link", "A private note",
)  # fmt: skip


def recorded_session(owner: Membership, *, also: Membership | None = None) -> Session:
    """A held session of the owner's community, an hour before NOW."""
    community, person = owner.community, owner.person
    session: Session = SessionFactory.create(
        community=community,
        starts_at=NOW - timedelta(hours=2),
        ends_at=NOW - timedelta(hours=1),
        state=Session.State.HELD,
        recorded_at=NOW,
        focus="The screening form",
        notes="We met in the library.",
        private_note="A private note",
        member_count=2,
        present_count=1,
        head_count=4,
        led_by=person,
    )
    Attendance.objects.create(session=session, membership=owner, status=Attendance.Status.ROOM)
    if also:
        Attendance.objects.create(session=session, membership=also, status=Attendance.Status.ABSENT)
    Guest.objects.create(session=session, name="Gwen Guest", organisation="Elsewhere Trust")
    of_both = ((False, "An open"), (True, "A private"))
    for position, (is_private, adjective) in enumerate(of_both):
        LearningPoint.objects.create(
            session=session, text=f"{adjective} lesson", position=position, is_private=is_private
        )
        Decision.objects.create(
            community=community,
            session=session,
            text=f"{adjective} decision",
            decided_on=TODAY,
            review_on=TODAY + timedelta(days=90),
            is_private=is_private,
        )
        ActionFactory.create(
            community=community, session=session, owner=person, text=f"{adjective} action", is_private=is_private
        )
        Commitment.objects.create(
            community=community,
            session=session,
            person=person,
            text=f"{adjective} attempt",
            made_on=TODAY,
            state_since=NOW,
            is_private=is_private,
        )
        ProblemFactory.create(community=community, session=session, title=f"{adjective} problem", is_private=is_private)
        Resource.objects.create(
            community=community,
            session=session,
            title=f"{adjective} link",
            url="https://example.org/form",
            is_private=is_private,
            added_at=NOW,
        )
    assert Problem.objects.filter(session=session).count() == 2
    return session

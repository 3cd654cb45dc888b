"""Adding to the record who was there: the one way for check-in and for the lists of meeting tools."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from communities.models import Attendance, Membership, Session
from communities.services.communities import locked
from communities.services.records.content import ATTENDANCE, as_it_stands, part
from communities.services.records.said import NewGuest, Said
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User


@transaction.atomic
def note_presence(
    *, session: Session, marks: Mapping[int, str], guests: Sequence[NewGuest], by: User, now: datetime
) -> Session:
    """Marks members (by membership) as present and adds guests, as a new version of the record.

    What the record says of everyone else stays. Guests that stand in it already are not added a second time.
    """
    community = locked(session.community)
    version, content = as_it_stands(session)
    roster = Membership.objects.on_day(session.day).filter(community=community).values_list("pk", flat=True)
    stands = {int(pk): str(status) for pk, status in part(content, ATTENDANCE)}
    said: Said = {"attendance": {pk: stands[pk] for pk in roster if pk in stands} | dict(marks)}
    here = [NewGuest(one["name"], one["organisation"], UUID(key)) for key, one in part(content, "guests")]
    known = {(guest.name, guest.organisation) for guest in here}
    if new := [guest for guest in guests if (guest.name, guest.organisation) not in known]:
        said["guests"] = [*here, *new]
    return record_session(session=session, version=version, by=by, now=now, **said)


def present_already(session: Session) -> dict[int, str]:
    """By membership, how the record says that someone was there."""
    return dict(session.attendances.filter(status__in=Attendance.PRESENT).values_list("membership", "status"))

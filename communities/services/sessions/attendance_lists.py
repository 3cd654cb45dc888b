"""Who was online, by a meeting tool's list: matching its people to members, and adding them to the record.

The list is an aid and never the record: someone looks at every match, and what is unclear stays unclear until they say.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from communities.models import Attendance, Membership, Session
from communities.services.communities import locked
from communities.services.imports.fields import plain_person
from communities.services.records.said import NewGuest
from communities.services.sessions.presence import note_presence, present_already
from communities.services.sessions.recording import refuse_unrecordable
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal

GUEST = "guest"


class NobodyChosen(Refusal):
    """A list from which nobody is taken changes nothing."""


@dataclass(frozen=True)
class Attendee:
    """Someone on the list, however often they joined: their minutes in all, or None where the list does not say.

    When they came and went is not kept, not even for a moment longer than it takes to add the minutes up.
    """

    name: str
    email: str = ""
    minutes: int | None = None


@dataclass(frozen=True)
class Member:
    """A member on that day, by membership. Two of one name are told apart by where they work (`label`)."""

    pk: int
    name: str
    label: str


@dataclass(frozen=True)
class Match:
    """Someone on the list and the members they may be. One: it is that one. Several: nobody guesses which."""

    attendee: Attendee
    by: str = ""
    members: tuple[Member, ...] = ()
    # How the record says that this one was there already.
    stands: str = ""

    @property
    def member(self) -> Member | None:
        return self.members[0] if len(self.members) == 1 else None

    @property
    def words(self) -> str:
        if self.member is None:
            return "More than one member has this name" if self.members else "No member was found"
        found = f"Found by {self.by}: {self.member.name}"
        return f"{found}. In the record already: {self.stands.lower()}" if self.stands else found


def members_on_day(session: Session) -> list[Member]:
    rows = list(Membership.objects.on_day(session.day).filter(community=session.community).with_people())
    how_often = Counter(row.person.name for row in rows)
    return [Member(row.pk, row.person.name, _label(row, is_only=how_often[row.person.name] == 1)) for row in rows]


def _label(row: Membership, *, is_only: bool) -> str:
    places = [one.organisation for one in row.person.current_affiliations]
    return row.person.name if is_only else f"{row.person.name} ({(places and places[0]) or 'no organisation'})"


def match_attendees(session: Session, attendees: Sequence[Attendee]) -> list[Match]:
    """Each of the list with the members they may be: by mail address, else by name. A fixed number of queries."""
    members = {member.pk: member for member in members_on_day(session)}
    by_name: dict[str, list[Member]] = defaultdict(list)
    for member in members.values():
        by_name[plain_person(member.name)].append(member)
    addresses = EmailAddress.objects.filter(email__in={one.email.lower() for one in attendees if one.email})
    of_members = addresses.filter(user__person__memberships__in=list(members)).order_by("pk")
    by_email = {
        email.lower(): members[pk]
        for email, pk in of_members.values_list("email", "user__person__memberships")
        if pk in members
    }
    present = present_already(session)
    return [_standing(_matched(one, by_email, by_name), present) for one in attendees]


def _matched(one: Attendee, by_email: dict[str, Member], by_name: dict[str, list[Member]]) -> Match:
    if found := by_email.get(one.email.lower()):
        return Match(one, "address", (found,))
    return Match(one, "name", tuple(by_name.get(plain_person(one.name), ())))


def _standing(match: Match, present: dict[int, str]) -> Match:
    if match.member is None or match.member.pk not in present:
        return match
    return replace(match, stands=str(Attendance.Status(present[match.member.pk]).label))


@transaction.atomic
def import_attendance(
    *, session: Session, online: Collection[int], guests: Sequence[NewGuest] = (), by: User, now: datetime
) -> Session:
    """Marks these members (by membership) as online in the record of the session, and adds guests.

    Whoever is marked as present already stays as they are: someone in the room may have had a laptop with them.
    """
    locked(session.community)
    refuse_unrecordable(session, now)
    if not online and not guests:
        raise NobodyChosen("Choose at least one person, or leave the record as it is.", code="nobody_chosen")
    present = present_already(session)
    marks = {pk: Attendance.Status.ONLINE.value for pk in online if pk not in present}
    return note_presence(session=session, marks=marks, guests=guests, by=by, now=now)

"""What becomes of requests to join when two records are made one: they move, and nobody waits twice, or as a member."""

from collections.abc import Iterator
from datetime import UTC, datetime

from communities.models import Community, JoinRequest, Membership, Person
from communities.models.joining import JoinRequestQuerySet
from communities.services.joining.join_endings import end_requests
from communities.services.people.journal import Journal
from cop_portal import audit
from cop_portal.accounts.models import User


def _asked_by(*people: Person) -> JoinRequestQuerySet:
    asked = JoinRequest.objects.filter(user__in=[person.user_id for person in people])
    return asked.select_related("community").order_by("pk")


def _needless(kept: Person, merged: Person) -> Iterator[tuple[JoinRequest, str]]:
    """Requests that wait and need no answer once the two are one, each with the reason in words."""
    waiting = list(_asked_by(kept, merged).waiting())
    members = Membership.objects.current().filter(person__in=[kept, merged])
    member_of = set(members.values_list("community", flat=True))
    asked_by_kept = {one.community_id for one in waiting if one.user_id == kept.user_id}
    for one in waiting:
        if one.community_id in member_of:
            yield one, "is taken back, for this person is a member there."
        elif one.user_id == merged.user_id and one.community_id in asked_by_kept:
            yield one, "is taken back, for that of the record kept waits as well."


def lines_about_requests(kept: Person, merged: Person) -> tuple[list[str], list[str]]:
    """For the preview: the waiting requests that move, and those that are taken back."""
    needless = {one.pk: why for one, why in _needless(kept, merged)}
    waiting = _asked_by(merged).waiting()
    moves = [f"{one.community.name}, the request to join, which waits" for one in waiting if one.pk not in needless]
    ends = [
        f"{one.community.name}: the request to join {needless[one.pk]}"
        for one in _asked_by(kept, merged)
        if one.pk in needless
    ]
    return moves, ends


def move_requests(journal: Journal, kept: Person, merged: Person, *, by: User, now: datetime) -> None:
    """Takes back what nobody needs to decide any more, and moves the rest, those that were decided with it."""
    # As the database gives it back: undoing compares the two.
    decided_at = now.astimezone(UTC)
    for one, _ in list(_needless(kept, merged)):
        journal.change(one, state=JoinRequest.State.WITHDRAWN.value, decided_at=decided_at, decided_by_id=by.pk)
        audit.record(event="joining.withdrawn", by=by, target=one, at=now)
    for one in _asked_by(merged):
        journal.change(one, user_id=kept.user_id)


def end_where_closed(kept: Person, merged: Person, *, now: datetime) -> None:
    """After an undo: a request that waits again in a community that has closed meanwhile is over."""
    end_requests(_asked_by(kept, merged).filter(community__state=Community.State.CLOSED), now)

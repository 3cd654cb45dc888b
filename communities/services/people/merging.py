"""Two records of one person, made one: what would move, moving it, and moving it back for 30 days."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from communities.emails.merged import records_merged
from communities.models import (
    Affiliation,
    Attendance,
    ErasureRequest,
    LegalHold,
    Membership,
    Person,
    PersonMerge,
    RoleTerm,
    Session,
)
from communities.services.people import merge_parts
from communities.services.people.affiliations import refuse_if_remains, refuse_remains
from communities.services.people.journal import Journal, play_back
from communities.services.people.requests_merged import end_where_closed, lines_about_requests, move_requests
from communities.services.sessions.counts import mend_counts
from communities.services.telling import addresses_of
from cop_portal import audit, outbox
from cop_portal.accounts.models import SignIn, User
from cop_portal.accounts.own_data import pointing_to
from cop_portal.refusals import Conflict, Refusal

# Moved by rules of their own, or never.
APART = {
    "communities.person.user", "communities.person.merged_into", "communities.affiliation.person",
    "communities.membership.person", "communities.roleterm.person", "communities.personmerge.kept",
    "communities.personmerge.merged",
}  # fmt: skip


class SameRecord(Refusal):
    """It takes two records to merge."""


class MergedHoldsRole(Refusal):
    """A role that runs the portal is not passed on by a merge."""


class KeptHoldsRole(Refusal):
    """Nobody gives their addresses to someone who may do more than they may."""


class IntoOwnRecord(Refusal):
    """Nobody comes by what another person may read of themselves, such as confidential answers."""


class MergeWaits(Conflict):
    """Nothing is moved while a hold is in place or an erasure has been asked for."""


class MergeAlreadyUndone(Conflict):
    """A merge is undone once."""


class TooLateToUndo(Conflict):
    """A merge can be undone for 30 days."""


class NoAddressLeft(Conflict):
    """Nobody is left without an address: they could not be written to, nor sign in."""


@dataclass(frozen=True)
class MergePreview:
    """What merging would do, in words."""

    moves: list[str]
    joins: list[str]
    ends: list[str]
    stays: list[str]
    answers: list[str]


def preview_merge(*, kept: Person, merged: Person, by: User) -> MergePreview:
    """What would be moved to the record that is kept, what would become one, what would end, and what would stay
    behind. Stores nothing. Raises what `merge_people` would."""
    check_merge(kept=kept, merged=merged, by=by)
    addresses = list(EmailAddress.objects.filter(user=merged.user_id).order_by("email").values_list("email", flat=True))
    moves = [f"The addresses {', '.join(addresses)}. Mail goes to the main address of the record kept."]
    joins = []
    for episode in _episodes(merged):
        twin = _twin_of(episode, kept)
        name = episode.community.name
        since = f"{name}, member since {date_format(episode.starts_on)}"
        if twin is None:
            moves.append(since)
        else:
            start = min(twin.starts_on, episode.starts_on)
            joins.append(f"{name}: two memberships become one, since {date_format(start)}.")
    moves += [
        f"{term.get_role_display()} of {term.community.name}"
        for term in RoleTerm.objects.filter(person=merged).select_related("community").order_by("pk")
    ]
    waiting, ends = lines_about_requests(kept, merged)
    moves += waiting
    moves.append("Attendance, actions, commitments and everything else that names this person.")
    stays = [f"The name {kept.name}, where they work now, and how they sign in: as in the record kept."]
    if _overlapping_affiliations(kept, merged):
        stays.append("Where the other record says they worked at the same time stays with that record.")
    stays.append("Who did what here, in the trail, stays under the record that did it.")
    return MergePreview(moves=moves, joins=joins, ends=ends, stays=stays, answers=merge_parts.words_before_merging())


def check_merge(*, kept: Person, merged: Person, by: User) -> None:
    """Refuses what cannot be merged, before anyone is shown what it would do."""
    if kept.pk == merged.pk:
        raise SameRecord("Choose another record: these two are the same.", code="same_record")
    for person in (kept, merged):
        refuse_if_remains(person)
    if merged.user.role:
        raise MergedHoldsRole(
            f"The record that goes is {merged.user.get_role_display()}. Take that role away first, "
            "or keep this record and let the other one go.",
            code="merged_holds_role",
        )
    if kept.user.role and not by.is_administrator:
        # The addresses that move can sign in as the record kept.
        raise KeptHoldsRole(
            f"The record that stays is {kept.user.get_role_display()}. Only an administrator can merge into it.",
            code="kept_holds_role",
        )
    if kept.user_id == by.pk:
        raise IntoOwnRecord(
            "The record that stays is your own. Ask a colleague to merge into it: whoever holds it can then read what "
            "the other person has answered.",
            code="into_own_record",
        )
    if LegalHold.objects.live().filter(person__in=[kept, merged]).exists():
        raise MergeWaits("A legal hold is in place on one of the two, so nothing is moved.", code="on_legal_hold")
    if ErasureRequest.objects.waiting().filter(person__in=[kept, merged]).exists():
        raise MergeWaits("Erasure has been asked for one of the two. Decide on that first.", code="erasure_waits")


@transaction.atomic
def merge_people(*, kept: Person, merged: Person, by: User, now: datetime) -> PersonMerge:
    """Moves what `merged` has to `kept`, closes the account of `merged`, and writes to both.

    What cannot be in one record twice stays with the other. Everything moved is written down, so that `undo_merge` can
    move it back.
    """
    locked = Person.objects.select_for_update(of=("self",)).select_related("user").order_by("pk")
    people = {person.pk: person for person in locked.filter(pk__in=[kept.pk, merged.pk])}
    kept, merged = people[kept.pk], people[merged.pk]
    check_merge(kept=kept, merged=merged, by=by)
    told = sorted(addresses_of([kept.user_id, merged.user_id]).values())
    journal = Journal()
    _move_memberships(journal, kept, merged)
    _move_terms(journal, kept, merged)
    _move_affiliations(journal, kept, merged)
    _move_rest(journal, kept, merged)
    move_requests(journal, kept, merged, by=by, now=now)
    _move_account(journal, kept, merged)
    merge_parts.mend(kept, merged, journal)
    User.objects.filter(pk=merged.user_id).update(session_generation=F("session_generation") + 1)
    merge = PersonMerge.objects.create(kept=kept, merged=merged, merged_at=now, merged_by=by, journal=journal.steps)
    _mend(kept, merged, by=by, now=now)
    audit.record(event="people.merged", by=by, target=merge, at=now)
    outbox.enqueue(*(records_merged(merge, to=to, now=now) for to in told))
    return merge


@transaction.atomic
def undo_merge(*, merge: PersonMerge, by: User, now: datetime) -> int:
    """Moves everything back. Returns how many things stay where they are because they were changed since."""
    if now >= merge.undo_until:
        raise TooLateToUndo(
            f"This could be undone until {date_format(timezone.localtime(merge.undo_until))}.", code="too_late_to_undo"
        )
    refuse_remains(merge.kept)
    if not PersonMerge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=now, undone_by=by):
        raise MergeAlreadyUndone("This has been undone already.", code="merge_already_undone")
    left = play_back(merge.journal)
    merge_parts.mend(merge.kept, merge.merged, Journal())
    end_where_closed(merge.kept, merge.merged, now=now)
    for person in (merge.kept, merge.merged):
        _see_to_primary(person)
    for user_id in (merge.kept.user_id, merge.merged.user_id):
        User.objects.filter(pk=user_id).update(session_generation=F("session_generation") + 1)
    _mend(merge.kept, merge.merged, by=by, now=now)
    audit.record(event="people.merge_undone", by=by, target=merge, at=now)
    merge.refresh_from_db()
    return left


def _see_to_primary(person: Person) -> None:
    """Each record has its main address again, also where that has been changed since the merge."""
    addresses = EmailAddress.objects.filter(user=person.user_id)
    if addresses.filter(primary=True).exists():
        return
    oldest = addresses.order_by("pk").first()
    if oldest is None:
        raise NoAddressLeft(
            f"The mail addresses of {person.user.name} have been removed or replaced since, and without one that "
            "record could not be signed in to. So the merge stays.",
            code="no_address_left",
        )
    EmailAddress.objects.filter(pk=oldest.pk).update(primary=True)


def _episodes(person: Person) -> models.QuerySet[Membership]:
    return Membership.objects.filter(person=person).select_related("community").order_by("starts_on", "pk")


def _twin_of(episode: Membership, kept: Person) -> Membership | None:
    """The episode of the other record in the same community with which this one overlaps or is open together."""
    theirs = Membership.objects.filter(person=kept, community=episode.community_id)
    begins_before = Q() if episode.ends_on is None else Q(starts_on__lt=episode.ends_on)
    overlapping = theirs.filter(begins_before, Q(ends_on=None) | Q(ends_on__gt=episode.starts_on))
    return overlapping.order_by("starts_on", "pk").first()


def _move_memberships(journal: Journal, kept: Person, merged: Person) -> None:
    for episode in _episodes(merged):
        # A joined episode can reach as far as the next one: asked again until nothing overlaps.
        if twin := _twin_of(episode, kept):
            _join_episodes(journal, twin, episode)
        else:
            journal.change(episode, person_id=kept.pk)


def _join_episodes(journal: Journal, twin: Membership, episode: Membership) -> None:
    _move_attendance(journal, twin, episode)
    for row in _move_pointing(
        journal, Membership, old=episode.pk, new=twin.pk, apart={"communities.attendance.membership"}
    ):
        # Twice the same, such as two replies about one session: that of the record kept stands.
        journal.take_out(row)
    ends = [each.ends_on for each in (twin, episode)]
    starts_on, added_on = min(twin.starts_on, episode.starts_on), min(twin.added_on, episode.added_on)
    # Nothing points to it any more; it goes before its twin takes over its days.
    journal.take_out(episode)
    ends_on = None if None in ends else max(day for day in ends if day is not None)
    journal.change(twin, starts_on=starts_on, added_on=added_on, ends_on=ends_on)
    while other := _next_overlap(twin):
        _join_episodes(journal, twin, other)


def _next_overlap(twin: Membership) -> Membership | None:
    others = Membership.objects.filter(person=twin.person_id, community=twin.community_id).exclude(pk=twin.pk)
    begins_before = Q() if twin.ends_on is None else Q(starts_on__lt=twin.ends_on)
    return others.filter(begins_before, Q(ends_on=None) | Q(ends_on__gt=twin.starts_on)).order_by("pk").first()


def _move_attendance(journal: Journal, twin: Membership, episode: Membership) -> None:
    """Of two marks for one session the one that says more counts: present before excused, excused before not known."""
    marks = {mark.session_id: mark for mark in Attendance.objects.filter(membership=twin)}
    for mark in Attendance.objects.filter(membership=episode).order_by("pk"):
        same = marks.get(mark.session_id)
        if same is None:
            journal.change(mark, membership_id=twin.pk)
            continue
        if _weight(mark.status) > _weight(same.status):
            journal.change(same, status=mark.status)
        journal.take_out(mark)


def _weight(status: str) -> int:
    says = (Attendance.Status.UNKNOWN, Attendance.Status.ABSENT, Attendance.Status.APOLOGIES)
    return says.index(Attendance.Status(status)) if status in says else len(says)


def _move_terms(journal: Journal, kept: Person, merged: Person) -> None:
    for term in RoleTerm.objects.filter(person=merged).order_by("pk"):
        twin = RoleTerm.objects.current().filter(person=kept, community=term.community_id, role=term.role).first()
        if twin is not None and term.ends_on is None:
            journal.change(twin, starts_on=min(twin.starts_on, term.starts_on))
            journal.take_out(term)
        else:
            journal.change(term, person_id=kept.pk)


def _move_affiliations(journal: Journal, kept: Person, merged: Person) -> None:
    overlapping = {each.pk for each in _overlapping_affiliations(kept, merged)}
    for affiliation in Affiliation.objects.filter(person=merged).exclude(pk__in=overlapping).order_by("pk"):
        journal.change(affiliation, person_id=kept.pk)


def _overlapping_affiliations(kept: Person, merged: Person) -> list[Affiliation]:
    def overlap(one: Affiliation, other: Affiliation) -> bool:
        starts_before_end = other.ends_on is None or one.starts_on < other.ends_on
        return starts_before_end and (one.ends_on is None or other.starts_on < one.ends_on)

    theirs = list(Affiliation.objects.filter(person=kept).order_by("pk"))
    return [
        each
        for each in Affiliation.objects.filter(person=merged).order_by("pk")
        if any(overlap(each, other) for other in theirs)
    ]


def _move_rest(journal: Journal, kept: Person, merged: Person) -> None:
    _move_pointing(journal, Person, old=merged.pk, new=kept.pk, apart=APART)


def _move_pointing(
    journal: Journal, model: type[models.Model], *, old: int, new: int, apart: set[str]
) -> list[models.Model]:
    """Whatever points to the one record points to the other. Returns what stays because it would be there twice."""
    stays: list[models.Model] = []
    for pointing in pointing_to(model):
        if f"{pointing.model._meta.label_lower}.{pointing.name}" in apart:
            continue
        rows: Any = pointing.model._default_manager.filter(**{pointing.attname: old}).order_by("pk")
        stays += [row for row in rows if not journal.change(row, **{pointing.attname: new})]
    return stays


def _move_account(journal: Journal, kept: Person, merged: Person) -> None:
    for address in EmailAddress.objects.filter(user=merged.user_id).order_by("pk"):
        journal.change(address, user_id=kept.user_id, primary=False)
    for sign_in in SignIn.objects.filter(user=merged.user_id).order_by("pk"):
        journal.change(sign_in, user_id=kept.user_id)
    journal.change(merged.user, is_active=False)
    journal.change(merged, merged_into_id=kept.pk)


def _mend(kept: Person, merged: Person, *, by: User, now: datetime) -> None:
    """Counts of sessions are those of one person now, or of two again."""
    episodes = Membership.objects.filter(person__in=[kept, merged])
    first: dict[int, date] = {}
    for community, starts_on in episodes.values_list("community", "starts_on"):
        first[community] = min(first.get(community, starts_on), starts_on)
    for community, day in sorted(first.items()):
        since = timezone.make_aware(datetime.combine(day, time.min))
        mend_counts(sessions=Session.objects.filter(community=community, starts_at__gte=since), by=by, now=now)

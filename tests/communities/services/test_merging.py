"""Two records of one person: what moves, what becomes one, and moving it back."""

from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from communities.models import (
    Affiliation,
    Attendance,
    Community,
    JoinRequest,
    Membership,
    Person,
    PersonMerge,
    RoleTerm,
    Session,
)
from communities.services.community_states import close_community
from communities.services.joining.join_requests import accept_request, decline_request
from communities.services.people import merging
from communities.services.people.erasure import ask_for_erasure, carry_out_erasure, place_hold
from communities.services.people.merging import merge_people, preview_merge, undo_merge
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from cop_portal.accounts.services.addresses import make_primary, remove_address
from cop_portal.accounts.services.users import find_user
from tests.factories.communities import (
    NOW,
    ActionFactory,
    CommunityFactory,
    MembershipFactory,
    PersonFactory,
    RoleTermFactory,
    SessionFactory,
    facilitator_of,
    staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def by() -> User:
    return staff()


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def kept() -> Person:
    return PersonFactory.create(name="Amara Okafor", email="amara@nhs.example.org")


@pytest.fixture
def merged() -> Person:
    return PersonFactory.create(name="A. Okafor", email="amara@uni.example.org")


def everything() -> Any:
    """Every row of people and communities, save the trail and what a session is checked against."""
    names = [*apps.get_app_config("communities").get_models(), EmailAddress, User]
    apart = {PersonMerge}
    skipped = {"session_generation", "version"}
    return {
        model._meta.label: sorted(
            tuple(str(getattr(row, f.attname)) for f in model._meta.concrete_fields if f.name not in skipped)
            for row in model._default_manager.all()
        )
        for model in names
        if model not in apart
    }


def both_present(community: Community, kept: Person, merged: Person, statuses: tuple[str, str]) -> Session:
    episodes = [MembershipFactory.create(community=community, person=person) for person in (kept, merged)]
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=7))
    return record_session(
        session=session, version=1, focus="", learning_points=[], actions=[], by=facilitator_of(community), now=NOW,
        attendance={episode.pk: status for episode, status in zip(episodes, statuses, strict=True)},
    )  # fmt: skip


def test_addresses_memberships_roles_and_actions_move(
    kept: Person, merged: Person, community: Community, by: User
) -> None:
    membership = MembershipFactory.create(community=community, person=merged)
    term = RoleTermFactory.create(community=community, person=merged)
    action = ActionFactory.create(community=community, owner=merged)
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    for row in (membership, term):
        row.refresh_from_db()
        assert row.person == kept
    action.refresh_from_db()
    assert action.owner == kept
    assert find_user("amara@uni.example.org") == kept.user
    assert EmailAddress.objects.get(user=kept.user, primary=True).email == "amara@nhs.example.org"
    merged.refresh_from_db()
    assert (merged.merged_into, merged.user.is_active, kept.name) == (kept, False, "Amara Okafor")
    assert list(Person.objects.known().filter(pk__in=[kept.pk, merged.pk])) == [kept]


def test_two_memberships_at_once_become_one_and_the_session_counts_one_person(
    kept: Person, merged: Person, community: Community, by: User
) -> None:
    session = both_present(community, kept, merged, ("unknown", "room"))
    assert (session.member_count, session.present_count) == (3, 1)
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    session.refresh_from_db()
    assert (session.member_count, session.present_count) == (2, 1)
    assert Attendance.objects.get(membership__person=kept).status == "room"
    assert Membership.objects.filter(community=community, person__in=[kept, merged]).count() == 1


def test_present_in_both_is_present_once(kept: Person, merged: Person, community: Community, by: User) -> None:
    session = both_present(community, kept, merged, ("room", "apologies"))
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    assert Attendance.objects.get(session=session, membership__person=kept).status == "room"


def test_a_joined_membership_spans_all_the_days_of_both(
    kept: Person, merged: Person, community: Community, by: User
) -> None:
    MembershipFactory.create(community=community, person=kept, starts_on=date(2024, 6, 1), ends_on=date(2025, 6, 1))
    MembershipFactory.create(community=community, person=kept, starts_on=date(2026, 1, 1))
    MembershipFactory.create(community=community, person=merged, starts_on=date(2025, 1, 1), ends_on=date(2026, 2, 1))
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    only = Membership.objects.get(community=community)
    assert (only.person, only.starts_on, only.ends_on) == (kept, date(2024, 6, 1), None)


def test_episodes_that_do_not_meet_stay_two(kept: Person, merged: Person, community: Community, by: User) -> None:
    MembershipFactory.create(community=community, person=merged, starts_on=date(2024, 1, 1), ends_on=date(2025, 1, 1))
    MembershipFactory.create(community=community, person=kept, starts_on=date(2025, 1, 1))
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    assert Membership.objects.filter(person=kept).count() == 2


def test_one_role_held_twice_becomes_one(kept: Person, merged: Person, community: Community, by: User) -> None:
    RoleTermFactory.create(community=community, person=kept, starts_on=date(2026, 1, 1))
    RoleTermFactory.create(community=community, person=merged, starts_on=date(2025, 1, 1))
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    only = RoleTerm.objects.get()
    assert (only.person, only.starts_on) == (kept, date(2025, 1, 1))


def test_where_they_work_now_is_that_of_the_record_kept(kept: Person, merged: Person, by: User) -> None:
    now_at = kept.affiliations.get()
    earlier = merged.affiliations.get()
    Affiliation.objects.filter(pk=now_at.pk).update(starts_on=date(2026, 1, 1))
    Affiliation.objects.filter(pk=earlier.pk).update(ends_on=date(2026, 1, 1))
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    assert Affiliation.objects.current().get(person=kept) == now_at
    assert set(kept.affiliations.all()) == {now_at, earlier}


def test_undoing_puts_every_row_back_as_it_was(kept: Person, merged: Person, community: Community, by: User) -> None:
    both_present(community, kept, merged, ("apologies", "online"))
    RoleTermFactory.create(community=community, person=kept, starts_on=date(2026, 1, 1))
    RoleTermFactory.create(community=community, person=merged, starts_on=date(2025, 1, 1))
    ActionFactory.create(community=community, owner=merged)
    MembershipFactory.create(person=merged)
    before = everything()
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    assert everything() != before
    assert undo_merge(merge=merge, by=by, now=NOW + timedelta(days=29)) == 0
    assert everything() == before
    with pytest.raises(merging.MergeAlreadyUndone):
        undo_merge(merge=merge, by=by, now=NOW)


def test_what_was_changed_since_stays_as_it_was_changed(
    kept: Person, merged: Person, community: Community, by: User
) -> None:
    moved = ActionFactory.create(community=community, owner=merged)
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    someone = PersonFactory.create()
    type(moved).objects.filter(pk=moved.pk).update(owner=someone)
    assert undo_merge(merge=merge, by=by, now=NOW) == 1
    moved.refresh_from_db()
    assert moved.owner == someone
    assert find_user("amara@uni.example.org") == merged.user


def test_after_thirty_days_it_stays(kept: Person, merged: Person, by: User) -> None:
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    with pytest.raises(merging.TooLateToUndo):
        undo_merge(merge=merge, by=by, now=NOW + timedelta(days=30))
    assert find_user("amara@uni.example.org") == kept.user


def test_what_cannot_be_merged_is_refused_before_anything_is_shown(kept: Person, merged: Person, by: User) -> None:
    with pytest.raises(merging.SameRecord):
        preview_merge(kept=kept, merged=kept, by=by)
    User.objects.filter(pk=merged.user_id).update(role="staff")
    with pytest.raises(merging.MergedHoldsRole):
        preview_merge(kept=kept, merged=Person.objects.get(pk=merged.pk), by=by)
    User.objects.filter(pk=merged.user_id).update(role="")
    merged = Person.objects.get(pk=merged.pk)
    place_hold(person=merged, reason="An inquiry", by=by, now=NOW)
    with pytest.raises(merging.MergeWaits):
        preview_merge(kept=kept, merged=merged, by=by)


def test_only_an_administrator_merges_into_a_record_that_holds_a_role(kept: Person, merged: Person, by: User) -> None:
    """Otherwise addresses of anyone's choosing could sign in as an administrator."""
    User.objects.filter(pk=kept.user_id).update(role="administrator")
    kept = Person.objects.get(pk=kept.pk)
    with pytest.raises(merging.KeptHoldsRole):
        merge_people(kept=kept, merged=merged, by=by, now=NOW)
    assert find_user("amara@uni.example.org") == merged.user
    merge_people(kept=kept, merged=merged, by=staff(platform_role="administrator"), now=NOW)
    assert find_user("amara@uni.example.org") == kept.user


def test_nobody_merges_another_persons_record_into_their_own() -> None:
    own, other = PersonFactory.create(platform_role="administrator"), PersonFactory.create()
    with pytest.raises(merging.IntoOwnRecord, match="Ask a colleague"):
        merge_people(kept=own, merged=other, by=own.user, now=NOW)
    merge_people(kept=own, merged=other, by=staff(platform_role="administrator"), now=NOW)


def test_a_merged_record_is_not_merged_again_nor_undone_once_erased(kept: Person, merged: Person, by: User) -> None:
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    with pytest.raises(Exception, match="can no longer be changed"):
        merge_people(kept=PersonFactory.create(), merged=merged, by=by, now=NOW)
    carry_out_erasure(request=ask_for_erasure(person=kept, by=by, now=NOW), by=by, now=NOW)
    assert set(User.objects.filter(person__in=[kept, merged]).values_list("name", flat=True)) == {"Former member"}
    with pytest.raises(Exception, match="can no longer be changed"):
        undo_merge(merge=PersonMerge.objects.select_related("kept").get(pk=merge.pk), by=by, now=NOW)


def test_erasing_reaches_records_that_were_merged_into_merged_ones(kept: Person, merged: Person, by: User) -> None:
    last: Person = PersonFactory.create(name="Amara O.")
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    merge_people(kept=last, merged=kept, by=by, now=NOW)
    carry_out_erasure(request=ask_for_erasure(person=last, by=by, now=NOW), by=by, now=NOW)
    erased = User.objects.filter(person__in=[kept, merged, last])
    assert list(erased.values_list("name", flat=True)) == ["Former member"] * 3


def main_addresses(*people: Person) -> list[list[str]]:
    primary = EmailAddress.objects.filter(primary=True)
    return [list(primary.filter(user=person.user_id).values_list("email", flat=True)) for person in people]


def test_undoing_leaves_each_record_a_main_address(kept: Person, merged: Person, by: User) -> None:
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    make_primary(address=EmailAddress.objects.get(email="amara@uni.example.org"), by=kept.user, now=NOW)
    undo_merge(merge=merge, by=by, now=NOW)
    assert main_addresses(kept, merged) == [["amara@nhs.example.org"], ["amara@uni.example.org"]]


def test_what_would_leave_a_record_without_an_address_is_not_undone(kept: Person, merged: Person, by: User) -> None:
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    remove_address(address=EmailAddress.objects.get(email="amara@uni.example.org"), by=kept.user, now=NOW)
    with pytest.raises(merging.NoAddressLeft, match="So the merge stays"):
        undo_merge(merge=merge, by=by, now=NOW)
    assert PersonMerge.objects.get(pk=merge.pk).undone_at is None
    assert not User.objects.get(pk=merged.user_id).is_active


@pytest.mark.django_db(transaction=True)
def test_a_preview_holds_nothing_and_needs_no_transaction(kept: Person, merged: Person, by: User) -> None:
    assert preview_merge(kept=kept, merged=merged, by=by).joins == []


def test_the_preview_says_what_moves_and_what_becomes_one(
    kept: Person, merged: Person, community: Community, by: User
) -> None:
    MembershipFactory.create(community=community, person=kept, starts_on=date(2026, 1, 1))
    MembershipFactory.create(community=community, person=merged, starts_on=date(2025, 1, 1))
    preview = preview_merge(kept=kept, merged=merged, by=by)
    assert preview.moves[0].startswith("The addresses amara@uni.example.org.")
    assert preview.joins == ["Sepsis: two memberships become one, since 1 January 2025."]
    assert Person.objects.known().filter(pk__in=[kept.pk, merged.pk]).count() == 2


def request_of(person: Person, community: Community, **more: Any) -> JoinRequest:
    return JoinRequest.objects.create(community=community, user=person.user, asked_at=NOW, words="May I?", **more)


def who_waits(*people: Person) -> list[tuple[int | None, str]]:
    waiting = JoinRequest.objects.waiting().filter(user__in=[person.user_id for person in people])
    return list(waiting.order_by("community__name").values_list("user", "community__name"))


def test_a_waiting_request_to_join_moves_and_can_be_accepted(
    kept: Person, merged: Person, community: Community, by: User
) -> None:
    request = request_of(merged, community)
    preview = preview_merge(kept=kept, merged=merged, by=by)
    assert "Sepsis, the request to join, which waits" in preview.moves
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    assert who_waits(kept, merged) == [(kept.user_id, "Sepsis")]
    assert undo_merge(merge=merge, by=by, now=NOW) == 0
    assert who_waits(kept, merged) == [(merged.user_id, "Sepsis")]
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    membership = accept_request(request=JoinRequest.objects.get(pk=request.pk), by=by, now=NOW)
    assert membership.person == kept


def test_a_request_that_was_decided_moves_with_the_person(
    kept: Person, merged: Person, community: Community, by: User
) -> None:
    request = decline_request(request=request_of(merged, community), because="It is full.", by=by, now=NOW)
    preview = preview_merge(kept=kept, merged=merged, by=by)
    assert not [words for words in [*preview.moves, *preview.ends] if "request to join" in words]
    merge_people(kept=kept, merged=merged, by=by, now=NOW)
    request.refresh_from_db()
    assert (request.user, request.state) == (kept.user, "declined")


def test_who_asked_twice_waits_once(kept: Person, merged: Person, community: Community, by: User) -> None:
    own, other = request_of(kept, community), request_of(merged, community)
    assert preview_merge(kept=kept, merged=merged, by=by).ends == [
        "Sepsis: the request to join is taken back, for that of the record kept waits as well."
    ]
    before = everything()
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    assert list(JoinRequest.objects.waiting()) == [own]
    other.refresh_from_db()
    assert (other.state, other.user, other.decided_by) == ("withdrawn", kept.user, by)
    assert undo_merge(merge=merge, by=by, now=NOW) == 0
    assert everything() == before


@pytest.mark.parametrize("asks", ["kept", "merged"])
def test_whoever_is_a_member_by_the_other_record_does_not_wait(
    kept: Person, merged: Person, community: Community, by: User, asks: str
) -> None:
    one, other = (kept, merged) if asks == "kept" else (merged, kept)
    MembershipFactory.create(community=community, person=other)
    request_of(one, community)
    assert preview_merge(kept=kept, merged=merged, by=by).ends == [
        "Sepsis: the request to join is taken back, for this person is a member there."
    ]
    before = everything()
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    assert who_waits(kept, merged) == []
    assert undo_merge(merge=merge, by=by, now=NOW) == 0
    assert everything() == before


def test_undoing_opens_no_request_in_a_community_that_has_closed_since(
    kept: Person, merged: Person, community: Community, by: User
) -> None:
    MembershipFactory.create(community=community, person=kept)
    request = request_of(merged, community)
    merge = merge_people(kept=kept, merged=merged, by=by, now=NOW)
    close_community(community=community, closing_note="It has served.", by=by, now=NOW)
    undo_merge(merge=merge, by=by, now=NOW)
    request.refresh_from_db()
    assert (request.user, request.state, request.because) == (merged.user, "withdrawn", "The community has closed.")

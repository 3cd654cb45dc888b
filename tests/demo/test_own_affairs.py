"""What the demo's people did with their own records."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from communities.models import Affiliation, Community, ErasureRequest, Person, PersonMerge, Session
from cop_portal.demo.loader.world import World
from tests.demo.conftest import SUNDAY

pytestmark = [pytest.mark.django_db, pytest.mark.embedded, pytest.mark.usefixtures("demo")]


def test_in_each_community_someone_has_moved_and_their_past_stays(demo: World) -> None:
    moved = Person.objects.filter(affiliations__ends_on__isnull=False, erased_on=None).distinct()
    for community in Community.objects.all():
        assert moved.filter(memberships__community=community).exists()
    for person in moved:
        ended, following = Affiliation.objects.filter(person=person).order_by("starts_on")[:2]
        assert ended.ends_on == following.starts_on
        assert ended.organisation != following.organisation


def test_one_person_known_twice_was_merged_and_it_can_still_be_undone() -> None:
    merge = PersonMerge.objects.get()
    assert merge.can_be_undone(SUNDAY)
    assert merge.kept.name == merge.merged.name
    assert EmailAddress.objects.filter(user=merge.kept.user).count() == 2


def test_one_leaver_was_erased_and_one_has_asked() -> None:
    assert sorted(ErasureRequest.objects.values_list("state", flat=True)) == ["asked", "carried_out"]
    erased = ErasureRequest.objects.get(state="carried_out").person
    assert erased.name == "Former member"
    assert not EmailAddress.objects.filter(user=erased.user).exists()


def test_every_session_still_counts_the_people_of_its_day() -> None:
    for session in Session.objects.held().with_recount():
        assert (session.member_count, session.present_count) == (
            session.recounted_members, session.recounted_present,
        )  # fmt: skip

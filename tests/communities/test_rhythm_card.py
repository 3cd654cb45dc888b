"""The numbers of the rhythm card, from records made for them."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from communities.models import Attendance, Community, LearningPoint, Membership, Session
from communities.models.community_life import Pause
from communities.models.record import Guest, SessionVersion
from communities.rhythm_card import RhythmCard, rhythm_card
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    AffiliationFactory,
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def held(community: Community, *, days_ago: int, came: list[Membership] | None = None, hours: int = 1) -> Session:
    """A session held so many days ago, recorded so many hours after it ended."""
    starts_at = NOW - timedelta(days=days_ago)
    came = came or []
    session = SessionFactory.create(
        community=community,
        starts_at=starts_at,
        state=Session.State.HELD,
        recorded_at=NOW,
        member_count=len(came),
        present_count=len(came),
    )
    SessionVersion.objects.create(session=session, number=2, at=session.ends_at + timedelta(hours=hours), content={})
    SessionVersion.objects.create(session=session, number=3, at=NOW, content={})
    for membership in came:
        Attendance.objects.create(session=session, membership=membership, status=Attendance.Status.ROOM)
    return session


def card_of(community: Community, *, days: int = 365) -> RhythmCard:
    return rhythm_card(community, first=TODAY - timedelta(days=days), last=TODAY, now=NOW)


def words(card: RhythmCard) -> dict[str, str]:
    return {figure.slug: figure.words for figure in card.figures}


def test_a_community_without_sessions_shows_no_numbers(community: Community) -> None:
    assert words(card_of(community)) == {
        "held": "–",
        "gap-median": "–",
        "gap-longest": "–",
        "pauses": "No pauses",
        "returners": "–",
        "new-faces": "–",
        "organisations": "–",
        "professions": "–",
        "time-to-log": "–",
        "learning": "–",
    }


def test_cancelled_and_unrecorded_sessions_count_as_planned_but_not_as_held(community: Community) -> None:
    held(community, days_ago=40)
    SessionFactory.create(
        community=community, starts_at=NOW - timedelta(days=30), state="cancelled", cancelled_because="Strike"
    )
    SessionFactory.create(community=community, starts_at=NOW - timedelta(days=20))
    SessionFactory.create(community=community, starts_at=NOW + timedelta(days=20))
    SessionFactory.create(starts_at=NOW - timedelta(days=10))
    assert words(card_of(community))["held"] == "1 of 3"


def test_gaps_are_counted_in_days_on_the_wall(community: Community) -> None:
    for days_ago in (100, 90, 60, 20):
        held(community, days_ago=days_ago)
    said = words(card_of(community))
    assert (said["gap-median"], said["gap-longest"]) == ("30 days (median of 3)", "40 days")


def test_a_pause_is_explained_by_a_cancelled_session_within_it(community: Community, settings: Settings) -> None:
    settings.DRIFTING_AFTER_DAYS = 60
    for days_ago in (300, 200, 100, 90):
        held(community, days_ago=days_ago)
    SessionFactory.create(
        community=community, starts_at=NOW - timedelta(days=250), state="cancelled", cancelled_because="Strike"
    )
    card = card_of(community)
    assert words(card)["pauses"] == "1 of 2"
    pauses = card.figure("pauses")
    assert pauses is not None
    assert [(gap.days, gap.explained) for gap in pauses.gaps] == [(100, "Strike"), (100, "")]


def test_a_pause_of_the_community_explains_a_gap_too(community: Community, settings: Settings) -> None:
    settings.DRIFTING_AFTER_DAYS = 60
    for days_ago in (300, 200, 100):
        held(community, days_ago=days_ago)
    Pause.objects.create(
        community=community,
        because="Winter pressures",
        starts_on=TODAY - timedelta(days=190),
        look_again_on=TODAY - timedelta(days=150),
        ends_on=TODAY - timedelta(days=140),
    )
    pauses = card_of(community).figure("pauses")
    assert pauses is not None
    assert [gap.explained for gap in pauses.gaps] == ["", "Winter pressures"]


def test_who_came_back_and_who_was_new(community: Community) -> None:
    twice, once, before = MembershipFactory.create_batch(3, community=community)
    held(community, days_ago=500, came=[before])
    held(community, days_ago=100, came=[twice, before])
    held(community, days_ago=50, came=[twice, once])
    said = words(card_of(community))
    assert (said["returners"], said["new-faces"]) == ("2 of 3", "2 of 3")


def test_someone_of_two_memberships_is_one_person(community: Community) -> None:
    person = PersonFactory.create()
    left = MembershipFactory.create(community=community, person=person, ends_on=TODAY - timedelta(days=80))
    back = MembershipFactory.create(community=community, person=person, starts_on=TODAY - timedelta(days=70))
    held(community, days_ago=100, came=[left])
    held(community, days_ago=50, came=[back])
    assert words(card_of(community))["returners"] == "1 of 1"


def test_organisations_are_those_of_the_day_of_the_session(community: Community) -> None:
    membership = MembershipFactory.create(community=community)
    moved_on = TODAY - timedelta(days=70)
    old = membership.person.affiliations.get()
    old.ends_on = moved_on
    old.save()
    new = OrganisationFactory.create(name="New Trust")
    AffiliationFactory.create(
        person=membership.person,
        organisation=new,
        professional_group=old.professional_group,
        starts_on=moved_on,
    )
    held(community, days_ago=100, came=[membership])
    assert words(card_of(community))["organisations"] == "1"
    held(community, days_ago=50, came=[membership])
    figure = card_of(community).figure("organisations")
    assert figure is not None
    assert list(figure.names) == ["New Trust", str(old.organisation)]
    assert words(card_of(community))["professions"] == "1"


def test_guests_bring_their_organisations(community: Community) -> None:
    session = held(community, days_ago=100)
    for number, organisation in enumerate(["Hospice", "Hospice", ""]):
        Guest.objects.create(session=session, name=f"Guest {number}", organisation=organisation, position=number)
    assert words(card_of(community))["organisations"] == "1"


def test_time_to_record_runs_to_the_first_save_only(community: Community) -> None:
    held(community, days_ago=100, hours=2)
    held(community, days_ago=50, hours=48)
    held(community, days_ago=20, hours=5)
    assert words(card_of(community))["time-to-log"] == "5 hours (median of 3)"


def test_sessions_with_learning_are_counted_once(community: Community) -> None:
    session = held(community, days_ago=100)
    held(community, days_ago=50)
    for position in range(2):
        LearningPoint.objects.create(session=session, text="We learned", position=position)
    assert words(card_of(community))["learning"] == "1 of 2"


def test_days_outside_the_window_are_left_out(community: Community) -> None:
    held(community, days_ago=100)
    held(community, days_ago=10)
    assert words(card_of(community, days=50))["held"] == "1 of 1"


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_the_same_with_1_and_with_30_sessions(
    *,
    client: Client,
    community: Community,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    for days_ago in range(number):
        held(community, days_ago=7 * (days_ago + 1), came=[MembershipFactory.create(community=community)])
    sign_in(client, people["facilitator"])
    with django_assert_num_queries(10):
        response = client.get(reverse("communities:rhythm", args=[community.slug]))
    assert response.status_code == 200


def few_came(community: Community) -> None:
    held(community, days_ago=800, came=[])
    held(community, days_ago=50, came=MembershipFactory.create_batch(3, community=community))


def test_sponsors_learn_neither_who_came_nor_that_it_was_a_few(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    few_came(community)
    sign_in(client, people["sponsor"])
    page = client.get(reverse("communities:rhythm", args=[community.slug])).content.decode()
    assert "Hidden: fewer than 5 people" in page
    assert "3 of 3" not in page
    assert client.get(reverse("communities:rhythm-records", args=[community.slug, "new-faces"])).status_code == 403
    api = client.get(reverse("api:rhythm", args=[community.slug])).json()["figures"]
    new_faces = next(figure for figure in api if figure["slug"] == "new-faces")
    assert (new_faces["words"], new_faces["value"], new_faces["base"]) == ("Hidden: fewer than 5 people", None, None)


def test_a_few_others_are_not_told_by_subtraction_either(community: Community, people: dict[str, User]) -> None:
    newcomers = MembershipFactory.create_batch(8, community=community)
    known = MembershipFactory.create_batch(2, community=community)
    held(community, days_ago=500, came=known)
    held(community, days_ago=50, came=newcomers + known)
    new_faces = card_of(community).figure("new-faces")
    assert new_faces is not None
    assert (new_faces.words, new_faces.said(exactly=False)) == ("8 of 10", "Hidden: fewer than 5 people")


def test_without_earlier_records_nobody_is_called_new(community: Community, people: dict[str, User]) -> None:
    held(community, days_ago=50, came=MembershipFactory.create_batch(8, community=community))
    new_faces = card_of(community).figure("new-faces")
    assert new_faces is not None
    assert (new_faces.words, new_faces.value) == ("Not known: no earlier session is recorded", None)

    Community.objects.filter(pk=community.pk).update(launched_on=TODAY - timedelta(days=60))
    community.refresh_from_db()
    new_faces = card_of(community).figure("new-faces")
    assert new_faces is not None
    assert new_faces.words == "8 of 8"


def test_every_number_leads_to_its_records(client: Client, community: Community, people: dict[str, User]) -> None:
    for days_ago in (200, 100, 50):
        session = held(community, days_ago=days_ago, came=MembershipFactory.create_batch(2, community=community))
        LearningPoint.objects.create(session=session, text="We learned", position=0)
    sign_in(client, people["member"])
    for figure in card_of(community).figures:
        response = client.get(reverse("communities:rhythm-records", args=[community.slug, figure.slug]))
        assert response.status_code == 200
        assert figure.words in response.content.decode()
    unknown = client.get(reverse("communities:rhythm-records", args=[community.slug, "league-table"]))
    assert unknown.status_code == 404


@pytest.mark.parametrize("asked", [{"first": "soon"}, {"first": "2026-02-01", "last": "2026-01-01"}])
def test_wrong_days_are_said_and_nothing_breaks(
    *, client: Client, community: Community, people: dict[str, User], asked: dict[str, str]
) -> None:
    sign_in(client, people["member"])
    assert client.get(reverse("communities:rhythm", args=[community.slug]), asked).status_code == 422
    assert client.get(reverse("api:rhythm", args=[community.slug]), asked).status_code == 400


def test_other_days_can_be_looked_at(client: Client, community: Community, people: dict[str, User]) -> None:
    held(community, days_ago=50)
    sign_in(client, people["member"])
    asked = {"first": date(2025, 1, 1).isoformat(), "last": date(2025, 12, 31).isoformat()}
    page = client.get(reverse("communities:rhythm", args=[community.slug]), asked).content.decode()
    assert "From 1 January 2025 to 31 December 2025" in page
    assert "1 of 1" not in page


def test_strangers_find_no_card(client: Client, people: dict[str, User], community: Community) -> None:
    CommunityFactory.create()
    sign_in(client, people["stranger"])
    assert client.get(reverse("communities:rhythm", args=[community.slug])).status_code == 404
    assert client.get(reverse("api:rhythm", args=[community.slug])).status_code == 404

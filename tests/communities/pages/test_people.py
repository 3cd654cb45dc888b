"""The pages about people: oneself, and everyone's record for HIN staff."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import (
    Affiliation,
    Community,
    ErasureRequest,
    LearningPoint,
    LegalHold,
    Membership,
    Organisation,
    Person,
    PersonMerge,
)
from communities.services.sessions.recording import record_session
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import held_about, pointing_to
from tests.factories.accounts import UserFactory, address_of, sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    AffiliationFactory,
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def attend(
    community: Community, user: User, by: User, *, days_ago: int, status: str = "room", learned: str = ""
) -> Any:
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=days_ago), place="Room 4")
    membership = Membership.objects.get(community=community, person__user=user)
    return record_session(
        session=session, version=1, focus="", attendance={membership.pk: status},
        learning_points=[learned] if learned else [], actions=[], by=by, now=NOW,
    )  # fmt: skip


def test_i_say_that_i_have_moved_and_the_past_stays(client: Client, people: dict[str, User]) -> None:
    me = people["member"]
    before = Affiliation.objects.get(person__user=me)
    trust, group = OrganisationFactory.create(name="New Trust"), ProfessionalGroupFactory.create()
    sign_in(client, me)
    page = reverse("communities:my-affiliation")
    assert "checked" not in client.get(page).content.decode()
    sent = {
        "version": "1", "organisation": str(trust.pk), "professional_group": str(group.pk), "starts_on": "2026-11-01",
    }  # fmt: skip
    assert client.post(page, sent).status_code == 422
    client.post(page, {**sent, "why": "moved"})
    before.refresh_from_db()
    assert (before.ends_on, Affiliation.objects.current().get(person__user=me).organisation) == (
        date(2026, 11, 1),
        trust,
    )
    assert "New Trust" in client.get("/me/").content.decode()


def test_a_stale_form_keeps_what_was_typed_and_overwrites_nothing(client: Client, people: dict[str, User]) -> None:
    me = people["member"]
    User.objects.filter(pk=me.pk).update(version=5)
    group = ProfessionalGroupFactory.create()
    sent = {"version": "4", "why": "wrong", "organisation": "", "professional_group": str(group.pk)}
    stale = sign_in(client, me).post(reverse("communities:my-affiliation"), sent)
    assert stale.status_code == 409
    assert stale.context["form"]["version"].value() == "5"
    assert stale.context["form"]["professional_group"].value() == str(group.pk)
    assert Affiliation.objects.get(person__user=me).professional_group != group


def test_a_facilitator_puts_right_where_a_member_works(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    membership = Membership.objects.get(community=community, person__user=people["member"])
    group = ProfessionalGroupFactory.create(name="Pharmacists")
    page = reverse("communities:move-member", args=["sepsis", membership.pk])
    sign_in(client, people["facilitator"])
    client.post(page, {"version": "1", "why": "wrong", "organisation": "", "professional_group": str(group.pk)})
    assert "Pharmacists" in client.get(reverse("communities:member-list", args=["sepsis"])).content.decode()


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("sponsor", 403), ("stranger", 404)])
def test_nobody_else_changes_where_a_member_works(
    *, client: Client, community: Community, people: dict[str, User], role: str, status: int
) -> None:
    membership = Membership.objects.get(community=community, person__user=people["member"])
    page = reverse("communities:move-member", args=["sepsis", membership.pk])
    # A sponsor does not see who is a member, so a membership is nothing they could be refused.
    assert sign_in(client, people[role]).get(page).status_code == (404 if role == "sponsor" else status)


def test_my_participation_counts_what_i_was_present_at(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    me, by = people["member"], people["facilitator"]
    session = attend(community, me, by, days_ago=30, learned="Ask early")
    LearningPoint.objects.create(session=session, text="Kept private", position=5, is_private=True)
    attend(community, me, by, days_ago=60, status="apologies")
    attend(community, me, by, days_ago=90, status="online")
    attend(community, me, by, days_ago=500)
    sign_in(client, me)
    page = words(client.get(reverse("communities:my-participation")))
    assert "Mina Member, from 24 November 2025 to 24 November 2026: 2 sessions, 2 hours." in page
    assert "Ask early" in page
    assert "Kept private" not in page
    all_of_it = client.get(reverse("communities:my-participation"), {"since": "2020-01-01", "until": "2026-11-24"})
    assert "3 sessions, 3 hours." in words(all_of_it)


def test_a_period_that_ends_before_it_begins_is_refused(client: Client, people: dict[str, User]) -> None:
    sign_in(client, people["member"])
    for sent in ({"since": "2026-01-02", "until": "2026-01-01"}, {"since": "soon", "until": "a\x00"}):
        assert client.get(reverse("communities:my-participation"), sent).status_code == 422


def test_what_is_held_about_me_is_there_to_read_and_to_take_away(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    me = people["member"]
    attend(community, me, people["facilitator"], days_ago=10)
    ActionFactory.create(community=community, owner=me.person, text="Send the form")
    ActionFactory.create(community=community, owner=me.person, text="Private promise", is_private=True)
    sign_in(client, me)
    page = words(client.get("/me/data/"))
    download = client.get("/me/data/download/")
    assert download["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert "no-store" in download["Cache-Control"]
    for text in (page, download.content.decode()):
        assert "Send the form" in text
        assert "Sepsis" in text
        assert "Fadia" not in text
        assert "Private promise" not in text
    assert "Answers to anonymous surveys" in page
    assert {one["key"] for one in download.json()["held"]} >= {"account", "addresses", "memberships", "attendance"}


def test_what_i_did_and_what_was_mailed_to_me_stand_in_words_with_their_codes_in_the_download(
    client: Client, people: dict[str, User]
) -> None:
    me = people["member"]
    audit.record(event="session.planned", by=me, target=me.person, at=NOW)
    outbox.enqueue(outbox.Mail("here:1", "communities.welcome", address_of(me), {}, NOW))
    sign_in(client, me)

    page, download = words(client.get("/me/data/")), client.get("/me/data/download/").json()

    assert "Planned a session" in page
    assert "That you are a member now" in page
    for code in ("session.planned", "communities.welcome", "communities.person"):
        assert code not in page
    held = {one["key"]: one["rows"] for one in download["held"]}
    assert [(row["event"], row["what"], row["target_type"], row["target"]) for row in held["trail"]] == [
        ("session.planned", "Planned a session", "communities.person", "person")
    ]
    assert [(row["kind"], row["about"]) for row in held["mails"]] == [
        ("communities.welcome", "That you are a member now")
    ]


def test_every_row_that_points_to_someone_is_found_whatever_model_it_is_of(people: dict[str, User]) -> None:
    """One row of each kind that no room words: whoever adds a model later adds it to the download."""
    me = people["member"]
    Organisation.objects.all()
    LegalHold.objects.create(person=me.person, reason="Inquiry", placed_at=NOW, placed_by=people["staff"])
    hold_of_mine = LegalHold.objects.create(
        person=people["facilitator"].person, reason="Not about me", placed_at=NOW, placed_by=me
    )
    keys = {holding.key: holding for holding in held_about(me)}
    assert keys["legal_holds"].as_records()[0]["reason"] == "Inquiry"
    pointing = {f"{field.model._meta.label_lower}.{field.name}" for field in pointing_to(User)}
    assert {"accounts.signin.user", "communities.erasurerequest.decided_by"} <= pointing
    assert "Not about me" not in str(list(keys.values()))
    assert hold_of_mine.pk


def test_asking_for_erasure_takes_a_choice_and_shows_first_what_it_does(
    client: Client, people: dict[str, User]
) -> None:
    sign_in(client, people["member"])
    page = reverse("communities:ask-for-erasure")
    shown = client.get(page)
    assert "What becomes “Former member”" in words(shown)
    assert "checked" not in shown.content.decode()
    assert client.post(page, {}).status_code == 422
    client.post(page, {"sure": "no"})
    assert not ErasureRequest.objects.exists()
    client.post(page, {"sure": "yes"})
    assert "You asked for this on 24 November 2026." in words(client.get(page))
    client.post(reverse("communities:withdraw-erasure"))
    assert ErasureRequest.objects.get().state == "withdrawn"


def test_someone_in_no_record_of_the_communities_is_told_who_removes_their_account(client: Client) -> None:
    sign_in(client, UserFactory.create(role="staff"))
    assert reverse("communities:ask-for-erasure") in words(client.get(reverse("accounts:own-data")))
    page = client.get(reverse("communities:ask-for-erasure"), follow=True)
    assert page.redirect_chain == [(reverse("accounts:own-data"), 302)]
    assert "An administrator can remove your account" in words(page)


def test_leaving_takes_a_choice_and_says_what_it_ends(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    ActionFactory.create(community=community, owner=people["member"].person)
    sign_in(client, people["member"])
    page = reverse("communities:leave-community", args=["sepsis"])
    assert page in client.get(community.get_absolute_url()).content.decode()
    assert "1 action of yours is still open." in words(client.get(page))
    assert client.post(page, {}).status_code == 422
    client.post(page, {"sure": "no"})
    assert Membership.objects.get(person__user=people["member"]).ends_on is None
    client.post(page, {"sure": "yes"})
    assert Membership.objects.get(person__user=people["member"]).ends_on == TODAY
    assert client.get(page).status_code == 404


def test_staff_decide_on_a_request_seeing_what_it_does_and_where_the_name_stands(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    person = people["member"].person
    ActionFactory.create(community=community, text="Ring Mina Member")
    sign_in(client, people["staff"])
    asked = client.post(reverse("communities:ask-for-person", args=[person.pk]))
    page = asked["Location"]
    shown = words(client.get(page))
    assert "The name Mina Member, and the mail addresses:" in shown
    assert "<li>Actions: 1</li>" in shown
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"decision": "decline"}).status_code == 422
    client.post(reverse("communities:place-hold", args=[person.pk]), {"reason": "Inquiry"})
    assert client.post(page, {"decision": "carry_out"}).status_code == 409
    hold = LegalHold.objects.get()
    client.post(reverse("communities:lift-hold", args=[person.pk, hold.pk]))
    client.post(page, {"decision": "carry_out"})
    assert "Former member" in words(client.get(page))
    assert Person.objects.get(pk=person.pk).erased_on == TODAY


def test_staff_merge_two_records_and_undo_it(client: Client, people: dict[str, User]) -> None:
    kept, merged = people["member"].person, PersonFactory.create(name="M. Member", email="mina@uni.example.org")
    sign_in(client, people["staff"])
    find = reverse("communities:find-other-record", args=[kept.pk])
    assert client.post(find, {"email": "nobody@example.org"}).status_code == 422
    page = client.post(find, {"email": "MINA@uni.example.org"})["Location"]
    assert "The addresses mina@uni.example.org." in words(client.get(page))
    assert client.post(page, {}).status_code == 422
    client.post(page, {"sure": "no"})
    assert not PersonMerge.objects.exists()
    client.post(page, {"sure": "yes"})
    merge = PersonMerge.objects.get()
    assert "Merged" in words(client.get(reverse("communities:merge-list")))
    assert words(client.get(reverse("communities:person", args=[merged.pk]))).count("This record was merged into") == 1
    undo = reverse("communities:undo-merge", args=[merge.pk])
    client.post(undo)
    assert client.post(undo).status_code == 409
    assert Person.objects.get(pk=merged.pk).merged_into is None


def test_an_organisation_shows_who_from_there_is_in_which_communities_today(
    client: Client, people: dict[str, User]
) -> None:
    trust = OrganisationFactory.create(name="St Elsewhere", ods_code="XYZ")
    person = PersonFactory.create(name="Zora Nunn")
    Affiliation.objects.filter(person=person).update(organisation=trust)
    for name in ("Delirium", "Maternity"):
        MembershipFactory.create(person=person, community=CommunityFactory.create(name=name))
    moved = MembershipFactory.create(person=PersonFactory.create(name="Moved On")).person
    Affiliation.objects.filter(person=moved).update(ends_on=TODAY)
    AffiliationFactory.create(person=moved, organisation=trust, starts_on=date(2020, 1, 1), ends_on=date(2021, 1, 1))
    sign_in(client, people["staff"])
    listed = client.get(reverse("communities:organisation-list"), {"q": "xyz"})
    row = listed.context["object_list"][0]
    assert (row.name, row.people_count, row.community_count) == ("St Elsewhere", 1, 2)
    page = client.get(reverse("communities:organisation", args=[trust.pk]))
    assert [(m.community.name, m.person.name) for m in page.context["object_list"]] == [
        ("Delirium", "Zora Nunn"), ("Maternity", "Zora Nunn"),
    ]  # fmt: skip
    assert "Moved On" not in page.content.decode()


STAFF_PAGES = ["people", "merge-list", "erasure-list", "organisation-list"]


@pytest.mark.parametrize("name", STAFF_PAGES)
@pytest.mark.parametrize("role", ["facilitator", "sponsor", "member", "anonymous"])
def test_everyones_records_are_for_staff(client: Client, people: dict[str, User], name: str, role: str) -> None:
    if role != "anonymous":
        sign_in(client, people[role])
    assert client.get(reverse(f"communities:{name}")).status_code == (302 if role == "anonymous" else 403)


@pytest.mark.parametrize("name", ["person", "place-hold", "ask-for-person", "find-other-record"])
def test_a_record_that_is_not_mine_is_not_there_and_my_own_is_not_mine_to_run(
    client: Client, people: dict[str, User], name: str
) -> None:
    sign_in(client, people["member"])
    assert client.get(reverse(f"communities:{name}", args=[people["facilitator"].person.pk])).status_code == 404
    assert client.get(reverse(f"communities:{name}", args=[people["member"].person.pk])).status_code == 403


QUERIES = {"people": 4, "merge-list": 4, "erasure-list": 4, "organisation-list": 4}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("number", [1, 30])
def test_a_page_costs_the_same_with_1_and_with_30_rows(
    *,
    client: Client,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    number: int,
) -> None:
    for _ in range(number):
        kept, merged = MembershipFactory.create().person, PersonFactory.create()
        ErasureRequest.objects.create(person=kept, asked_at=NOW, asked_by=kept.user)
        PersonMerge.objects.create(kept=kept, merged=merged, merged_at=NOW, merged_by=people["staff"])
    sign_in(client, people["staff"])
    with django_assert_num_queries(QUERIES[name]):
        response = client.get(reverse(f"communities:{name}"))
    assert len(response.context["object_list"]) >= number


@pytest.mark.parametrize("number", [1, 30])
def test_one_persons_pages_cost_the_same_however_much_there_is(
    *,
    client: Client,
    community: Community,
    people: dict[str, User],
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    me = people["member"]
    for each in range(number):
        attend(community, me, people["facilitator"], days_ago=10 + each, learned="Something")
        MembershipFactory.create(person=me.person)
    organisation = Affiliation.objects.get(person=me.person).organisation
    assert organisation is not None
    sign_in(client, me)
    with django_assert_num_queries(4):
        client.get(reverse("communities:my-participation"))
    sign_in(client, people["staff"])
    with django_assert_num_queries(9):
        client.get(reverse("communities:person", args=[me.person.pk]))
    with django_assert_num_queries(5):
        client.get(reverse("communities:organisation", args=[organisation.pk]))


def test_what_is_held_takes_the_same_queries_however_much_there_is(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    me = people["member"]
    sign_in(client, me)
    counts = []
    for each in (1, 30):
        attend(community, me, people["facilitator"], days_ago=each * 3)
        MembershipFactory.create_batch(each, person=me.person)
        ActionFactory.create_batch(each, community=community, owner=me.person)
        with CaptureQueriesContext(connection) as queries:
            client.get("/me/data/")
        counts.append(len(queries))
    assert counts[0] == counts[1]

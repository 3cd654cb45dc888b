"""People over the API: oneself, and everyone's record for HIN staff."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import (
    Affiliation,
    Community,
    ErasureRequest,
    JoinRequest,
    LearningPoint,
    Membership,
    Person,
    PersonMerge,
)
from communities.services.sessions.recording import record_session
from cop_portal.accounts.models import User
from tests.factories.accounts import address_of, sign_in
from tests.factories.communities import (
    NOW,
    TODAY,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    SessionFactory,
    facilitator_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def send(client: Client, method: str, address: str, /, *args: Any, version: int | None = None, **body: Any) -> Any:
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    call = getattr(client, method)
    return call(reverse(f"api:{address}", args=args), body or None, content_type="application/json", headers=headers)


def test_i_read_and_correct_my_name_with_the_version_i_read(client: Client, people: dict[str, User]) -> None:
    me = people["member"]
    sign_in(client, me)
    read = client.get(reverse("api:me"))
    assert (read.json()["name"], read.json()["communities"], read["ETag"]) == ("Mina Member", ["sepsis"], '"1"')
    assert [address["email"] for address in read.json()["addresses"]] == [address_of(me)]
    assert send(client, "patch", "me", name="New").status_code == 428
    changed = send(client, "patch", "me", version=1, name="Mina Member-Jones")
    assert (changed.status_code, changed.json()["name"], changed["ETag"]) == (200, "Mina Member-Jones", '"2"')
    assert send(client, "patch", "me", version=1, name="Again").status_code == 412
    assert User.objects.get(pk=me.pk).name == "Mina Member-Jones"


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 151])
def test_a_name_that_is_none_is_malformed(client: Client, people: dict[str, User], name: str) -> None:
    sign_in(client, people["member"])
    assert send(client, "patch", "me", version=1, name=name).status_code in {400, 422}
    assert User.objects.get(pk=people["member"].pk).name == "Mina Member"


def test_a_facilitator_enters_that_a_member_has_moved_and_the_past_stays(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    membership = Membership.objects.get(community=community, person__user=people["member"])
    trust, group = OrganisationFactory.create(name="New Trust"), ProfessionalGroupFactory.create(code="nurses")
    body = {"why": "moved", "organisation": trust.pk, "professional_group": "nurses", "starts_on": "2026-11-01"}
    sign_in(client, people["facilitator"])
    read = client.get(reverse("api:member-affiliation", args=[membership.pk]))
    moved = send(client, "post", "member-affiliation", membership.pk, version=int(read["ETag"].strip('"')), **body)
    assert [row["ends_on"] for row in moved.json()] == [None, "2026-11-01"]
    assert moved.json()[0]["organisation"] == "New Trust"
    stale = send(client, "post", "member-affiliation", membership.pk, version=1, **body)
    assert stale.status_code == 412
    assert Affiliation.objects.current().get(person__user=people["member"]).professional_group == group


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"starts_on": None}, 400),
        ({"starts_on": "2026-02-30"}, 400),
        ({"starts_on": "2027-01-01"}, 422),
        ({"organisation": 10**30}, 400),
        ({"professional_group": "n\x00"}, 400),
        ({"why": "because"}, 400),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(
    client: Client, people: dict[str, User], change: dict[str, Any], status: int
) -> None:
    ProfessionalGroupFactory.create(code="nurses")
    sign_in(client, people["member"])
    body = {"why": "moved", "organisation": None, "professional_group": "nurses", "starts_on": "2026-11-01", **change}
    assert send(client, "post", "my-affiliation", version=1, **body).status_code == status
    assert Affiliation.objects.filter(person__user=people["member"]).count() == 1


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("sponsor", 404), ("stranger", 404)])
def test_only_those_who_run_the_community_change_where_members_work(
    client: Client, community: Community, people: dict[str, User], role: str, status: int
) -> None:
    membership = Membership.objects.get(community=community, person__user=people["member"])
    sign_in(client, people[role])
    assert send(client, "post", "member-affiliation", membership.pk, version=1).status_code == status


def test_participation_holds_what_i_was_present_at_and_nothing_private(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    me = people["member"]
    membership = Membership.objects.get(community=community, person__user=me)
    for days, status in ((10, "room"), (20, "apologies"), (400, "online")):
        session = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=days))
        record_session(
            session=session, version=1, focus="Screening", attendance={membership.pk: status},
            learning_points=["It helps"], actions=[], by=people["facilitator"], now=NOW,
        )  # fmt: skip
        LearningPoint.objects.create(session=session, text="Secret", position=9, is_private=True)
    sign_in(client, me)
    found = client.get(reverse("api:my-participation")).json()
    assert [(row["how"], row["minutes"], row["learning_points"]) for row in found["sessions"]] == [
        ("In the room", 60, ["It helps"])
    ]
    everything = client.get(reverse("api:my-participation"), {"since": "2020-01-01"}).json()
    assert everything["minutes"] == 120
    assert client.get(reverse("api:my-participation"), {"since": "soon"}).status_code == 400


def test_my_data_hold_what_is_held_and_nothing_of_anyone_else(client: Client, people: dict[str, User]) -> None:
    sign_in(client, people["member"])
    held = client.get(reverse("api:own-data")).json()
    assert held["name"] == "Mina Member"
    by_key = {one["key"]: one["rows"] for one in held["held"]}
    assert by_key["addresses"] == [{"email": address_of(people["member"]), "primary": True, "verified": True}]
    assert [row["community"] for row in by_key["memberships"]] == ["Sepsis"]
    assert "Fadia" not in str(held)
    assert any("anonymous" in words for words in held["not_here"])


def test_i_ask_for_erasure_and_take_it_back(client: Client, people: dict[str, User]) -> None:
    sign_in(client, people["member"])
    asked = send(client, "post", "my-erasure")
    assert (asked.status_code, asked.json()["asked_at"] is not None) == (201, True)
    assert "Mina Member" in asked.json()["goes"][0]
    assert send(client, "post", "my-erasure").status_code == 409
    assert send(client, "delete", "my-erasure").json()["asked_at"] is None
    assert ErasureRequest.objects.get().state == "withdrawn"


def test_i_leave_a_community_and_staff_who_are_in_none_cannot(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    sign_in(client, people["staff"])
    assert send(client, "post", "leave-community", "sepsis").status_code == 403
    sign_in(client, people["stranger"])
    assert send(client, "post", "leave-community", "sepsis").status_code == 404
    sign_in(client, people["member"])
    assert send(client, "post", "leave-community", "sepsis").status_code == 204
    assert send(client, "post", "leave-community", "sepsis").status_code == 404
    assert Membership.objects.get(person__user=people["member"]).ends_on == TODAY


def test_staff_hold_lift_and_decide(client: Client, people: dict[str, User]) -> None:
    person = people["member"].person
    sign_in(client, people["staff"])
    hold = send(client, "post", "place-hold", person.pk, reason="An inquiry").json()
    request = send(client, "post", "ask-for-person", person.pk).json()
    assert request["is_held"] is True
    waits = send(client, "post", "decide-erasure", request["id"], decision="carry_out")
    assert waits.status_code == 409
    assert send(client, "post", "decide-erasure", request["id"], decision="decline").status_code == 422
    assert send(client, "post", "lift-hold", hold["id"]).status_code == 200
    done = send(client, "post", "decide-erasure", request["id"], decision="carry_out")
    assert (done.status_code, done.json()["state"]) == (200, "carried_out")
    assert client.get(reverse("api:person", args=[person.pk])).json()["name"] == "Former member"


def test_staff_preview_merge_and_undo(client: Client, people: dict[str, User]) -> None:
    kept, merged = people["member"].person, PersonFactory.create(name="M. Member", email="mina@other.example.org")
    two = {"kept": kept.pk, "merged": merged.pk}
    community = people["member"].person.memberships.get().community
    JoinRequest.objects.create(community=community, user=merged.user, asked_at=NOW)
    sign_in(client, people["staff"])
    preview = send(client, "post", "preview-merge", **two)
    assert "mina@other.example.org" in preview.json()["moves"][0]
    assert preview.json()["ends"] == [
        f"{community.name}: the request to join is taken back, for this person is a member there."
    ]
    assert not PersonMerge.objects.exists()
    made = send(client, "post", "merge-list", **two)
    assert made.status_code == 201
    assert send(client, "post", "merge-list", **two).status_code == 422
    undone = send(client, "post", "undo-merge", made.json()["id"])
    assert undone.json()["undone_at"] is not None
    assert send(client, "post", "undo-merge", made.json()["id"]).status_code == 409
    assert Person.objects.get(pk=merged.pk).merged_into is None


def test_only_administrators_give_a_role_and_never_take_the_last(client: Client, people: dict[str, User]) -> None:
    admin, member = people["administrator"], people["member"]
    sign_in(client, people["staff"])
    assert send(client, "put", "person-role", member.person.pk, role="staff").status_code == 403
    sign_in(client, admin)
    assert send(client, "put", "person-role", member.person.pk, role="staff").json()["role"] == "staff"
    assert send(client, "put", "person-role", admin.person.pk, role="").status_code == 409


STAFF_ONLY = ["people", "merge-list", "erasure-list", "organisation-list"]


@pytest.mark.parametrize("name", STAFF_ONLY)
@pytest.mark.parametrize("role", ["facilitator", "member", "sponsor"])
def test_everyones_records_are_for_staff(client: Client, people: dict[str, User], name: str, role: str) -> None:
    sign_in(client, people[role])
    assert client.get(reverse(f"api:{name}")).status_code == 403


@pytest.mark.parametrize("name", STAFF_ONLY)
@pytest.mark.parametrize("number", [1, 30])
def test_a_list_costs_the_same_with_1_and_with_30_rows(
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
    with django_assert_num_queries(3):
        assert len(client.get(reverse(f"api:{name}")).json()["results"]) >= number


def test_lived_experience_never_leaves_with_a_name(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    lived = ProfessionalGroupFactory.create(code="lived", name="Person with lived experience or carer")
    person = people["member"].person
    Affiliation.objects.filter(person=person).update(professional_group=lived)
    membership = Membership.objects.get(community=community, person=person)
    organisation = Affiliation.objects.get(person=person).organisation
    assert organisation is not None
    sign_in(client, people["staff"])
    one = client.get(reverse("api:membership", args=[membership.pk]))
    here = client.get(reverse("api:organisation-members", args=[organisation.pk]))
    assert (one.json()["name"], one.json()["professional_group"]) == ("Mina Member", None)
    assert here.json()["results"][0]["name"] == "Mina Member"
    assert "lived" not in here.content.decode()


def test_null_characters_in_a_search_are_malformed(client: Client, people: dict[str, User]) -> None:
    sign_in(client, people["staff"])
    for name in ("people", "organisation-list"):
        assert client.get(reverse(f"api:{name}"), {"q": "a\x00"}).status_code == 400


def test_people_are_found_by_name_and_address(client: Client, people: dict[str, User]) -> None:
    facilitator_of(Community.objects.get(slug="sepsis"), name="Zora Nunn", email="z.nunn@trust.example.org")
    sign_in(client, people["staff"])
    for words in ("zora", "Z.NUNN@trust"):
        assert [row["name"] for row in client.get(reverse("api:people"), {"q": words}).json()["results"]] == [
            "Zora Nunn"
        ]

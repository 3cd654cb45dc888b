"""Waves and the plan of asking, through the pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community
from evaluations.models import Survey, Wave
from tests.evaluations.asking import ask, ask_and_close, community_of, person_in, questionnaire, staff_user
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY

pytestmark = pytest.mark.django_db

LAST_DAY = TODAY + timedelta(days=21)


@pytest.fixture
def staff() -> Client:
    return sign_in(Client(), staff_user())


def at(name: str, /, *args: Any, **query: Any) -> str:
    address = reverse(f"evaluations:{name}", args=args)
    return f"{address}?{urlencode(query, doseq=True)}" if query else address


def chosen(*communities: Community, **changes: Any) -> dict[str, Any]:
    usual = {"mode": "anonymous", "reminders": "4, 9, 14", "breakdown": "", "shared_with": "members"}
    about = {"version": questionnaire().pk, "closes_on": LAST_DAY.isoformat(), "name": "November 2026"}
    return {**usual, **about, "communities": [community.pk for community in communities], **changes}


def shown(page: Any) -> list[tuple[str, int, str]]:
    return [(row.community.name, row.asked, row.first_mail) for row in page.context["rows"]]


def test_the_way_from_the_questionnaire_to_a_wave_says_on_each_page_what_comes_next(staff: Client) -> None:
    version = questionnaire()
    sepsis, delirium = community_of(6, name="Sepsis"), community_of(0, name="Delirium")
    community_of(5, name="Paused one", state="paused")

    first = staff.post(at("launch-wave"), {"version": version.pk})
    set_up = staff.get(first["Location"])
    assert set_up.context["form"]["name"].value() == "November 2026"
    assert set_up.context["form"]["communities"].value() == [delirium.pk, sepsis.pk]
    assert "Paused one" not in words(set_up)

    second = staff.post(first["Location"], chosen(sepsis, delirium))
    confirm = staff.get(second["Location"])
    assert words(confirm).startswith("Check before you ask these communities Wave November 2026 Questionnaire")
    assert shown(confirm) == [("Delirium", 0, ""), ("Sepsis", 6, "Tuesday 24 November 2026")]
    assert "Will not open. There is nobody to ask" in words(confirm)
    assert "Who will be asked in Sepsis" in words(confirm)
    assert not Wave.objects.exists()
    assert staff.get(confirm.context["rows"][1].who_url).status_code == 200
    again = staff.get(confirm.context["change_url"]).context["form"]
    assert again["communities"].value() == [str(delirium.pk), str(sepsis.pk)]

    done = staff.post(at("confirm-wave"), chosen(sepsis, delirium), follow=True)
    wave = Wave.objects.get()
    assert done.redirect_chain == [(wave.get_absolute_url(), 302)]
    assert "“November 2026” is open in 1 community. Not in Delirium: There is nobody to ask" in words(done)
    assert Survey.objects.get().wave == wave


def test_where_no_community_can_be_asked_there_is_nothing_to_press(staff: Client) -> None:
    page = staff.get(at("confirm-wave", **chosen(community_of(0))))

    assert "None of these communities can be asked now." in words(page)
    assert "<button" not in page.content.decode().split("<main")[1].split("</main")[0]


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"name": "May 2026"}, 409, "There is a wave “May 2026” already."),
        ({"name": " "}, 422, "Enter a name for the wave"),
        ({"communities": []}, 422, "Choose at least one community"),
        ({"communities": [0]}, 422, "Choose communities in the list"),
        ({"closes_on": TODAY.isoformat()}, 422, "Choose a last day that leaves people at least a day to answer."),
        ({"breakdown": "profession"}, 422, "No community could be asked. Sepsis: Results are broken down from 40"),
    ],
)
def test_a_refusal_is_said_where_it_can_be_put_right_and_nothing_is_stored(
    changes: dict[str, Any], status: int, sentence: str, staff: Client
) -> None:
    Wave.objects.create(name="May 2026", starts_on=TODAY)

    response = staff.post(at("confirm-wave"), chosen(community_of(6, name="Sepsis"), **changes))

    assert response.status_code == status
    assert sentence in words(response)
    assert response.context["form"]["mode"].value() == "anonymous"
    assert not Survey.objects.exists()


def test_an_address_made_up_or_old_leads_back_a_step(staff: Client) -> None:
    community = community_of(3)
    for name in ("set-up-wave", "confirm-wave"):
        assert staff.get(at(name))["Location"] == at("launch-wave")
    old = chosen(community, closes_on="2026-01-01")
    assert staff.get(at("confirm-wave", **old))["Location"] == at("set-up-wave", **old)


def test_more_communities_are_asked_the_same_after_a_page_that_says_who(staff: Client) -> None:
    sepsis = community_of(6, name="Sepsis")
    staff.post(at("confirm-wave"), chosen(sepsis))
    wave, delirium = Wave.objects.get(), community_of(4, name="Delirium")
    assert at("widen-wave", wave.pk) in staff.get(wave.get_absolute_url()).content.decode()

    chosen_more = staff.post(at("widen-wave", wave.pk), {"communities": [delirium.pk]})
    assert shown(staff.get(chosen_more["Location"])) == [("Delirium", 4, "Tuesday 24 November 2026")]
    refused = staff.post(at("confirm-widening", wave.pk), {"communities": [sepsis.pk]})
    assert refused.status_code == 422
    assert "one of these is not active, or is in the wave already" in words(refused)
    staff.post(at("confirm-widening", wave.pk), {"communities": [delirium.pk]})

    assert sorted(wave.surveys.values_list("community__name", flat=True)) == ["Delirium", "Sepsis"]
    assert staff.get(at("confirm-widening", wave.pk))["Location"] == at("widen-wave", wave.pk)
    assert staff.get(at("widen-wave", 999)).status_code == 404


def test_waves_are_for_staff_and_administrators(staff: Client) -> None:
    community = community_of(5)
    staff.post(at("confirm-wave"), chosen(community))
    wave = Wave.objects.get()
    pages = ["wave-list", "launch-wave", "set-up-wave", "confirm-wave"]
    addresses = [at(name) for name in pages] + [
        at(name, wave.pk) for name in ("wave", "widen-wave", "confirm-widening")
    ]
    for role in ("facilitator", "sponsor", "member"):
        client = sign_in(Client(), person_in(community, role).user)
        assert {client.get(address).status_code for address in addresses} == {403}
        assert client.post(at("confirm-wave"), chosen(community, name="Another")).status_code == 403
    administrator = sign_in(Client(), staff_user("administrator"))
    assert administrator.get(wave.get_absolute_url()).status_code == 200
    assert Wave.objects.count() == 1


@pytest.mark.parametrize("number", [1, 30])
def test_the_lists_take_as_many_queries_for_thirty_as_for_one(
    number: int, staff: Client, django_assert_num_queries: Any
) -> None:
    version = questionnaire()
    communities = [community_of(1) for _ in range(number)]
    staff.post(at("confirm-wave"), chosen(*communities))
    wave = Wave.objects.get()
    for place in range(number - 1):
        Wave.objects.create(name=f"Wave {place}", starts_on=TODAY)
    with django_assert_num_queries(6):
        staff.get(at("wave-list"))
    with django_assert_num_queries(6):
        staff.get(wave.get_absolute_url())
    again = at("confirm-wave", **chosen(*communities, name="Again", version=questionnaire("cop-full").pk))
    with django_assert_num_queries(13):
        staff.get(again)
    assert version.surveys.count() == number


def plan_of(client: Client, community: Community) -> str:
    said = words(client.get(at("survey-list", community.slug)))
    found = re.search(r"Plan (.*?) How often", said)
    assert found, said
    return found[1]


def test_the_plan_alternates_between_the_full_and_the_core_questions() -> None:
    community = community_of(5)
    facilitator = sign_in(Client(), person_in(community, "facilitator").user)
    full, core = questionnaire("cop-full"), questionnaire("cop-core")

    assert plan_of(facilitator, community) == (
        "The full questions have not been asked yet. The core questions have not been asked yet. "
        "Next: The full questions, due now. Open the questions that are next"
    )
    ask_and_close(community, [], version=full, days_ago=100)
    assert "Next: The core questions, due from 26 January 2027 on." in plan_of(facilitator, community)

    community = community_of(5)
    facilitator = sign_in(Client(), person_in(community, "facilitator").user)
    ask_and_close(community, [], version=full, days_ago=400)
    ask_and_close(community, [], version=core, days_ago=170)
    assert "Next: The full questions, due now." in plan_of(facilitator, community)
    page = facilitator.get(at("survey-list", community.slug)).content.decode()
    link = f"{at('set-up-survey', community.slug)}?questionnaire=cop-full"
    assert f'href="{link}"' in page
    assert facilitator.get(link).context["version"] == full
    ask(community, version=full, at=NOW)
    said = plan_of(facilitator, community)
    assert "The full questions have been open since 24 November 2026." in said
    assert said.endswith("Next: The core questions, from 24 May 2027 on.")


def test_a_member_reads_the_plan_and_finds_nothing_to_open() -> None:
    community = community_of(5)
    member = sign_in(Client(), person_in(community).user)

    assert "Open the questions that are next" not in plan_of(member, community)


def test_a_paused_community_has_no_plan() -> None:
    community = community_of(5, state="paused")
    member = sign_in(Client(), person_in(community).user)

    assert "Plan" not in words(member.get(at("survey-list", community.slug)))

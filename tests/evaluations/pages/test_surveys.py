"""Opening, looking at and closing a survey through the pages."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import Community
from evaluations.models import Invitation, Survey
from tests.evaluations.asking import AGREES, ask, ask_and_close, community_of, person_in, questionnaire
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, MembershipFactory, PersonFactory, ProfessionalGroupFactory

pytestmark = pytest.mark.django_db

LAST_DAY = TODAY + timedelta(days=21)


@pytest.fixture
def community() -> Community:
    return community_of(6, name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> Client:
    return sign_in(Client(), person_in(community, "facilitator").user)


def at(name: str, community: Community, *args: Any) -> str:
    return reverse(f"evaluations:{name}", args=[community.slug, *args])


def words(response: Any) -> str:
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).strip()


def set_up(community: Community) -> str:
    return f"{at('set-up-survey', community)}?version={questionnaire().pk}"


def confirmed(day: Any = LAST_DAY, **changes: Any) -> dict[str, Any]:
    usual = {"mode": "anonymous", "reminders": "4, 9, 14", "breakdown": "", "shared_with": "members"}
    return {"version": questionnaire().pk, "closes_on": day.isoformat(), **usual, **changes}


def test_the_way_leads_over_the_questionnaire_and_how_it_is_asked_with_what_is_usual_filled_in(
    facilitator: Client, community: Community
) -> None:
    version = questionnaire()
    response = facilitator.post(at("open-survey", community), {"version": version.pk})
    assert response["Location"] == set_up(community)

    form = facilitator.get(response["Location"]).context["form"]

    assert {name: form[name].value() for name in form.fields} == {
        "mode": "anonymous",
        "closes_on": LAST_DAY,
        "reminders": "4, 9, 14",
        "breakdown": "",
        "shared_with": "members",
    }


def test_the_page_before_opening_says_who_is_asked_when_and_who_is_not_and_why(
    facilitator: Client, community: Community
) -> None:
    no_address = person_in(community)
    no_address.user.emailaddress_set.all().delete()  # type: ignore[attr-defined]

    response = facilitator.post(set_up(community), confirmed())
    said = words(facilitator.get(response["Location"]))

    assert f"Will be asked: {6}" in said
    assert "Will not be asked: 1" in said
    assert f"{no_address} Why No address that mail can be sent to" in said
    assert "Closes at the end of Tuesday 15 December 2026" in said
    assert "On days 4, 9 and 14, only to those who have not answered." in said
    assert "Nothing that is stored links a person to an answer" in said
    assert not Survey.objects.exists()


def test_someone_asked_something_else_this_week_is_asked_later_and_the_page_says_so(
    facilitator: Client, community: Community
) -> None:
    ask(community, version=questionnaire("session-pulse"), at=NOW)

    response = facilitator.post(set_up(community), confirmed())
    said = words(facilitator.get(response["Location"]))

    assert (
        said.count("First mail Tuesday 1 December 2026, 08:00: 6 people Not sooner: something else has been asked") == 1
    )
    assert said.count("Not sooner") == 1


def test_what_was_chosen_can_be_changed_from_the_last_page(facilitator: Client, community: Community) -> None:
    response = facilitator.post(set_up(community), confirmed(reminders="7", shared_with="leaders"))
    page = facilitator.get(response["Location"])

    again = facilitator.get(page.context["change_url"]).context["form"]

    assert (again["reminders"].value(), again["shared_with"].value()) == ("7", "leaders")
    assert f'href="{page.context["change_url"]}"'.replace("&", "&amp;") in page.content.decode()


def test_opening_asks_every_member_and_leads_to_the_survey(facilitator: Client, community: Community) -> None:
    response = facilitator.post(at("confirm-survey", community), confirmed(), follow=True)

    survey = Survey.objects.get()
    assert response.redirect_chain == [(survey.get_absolute_url(), 302)]
    assert "“Community of practice: ten questions” is open. 6 people were asked." in words(response)
    assert Invitation.objects.filter(survey=survey).count() == 6


@pytest.mark.parametrize(
    ("prepare", "status", "sentence"),
    [
        ("open already", 409, "“Community of practice: ten questions” is already open in Sepsis."),
        ("paused", 422, "Sepsis is paused. Only an active community can be asked."),
        ("nobody", 422, "There is nobody to ask"),
        ("no keys", 422, "The survey was not opened, because the keys that protect the answers would not be safe."),
    ],
)
def test_a_refusal_is_said_on_the_page_with_its_status_and_nothing_is_stored(  # noqa: PLR0917
    prepare: str, status: int, sentence: str, facilitator: Client, community: Community, settings: Any, tmp_path: Path
) -> None:
    data = confirmed()
    if prepare == "open already":
        ask(community)
    if prepare == "paused":
        Community.objects.filter(pk=community.pk).update(state="paused")
    if prepare == "nobody":
        community.memberships.all().delete()
    if prepare == "no keys":
        settings.KEY_DIR = tmp_path / "missing"
    before = Survey.objects.count()

    response = facilitator.post(at("confirm-survey", community), data)

    assert response.status_code == status
    assert sentence in words(response)
    assert Survey.objects.count() == before


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1)])
def test_a_last_day_that_leaves_no_time_is_refused_before_anything_is_opened(
    facilitator: Client, community: Community, day: Any
) -> None:
    response = facilitator.post(set_up(community), confirmed(day))

    assert response.status_code == 422
    assert "Choose a last day that leaves people at least a day to answer." in words(response)


def test_what_is_malformed_comes_back_with_sentences_that_name_the_field(
    facilitator: Client, community: Community
) -> None:
    assert "Choose a questionnaire" in words(facilitator.post(at("open-survey", community), {}))
    data = confirmed() | {"closes_on": "2026-02-31", "reminders": "4; 9", "mode": "secret", "breakdown": "shoe size"}

    response = facilitator.post(set_up(community), data)

    assert response.status_code == 422
    for sentence in (
        "Last day to answer must be a real date",
        "Reminders must be numbers of days with commas between, such as 4, 9, 14",
        "Choose one of the breakdowns in the list",
    ):
        assert sentence in words(response)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reminders": "1, 2, 3, 4, 5, 6"}, "Send at most 5 reminders."),
        ({"reminders": "0"}, "Reminders go so many days after the first mail: 1 or more."),
        ({"breakdown": "profession"}, "Results are broken down from 40 people asked on"),
        ({"breakdown": "item:V3"}, "Here 6 would be asked."),
    ],
)
def test_what_the_services_refuse_is_said_before_anything_is_opened(
    changes: dict[str, str], sentence: str, facilitator: Client, community: Community
) -> None:
    for address in (set_up(community), at("confirm-survey", community)):
        response = facilitator.post(address, confirmed(**changes))
        assert response.status_code == 422
        assert sentence in words(response)
    assert not Survey.objects.exists()


def test_the_last_day_is_asked_for_as_every_other_date_is(facilitator: Client, community: Community) -> None:
    html = facilitator.get(set_up(community)).content.decode()

    asked = re.findall(r'<input[^>]*name="(closes_on[^"]*)"[^>]*type="([^"]*)"[^>]*value="([^"]*)"', html)
    assert asked == [("closes_on", "date", LAST_DAY.isoformat())]


def test_a_confirmation_of_something_never_offered_leads_back_to_the_choice(
    facilitator: Client, community: Community
) -> None:
    response = facilitator.post(at("confirm-survey", community), confirmed(version="999"))

    assert response["Location"] == at("open-survey", community)
    assert facilitator.get(at("confirm-survey", community))["Location"] == at("open-survey", community)
    assert facilitator.get(at("set-up-survey", community))["Location"] == at("open-survey", community)


def test_results_by_profession_are_announced_with_how_many_are_in_each(community: Community) -> None:
    nursing, medical = ProfessionalGroupFactory.create(name="Nursing"), ProfessionalGroupFactory.create(name="Medical")
    for number in range(34):
        person = person_in(community)
        person.affiliations.update(professional_group=nursing if number < 20 else medical)
    facilitator = sign_in(Client(), person_in(community, "facilitator").user)

    response = facilitator.post(set_up(community), confirmed(breakdown="profession"))
    page = facilitator.get(response["Location"])

    assert "Results by group Profession" in words(page)
    assert "Your profession is kept with your answers, because results are also shown by it." in words(page)
    assert dict(page.context["groups"])["Nursing"] == 20
    opened = facilitator.post(at("confirm-survey", community), confirmed(breakdown="profession"), follow=True)
    survey = Survey.objects.get()
    assert opened.redirect_chain == [(survey.get_absolute_url(), 302)]
    assert survey.breakdown is not None
    assert survey.breakdown["kind"] == "profession"


def test_a_member_sees_what_was_asked_but_cannot_open_count_or_close(community: Community) -> None:
    survey = ask(community)
    member = sign_in(Client(), person_in(community).user)

    assert "Seen by the facilitator" in words(member.get(at("survey-list", community)))
    assert "Open a survey" not in words(member.get(at("survey-list", community)))
    assert "Asked" not in words(member.get(survey.get_absolute_url()))
    for address in (
        at("open-survey", community),
        set_up(community),
        at("confirm-survey", community),
        at("close-survey", community, survey.pk),
    ):
        for response in (member.get(address), member.post(address, confirmed())):
            assert response.status_code == 403
            assert "Only this community’s facilitators, HIN staff and administrators can do this." in words(response)
    assert Survey.objects.get().state == "open"


def test_a_sponsor_reads_how_many_answered_once_it_has_closed_and_finds_no_link_that_refuses_them(
    community: Community,
) -> None:
    ask_and_close(community, [AGREES] * 6)
    sponsor = sign_in(Client(), person_in(community, "sponsor").user)

    page = sponsor.get(at("survey-list", community))

    assert "Seen by the facilitator" not in words(page)
    assert "5 to 9 of 6" in words(page)
    for link in set(re.findall(r'href="(/communities/[^"#]*)"', page.content.decode())):
        assert sponsor.get(link).status_code == 200, link


def test_a_facilitator_of_another_community_finds_nothing(community: Community) -> None:
    survey = ask(community)
    stranger = sign_in(Client(), person_in(community_of(5), "facilitator").user)

    for name, args in (("survey-list", ()), ("open-survey", ()), ("survey", (survey.pk,)), ("results", (survey.pk,))):
        assert stranger.get(at(name, community, *args)).status_code == 404
    assert stranger.post(at("close-survey", community, survey.pk)).status_code == 404


def test_a_survey_of_another_community_is_not_found_under_this_one(facilitator: Client, community: Community) -> None:
    survey = ask(community_of(5))

    assert facilitator.get(at("survey", community, survey.pk)).status_code == 404


def test_a_survey_says_how_many_answered_only_as_counted_in_the_night(
    facilitator: Client, community: Community
) -> None:
    survey = ask(community)
    page = facilitator.get(survey.get_absolute_url())
    assert "Answers are counted once a night; the first count is not in yet." in words(page)

    Survey.objects.update(answered_words="fewer than 5", counted_on=TODAY)

    assert "fewer than 5 of 6 had answered on 24 November 2026" in words(facilitator.get(survey.get_absolute_url()))


def test_closing_with_too_few_answers_gives_them_more_time_once(facilitator: Client, community: Community) -> None:
    survey = ask(community)
    address = at("close-survey", community, survey.pk)
    assert "extended, once" in words(facilitator.get(address))

    first = facilitator.post(address, follow=True)
    assert "Too few have answered to show anything. It stays open, this once, until 19 December 2026." in words(first)
    # The same page, sent twice: what the first one gave is not taken back.
    again = facilitator.post(address, {"although_extended": "False"})
    assert (again.status_code, Survey.objects.get().state) == (409, "open")
    assert "it stays open until 19 December 2026, as its invitation said" in words(again)
    page = facilitator.get(address)
    assert "It has been extended once already" in words(page)
    assert 'name="although_extended" value="True"' in page.content.decode()
    second = facilitator.post(address, {"although_extended": "True"}, follow=True)

    assert "“Community of practice: ten questions” is closed." in words(second)
    assert Survey.objects.get().state == "closed"


def test_closing_what_is_closed_is_a_conflict(facilitator: Client, community: Community) -> None:
    survey = ask_and_close(community, [AGREES] * 5)

    response = facilitator.post(at("close-survey", community, survey.pk))

    assert response.status_code == 409
    assert "This survey is already closed, or is being closed." in words(response)


def closed_surveys(community: Community, number: int) -> None:
    version = questionnaire()
    for age in range(number):
        ask_and_close(community, [], version=version, days_ago=1 + 30 * age)


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_takes_as_many_queries_for_thirty_surveys_as_for_one(
    facilitator: Client, community: Community, number: int, django_assert_num_queries: Any
) -> None:
    closed_surveys(community, number)
    with django_assert_num_queries(7):
        facilitator.get(at("survey-list", community))


def test_a_script_in_a_name_stays_text(community: Community) -> None:
    facilitator = PersonFactory.create(name="<script>alert(1)</script>")
    MembershipFactory.create(community=community, person=facilitator)
    community.role_terms.create(person=facilitator, role="facilitator", starts_on=TODAY - timedelta(days=99))
    client = sign_in(Client(), facilitator.user)

    page = client.get(client.post(set_up(community), confirmed())["Location"]).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_nothing_is_open_before_the_page_is_confirmed_at(facilitator: Client, community: Community) -> None:
    facilitator.get(f"{at('confirm-survey', community)}?{urlencode(confirmed())}")

    assert not Survey.objects.filter(opened_at__lte=NOW).exists()

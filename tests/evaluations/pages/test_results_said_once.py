"""A long page of results: what was said in brief, a list of what there is, every reason once and within reach."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import Survey
from evaluations.services.surveys.opening import open_survey
from tests.evaluations.asking import AGREES, DISAGREES, ask_and_close, community_of, questionnaire, staff_user
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, ProfessionalGroupFactory
from tests.factories.evaluations import close, give_answers

pytestmark = pytest.mark.django_db


def read(survey: Survey) -> tuple[Any, dict[str, Any]]:
    """The page, and what the API says."""
    client = sign_in(Client(), staff_user())
    return (
        client.get(survey.get_results_url()),
        client.get(reverse("api:survey-results", args=[survey.pk])).json(),
    )


def links_within(response: Any) -> list[tuple[str, str]]:
    return re.findall(r'<a href="#([\w-]+)">\s*(.*?)\s*</a>', response.content.decode())


def by_profession() -> Survey:
    """Forty people of three professions, of whom one is small: it is hidden, and another with it."""
    community = community_of(42)
    people = [membership.person for membership in community.memberships.order_by("pk")]
    for name, some in (("Nursing", people[:22]), ("Medicine", people[22:39]), ("Pharmacy", people[39:])):
        group = ProfessionalGroupFactory.create(name=name, code=name.lower())
        for person in some:
            person.affiliations.update(professional_group=group)
    survey = open_survey(
        community=community,
        version=questionnaire(),
        mode="anonymous",
        closes_at=NOW + timedelta(days=21),
        reminder_days=[],
        by=staff_user(),
        now=NOW,
        breakdown="profession",
    )
    give_answers(survey, answers=[dict(AGREES)] * 22 + [dict(DISAGREES)] * 20)
    return close(survey)


def test_every_link_on_the_page_leads_to_something_on_it() -> None:
    page, _ = read(by_profession())

    targets = set(re.findall(r'id="([\w-]+)"', page.content.decode()))
    links = links_within(page)
    assert len(links) > 10
    assert [anchor for anchor, _ in links if anchor not in targets] == []


def test_a_hidden_figure_leads_to_its_reason_and_each_reason_is_said_once_in_page_and_api() -> None:
    page, api = read(by_profession())
    said = words(page)

    marked = [(anchor, label) for anchor, label in links_within(page) if anchor.startswith("why-")]
    assert {label for _, label in marked} >= {"Hidden: to protect a small group"}
    assert len(marked) > len(set(marked))
    assert len({label for _, label in marked}) == len(api["reasons"])
    for reason in api["reasons"]:
        assert said.count(reason["why"]) == 1
    reasons = re.findall(r'<dt id="([\w-]+)">(.*?)</dt>', page.content.decode())
    assert set(marked) == set(reasons)


def test_what_is_hidden_is_a_line_with_the_names_of_the_groups_and_no_row_of_any_table() -> None:
    page, api = read(by_profession())

    html = page.content.decode()
    assert len(re.findall(r'data-question="\w+"', html)) == 10
    assert [row for row in re.findall(r"(?s)<tr.*?</tr>", html) if "Hidden" in row] == []
    hidden = ", ".join(group["label"] for group in api["breakdown"]["groups"] if group["hidden"])
    assert hidden.count(", ") == 1
    assert words(page).count(f"Hidden: to protect a small group {hidden}") > 1


def test_the_contents_name_every_section_with_its_number_of_questions() -> None:
    survey = ask_and_close(community_of(12), [AGREES] * 7 + [DISAGREES] * 2, version=questionnaire("cop-full"))

    page, api = read(survey)

    sections: dict[str, int] = {}
    for question in api["questions"]:
        sections[question["section"]] = sections.get(question["section"], 0) + 1
    contents = page.content.decode().split('id="contents"')[1].split("</nav>")[0]
    listed = re.findall(r'<a href="#section-\d+">(.*?)</a>, (\d+) questions?<', contents)
    assert [(name.replace("&#x27;", "'"), int(number)) for name, number in listed] == list(sections.items())
    assert len(sections) > 3


def test_the_page_begins_with_who_answered_and_what_stands_out() -> None:
    survey = ask_and_close(community_of(16), [{**AGREES, "C1": "2"}] * 7 + [AGREES] * 5)

    page, api = read(survey)

    most, least = api["in_brief"]["headlines"]
    assert (most["lead"], most["code"], most["others"]) == ("Over two thirds agree", "M1", 6)
    assert (least["lead"], least["code"], least["others"]) == ("About half agree", "C1", 0)
    first = words(page).split("On this page")[0].strip()
    assert first.endswith(
        f"What members said Answered: 75% of 16 Over two thirds agree , here and in 6 more {most['text']} "
        f"About half agree {least['text']} Agreeing: 42% (5 of 12; 95% interval 19% to 68%)"
    )


def test_too_few_answers_are_said_once_at_the_top_without_a_list_of_what_is_not_there() -> None:
    page, api = read(ask_and_close(community_of(6), [AGREES] * 4))

    assert api["in_brief"] == {"headlines": [], "why_none": api["hidden"]["why"]}
    assert [reason["words"] for reason in api["reasons"]] == ["Hidden: fewer than 5 answers"]
    said = words(page)
    assert said.count(api["hidden"]["why"]) == 1
    assert "On this page" not in said

"""What someone is told behind their link of results by group, and of who will see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from communities.models import ProfessionalGroup
from cop_portal.outbox.kinds import Rendered
from evaluations import emails
from evaluations.models import Survey
from evaluations.services.surveys.opening import open_survey
from tests.evaluations.asking import community_of, link_of, person_in, questionnaire, staff_user
from tests.evaluations.pages.browsing import first_page, words
from tests.factories.communities import NOW, ProfessionalGroupFactory

pytestmark = pytest.mark.django_db


def opened(**changes: Any) -> tuple[Survey, str]:
    """A survey of forty, and the link of the one nurse among them."""
    community = community_of(39)
    nurse = person_in(community)
    nursing = ProfessionalGroup.objects.filter(code="nursing").first()
    nursing = nursing or ProfessionalGroupFactory.create(name="Nursing", code="nursing")
    nurse.affiliations.update(professional_group=nursing)
    survey = open_survey(
        community=community,
        version=questionnaire(),
        mode="anonymous",
        closes_at=NOW + timedelta(days=21),
        reminder_days=[],
        by=staff_user(),
        now=NOW,
        **changes,
    )
    return survey, link_of(survey, nurse)


def test_the_first_page_says_in_which_group_someone_counts_and_shows_it_in_the_very_record() -> None:
    _, token = opened(breakdown="profession")

    page = Client().get(first_page(token))

    assert (
        "Your profession is kept with your answers, because results are also shown by it. It counts as “Nursing”, as "
        "the community’s list of members says. A group is shown only where that gives nobody away."
    ) in words(page)
    assert "&quot;group&quot;: &quot;nursing&quot;" in page.content.decode()


def test_the_first_page_says_which_answer_makes_the_groups() -> None:
    survey, token = opened(breakdown="item:V3")
    assert survey.breakdown is not None

    said = words(Client().get(first_page(token)))

    assert f"Results are also shown by the answers to “{survey.breakdown['label']}”" in said


def test_without_a_breakdown_nothing_is_said_or_kept_of_groups() -> None:
    _, token = opened()

    page = Client().get(first_page(token))

    assert "Results are also shown" not in words(page)
    assert "group" not in page.content.decode().split('class="app-record"')[1].split("</pre>")[0]


@pytest.mark.parametrize("render", [emails.render_request, emails.render_reminder])
def test_mail_says_by_what_results_are_also_shown_and_nothing_where_they_are_not(
    render: Callable[..., Rendered],
) -> None:
    texts = []
    for breakdown in ("profession", ""):
        survey, _ = opened(breakdown=breakdown)
        texts.append(render({"invitation": str(survey.invitations.all()[0].pk)}, "").text)

    told = (
        "\nYour profession is kept with your answers, because results are also shown by it. A group is shown only "
        "where that gives nobody away.\n\nHow we protect your answers: "
    )
    assert texts[0].count(told) == 1
    assert "results are also shown" not in texts[1]


@pytest.mark.parametrize(
    ("shared_with", "sentence"),
    [
        ("members", "Members see the results once the facilitator has shared them."),
        ("leaders", "The results are not shared with members."),
    ],
)
def test_the_first_page_says_whether_members_will_see_the_results(shared_with: str, sentence: str) -> None:
    _, token = opened(shared_with=shared_with)

    assert sentence in words(Client().get(first_page(token)))

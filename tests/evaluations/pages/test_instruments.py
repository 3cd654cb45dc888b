"""What staff read about what is asked; and what a community's overview says about it."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import InstrumentVersion, Survey
from tests.evaluations.asking import AGREES, ask, ask_and_close, community_of, person_in, questionnaire, staff_user
from tests.evaluations.drafting import blank, publish
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in
from tests.factories.communities import TODAY

pytestmark = pytest.mark.django_db


def staff() -> Client:
    return sign_in(Client(), staff_user())


def test_a_question_says_what_it_serves_what_can_be_answered_and_who_is_asked_it() -> None:
    questionnaire()

    said = words(staff().get(reverse("evaluations:instrument", args=["cop-full"])))

    assert (
        "V6: Would it have happened without us? Kind Single choice Answers Yes, the same; Yes, but later or less; "
        "Probably not; I do not know (left out of the base) Evaluation question 2c: How good is the evidence, and how "
        "much is owed to the community? Value cycle Realised Shown to Those who answered V4 with “Being tried”, "
        "“In use in one place”, “In use in several places” or “Tried and stopped”" in said
    )
    assert "Nothing (goes with no other)" in said


def test_whose_wording_it_is_stands_as_the_version_itself_says_on_its_page_and_in_the_api() -> None:
    shipped, written = questionnaire("cop-core"), blank("D1")
    InstrumentVersion.objects.filter(pk=written.pk).update(attribution="Worded at Ashvale.")
    client = staff()
    assert "Worded at Ashvale." in words(client.get(reverse("evaluations:draft", args=[written.pk])))
    published = publish(written)

    said = words(client.get(published.get_absolute_url()))
    assert "Worded at Ashvale." in said
    assert "RAND" not in said
    ours = html.unescape(words(client.get(shipped.get_absolute_url())))
    assert "The portal's own wording, informed by the RAND report's findings; not RAND's." in ours
    one = client.get(reverse("api:instrument", args=[shipped.instrument.code])).json()
    assert shipped.attribution in [version["attribution"] for version in one["versions"]]


def test_the_four_questions_are_quoted_with_their_source_and_nothing_of_ours_is_called_rand_s() -> None:
    questionnaire()

    page = staff().get(reverse("evaluations:framework"))

    said, html = words(page), page.content.decode()
    assert html.count("<blockquote") == 4
    assert "quoted from Garrod B and Ling T, System change through situated learning" in said
    assert 'href="https://www.rand.org/pubs/research_reports/RR1821.html"' in html
    assert "The questions below each of them, the levels and the dimensions are the portal’s own." in said
    assert [heading in said for heading in ("Our maturity dimensions", "Our five maturity levels")] == [True, True]
    assert "1a: Is the community moving from talking to trying to lasting change" in said


def test_pages_about_nothing_loaded_yet_say_so() -> None:
    assert "No questionnaire has been published yet." in words(staff().get(reverse("evaluations:instrument-list")))
    assert "No framework has been loaded yet." in words(staff().get(reverse("evaluations:framework")))
    assert staff().get(reverse("evaluations:instrument", args=["cop-full"])).status_code == 404


@pytest.mark.parametrize("code", ["session-pulse", "cop-full"])
def test_an_instrument_takes_as_many_queries_whatever_its_length(code: str, django_assert_num_queries: Any) -> None:
    questionnaire()
    client = staff()
    with django_assert_num_queries(5):
        client.get(reverse("evaluations:instrument", args=[code]))


def test_the_overview_tells_each_reader_what_was_asked_as_far_as_they_may_know() -> None:
    community = community_of(12, name="Sepsis", slug="sepsis")
    version = questionnaire()
    ask_and_close(community, [AGREES] * 7, version=version)
    ask(community, version=version)
    Survey.objects.filter(state="open").update(answered_words="fewer than 5", counted_on=TODAY)

    def overview(role: str) -> str:
        client = sign_in(Client(), person_in(community, role).user)
        return words(client.get(community.get_absolute_url()))

    led, seen = overview("facilitator"), overview("member")
    assert "open until 12 December 2026. Fewer than 5 of 12 had answered on 24 November 2026." in led
    assert "Answered: 5 to 9 of 12" in led
    assert "It is safe to talk here about things that went wrong. Agreeing: over two thirds (base 5 to 9)" in led
    assert "Results of “Community of practice: ten questions” , asked in November 2026" in led
    assert "Open a survey" in led
    assert "Community of practice: ten questions : open until 12 December 2026." in seen
    assert "fewer than 5" not in seen
    assert "Agreeing" not in seen
    assert "Open a survey" not in seen

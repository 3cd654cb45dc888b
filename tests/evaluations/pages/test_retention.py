"""/network/retention/: who comes in, the list, the dry run, the choice; and what the other pages say afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cop_portal.accounts.models import User
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.named import NamedResponse
from evaluations.models.response import Response
from evaluations.services.keys.pseudonym_keys import hold_key
from evaluations.services.retention.destroying import destroy_answers
from tests.evaluations.pages.browsing import words
from tests.evaluations.retaining import MARKER, administrator, another_like, closed, due_day, pulse, with_texts
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, facilitator_of, member_of, sponsor_of, staff
from tests.factories.evaluations import community_of

pytestmark = pytest.mark.django_db

LIST, ALL = reverse("evaluations:retention"), reverse("evaluations:destroy-all-answers")
# Session and user; then the surveys of the page, how many there are, how many are due, and holds.
LIST_QUERIES, ALL_QUERIES, DRY_RUN_QUERIES = 6, 4, 7


def of(survey: Survey) -> str:
    return reverse("evaluations:destroy-answers", args=[survey.pk])


@pytest.fixture
def travel() -> Iterator[Callable[[datetime], None]]:
    """Goes on to a moment, and back when the test is over."""
    on_the_way: list[Any] = []

    def to(moment: datetime) -> None:
        traveller = time_machine.travel(moment, tick=False)
        traveller.start()
        on_the_way.append(traveller)

    yield to
    for traveller in reversed(on_the_way):
        traveller.stop()


@pytest.fixture
def at_day(travel: Callable[[datetime], None]) -> Callable[..., Client]:
    """A browser of an administrator, or of `user`, on the day on which these surveys are due."""

    def come(*surveys: Survey, user: User | None = None) -> Client:
        travel(max(map(due_day, surveys)))
        return sign_in(Client(), user or administrator())

    return come


def destroy(*surveys: Survey) -> None:
    for survey in surveys:
        destroy_answers(survey=survey, by=administrator(), now=due_day(survey))


# Who


@pytest.mark.parametrize(
    ("role", "status"),
    [("administrator", 200), ("staff", 403), ("facilitator", 403), ("sponsor", 403), ("member", 403)],
)
def test_administrators_alone_manage_what_is_kept(role: str, status: int, at_day: Any) -> None:
    survey = closed()
    users: dict[str, Callable[[], User]] = {
        "administrator": administrator, "staff": staff,
        "facilitator": lambda: facilitator_of(survey.community),
        "sponsor": lambda: sponsor_of(survey.community),
        "member": lambda: member_of(survey.community),
    }  # fmt: skip
    client = at_day(survey, user=users[role]())
    assert [client.get(page).status_code for page in (LIST, ALL, of(survey))] == [status] * 3
    if status == 403:
        assert client.post(of(survey), {"decision": "destroy"}).status_code == 403
        assert client.post(ALL, {"decision": "destroy", "surveys": str(survey.pk)}).status_code == 403
        assert Response.objects.count() == 12
        assert "administrators" in words(client.get(LIST)).lower()


def test_nobody_comes_in_without_signing_in() -> None:
    assert [Client().get(page).status_code for page in (LIST, ALL)] == [302, 302]


def test_home_and_the_network_lead_administrators_there_and_nobody_else(at_day: Any) -> None:
    survey = closed()
    client = at_day(survey)
    assert "Single answers to 1 survey are due to be destroyed" in words(client.get("/"))
    assert LIST in client.get("/").content.decode()
    assert LIST in client.get(reverse("network")).content.decode()
    colleague = sign_in(Client(), staff())
    assert LIST not in colleague.get("/").content.decode() + colleague.get(reverse("network")).content.decode()
    destroy(survey)
    assert LIST not in client.get("/").content.decode()


# The list


def test_the_list_says_what_is_due_since_when_and_what_is_coming(travel: Any) -> None:
    now = closed(community=community_of(16, name="Sepsis", slug="sepsis"))
    coming = closed(community=community_of(16, name="Delirium", slug="delirium"), now=NOW + timedelta(days=50))
    closed(community=community_of(16, name="Maternity", slug="maternity"), now=NOW + timedelta(days=70))
    travel(due_day(now))
    said = words(sign_in(Client(), administrator()).get(LIST))
    due, later = said.split("Due in the next 60 days")
    assert "Sepsis" in due
    assert "15 December 2027" in due
    assert "Answers of 12 people" in due
    assert "Of 1 survey the single answers are due." in due
    assert "Delirium" in later
    assert "3 February 2028" in later
    assert "Maternity" not in said
    assert coming.pk != now.pk


def test_an_empty_list_says_so() -> None:
    said = words(sign_in(Client(), administrator()).get(LIST))
    assert "Nothing is due." in said
    assert "Nothing else will be due in that time." in said
    assert "Nothing is due." in words(sign_in(Client(), administrator()).get(ALL))


def test_a_legal_hold_is_named_and_nothing_can_be_destroyed_meanwhile(travel: Any) -> None:
    survey = pulse(PrivacyMode.CONFIDENTIAL)
    assert survey.pseudonym_key is not None
    hold_key(key=survey.pseudonym_key, because="An inquiry needs it", by=staff(), now=NOW)
    travel(due_day(survey) + timedelta(days=1))
    client = sign_in(Client(), administrator())
    assert "Due, and paused by a legal hold" in words(client.get(LIST))
    said = words(client.get(of(survey)))
    assert "A legal hold on the key to its pseudonyms: An inquiry needs it" in said
    assert "Destroy them for good" not in said
    refused = client.post(of(survey), {"decision": "destroy"})
    assert refused.status_code == 409
    assert "Nothing is destroyed while it lasts." in words(refused)
    assert ConfidentialResponse.objects.count() == 12


# The dry run, and the choice


def test_the_dry_run_says_what_goes_and_what_stays_and_offers_a_choice_without_a_default(at_day: Any) -> None:
    survey = with_texts()
    client = at_day(survey)
    response = client.get(of(survey))
    said = words(response)
    assert "Due since 15 December 2027." in said
    assert "The answers of 12 people, a row for each, without names." in said
    assert "The 6 texts that are shown with the results, as they are shown." in said
    assert "There is no way back." in said
    assert " checked" not in response.content.decode()
    refused = client.post(of(survey), {})
    assert refused.status_code == 422
    assert "Choose whether they are destroyed or kept" in words(refused)
    assert client.post(of(survey), {"decision": "keep"}, follow=True).redirect_chain == [(LIST, 302)]
    assert Response.objects.count() == 12


def test_an_administrator_destroys_them_and_the_page_says_when(at_day: Any) -> None:
    survey = pulse(PrivacyMode.NAMED)
    client = at_day(survey)
    done = client.post(of(survey), {"decision": "destroy"}, follow=True)
    assert "The answers of single people were destroyed on 15 December 2027." in words(done)
    assert NamedResponse.objects.count() == 0
    said = words(client.get(of(survey)))
    assert "were destroyed on 15 December 2027" in said
    assert "What stayed" in said
    assert "Destroy them for good" not in said
    again = client.post(of(survey), {"decision": "destroy"})
    assert again.status_code == 409
    assert "were destroyed on 15 December 2027" in words(again)


def test_before_its_day_the_page_says_until_when_and_refuses(travel: Any) -> None:
    survey = closed()
    travel(due_day(survey) - timedelta(minutes=1))
    client = sign_in(Client(), administrator())
    assert "Kept until 15 December 2027." in words(client.get(of(survey)))
    assert client.post(of(survey), {"decision": "destroy"}).status_code == 409
    assert Response.objects.count() == 12


def test_an_open_survey_has_no_such_page() -> None:
    survey = closed()
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.CLOSING)
    assert sign_in(Client(), administrator()).get(of(survey)).status_code == 404


def test_all_that_stood_on_the_page_goes_and_nothing_that_became_due_since(travel: Any) -> None:
    early, late = [closed() for _ in range(2)], closed(now=NOW + timedelta(minutes=10))
    travel(due_day(late) - timedelta(minutes=5))
    client = sign_in(Client(), administrator())
    form = client.get(ALL).context["form"]
    assert form["surveys"].value() == ",".join(str(survey.pk) for survey in early)
    travel(due_day(late))
    done = client.post(ALL, {"decision": "destroy", "surveys": form["surveys"].value()}, follow=True)
    assert "The answers of single people to 2 surveys have been destroyed." in words(done)
    assert "Of 1 survey the single answers are due." in words(done)
    again = client.post(ALL, {"decision": "destroy", "surveys": form["surveys"].value()}, follow=True)
    assert words(again).count("was left as it is. The answers of single people were destroyed on") == 2


@pytest.mark.parametrize("surveys", ["", "x", "1;2", "1," * 600, "9" * 40, "1,2\x00"])
def test_odd_lists_of_surveys_destroy_nothing(surveys: str, at_day: Any) -> None:
    client = at_day(closed())
    assert client.post(ALL, {"decision": "destroy", "surveys": surveys}).status_code == 422
    assert Response.objects.count() == 12


def test_the_list_and_the_page_of_all_ask_the_same_for_one_and_for_thirty(
    at_day: Any, django_assert_num_queries: Any
) -> None:
    first = pulse(PrivacyMode.NAMED, 6)
    client = at_day(first)
    client.get(LIST)
    for page, number in ((LIST, LIST_QUERIES), (ALL, ALL_QUERIES)):
        with django_assert_num_queries(number):
            client.get(page)
    with django_assert_num_queries(DRY_RUN_QUERIES):
        client.get(of(first))
    for _ in range(29):
        another_like(first)
    for page, number in ((LIST, LIST_QUERIES), (ALL, ALL_QUERIES)):
        with django_assert_num_queries(number):
            response = client.get(page)
        assert words(response).count("Answers of 5 to 9 people") == 30
    with django_assert_num_queries(DRY_RUN_QUERIES):
        client.get(of(first))


# What other pages say


def test_results_are_the_same_page_before_and_after(at_day: Any) -> None:
    survey = with_texts()
    client = at_day(survey)
    before = words(client.get(survey.get_results_url()))
    api = client.get(reverse("api:survey-results", args=[survey.pk])).content
    destroy(survey)
    assert words(client.get(survey.get_results_url())) == before
    assert client.get(reverse("api:survey-results", args=[survey.pk])).content == api


def test_results_say_that_texts_nobody_showed_are_gone(at_day: Any) -> None:
    survey = closed([{"M1": "4", "V9": f"{MARKER} {n}."} for n in range(6)] + [{"M1": "4"}] * 6, code="cop-full")
    client = at_day(survey)
    assert "Not shown yet" in words(client.get(survey.get_results_url()))
    destroy(survey)
    said = words(client.get(survey.get_results_url()))
    assert "Not shown: destroyed when their time was over" in said
    assert "Not shown yet" not in said


def test_the_page_of_the_survey_says_that_single_answers_are_gone(at_day: Any) -> None:
    survey = closed()
    client = at_day(survey)
    assert "Single answers" not in words(client.get(survey.get_absolute_url()))
    destroy(survey)
    assert "The answers of single people were destroyed on 15 December 2027." in words(
        client.get(survey.get_absolute_url())
    )


def test_the_named_pages_say_that_the_answers_are_gone(at_day: Any) -> None:
    survey = pulse(PrivacyMode.NAMED)
    client = at_day(survey, user=facilitator_of(survey.community))
    person = Invitation.objects.filter(survey=survey, is_answered=True).order_by("pk")[0].person
    who = reverse("evaluations:who-answered", args=[survey.community.slug, survey.pk])
    answers = reverse("evaluations:answers-of", args=[survey.community.slug, survey.pk, person.pk])
    assert MARKER in words(client.get(answers))
    destroy(survey)
    for page in (who, answers):
        said = words(client.get(page))
        assert "The answers of single people were destroyed on 15 December 2027." in said
        assert MARKER not in said
    assert answers not in client.get(who).content.decode()
    assert words(client.get(who)).count("Answered Yes") == 12


@pytest.mark.parametrize("mode", [PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED])
def test_my_own_answers_say_that_they_are_gone(mode: PrivacyMode, at_day: Any) -> None:
    survey = pulse(mode)
    person = Invitation.objects.filter(survey=survey, is_answered=True).order_by("pk")[0].person
    client = at_day(survey, user=person.user)
    destroy(survey)
    mine = client.get(reverse("evaluations:own-answers"))
    assert "The answers of single people were destroyed on" in words(mine)
    one = reverse("evaluations:own-answers-to", args=[survey.pk])
    assert one not in mine.content.decode()
    said = words(client.get(one))
    assert "Yours were among them." in said
    assert MARKER not in said
    silent = Invitation.objects.filter(survey=survey, is_answered=False).order_by("pk")[0].person
    assert sign_in(Client(), silent.user).get(one).status_code == 404


def test_the_page_of_texts_and_of_files_say_that_they_are_gone(at_day: Any) -> None:
    survey = with_texts()
    client = at_day(survey, user=staff())
    texts = reverse("evaluations:read-texts", args=[survey.pk])
    files = reverse("evaluations:export-survey", args=[survey.community.slug, survey.pk])
    assert "is due to be destroyed from 15 December 2027" in words(client.get(texts))
    destroy(survey)
    assert "Of the texts only those that are shown are left, as they are shown." in words(client.get(texts))
    assert "were destroyed on 15 December 2027" in words(client.get(files))


def test_rows_are_offered_no_more(at_day: Any) -> None:
    survey = pulse(PrivacyMode.NAMED)
    client = at_day(survey, user=staff())
    files = reverse("evaluations:export-survey", args=[survey.community.slug, survey.pk])
    assert "The answers, a row for each person" in words(client.get(files))
    destroy(survey)
    assert "The answers, a row for each person" not in words(client.get(files))


def test_the_privacy_notice_says_what_goes_and_that_shown_words_stay() -> None:
    said = words(Client().get(reverse("design:privacy")))
    assert "Totals stay, and so do the words that were shown with the results" in said
    assert "an administrator goes through a list of what is due" in said
    assert "an administrator destroys them, from a list" in words(Client().get(reverse("design:protection")))

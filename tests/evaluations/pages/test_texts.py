"""The second reader's pages: the queue, one survey, one text, showing, taking back, withdrawing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cop_portal.accounts.models import User
from evaluations.models import Survey
from evaluations.models.response import FreeText
from evaluations.services.results.text_review import texts_to_read
from evaluations.services.results.texts import released_texts
from tests.evaluations.pages.browsing import words
from tests.evaluations.services.test_text_review import release_all, survey_with_texts
from tests.factories.accounts import sign_in
from tests.factories.communities import MembershipFactory, facilitator_of, member_of, sponsor_of, staff

pytestmark = pytest.mark.django_db

QUEUE = reverse("evaluations:texts")


@pytest.fixture
def survey() -> Survey:
    return survey_with_texts(5)


@pytest.fixture
def reader() -> User:
    return staff()


@pytest.fixture
def client(reader: User) -> Client:
    return sign_in(Client(), reader)


def address(name: str, survey: Survey, *args: Any) -> str:
    return reverse(f"evaluations:{name}", args=[survey.pk, *args])


def test_the_queue_names_the_survey_and_how_many_wait(client: Client, survey: Survey) -> None:
    said = words(client.get(QUEUE))
    assert f"{survey.version.title}, {survey.community.name}" in said
    assert address("read-texts", survey) in client.get(QUEUE).content.decode()
    assert "No text waits to be read." not in said


def test_an_empty_queue_says_so(client: Client) -> None:
    assert "No text waits to be read." in words(client.get(QUEUE))


def test_all_is_read_one_by_one_then_shown_and_one_withdrawn(client: Client, reader: User, survey: Survey) -> None:
    texts = texts_to_read(survey=survey, by=reader)
    where = address("read-text", survey, texts[0].pk)
    for text in texts:
        assert where == address("read-text", survey, text.pk)
        assert text.text in words(client.get(where))
        where = client.post(where, {"decision": "release"})["Location"]
    assert where == address("read-texts", survey)
    assert released_texts(survey) == {}
    assert client.post(address("show-texts", survey))["Location"] == where
    assert len(released_texts(survey)["V9"]) == 5
    client.post(address("withdraw-text", survey, texts[0].pk))
    assert released_texts(survey) == {}


def test_nothing_is_chosen_beforehand_and_without_a_choice_nothing_is_decided(client: Client, survey: Survey) -> None:
    text = FreeText.objects.filter(survey=survey).order_by("pk")[0]
    where = address("read-text", survey, text.pk)
    assert " checked" not in client.get(where).content.decode()
    response = client.post(where, {"redacted": text.text})
    assert response.status_code == 422
    assert "Choose what may be shown of it." in words(response)
    assert FreeText.objects.get(pk=text.pk).state == "waiting"


def test_flagged_passages_are_marked_and_the_suggestion_leaves_them_out(client: Client, survey: Survey) -> None:
    text = FreeText.objects.filter(survey=survey).order_by("pk")[0]
    FreeText.objects.filter(pk=text.pk).update(text="Ring 020 7946 0018 <script>now</script>.")
    where = address("read-text", survey, text.pk)
    html = client.get(where).content.decode()
    assert '<mark>020 7946 0018<span class="nhsuk-u-visually-hidden"> (A telephone number)</span></mark>' in html
    assert "Ring [number] &lt;script&gt;now" in html
    assert "<script>now" not in html
    client.post(where, {"decision": "redact", "redacted": "Ring [number]."})
    assert FreeText.objects.get(pk=text.pk).words == "Ring [number]."


@pytest.mark.parametrize(
    ("redacted", "sentence"),
    [
        ("We rang the board.", "Only take words out."),
        ("[nothing]", "Nothing of the text is left. Withhold it instead."),
        ("", "Type what may be shown, or choose to withhold the text."),
    ],
)
def test_a_redaction_that_is_none_comes_back_with_what_was_typed(
    redacted: str, sentence: str, client: Client, survey: Survey
) -> None:
    text = FreeText.objects.filter(survey=survey).order_by("pk")[0]
    response = client.post(address("read-text", survey, text.pk), {"decision": "redact", "redacted": redacted})
    assert response.status_code == 422
    assert sentence in words(response)
    assert redacted in response.content.decode()
    assert FreeText.objects.get(pk=text.pk).state == "waiting"


def test_a_decision_is_taken_back_by_a_button_until_the_texts_are_shown(
    client: Client, reader: User, survey: Survey
) -> None:
    pk, *_ = release_all(survey, reader)
    client.post(address("take-text-back", survey, pk))
    assert FreeText.objects.get(pk=pk).state == "waiting"
    said = words(client.get(address("read-texts", survey), follow=True))
    assert "Read the next" in said
    assert client.post(address("show-texts", survey)).status_code == 409


def test_a_text_decided_on_meanwhile_is_a_conflict(client: Client, reader: User, survey: Survey) -> None:
    pk, *_ = release_all(survey, reader)
    response = client.post(address("read-text", survey, pk), {"decision": "withhold"})
    assert response.status_code == 409
    assert "This text has been decided on already." in words(response)


def test_nobody_comes_near_the_texts_of_their_own_community(survey: Survey) -> None:
    inside = staff()
    MembershipFactory.create(community=survey.community, person=inside.person)
    text = FreeText.objects.filter(survey=survey).order_by("pk")[0]
    pages = [
        address("read-texts", survey), address("show-texts", survey),
        *(address(name, survey, text.pk) for name in ("read-text", "take-text-back", "withdraw-text")),
    ]  # fmt: skip
    for user in (inside, facilitator_of(survey.community), member_of(survey.community), sponsor_of(survey.community)):
        browser = sign_in(Client(), user)
        for page in pages:
            answers = browser.get(page), browser.post(page, {"decision": "release"})
            assert 403 in {response.status_code for response in answers}, (user, page)
            assert {response.status_code for response in answers} <= {403, 405}
            assert all(text.text not in response.content.decode() for response in answers)
    assert "Someone who is not in this community" in words(sign_in(Client(), inside).get(pages[0]))
    assert FreeText.objects.get(pk=text.pk).state == "waiting"


def test_an_open_survey_and_a_text_of_another_are_not_found(client: Client, survey: Survey) -> None:
    other = survey_with_texts(5)
    text = FreeText.objects.filter(survey=other).order_by("pk")[0]
    assert client.get(address("read-text", survey, text.pk)).status_code == 404
    Survey.objects.filter(pk=survey.pk).update(state="open")
    assert client.get(address("read-texts", survey)).status_code == 404


@pytest.mark.parametrize("number", [5, 30])
def test_the_texts_of_a_survey_take_as_many_queries_for_thirty_as_for_five(
    number: int, client: Client, survey: Survey, django_assert_num_queries: Any
) -> None:
    FreeText.objects.bulk_create(FreeText(survey=survey, item_code="V9", text="More.") for _ in range(number - 5))
    client.get(QUEUE)
    with django_assert_num_queries(9):
        client.get(address("read-texts", survey))

"""What was removed from a draft can be put back where it stood, once, until the draft is published."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cop_portal.audit.models import AuditEntry
from evaluations.models import InstrumentVersion, Question, Section
from evaluations.services.instruments.codes import QuestionThere
from evaluations.services.instruments.holding import VersionPublished
from evaluations.services.instruments.questions import ask_only, move_question, remove_question
from evaluations.services.instruments.removed import MOST_KEPT, NotRemoved, put_back, removed_from
from evaluations.services.instruments.sections import add_section, remove_section
from tests.evaluations.asking import person_in, staff_user
from tests.evaluations.drafting import add, asked_in, blank, next_version, order_of, publish, said
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, CommunityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def remove(draft: InstrumentVersion, code: str) -> str:
    """Removes a question; returns the key under which it can be put back."""
    remove_question(question=asked_in(draft, code), by=staff_user(), now=NOW)
    draft.refresh_from_db()
    return removed_from(draft)[0].key


def back(draft: InstrumentVersion, key: str) -> list[str]:
    return put_back(version=draft, key=key, by=staff_user(), now=NOW)


def everything_of(draft: InstrumentVersion) -> list[dict[str, Any]]:
    """All that stands in a draft, but the keys of rows and when they changed."""
    rows = Question.objects.filter(section__version=draft).order_by("section__position", "position")
    return [{**row, "section_id": row["section__title"]} for row in rows.values(
        "section__title", "section__position", "item__code", "position", "kind", "text", "hint", "scale", "options",
        "show_if", "max_length", "minimum", "maximum", "is_required", "is_ordered", "is_two_sided",
        "evaluation_question", "value_cycle", "wording", "change",
    )]  # fmt: skip


@pytest.mark.parametrize("code", ["D1", "D2", "D3"])
def test_a_question_comes_back_whole_and_where_it_stood(code: str) -> None:
    draft = blank("D1", "D2", "D3")
    before = everything_of(draft)

    key = remove(draft, code)
    assert everything_of(draft) != before
    assert back(draft, key) == [code]

    assert everything_of(draft) == before
    draft.refresh_from_db()
    assert removed_from(draft) == []
    assert list(AuditEntry.objects.order_by("pk").values_list("event", flat=True))[-1] == "instrument.put_back"


def test_a_question_asked_before_comes_back_as_the_same_with_its_condition_where_that_still_holds() -> None:
    draft = next_version("cop-full")
    before = everything_of(draft)

    key = remove(draft, "V6")
    back(draft, key)

    assert everything_of(draft) == before
    assert asked_in(draft, "V6").show_if is not None


def test_a_condition_whose_question_is_gone_stays_away_and_everyone_is_asked() -> None:
    draft = blank("D1", "D2")
    asked = asked_in(draft, "D2")
    codes = [asked_in(draft, "D1").options[0]["code"]]
    ask_only(question=asked, revision=draft.revision + 9, of="D1", codes=codes, by=staff_user(), now=NOW)
    key = remove(draft, "D2")
    remove(draft, "D1")

    back(draft, key)

    assert order_of(draft) == [["D2"]]
    assert asked_in(draft, "D2").show_if is None


def test_a_section_comes_back_with_its_questions_in_its_place() -> None:
    draft = blank("D1", "D2")
    second = add_section(version=draft, title="How it was", by=staff_user(), now=NOW)
    move_question(question=asked_in(draft, "D2"), up=False, by=staff_user(), now=NOW)
    before = everything_of(draft)
    first = Section.objects.filter(version=draft).exclude(pk=second.pk).get()

    remove_section(section=first, by=staff_user(), now=NOW)
    assert order_of(draft) == [["D2"]]
    draft.refresh_from_db()
    [removed] = removed_from(draft)
    assert (removed.is_section, [code for code, _ in removed.questions]) == (True, ["D1"])
    back(draft, removed.key)

    assert everything_of(draft) == before


def test_it_is_put_back_once() -> None:
    draft = blank("D1", "D2")
    key = remove(draft, "D1")
    back(draft, key)

    for wrong in (key, "never"):
        with pytest.raises(NotRemoved) as refused:
            back(draft, wrong)
        assert refused.value.status == 409
    assert order_of(draft) == [["D1", "D2"]]


def test_a_code_that_was_used_again_meanwhile_is_not_taken_away() -> None:
    draft = blank("D1", "D2")
    key = remove(draft, "D1")
    add(draft, said("D1", text="Something else?"))

    with pytest.raises(QuestionThere):
        back(draft, key)
    draft.refresh_from_db()
    assert [one.key for one in removed_from(draft)] == [key]


def test_what_was_refused_to_be_removed_is_not_listed_as_removed() -> None:
    draft = blank("D1", "D2")
    codes = [asked_in(draft, "D1").options[0]["code"]]
    ask_only(
        question=asked_in(draft, "D2"), revision=draft.revision + 9, of="D1", codes=codes, by=staff_user(), now=NOW
    )

    with pytest.raises(Exception, match="which must stand before it"):
        remove_question(question=asked_in(draft, "D1"), by=staff_user(), now=NOW)

    draft.refresh_from_db()
    assert removed_from(draft) == []


def test_publishing_forgets_what_was_removed_and_only_so_much_is_kept() -> None:
    draft = blank("D1", "D2")
    for _ in range(MOST_KEPT + 1):
        key = remove(draft, "D1")
        back(draft, key)
        remove(draft, "D1")
        add(draft, said("D1"))
    draft.refresh_from_db()
    assert len(removed_from(draft)) == MOST_KEPT

    published = publish(draft)

    published.refresh_from_db()
    assert published.removed == []
    with pytest.raises(VersionPublished):
        back(draft, key)


def test_the_page_lists_what_was_removed_and_a_button_puts_it_back() -> None:
    draft = blank("D1", "D2")
    client = sign_in(Client(), staff_user())
    page = client.get(reverse("evaluations:remove-question", args=[draft.pk, "D1"]))
    assert "You can put it back until the draft is published" in words(page)
    client.post(reverse("evaluations:remove-question", args=[draft.pk, "D1"]))
    draft.refresh_from_db()
    [removed] = removed_from(draft)

    page = client.get(draft.get_draft_url())
    assert "Removed What you removed is kept here until the draft is published." in words(page)
    form = page.content.decode().split('id="removed"')[1].split("</form>")[0]
    assert f'name="key" value="{removed.key}"' in form
    assert 'name="csrfmiddlewaretoken"' in form
    address = reverse("evaluations:put-back", args=[draft.pk])
    assert "Put back: D1." in words(client.post(address, {"key": removed.key}, follow=True))
    assert "has been put back already" in words(client.post(address, {"key": removed.key}, follow=True))
    assert order_of(draft) == [["D1", "D2"]]


def test_the_api_lists_what_was_removed_and_puts_it_back_once() -> None:
    draft = blank("D1", "D2")
    client = sign_in(Client(), staff_user())
    removed = client.delete(reverse("api:draft-question", args=[draft.pk, "D1"])).json()["removed"]
    assert [(one["is_section"], [question["code"] for question in one["questions"]]) for one in removed] == [
        (False, ["D1"])
    ]

    address = reverse("api:draft-put-back", args=[draft.pk])
    again = {"key": removed[0]["key"]}
    put = client.post(address, again, "application/json")
    assert (put.status_code, put.json()["removed"]) == (200, [])
    refused = client.post(address, again, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_removed")
    assert client.post(address, {}, "application/json").status_code == 400


def test_nobody_else_puts_anything_back_in_someone_s_draft() -> None:
    draft = blank("D1", "D2")
    key = remove(draft, "D1")
    stranger = sign_in(Client(), person_in(CommunityFactory.create(), "facilitator").user)

    assert stranger.post(reverse("evaluations:put-back", args=[draft.pk]), {"key": key}).status_code == 404
    assert stranger.post(reverse("api:draft-put-back", args=[draft.pk]), {"key": key}).status_code == 404
    assert order_of(draft) == [["D2"]]

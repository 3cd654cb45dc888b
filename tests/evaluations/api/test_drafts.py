"""Writing a questionnaire over the API: the same rules and words as the pages, with If-Match."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.models import InstrumentVersion, Scale
from tests.evaluations.asking import community_of, person_in, questionnaire, staff_user
from tests.evaluations.drafting import add, asked_in, blank, next_version, order_of, said
from tests.factories.accounts import sign_in

pytestmark = pytest.mark.django_db

YES_NO = [{"code": "1", "label": "Yes"}, {"code": "2", "label": "No"}]


def staff() -> Client:
    return sign_in(Client(), staff_user())


def facilitator() -> Client:
    return sign_in(Client(), person_in(community_of(1), "facilitator").user)


def send(client: Client, verb: str, name: str, *args: Any, read: Any = None, **body: Any) -> Any:
    headers = {"If-Match": f'"{read}"'} if read else {}
    address = reverse(f"api:{name}", args=args)
    return getattr(client, verb)(address, body, content_type="application/json", headers=headers)


def test_a_questionnaire_is_written_and_published_over_the_api() -> None:
    questionnaire()
    client = staff()
    begun = send(client, "post", "draft-list", make="blank", code="ours", title="Ours")
    assert begun.status_code == 201
    pk, section = begun.json()["id"], begun.json()["sections"][0]["id"]
    assert begun.json()["faults"] == [
        "The section “Questions” has no questions.", "There is no question that can be answered.",
    ]  # fmt: skip
    about = {"text": "Did it help?", "evaluation_question": "1a", "value_cycle": "immediate"}
    for more in (
        {"code": "Q1", "kind": "single", "options": YES_NO},
        {"code": "Q2", "kind": "likert", "scale": "agree5"},
        {"code": "Q3", "kind": "number", "minimum": 0, "maximum": 40},
    ):
        assert send(client, "post", "draft-question-list", pk, section, **about, **more).status_code == 201
    assert send(client, "post", "draft-question-list", pk, section, known="M1").status_code == 201
    read = client.get(reverse("api:draft", args=[pk]))
    asked = send(
        client, "put", "draft-question-asked", pk, "Q3", read=read.json()["revision"],
        show_if={"question": "Q1", "in": ["1"]},
    )  # fmt: skip
    assert [(one["code"], one["change"]) for one in asked.json()["sections"][0]["questions"]] == [
        ("Q1", "new"), ("Q2", "new"), ("Q3", "new"), ("M1", "same"),
    ]  # fmt: skip
    assert asked["ETag"] == f'"{asked.json()["revision"]}"'

    published = send(client, "post", "draft-publish", pk, read=asked.json()["revision"])

    assert (published.status_code, published.json()["instrument"], published.json()["number"]) == (200, "ours", 1)
    assert client.get(reverse("api:draft", args=[pk])).status_code == 404
    shown = client.get(reverse("api:instrument", args=["ours"])).json()
    assert [one["code"] for one in shown["versions"][0]["questions"]] == ["Q1", "Q2", "Q3", "M1"]


def test_a_change_says_what_it_was_made_from() -> None:
    draft = blank("Q1")
    client, read = staff(), draft.revision
    assert send(client, "patch", "draft-question", draft.pk, "Q1", text="Nothing read?").status_code == 428
    assert send(client, "patch", "draft-question", draft.pk, "Q1", read=read, text="Mine?").status_code == 200
    assert send(client, "patch", "draft-question", draft.pk, "Q1", read=read, text="Theirs?").status_code == 412
    assert send(client, "patch", "draft", draft.pk, read=read, title="Another title").json()["title"] == "Another title"
    assert send(client, "patch", "draft", draft.pk, read=read, title="Stale").status_code == 412
    assert send(client, "post", "draft-publish", draft.pk, read=read).status_code == 412
    assert asked_in(draft, "Q1").text == "Mine?"


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"make": "own", "instrument": "cop-core"}, 400, "This is needed here."),
        ({"make": "version", "instrument": "nothing"}, 400, "There is no such questionnaire."),
        ({"make": "blank", "code": "Not a code", "title": "T"}, 422, "A code has small letters"),
        ({"make": "blank", "code": "cop-core", "title": "T"}, 409, "There is a questionnaire with this code."),
    ],
)
def test_a_draft_that_cannot_be_begun_is_refused(body: dict[str, Any], status: int, sentence: str) -> None:
    questionnaire()
    refused = send(staff(), "post", "draft-list", **body)
    assert (refused.status_code, sentence in refused.content.decode()) == (status, True), refused.content
    assert not InstrumentVersion.objects.drafts().exists()


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"code": "Q2"}, 400, "This is needed here."),
        ({"known": "ZZ"}, 400, "No question with this code was asked before."),
        ({"scale": "none"}, 400, "There is no such scale."),
        ({"options": YES_NO[:1]}, 422, "Give 2 to 50 answers"),
        ({"options": [{"code": "1", "label": "A\x00B"}, *YES_NO[1:]]}, 400, "Null characters are not allowed"),
        ({"kind": "number", "options": [], "minimum": 9, "maximum": 1}, 422, "lie in that order"),
        ({"code": "M1"}, 409, "M1 was asked before."),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(body: dict[str, Any], status: int, sentence: str) -> None:
    draft = blank()
    section = draft.sections.get()
    whole = {
        "code": "Q2", "kind": "single", "text": "?", "evaluation_question": "1a", "value_cycle": "immediate",
        "options": YES_NO,
    }  # fmt: skip
    sent = body if body in ({"code": "Q2"}, {"known": "ZZ"}) else {**whole, **body}
    refused = send(staff(), "post", "draft-question-list", draft.pk, section.pk, **sent)
    assert (refused.status_code, sentence in refused.content.decode()) == (status, True), refused.content
    assert order_of(draft) == [[]]


def test_a_statement_about_sameness_is_checked_here_too() -> None:
    draft = next_version()
    client = staff()
    about = {"read": draft.revision, "text": "Other words."}
    refused = send(client, "patch", "draft-question", draft.pk, "P1", change="same", **about)
    assert (refused.status_code, "its words changed" in refused.content.decode()) == (422, True)
    send(client, "patch", "draft-question", draft.pk, "P1", **about)
    assert asked_in(draft, "P1").change == "reworded"


def test_a_loop_in_who_is_asked_is_refused() -> None:
    draft = blank("Q1", "Q2")
    rule = {"question": "Q2", "in": ["1"]}
    refused = send(staff(), "put", "draft-question-asked", draft.pk, "Q1", read=draft.revision, show_if=rule)
    assert refused.status_code == 422
    assert "must stand before it" in refused.content.decode()
    assert asked_in(draft, "Q1").show_if is None


def test_sections_and_questions_are_named_moved_and_removed() -> None:
    draft = blank("Q1", "Q2")
    client = staff()
    section = send(client, "post", "draft-section-list", draft.pk, title="More").json()["sections"][1]["id"]
    send(client, "post", "draft-question-move", draft.pk, "Q2", to="up")
    send(client, "post", "draft-section-move", draft.pk, section, to="up")
    assert order_of(draft) == [[], ["Q2", "Q1"]]
    named = send(client, "patch", "draft-section", draft.pk, section, read=999, title="Before")
    assert named.json()["sections"][0]["title"] == "Before"
    send(client, "delete", "draft-section", draft.pk, section)
    send(client, "delete", "draft-question", draft.pk, "Q1")
    assert order_of(draft) == [["Q2"]]


def test_a_facilitator_drafts_from_a_copy_only_and_sees_only_her_own() -> None:
    questionnaire()
    mine, other = facilitator(), facilitator()
    for make in ("blank", "version"):
        body = {"make": make, "instrument": "cop-core", "code": "x", "title": "X"}
        assert send(mine, "post", "draft-list", **body).status_code == 403
    pk = send(mine, "post", "draft-list", make="own", instrument="cop-core", code="ours", title="Ours").json()["id"]

    assert send(mine, "post", "draft-offer", pk, is_offered=True).json()["is_offered"] is True
    assert send(mine, "post", "draft-publish", pk, read=1).status_code == 403
    assert other.get(reverse("api:draft", args=[pk])).status_code == 404
    assert other.get(reverse("api:draft-list")).json()["results"] == []
    assert [one["id"] for one in mine.get(reverse("api:draft-list")).json()["results"]] == [pk]
    assert send(mine, "delete", "draft", pk).status_code == 204


@pytest.mark.parametrize("role", ["member", "sponsor"])
def test_whoever_runs_no_community_drafts_nothing(role: str) -> None:
    client = sign_in(Client(), person_in(community_of(1), role).user)
    assert client.get(reverse("api:draft-list")).status_code == 403
    assert client.get(reverse("api:scale-list")).status_code == 403


def test_scales_over_the_api() -> None:
    questionnaire()
    client = staff()
    assert send(facilitator(), "post", "scale-list", code="often", title="O", options=YES_NO).status_code == 403
    made = send(client, "post", "scale-list", code="often", title="How often", options=YES_NO)
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    draft = blank(code="other")
    add(draft, said("Q1", "likert", scale="often", options=YES_NO))
    never = [{"code": "1", "label": "Never"}, {"code": "2", "label": "Often"}]

    assert send(client, "patch", "scale", "often", title="Frequency").status_code == 428
    assert send(client, "patch", "scale", "often", read=1, options=never).json()["options"] == never
    assert asked_in(draft, "Q1").options == never
    assert send(client, "patch", "scale", "often", read=1, title="Stale").status_code == 412
    assert send(client, "patch", "scale", "agree5", read=1, title="Mine").status_code == 409
    assert send(client, "delete", "scale", "often").status_code == 409
    assert [one["code"] for one in client.get(reverse("api:scale-list")).json()["results"]] == ["agree5", "often"]


@pytest.mark.parametrize("number", [1, 30])
def test_lists_take_as_many_queries_whatever_their_length(number: int, django_assert_num_queries: Any) -> None:
    draft = blank(*(f"Q{one}" for one in range(number)))
    for one in range(number):
        Scale.objects.create(code=f"s{one}", title=f"Scale {one}", options=[])
    client = staff()
    client.get(reverse("api:scale-list"))
    with django_assert_num_queries(3):
        client.get(reverse("api:scale-list"))
    with django_assert_num_queries(3):
        client.get(reverse("api:draft-list"))
    with django_assert_num_queries(10):
        client.get(reverse("api:draft", args=[draft.pk]))

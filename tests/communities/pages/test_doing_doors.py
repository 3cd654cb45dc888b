"""Who gets through which door under Doing, and that a script in every box comes out as text."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from communities.models import Action, Adoption, Commitment, Community, Decision, Measure, TestOfChange
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, ActionFactory, ProblemFactory
from tests.factories.doing import AdoptionFactory, ChangeFactory, CommitmentFactory, DecisionFactory, MeasureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

RUNS_IT = ["administrator", "staff", "facilitator"]
IN_IT = [*RUNS_IT, "member"]
IN_TOUCH = [*IN_IT, "sponsor"]
ROLES = [*IN_TOUCH, "stranger", "anonymous"]
# Page, by name; who gets it, of things that belong to nobody of them. A stranger gets 404, the anonymous sign in.
PAGES = {
    "action-list": IN_TOUCH,
    "action": IN_TOUCH,
    "decision-list": IN_TOUCH,
    "commitment-list": IN_TOUCH,
    "test-of-change-list": IN_TOUCH,
    "test-of-change": IN_TOUCH,
    "agree-action": IN_IT,
    "log-test-of-change": IN_IT,
    "answer-action": RUNS_IT,
    "hand-over-action": RUNS_IT,
    "edit-action": RUNS_IT,
    "note-decision": RUNS_IT,
    "edit-decision": RUNS_IT,
    "judge-decision": RUNS_IT,
    "answer-commitment": RUNS_IT,
    "edit-test-of-change": RUNS_IT,
    "note-measures": RUNS_IT,
    "remove-measure": RUNS_IT,
    "note-adoption": RUNS_IT,
    "remove-adoption": RUNS_IT,
}
BUTTONS = ["reopen-action", "take-verdict-back", "reopen-commitment"]
WITHOUT_A_THING = {"agree-action", "note-decision", "log-test-of-change"}
MODELS = (Action, Adoption, Commitment, Decision, Measure, TestOfChange)


class World:
    """One of each thing, and the address of every page about it."""

    def __init__(self, community: Community, text: str = "Text") -> None:
        self.community = community
        self.action = ActionFactory.create(community=community, text=text)
        self.decision = DecisionFactory.create(community=community, text=text, review_on=TODAY)
        self.commitment = CommitmentFactory.create(community=community, text=text)
        self.test = ChangeFactory.create(
            community=community, title=text, aim=text, prediction=text, scale=text, measure=text, unit=text[:30],
            what_happened=text, aim_value=Decimal(3),
        )  # fmt: skip
        self.measure = MeasureFactory.create(test=self.test, note=text)
        self.adoption = AdoptionFactory.create(test=self.test, place=text, note=text)

    def address(self, name: str) -> str:
        slug = self.community.slug
        if name.endswith("-list") or name in WITHOUT_A_THING:
            return reverse(f"communities:{name}", args=[slug])
        if name in ("remove-measure", "remove-adoption"):
            inner = self.measure if name == "remove-measure" else self.adoption
            return reverse(f"communities:{name}", args=[slug, self.test.pk, inner.pk])
        by_word: dict[str, Any] = {
            "action": self.action, "commitment": self.commitment, "decision": self.decision, "verdict": self.decision,
        }  # fmt: skip
        thing = next((one for word, one in by_word.items() if word in name), self.test)
        return reverse(f"communities:{name}", args=[slug, thing.pk])

    def state(self) -> Any:
        return [sorted(model.objects.values_list()) for model in MODELS]


@pytest.fixture
def world(community: Community) -> World:
    return World(community)


@pytest.fixture
def as_role(client: Client, people: dict[str, User]) -> Callable[[str], Client]:
    return lambda role: client if role == "anonymous" else sign_in(client, people[role])


def expected(role: str, page: str) -> int:
    if role == "anonymous":
        return 302
    if role == "stranger":
        return 404
    return 200 if role in PAGES[page] else 403


@pytest.mark.parametrize("role", ROLES)
def test_pages_open_to_those_whom_the_table_names(world: World, as_role: Callable[[str], Client], role: str) -> None:
    client = as_role(role)
    statuses = {name: client.get(world.address(name)).status_code for name in PAGES}
    assert statuses == {name: expected(role, name) for name in PAGES}


@pytest.mark.parametrize("role", ["sponsor", "member", "stranger", "anonymous"])
def test_a_form_sent_by_someone_whom_the_table_does_not_name_changes_nothing(
    world: World, as_role: Callable[[str], Client], role: str
) -> None:
    before = world.state()
    valid = {
        "text": "Mine", "title": "Mine", "state": "done", "verdict": "held", "outcome": "adopted", "version": "1",
        "due_on": "2026-12-01", "decided_on": "2026-11-20", "started_on": "2026-11-01", "adopted_on": "2026-11-20",
        "place": "Ward", "measure-TOTAL_FORMS": "5", "measure-INITIAL_FORMS": "0", "measure-0-on": "2026-11-20",
        "measure-0-value": "3",
    }  # fmt: skip
    client = as_role(role)
    closed = [name for name, allowed in PAGES.items() if allowed == RUNS_IT]
    assert {name: client.post(world.address(name), valid).status_code for name in closed} == {
        name: expected(role, name) for name in closed
    }
    refused = {"anonymous": 302, "stranger": 404}.get(role, 403)
    assert [client.post(world.address(name)).status_code for name in BUTTONS] == [refused] * 3
    assert world.state() == before


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</textarea><svg onload=alert(1)>",
        "{{ 7|add:7 }}",
    ],
)
def test_what_was_typed_is_shown_as_text(signed_in: Client, community: Community, payload: str) -> None:
    world = World(community, payload)
    ProblemFactory.create(community=community, title=payload).actions.add(world.action)
    Action.objects.update(help_asked_at=NOW)
    shown = [name for name in PAGES if name not in WITHOUT_A_THING]
    for name in shown:
        # The NHS components write a quotation mark in another way than Django does.
        html = signed_in.get(world.address(name)).content.decode().replace("&#34;", "&quot;")
        assert escape(payload) in html, name
        assert payload == escape(payload) or payload not in html, name


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", "x\x00y"])
def test_what_is_refused_is_shown_again_as_text_and_stored_nowhere(
    signed_in: Client, world: World, payload: str
) -> None:
    before = world.state()
    typed = {
        "text": payload, "due_on": payload, "title": payload, "started_on": payload, "place": payload, "words": payload,
        "decided_on": payload, "adopted_on": payload, "said": payload, "note": payload, "version": payload,
        "measure-TOTAL_FORMS": "5", "measure-INITIAL_FORMS": "0", "measure-0-note": payload, "owner": payload,
    }  # fmt: skip
    closed = [name for name in PAGES if name.split("-")[0] != "remove" and not name.endswith("-list")]
    for name in (name for name in closed if name not in {"action", "test-of-change"}):
        response = signed_in.post(world.address(name), typed)
        assert response.status_code == 422, name
        assert "<script>alert" not in response.content.decode(), name
    assert world.state() == before

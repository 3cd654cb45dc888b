"""The page behind the link in a reminder: it asks a choice that nobody has made yet."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.links import ACTION, token_for
from communities.models import Action, Community, Person, Problem
from communities.services.promises.action_links import with_link
from communities.services.promises.actions import answer_action, edit_action
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from tests.factories.communities import NOW, ActionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def action(community: Community, people: dict[str, User]) -> Action:
    owner = people["member"].person
    return with_link(ActionFactory.create(community=community, owner=owner, text="Send the form"))


@pytest.fixture
def link(action: Action) -> str:
    return reverse("communities:action-link", args=[token_for(ACTION, action.pk)])


def as_it_is(action: Action) -> tuple[object, ...]:
    return Action.objects.values_list("state", "version", "disowned_at", "help_asked_at").get(pk=action.pk)


def test_a_get_asks_three_things_with_none_chosen_and_changes_nothing(
    client: Client, action: Action, link: str
) -> None:
    before = as_it_is(action)
    response = client.get(link)
    html = response.content.decode()
    assert [value for value, _ in response.context["form"].fields["state"].choices] == ["done", "help", "not_mine"]
    assert "checked" not in html
    assert "Send the form" in html
    assert (as_it_is(action), AuditEntry.objects.count()) == (before, 0)


@pytest.mark.parametrize("typed", [{}, {"state": ""}, {"state": "dropped"}, {"state": "open"}, {"words": "Please"}])
def test_a_button_without_one_of_the_choices_changes_nothing(
    client: Client, action: Action, link: str, typed: dict[str, str]
) -> None:
    before = as_it_is(action)
    assert client.post(link, typed).status_code == 422
    assert (as_it_is(action), AuditEntry.objects.count(), Problem.objects.count()) == (before, 0, 0)


def test_the_page_knows_nobody_and_leaves_nothing_behind(client: Client, link: str) -> None:
    response = client.get(link)
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    html = response.content.decode()
    assert link.strip("/").split("/")[1] not in html
    assert "csrfmiddlewaretoken" not in html


def test_done_is_noted_without_a_name_and_can_be_taken_back(client: Client, action: Action, link: str) -> None:
    assert "It is noted as done." in client.post(link, {"state": "done"}).content.decode()
    assert as_it_is(action)[0] == "done"
    entry = AuditEntry.objects.get()
    assert (entry.event, entry.by) == ("action.answered", None)
    asked = client.get(link).content.decode()
    assert "You said that it is done" in asked
    assert "checked" not in asked
    assert client.post(link, {}).status_code == 422
    assert "open again" in client.post(link, {"state": "open"}).content.decode()
    assert as_it_is(action)[0] == "open"


def test_done_sent_twice_is_done_once(client: Client, action: Action, link: str) -> None:
    first, second = client.post(link, {"state": "done"}), client.post(link, {"state": "done"})
    assert [first.status_code, second.status_code] == [200, 200]
    assert AuditEntry.objects.count() == 1


def test_help_opens_a_problem_once(client: Client, action: Action, link: str) -> None:
    said = client.post(link, {"state": "help", "words": "<b>Nobody</b> has the form"})
    assert "It is on the register of problems now" in said.content.decode()
    problem = Problem.objects.get()
    assert (problem.title, problem.detail) == ("Help needed: Send the form", "<b>Nobody</b> has the form")
    again = client.post(link, {"state": "help"})
    assert (again.status_code, Problem.objects.count()) == (409, 1)
    assert "You have asked for help with this already" in again.content.decode()


def test_not_mine_is_said_once_and_the_action_stays_open(client: Client, action: Action, link: str) -> None:
    client.post(link, {"state": "not_mine"})
    assert as_it_is(action)[0::2] == ("open", NOW)
    assert client.post(link, {"state": "not_mine"}).status_code == 409


def test_what_someone_else_has_answered_is_said(client: Client, action: Action, link: str, facilitator: User) -> None:
    answer_action(action=action, state="dropped", by=facilitator, now=NOW)
    response = client.get(link)
    assert response.status_code == 410
    assert "What became of it is noted: dropped." in response.content.decode()
    assert client.post(link, {"state": "open"}).status_code == 410
    assert as_it_is(action)[0] == "dropped"


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "\udce4".encode("utf-8", "surrogatepass").hex()])
def test_an_unknown_link_leads_nowhere(client: Client, action: Action, token: str) -> None:
    response = client.get(f"/x/{token}/")
    assert response.status_code == 404
    assert "This link is not known" in response.content.decode()


def test_a_link_leads_nowhere_once_the_action_has_another_owner(
    client: Client, action: Action, link: str, people: dict[str, User]
) -> None:
    facts: Any = {"text": action.text, "due_on": action.due_on + timedelta(days=1)}
    other = people["facilitator"].person
    edit_action(action=action, version=1, owner=other, is_private=False, by=people["staff"], now=NOW, **facts)
    assert client.get(link).status_code == 404
    assert client.post(link, {"state": "done"}).status_code == 404


def test_a_closed_community_asks_nothing_any_more(client: Client, action: Action, link: str) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    before = as_it_is(action)
    assert client.get(link).status_code == 410
    assert client.post(link, {"state": "done"}).status_code == 410
    assert as_it_is(action) == before


def test_the_link_shows_nothing_of_an_action_that_has_become_private(client: Client, action: Action, link: str) -> None:
    Action.objects.filter(pk=action.pk).update(is_private=True, text="What nobody else reads")
    for response in (client.get(link), client.post(link, {"state": "done"})):
        assert response.status_code == 404
        assert "What nobody else reads" not in response.content.decode()
    assert Action.objects.get(pk=action.pk).is_open


def test_the_link_of_someone_erased_opens_nothing(client: Client, action: Action, link: str) -> None:
    Person.objects.filter(pk=action.owner_id).update(erased_on=NOW.date())
    assert client.get(link).status_code == 404
    assert client.post(link, {"state": "help", "words": "Please"}).status_code == 404
    assert Problem.objects.count() == 0

"""The pages of actions between two sessions: agreeing, correcting, handing over, help, and taking an answer back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Action, Community, Problem
from communities.services.promises.action_help import ask_for_help, disown_action
from communities.services.promises.actions import hand_over_action
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, ActionFactory, MembershipFactory, ProblemFactory, member_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
DAY = timedelta(days=1)


def page(name: str, action: Action) -> str:
    return reverse(f"communities:{name}", args=[action.community.slug, action.pk])


def the_list(community: Community) -> str:
    return reverse("communities:action-list", args=[community.slug])


@pytest.fixture
def action(community: Community, people: dict[str, User]) -> Action:
    return ActionFactory.create(community=community, owner=people["member"].person, text="Send the form")


def test_a_facilitator_agrees_an_action_with_a_member(
    signed_in: Client, community: Community, people: dict[str, User]
) -> None:
    agree = reverse("communities:agree-action", args=[community.slug])
    membership = people["member"].person.memberships.get()
    typed = {"text": "Ask the pharmacy", "owner": membership.pk, "due_on": "2026-12-01", "is_private": "on"}
    response = signed_in.post(agree, typed, follow=True)
    action = Action.objects.get()
    assert (action.text, action.owner, action.due_on, action.agreed_on, action.is_private) == (
        "Ask the pharmacy",
        people["member"].person,
        TODAY + 7 * DAY,
        TODAY,
        True,
    )
    assert "Ask the pharmacy" in response.content.decode()


def test_a_member_takes_an_action_on_and_gives_none_to_others(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    agree = reverse("communities:agree-action", args=[community.slug])
    sign_in(client, people["member"])
    form = client.get(agree).context["form"]
    assert list(form.fields) == ["text", "due_on"]
    other = people["facilitator"].person.memberships.get()
    client.post(agree, {"text": "Ask", "owner": other.pk, "due_on": "2026-12-01", "is_private": "on"})
    action = Action.objects.get()
    assert (action.owner, action.is_private) == (people["member"].person, False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": ""}, "Answer “What will be done?”"),
        ({"text": "x\x00"}, "contains a character that cannot be stored"),
        ({"due_on": "2026-11-23"}, "before the day it was agreed, 24 November 2026"),
        ({"due_on": "31 31 2026"}, "must be a real date"),
        ({"owner": "999999"}, "Who will do it?"),
    ],
)
def test_an_action_that_cannot_be_agreed_is_not(
    signed_in: Client, community: Community, people: dict[str, User], changes: dict[str, str], words: str
) -> None:
    membership = people["member"].person.memberships.get()
    typed = {"text": "Ask", "owner": str(membership.pk), "due_on": "2026-12-01", **changes}
    response = signed_in.post(reverse("communities:agree-action", args=[community.slug]), typed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Action.objects.exists()


def test_a_member_of_another_community_owns_no_action_here(signed_in: Client, community: Community) -> None:
    elsewhere = MembershipFactory.create()
    typed = {"text": "Ask", "owner": str(elsewhere.pk), "due_on": "2026-12-01"}
    response = signed_in.post(reverse("communities:agree-action", args=[community.slug]), typed)
    assert response.status_code == 422
    assert not Action.objects.exists()


def test_a_correction_from_an_old_page_is_refused_and_stays_on_the_page(signed_in: Client, action: Action) -> None:
    edit = page("edit-action", action)
    owner = action.owner.memberships.get().pk
    typed = {"text": "Send both forms", "owner": owner, "due_on": "2026-12-02", "version": "1"}
    assert signed_in.post(edit, typed).status_code == 302
    stale = signed_in.post(edit, {**typed, "text": "Mine"})
    assert stale.status_code == 409
    assert "Someone else has changed this action while you were writing." in stale.content.decode()
    assert 'value="Mine"' in stale.content.decode()
    action.refresh_from_db()
    assert (action.text, action.version) == ("Send both forms", 2)


def test_a_correction_keeps_an_owner_who_has_left(signed_in: Client, action: Action) -> None:
    action.owner.memberships.update(ends_on=TODAY)
    form = signed_in.get(page("edit-action", action)).context["form"]
    assert form.initial["owner"] == "present"
    assert dict(form.fields["owner"].choices)["present"] == "Mina Member (no longer a member)"
    typed = {"text": "Send both", "owner": "present", "due_on": "2026-12-02", "version": "1"}
    assert signed_in.post(page("edit-action", action), typed).status_code == 302
    action.refresh_from_db()
    assert (action.text, action.owner.name) == ("Send both", "Mina Member")


def test_a_member_hands_an_action_over_and_both_pages_say_so(
    client: Client, action: Action, people: dict[str, User]
) -> None:
    sign_in(client, people["member"])
    to = people["facilitator"].person.memberships.get()
    form = client.get(page("hand-over-action", action)).context["form"]
    assert str(action.owner.memberships.get().pk) not in dict(form.fields["owner"].choices)
    response = client.post(page("hand-over-action", action), {"owner": to.pk, "due_on": "2026-12-05"}, follow=True)
    theirs = Action.objects.get(state="open")
    assert response.redirect_chain == [(theirs.get_absolute_url(), 302)]
    assert "Mina Member, on 24 November 2026" in response.content.decode()
    before = client.get(action.get_absolute_url()).content.decode()
    assert "Fadia Facilitator, due 5 December 2026" in before
    assert "Take this answer back" not in before


def test_asking_for_help_puts_what_was_typed_on_the_register(
    client: Client, action: Action, people: dict[str, User]
) -> None:
    sign_in(client, people["member"])
    client.post(page("answer-action", action), {"state": "help", "words": "Nobody has the form"})
    problem = Problem.objects.get()
    assert (problem.title, problem.detail) == ("Help needed: Send the form", "Nobody has the form")
    html = client.get(action.get_absolute_url()).content.decode()
    assert "help asked for on 24 November 2026" in html
    assert problem.title in html
    again = client.post(page("answer-action", action), {"state": "help"})
    assert again.status_code == 409
    assert "You have asked for help with this already" in again.content.decode()


def test_an_answer_is_taken_back_by_a_button_and_never_by_a_get(
    client: Client, action: Action, people: dict[str, User]
) -> None:
    sign_in(client, people["member"])
    client.post(page("answer-action", action), {"state": "done"})
    assert client.get(page("reopen-action", action)).status_code == 405
    assert "Take this answer back" in client.get(action.get_absolute_url()).content.decode()
    client.post(page("reopen-action", action))
    action.refresh_from_db()
    assert action.state == "open"
    again = client.post(page("reopen-action", action), follow=True)
    assert "This action is open already." in again.content.decode()


def test_the_list_narrows_to_the_overdue_to_mine_and_to_those_that_need_someone(
    client: Client, community: Community, action: Action, people: dict[str, User]
) -> None:
    late = ActionFactory.create(community=community, due_on=TODAY - DAY)
    disowned, helped = ActionFactory.create_batch(2, community=community)
    ActionFactory.create(community=community, state="done")
    disown_action(action=disowned, by=None, now=NOW)
    ask_for_help(action=helped, by=None, now=NOW)
    ProblemFactory.create(community=community).actions.add(helped)
    sign_in(client, people["member"])

    def shown(show: str) -> list[Action]:
        return [row for row, _ in client.get(the_list(community), {"show": show}).context["rows"]]

    assert shown("overdue") == [late]
    assert shown("mine") == [action]
    assert shown("stuck") == [disowned, helped]
    assert shown("nonsense") == [late, action, disowned, helped]


def test_what_is_private_is_seen_by_those_who_run_the_community_only(
    client: Client, community: Community, people: dict[str, User]
) -> None:
    owner = people["member"].person
    secret = ActionFactory.create(community=community, owner=owner, text="Speak with the ward", is_private=True)
    for role, sees in (("member", False), ("sponsor", False), ("facilitator", True), ("staff", True)):
        sign_in(client, people[role])
        assert ("Speak with the ward" in client.get(the_list(community)).content.decode()) is sees
        assert (client.get(secret.get_absolute_url()).status_code == 200) is sees
    sign_in(client, people["member"])
    assert client.post(page("answer-action", secret), {"state": "done"}).status_code == 404


def test_a_sponsor_reads_an_action_without_a_name(client: Client, action: Action, people: dict[str, User]) -> None:
    disown_action(action=action, by=None, now=NOW)
    hand_over_action(action=action, to=member_of(action.community, name="Nadia New").person, due_on=TODAY + DAY,
                     by=people["facilitator"], now=NOW)  # fmt: skip
    sign_in(client, people["sponsor"])
    for address in (the_list(action.community), *(each.get_absolute_url() for each in Action.objects.all())):
        html = client.get(address).content.decode()
        assert "Mina Member" not in html
        assert "Nadia New" not in html
        assert "A member" in html


@pytest.mark.parametrize("number", [1, 30])
def test_one_action_takes_the_same_queries_however_many_problems_it_has(
    signed_in: Client, action: Action, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for problem in ProblemFactory.create_batch(number, community=action.community):
        problem.actions.add(action)
    with django_assert_num_queries(8):
        signed_in.get(action.get_absolute_url())

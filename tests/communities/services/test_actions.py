"""An action's life between two sessions: agreed, corrected, handed over, answered, taken back; help and disowning."""

from datetime import timedelta
from typing import Any

import pytest

from communities.emails.actions import GIVEN, NEEDS_YOU
from communities.links import ACTION, hash_of, token_for
from communities.models import Action, Community, Person, Problem
from communities.services.communities import CommunityClosed
from communities.services.problems.register import settle_problem
from communities.services.promises.action_help import AlreadyDisowned, HelpAlreadyAsked, ask_for_help, disown_action
from communities.services.promises.action_links import ActionLinkNotKnown, action_behind, with_link
from communities.services.promises.actions import (
    ActionAlreadyAnswered,
    ActionChangedMeanwhile,
    ActionDueBeforeSession,
    ActionNotAnswered,
    ActionSaysNothing,
    HandedToTheSame,
    OwnerNotAMember,
    answer_action,
    edit_action,
    hand_over_action,
    reopen_action,
)
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.accounts import address_of
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    PersonFactory,
    facilitator_of,
    member_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Fadia Facilitator")


@pytest.fixture
def owner(community: Community) -> Person:
    return member_of(community, name="Omar Owner").person


@pytest.fixture
def colleague(community: Community) -> Person:
    return member_of(community, name="Carla Colleague").person


@pytest.fixture
def action(community: Community, owner: Person) -> Action:
    return ActionFactory.create(community=community, owner=owner, text="Send the audit form")


def corrected(action: Action, **changes: Any) -> dict[str, Any]:
    facts = {"text": action.text, "owner": action.owner, "due_on": action.due_on, "is_private": False}
    return {"action": action, "version": action.version, **facts, "now": NOW, **changes}


def written(kind: str) -> list[tuple[str, str]]:
    """The mails of a kind that wait: to whom, and the words as they would leave."""
    rows = OutboxMessage.objects.filter(kind=kind).order_by("recipient")
    return [(row.recipient, kind_named(kind).render(row.params, row.recipient).text) for row in rows]


def is_due(kind: str) -> list[bool]:
    return [kind_named(kind).is_still_due(row.params) for row in OutboxMessage.objects.filter(kind=kind)]


def test_a_correction_moves_the_version_on_and_a_stale_one_is_refused(action: Action, facilitator: User) -> None:
    later = action.due_on + 7 * DAY
    edit_action(**corrected(action, text=" Send both forms ", due_on=later, by=facilitator))
    assert (action.text, action.due_on, action.version) == ("Send both forms", later, 2)
    with pytest.raises(ActionChangedMeanwhile):
        edit_action(**corrected(action, version=1, text="Mine", by=facilitator))
    action.refresh_from_db()
    assert action.text == "Send both forms"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"text": " "}, ActionSaysNothing),
        ({"due_on": TODAY - 31 * DAY}, ActionDueBeforeSession),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    action: Action, facilitator: User, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        edit_action(**corrected(action, by=facilitator, **changes))
    action.refresh_from_db()
    assert (action.text, action.version) == ("Send the audit form", 1)


def test_an_action_belongs_to_a_member_of_its_own_community(action: Action, facilitator: User) -> None:
    stranger = PersonFactory.create()
    with pytest.raises(OwnerNotAMember):
        edit_action(**corrected(action, owner=stranger, by=facilitator))
    with pytest.raises(OwnerNotAMember):
        hand_over_action(action=action, to=stranger, due_on=TODAY + DAY, by=facilitator, now=NOW)
    action.refresh_from_db()
    assert (action.state, action.version) == ("open", 1)


def test_who_has_left_since_keeps_an_action_that_is_only_reworded(action: Action, facilitator: User) -> None:
    action.community.memberships.filter(person=action.owner).update(ends_on=TODAY - DAY)
    edit_action(**corrected(action, text="Send both forms", by=facilitator))
    assert action.text == "Send both forms"


def test_a_new_owner_is_written_to_and_the_old_link_leads_nowhere(
    action: Action, facilitator: User, colleague: Person
) -> None:
    with_link(action)
    old = token_for(ACTION, action.pk, 1)
    assert action_behind(old) == action
    edit_action(**corrected(action, owner=colleague, by=facilitator))
    ((to, text),) = written(GIVEN)
    assert to == address_of(colleague.user)
    assert "Fadia Facilitator has put your name to this, for the Sepsis community, by 1 December 2026:" in text
    assert f"/x/{token_for(ACTION, action.pk, 2)}/" in text
    assert action_behind(token_for(ACTION, action.pk, 2)).owner == colleague
    with pytest.raises(ActionLinkNotKnown):
        action_behind(old)


def test_no_row_holds_a_working_link(action: Action, facilitator: User, colleague: Person) -> None:
    edit_action(**corrected(action, owner=colleague, by=facilitator))
    token = token_for(ACTION, action.pk, 2)
    assert token not in str(OutboxMessage.objects.values_list())
    assert list(Action.objects.values_list("link_hash", flat=True)) == [hash_of(token)]


def test_whoever_takes_an_action_themselves_is_not_written_to(action: Action, facilitator: User) -> None:
    edit_action(**corrected(action, owner=facilitator.person, by=facilitator))
    assert written(GIVEN) == []


def test_what_is_private_is_in_no_mail_to_its_new_owner(action: Action, facilitator: User, colleague: Person) -> None:
    edit_action(**corrected(action, owner=colleague, is_private=True, by=facilitator))
    assert written(GIVEN) == []


def test_handing_over_ends_one_action_and_begins_another(action: Action, owner: Person, colleague: Person) -> None:
    theirs = hand_over_action(action=action, to=colleague, due_on=TODAY + 9 * DAY, by=owner.user, now=NOW)
    action.refresh_from_db()
    assert (action.state, action.owner) == ("handed_over", owner)
    assert (theirs.state, theirs.owner, theirs.text, theirs.agreed_on, theirs.handed_on_from) == (
        "open",
        colleague,
        "Send the audit form",
        TODAY,
        action,
    )
    assert [to for to, _ in written(GIVEN)] == [address_of(colleague.user)]
    with pytest.raises(ActionNotAnswered):
        reopen_action(action=action, by=owner.user, now=NOW)


def test_an_action_is_handed_to_somebody_else_and_only_while_it_is_open(
    action: Action, owner: Person, colleague: Person
) -> None:
    with pytest.raises(HandedToTheSame):
        hand_over_action(action=action, to=owner, due_on=TODAY + DAY, by=owner.user, now=NOW)
    answer_action(action=action, state="done", by=owner.user, now=NOW)
    with pytest.raises(ActionAlreadyAnswered):
        hand_over_action(action=action, to=colleague, due_on=TODAY + DAY, by=owner.user, now=NOW)
    with pytest.raises(ActionAlreadyAnswered):
        edit_action(**corrected(action, text="Mine", by=owner.user))
    assert Action.objects.count() == 1


def test_an_answer_given_too_soon_is_taken_back_once(action: Action, owner: Person) -> None:
    answer_action(action=action, state="done", by=owner.user, now=NOW)
    reopen_action(action=action, by=owner.user, now=NOW + DAY)
    assert (action.state, action.state_since, action.version) == ("open", NOW + DAY, 3)
    with pytest.raises(ActionNotAnswered):
        reopen_action(action=action, by=owner.user, now=NOW)


def test_asking_for_help_opens_a_problem_and_tells_the_facilitators(
    action: Action, facilitator: User, owner: Person
) -> None:
    problem = ask_for_help(action=action, words="Nobody has the form.", by=owner.user, now=NOW)
    assert (problem.title, problem.detail, problem.since_on, problem.community) == (
        "Help needed: Send the audit form",
        "Nobody has the form.",
        TODAY,
        action.community,
    )
    assert list(action.problems.all()) == [problem]
    assert (action.state, action.help_asked_at) == ("open", NOW)
    ((to, text),) = written(NEEDS_YOU)
    assert to == address_of(facilitator)
    assert "Omar Owner needs help with an action of the Sepsis community, due on 1 December 2026." in text
    assert f"/communities/sepsis/problems/{problem.pk}/" in text
    assert is_due(NEEDS_YOU) == [True]
    answer_action(action=action, state="done", by=owner.user, now=NOW)
    assert is_due(NEEDS_YOU) == [False]


def test_help_is_asked_for_once_until_it_has_come(action: Action, facilitator: User, owner: Person) -> None:
    problem = ask_for_help(action=action, by=None, now=NOW)
    with pytest.raises(HelpAlreadyAsked):
        ask_for_help(action=action, by=None, now=NOW)
    assert (Problem.objects.count(), len(written(NEEDS_YOU))) == (1, 1)
    settle_problem(problem=problem, state="solved", came_of_it="She has the form now", by=facilitator, now=NOW)
    ask_for_help(action=action, by=None, now=NOW)
    assert (Problem.objects.count(), len(written(NEEDS_YOU))) == (2, 2)


def test_help_with_a_long_action_has_a_title_that_fits(community: Community, owner: Person) -> None:
    action = ActionFactory.create(community=community, owner=owner, text="x" * 300)
    problem = ask_for_help(action=action, by=None, now=NOW)
    assert (len(problem.title), problem.title[-2:]) == (200, " …")


def test_help_with_what_is_private_is_private_too(community: Community, facilitator: User) -> None:
    action = ActionFactory.create(community=community, owner=facilitator.person, is_private=True)
    problem = ask_for_help(action=action, by=facilitator, now=NOW)
    assert problem.is_private


def test_not_mine_leaves_the_action_open_and_tells_the_facilitators_once(
    action: Action, facilitator: User, owner: Person
) -> None:
    disown_action(action=action, by=owner.user, now=NOW)
    assert (action.state, action.disowned_at, action.owner) == ("open", NOW, owner)
    with pytest.raises(AlreadyDisowned):
        disown_action(action=action, by=owner.user, now=NOW)
    ((to, text),) = written(NEEDS_YOU)
    assert to == address_of(facilitator)
    assert "Omar Owner says that an action of the Sepsis community" in text
    assert f"/communities/sepsis/actions/{action.pk}/edit/" in text


def test_another_owner_settles_that_it_was_not_theirs(
    action: Action, facilitator: User, owner: Person, colleague: Person
) -> None:
    disown_action(action=action, by=owner.user, now=NOW)
    edit_action(**corrected(action, owner=colleague, by=facilitator))
    assert action.disowned_at is None
    assert is_due(NEEDS_YOU) == [False]


def test_a_facilitator_is_not_written_to_about_their_own_action(community: Community, facilitator: User) -> None:
    another = facilitator_of(community)
    action = ActionFactory.create(community=community, owner=facilitator.person)
    disown_action(action=action, by=facilitator, now=NOW)
    assert [to for to, _ in written(NEEDS_YOU)] == [address_of(another)]


def test_of_two_answers_at_once_the_second_is_told(action: Action, owner: Person) -> None:
    as_seen_by_the_second = Action.objects.select_related("community").get(pk=action.pk)
    answer_action(action=action, state="done", by=owner.user, now=NOW)
    with pytest.raises(ActionAlreadyAnswered):
        disown_action(action=as_seen_by_the_second, by=owner.user, now=NOW)
    stale = Action.objects.select_related("community").get(pk=action.pk)
    with pytest.raises(ActionAlreadyAnswered):
        ask_for_help(action=stale, by=None, now=NOW)
    assert not Problem.objects.exists()


def test_the_trail_says_what_was_done_and_that_a_link_knows_nobody(action: Action, owner: Person) -> None:
    disown_action(action=action, by=None, now=NOW)
    answer_action(action=action, state="done", by=None, now=NOW)
    reopen_action(action=action, by=owner.user, now=NOW)
    assert list(AuditEntry.objects.order_by("pk").values_list("event", "by")) == [
        ("action.disowned", None),
        ("action.answered", None),
        ("action.reopened", owner.user.pk),
    ]


def test_what_a_closed_community_promised_stays_as_it_is(
    action: Action, facilitator: User, owner: Person, colleague: Person
) -> None:
    Community.objects.update(state=Community.State.CLOSED)
    for refused in (
        lambda: edit_action(**corrected(action, text="Mine", by=facilitator)),
        lambda: hand_over_action(action=action, to=colleague, due_on=TODAY, by=facilitator, now=NOW),
        lambda: ask_for_help(action=action, by=owner.user, now=NOW),
        lambda: disown_action(action=action, by=owner.user, now=NOW),
        lambda: reopen_action(action=action, by=owner.user, now=NOW),
    ):
        with pytest.raises(CommunityClosed):
            refused()
    assert not OutboxMessage.objects.exists()

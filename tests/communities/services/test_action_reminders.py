"""Reminders of actions: once before, once after, in working hours, and to nobody who should not be asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from communities.emails.actions import REMINDER
from communities.links import ACTION, token_for
from communities.models import Action, Community
from communities.services.promises.action_help import disown_action
from communities.services.promises.action_reminders import remind_of_actions
from communities.services.promises.actions import answer_action, edit_action
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
    sponsor_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


def due(community: Community, days: int, **more: Any) -> Action:
    more = {"owner": member_of(community).person, **more}
    return ActionFactory.create(community=community, due_on=TODAY + days * DAY, **more)


def reminded() -> list[tuple[int, str]]:
    rows = OutboxMessage.objects.filter(kind=REMINDER).order_by("due_at", "pk")
    return [(row.params["action"], row.params["which"]) for row in rows]


@pytest.mark.parametrize(
    ("days", "which"),
    [
        (4, []), (3, ["before"]), (0, ["before"]), (-1, []), (-2, []), (-3, ["after"]), (-9, ["after"]), (-10, []),
    ],
)  # fmt: skip
def test_an_owner_is_reminded_three_days_before_and_three_days_after(
    community: Community, days: int, which: list[str]
) -> None:
    action = due(community, days)
    assert remind_of_actions(now=NOW) == len(which)
    assert reminded() == [(action.pk, each) for each in which]


def test_reminding_twice_makes_one_mail_and_another_day_another_occasion(community: Community) -> None:
    action = due(community, 2)
    assert [remind_of_actions(now=NOW), remind_of_actions(now=NOW), remind_of_actions(now=NOW + DAY)] == [1, 0, 0]
    first = OutboxMessage.objects.get(kind=REMINDER)
    facts: Any = {"text": action.text, "owner": action.owner, "is_private": False}
    later: Any = {"due_on": TODAY + 3 * DAY, "by": facilitator_of(community), "now": NOW}
    edit_action(action=action, version=1, **facts, **later)
    assert remind_of_actions(now=NOW) == 1
    still_due = kind_named(REMINDER).is_still_due
    second = OutboxMessage.objects.exclude(pk=first.pk).get(kind=REMINDER)
    assert (still_due(first.params), still_due(second.params)) == (False, True)


def test_who_has_only_just_agreed_is_not_reminded(community: Community) -> None:
    due(community, 1, agreed_on=TODAY - DAY)
    long_ago = due(community, 1, agreed_on=TODAY - 2 * DAY)
    remind_of_actions(now=NOW)
    assert reminded() == [(long_ago.pk, "before")]


def test_nobody_is_asked_who_has_answered_left_or_disowned_it_nor_of_what_is_private(community: Community) -> None:
    answered, left, disowned = due(community, 1), due(community, 1), due(community, 1)
    answer_action(action=answered, state="done", by=answered.owner.user, now=NOW)
    community.memberships.filter(person=left.owner).update(ends_on=TODAY)
    disown_action(action=disowned, by=None, now=NOW)
    due(community, 1, is_private=True)
    due(community, 1, owner=PersonFactory.create())
    due(community, 1, owner=sponsor_of(community).person)
    due(CommunityFactory.create(state=Community.State.PAUSED), 1)
    facilitated = due(community, 1, owner=facilitator_of(community).person)
    remind_of_actions(now=NOW)
    assert reminded() == [(facilitated.pk, "before")]


def test_a_reminder_leaves_in_working_hours_and_never_after_the_day_it_says(community: Community) -> None:
    friday_evening = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
    monday, sunday = due(community, -1), due(community, -2)
    assert (monday.due_on.weekday(), sunday.due_on.weekday()) == (0, 6)
    remind_of_actions(now=friday_evening)
    row = OutboxMessage.objects.get()
    assert (row.params["action"], row.due_at) == (monday.pk, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))


def test_a_reminder_asks_how_it_went_behind_a_link_of_its_own(community: Community) -> None:
    action = due(community, 3, text="Send the audit form", owner=member_of(community, name="Omar Owner").person)
    remind_of_actions(now=NOW)
    row = OutboxMessage.objects.get()
    mail = kind_named(REMINDER).render(row.params, row.recipient)
    assert (row.recipient, mail.subject) == (address_of(action.owner.user), "Your action for the Sepsis community")
    for words in (
        "Hello Omar Owner,",
        "On 25 October 2026 you said you would do this for the Sepsis community, by 27 November 2026:",
        "    Send the audit form",
        f"/x/{token_for(ACTION, action.pk)}/",
    ):
        assert words in mail.text
    assert token_for(ACTION, action.pk) not in str(OutboxMessage.objects.values_list())


@pytest.mark.parametrize(
    "change",
    [
        {"state": "done"}, {"due_on": TODAY + 5 * DAY}, {"link_generation": 2}, {"is_private": True},
        {"disowned_at": NOW},
    ],
    ids=str,
)  # fmt: skip
def test_a_waiting_reminder_is_not_due_once_things_have_changed(community: Community, change: dict[str, Any]) -> None:
    action = due(community, 3)
    remind_of_actions(now=NOW)
    params = OutboxMessage.objects.get().params
    assert kind_named(REMINDER).is_still_due(params)
    Action.objects.filter(pk=action.pk).update(**change)
    assert not kind_named(REMINDER).is_still_due(params)


@pytest.mark.parametrize("number", [1, 30])
def test_reminding_again_costs_the_same_with_1_and_with_30_actions(
    community: Community, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for _ in range(number):
        due(community, 3)
    assert remind_of_actions(now=NOW) == number
    with django_assert_num_queries(10):
        assert remind_of_actions(now=NOW) == 0

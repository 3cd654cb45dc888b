"""The same thing from several connections at the same moment: one effect each, and nothing lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections

from cop_portal.outbox.models import OutboxMessage
from cop_portal.refusals import Refusal
from evaluations import results
from evaluations.models import Invitation, PrivacyMode, Release, Survey
from evaluations.models.inbox import InboxBox
from evaluations.services.answers.answering import submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.surveys.mailing import plan_due_mail
from evaluations.services.surveys.opening import open_survey
from tests.factories.communities import NOW, staff
from tests.factories.evaluations import community_of, core_answers, give_answers, open_survey_for, published, tokens_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

LATER = NOW + timedelta(days=1)


def at_once(actions: Sequence[Callable[[], Any]]) -> Counter[str]:
    """Starts all actions at the same moment, each on a connection of its own; how each ended, by name."""
    ends: list[str] = []
    starting_line = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> None:
        connection.ensure_connection()
        starting_line.wait()
        try:
            action()
            ends.append("done")
        except Refusal as refusal:
            ends.append(type(refusal).__name__)
        except Exception as failure:  # noqa: BLE001 (any other end must be seen in the count)
            ends.append(repr(failure))
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)


def send(token: str, agree: str = "4") -> Callable[[], None]:
    return lambda: submit_answers(token=token, answers=core_answers(agree), now=LATER)


def test_a_link_used_on_several_devices_at_once_is_answered_once() -> None:
    survey = open_survey_for(members=3)
    token = tokens_of(survey)[0]
    assert at_once([send(token, str(score)) for score in (1, 2, 3, 4, 5)]) == {"done": 1, "AlreadyAnswered": 4}
    assert (Invitation.objects.filter(is_answered=True).count(), InboxBox.objects.count()) == (1, 1)


def test_twelve_people_who_answer_at_the_same_moment_are_all_heard() -> None:
    survey = open_survey_for(members=12)
    assert at_once([send(token) for token in tokens_of(survey)]) == {"done": 12}
    assert (Invitation.objects.filter(is_answered=True).count(), InboxBox.objects.count()) == (12, 12)


def test_an_answer_accepted_while_the_survey_closes_is_counted_and_a_refused_one_is_not() -> None:
    survey = open_survey_for(members=20)
    give_answers(survey, count=10)
    tokens = tokens_of(survey)[10:]
    ends = at_once([*map(send, tokens[:5]), lambda: close_survey(survey=survey, now=LATER), *map(send, tokens[5:])])
    assert set(ends) <= {"done", "SurveyClosed"}
    survey = close_survey(survey=survey, now=LATER)
    accepted = 10 + ends["done"] - 1
    assert survey.state == Survey.State.CLOSED
    assert survey.halted_because == ""
    assert results.of(survey).answered.value == accepted
    assert Invitation.objects.filter(is_answered=True).count() == accepted
    assert InboxBox.objects.count() == 0


def test_a_survey_closed_by_several_at_once_has_one_release() -> None:
    survey = open_survey_for(members=12)
    give_answers(survey, count=11)
    assert at_once([lambda: close_survey(survey=survey, now=LATER)] * 4) == {"done": 4}
    assert Release.objects.count() == 1
    assert results.of(Survey.objects.get(pk=survey.pk)).answered.value == 11


def test_a_questionnaire_opened_by_two_at_once_is_open_once_and_leaves_one_pair_of_keys(key_dir: Path) -> None:
    community, version, by = community_of(4), published(), staff()

    def open_it() -> None:
        open_survey(
            community=community,
            version=version,
            mode=PrivacyMode.ANONYMOUS,
            closes_at=NOW + timedelta(days=21),
            reminder_days=[4],
            by=by,
            now=NOW,
        )

    assert at_once([open_it] * 3) == {"done": 1, "SurveyAlreadyOpen": 2}
    assert Survey.objects.count() == 1
    assert len(list(key_dir.iterdir())) == 2


def test_five_planners_at_once_plan_each_mail_once() -> None:
    open_survey_for(members=9)
    assert at_once([lambda: plan_due_mail(now=NOW)] * 5) == {"done": 5}
    assert OutboxMessage.objects.count() == 9

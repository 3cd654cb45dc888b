"""The results page with all that can stand on it: the funnel, members' words, earlier surveys, groups."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from communities.models import Community
from cop_portal.outbox.models import OutboxMessage
from evaluations.models import InstrumentVersion, PrivacyMode, Question, Section, Survey
from evaluations.services.results.sharing import HeardWords, write_heard
from evaluations.services.results.text_review import show_texts
from evaluations.services.surveys.mailing import plan_due_mail
from tests.evaluations.asking import ask
from tests.evaluations.pages.browsing import words
from tests.evaluations.pages.test_results import figures
from tests.evaluations.services.test_text_review import MARKER, release_all
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, ActionFactory, facilitator_of, staff
from tests.factories.evaluations import FULL, close, community_of, give_answers, open_survey_for, published

pytestmark = pytest.mark.django_db

AGREES, DISAGREES = {"M1": "4", "M5": ["1"]}, {"M1": "2", "M5": ["1", "7"]}


def asked(
    community: Community, *given: dict[str, Any], days_ago: int, version: InstrumentVersion | None = None
) -> Survey:
    survey = ask(community, version=version or published(FULL), at=NOW - timedelta(days=days_ago))
    give_answers(survey, answers=given)
    return close(survey)


def section_of(response: Any, code: str) -> str:
    found = re.search(rf'(?s)data-question="{code}">(.*?)</section>', response.content.decode())
    assert found, code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])).strip()


def page(survey: Survey) -> Any:
    return sign_in(Client(), facilitator_of(survey.community)).get(survey.get_results_url())


def test_the_funnel_counts_whose_mail_was_accepted_and_never_who_opened_it() -> None:
    survey = open_survey_for(members=12)
    plan_due_mail(now=survey.closes_at - timedelta(days=1))
    mails = OutboxMessage.objects.filter(kind__startswith="evaluations.")
    first = [mail.pk for mail in mails.order_by("pk")[:9]]
    OutboxMessage.objects.filter(pk__in=first).update(state=OutboxMessage.State.SENT, sent_at=NOW)
    give_answers(survey, count=10)
    survey = close(survey)
    said = words(page(survey))
    assert "Asked 12" in re.sub(r"(Step|How many) ", "", said)
    assert "Mail accepted 9" in re.sub(r"(Step|How many) ", "", said)
    assert "Answered 83% of 12" in re.sub(r"(Step|How many) ", "", said)
    assert "Whether anyone opened a mail is not tracked." in said


def test_accepted_mail_is_no_step_of_the_funnel_where_nobody_counted_it_and_that_is_said_once() -> None:
    response = page(asked(community_of(12), *[AGREES] * 10, days_ago=40))
    said = words(response)
    assert [step for step, _ in response.context["funnel"]] == ["Asked", "Answered"]
    assert said.count("How many had mail about it accepted was not counted for this survey") == 1
    assert "not counted" not in said.replace("accepted was not counted", "")


def test_members_own_words_stand_under_their_question_with_what_they_wait_for() -> None:
    survey = asked(community_of(14), *[AGREES | {"V9": f"{MARKER} <b>{n}</b>."} for n in range(6)], AGREES, days_ago=40)
    waiting = page(survey)
    assert "Not shown yet" in section_of(waiting, "V9")
    assert "A second reader, who is not in this community, reads the texts first." in words(waiting)
    by = staff()
    release_all(survey, by)
    assert MARKER not in page(survey).content.decode()
    show_texts(survey=survey, by=by, now=NOW)
    response = page(survey)
    assert section_of(response, "V9").count(MARKER) == 6
    assert "<b>1</b>" not in response.content.decode()


def test_too_few_texts_are_hidden_with_the_reason_and_charts_never_wait_for_them() -> None:
    survey = asked(community_of(14), *[AGREES | {"V9": MARKER}] * 4, *[AGREES] * 8, days_ago=40)
    response = page(survey)
    assert "Hidden: fewer than 5 texts" in section_of(response, "V9")
    assert "With so few, a text could show who wrote it; so nobody reads them" in words(response)
    assert MARKER not in response.content.decode()
    assert figures(response)["M1"].startswith("Agreeing: over two thirds")


def test_earlier_surveys_stand_beside_the_same_question_without_a_difference() -> None:
    community = community_of(14)
    asked(community, *[AGREES] * 6, *[DISAGREES] * 6, days_ago=400)
    asked(community, *[AGREES] * 4, days_ago=300)
    asked(community, *[AGREES] * 6, *[DISAGREES] * 6, days_ago=200)
    latest = asked(community, *[AGREES] * 9, *[DISAGREES] * 3, days_ago=40)
    response = page(latest)
    said = section_of(response, "M1")
    beside = said[said.index("Beside earlier surveys") :]
    shares = re.findall(r"Agreeing: (\d+%) \((\d+ of \d+);", beside)
    # The four answers in between were released together with those of the next survey: they have no row of their own.
    assert shares == [("75%", "9 of 12"), ("62%", "10 of 16"), ("50%", "6 of 12")]
    assert words(response).count("no difference is worked out") == 1
    assert not re.search(r"[+−-]\d+ ?(%|point)", beside)


def test_the_row_of_surveys_breaks_where_a_question_was_asked_in_other_words() -> None:
    community = community_of(14)
    old = published(FULL)
    asked(community, *[AGREES] * 6, *[DISAGREES] * 6, days_ago=200)
    new = reworded(old, "M1")
    response = page(asked(community, *[AGREES] * 9, *[DISAGREES] * 3, days_ago=40, version=new))
    said = section_of(response, "M1")
    assert "Asked in other words, or of others: not comparable, so the row ends here." in said
    assert "6 of 12" not in said
    assert "other words" not in section_of(response, "M5")
    assert "Beside earlier surveys" in section_of(response, "M5")


def reworded(old: InstrumentVersion, code: str) -> InstrumentVersion:
    """The next version, in which one question is asked in other words; published as versions are."""
    new = InstrumentVersion.objects.get(pk=old.pk)
    new.pk, new.number, new.published_at = None, old.number + 1, None
    new.save()
    for section in Section.objects.filter(version=old).order_by("position"):
        questions = list(Question.objects.filter(section=section).select_related("item").order_by("position"))
        section.pk, section.version = None, new
        section.save()
        for question in questions:
            is_other = question.item.code == code
            question.pk, question.section = None, section
            question.wording = (question.wording or 1) + is_other
            question.text += " Really." * is_other
            question.save()
    InstrumentVersion.objects.filter(pk=new.pk).update(published_at=timezone.now())
    new.refresh_from_db()
    return new


@pytest.mark.parametrize("number", [5, 30])
def test_the_page_with_everything_on_it_takes_eleven_queries_whatever_the_number_of_texts(
    number: int, django_assert_num_queries: Any
) -> None:
    community = community_of(34)
    old = published(FULL)
    asked(community, *[AGREES] * 12, days_ago=200)
    given = [AGREES | {"V9": MARKER}] * number + [DISAGREES] * 3
    survey = asked(community, *given, days_ago=40, version=reworded(old, "M1"))
    by, facilitator = staff(), facilitator_of(community)
    release_all(survey, by)
    show_texts(survey=survey, by=by, now=NOW)
    agreed_on = survey.opened_at.date()
    action = ActionFactory.create(community=community, agreed_on=agreed_on, due_on=agreed_on)
    write_heard(survey=survey, version=0, words=HeardWords("Time.", actions=[action]), by=facilitator, now=NOW)
    client = sign_in(Client(), facilitator)
    with django_assert_num_queries(11):
        response = client.get(survey.get_results_url())
    assert response.content.decode().count(MARKER) == number


def test_answers_given_under_a_name_do_not_stand_beside_anonymous_ones() -> None:
    community = community_of(14)
    named = open_survey_for(community, code=FULL, mode=PrivacyMode.NAMED, now=NOW - timedelta(days=200))
    give_answers(named, answers=[AGREES] * 12)
    close(named)
    latest = asked(community, *[AGREES] * 9, *[DISAGREES] * 3, days_ago=40)
    assert "Beside earlier surveys" not in section_of(page(latest), "M1")


def test_members_see_beside_a_survey_only_those_that_are_shared_with_them() -> None:
    community = community_of(14)
    kept, shared = (asked(community, *[AGREES] * 6, *[DISAGREES] * 6, days_ago=days) for days in (300, 40))
    Survey.objects.filter(pk=shared.pk).update(is_shared_with_members=True)
    Survey.objects.filter(pk=kept.pk).update(shared_with=Survey.SharedWith.LEADERS)
    member = sign_in(Client(), community.memberships.order_by("pk")[0].person.user)
    assert "Beside earlier surveys" in section_of(page(shared), "M1")
    assert "Beside earlier surveys" not in section_of(member.get(shared.get_results_url()), "M1")
    url = f"/api/v1/surveys/{shared.pk}/results/"
    assert [question["earlier"] for question in member.get(url).json()["questions"] if question["earlier"]] == []
    Survey.objects.filter(pk=kept.pk).update(shared_with=Survey.SharedWith.MEMBERS, is_shared_with_members=True)
    assert "Beside earlier surveys" in section_of(member.get(shared.get_results_url()), "M1")
    assert any(question["earlier"] for question in member.get(url).json()["questions"])

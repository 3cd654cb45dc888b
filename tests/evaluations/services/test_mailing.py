"""Mail to those asked: one each; reminders once, only to those who have not answered, and only in working hours."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from allauth.account.models import EmailAddress

from communities.models import Person
from communities.working_days import LONDON, at_wall_time
from cop_portal.outbox.kinds import Rendered, kind_named
from cop_portal.outbox.models import OutboxMessage
from evaluations import emails
from evaluations.models import Invitation, PlannedRequest, PrivacyMode, Survey
from evaluations.questionnaire import fielded
from evaluations.services.answers.answering import door, submit_answers
from evaluations.services.surveys.mailing import plan_due_mail
from evaluations.views.answers.answer_words import length_words
from tests.factories.communities import NOW, CommunityFactory, MembershipFactory, PersonFactory, facilitator_of
from tests.factories.evaluations import FULL, PULSE, close, core_answers, give_answers, open_survey_for, tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

# NOW is Tuesday 24 November 2026; day 4 is a Saturday, so the reminder comes on Monday.
REMINDED = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def mails(kind: str) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=kind).order_by("recipient", "due_at"))


def rendered(row: OutboxMessage) -> Rendered:
    return kind_named(row.kind).render(row.params, row.recipient)


def is_still_due(row: OutboxMessage) -> bool:
    return kind_named(row.kind).is_still_due(row.params)


def recipients(kind: str) -> list[str]:
    return [row.recipient for row in mails(kind)]


def address(invitation: Invitation) -> str:
    return str(EmailAddress.objects.get(user__person=invitation.person).email)


def test_everyone_asked_gets_one_mail_however_often_it_is_planned() -> None:
    survey = open_survey_for(members=7)
    assert [plan_due_mail(now=NOW), plan_due_mail(now=NOW), plan_due_mail(now=NOW + timedelta(hours=3))] == [7, 0, 0]
    assert recipients(emails.REQUEST) == sorted(address(invitation) for invitation in survey.invitations.all())


def test_a_reminder_goes_once_and_only_to_those_who_have_not_answered() -> None:
    survey = open_survey_for(members=7)
    plan_due_mail(now=NOW)
    give_answers(survey, count=3)
    assert plan_due_mail(now=REMINDED - timedelta(minutes=1)) == 0
    assert plan_due_mail(now=REMINDED) == 4
    assert plan_due_mail(now=REMINDED + timedelta(hours=1)) == 0
    unanswered = Invitation.objects.unanswered().filter(survey=survey)
    assert recipients(emails.REMINDER) == sorted(address(invitation) for invitation in unanswered)


def test_the_plan_is_handled_alike_for_those_who_answered_and_those_who_did_not() -> None:
    survey = open_survey_for(members=7)
    plan_due_mail(now=NOW)
    give_answers(survey, count=3)
    plan_due_mail(now=REMINDED)
    handled = PlannedRequest.objects.filter(invitation__survey=survey, is_handled=True)
    assert sorted(handled.values_list("number", flat=True)) == [0] * 7 + [1] * 7


def test_after_a_long_stop_one_mail_goes_not_three() -> None:
    open_survey_for(members=4)
    assert plan_due_mail(now=NOW + timedelta(days=15)) == 4
    assert (len(mails(emails.REQUEST)), len(mails(emails.REMINDER))) == (0, 4)


def test_a_reminder_that_was_overtaken_by_an_answer_is_not_due_any_more() -> None:
    survey = open_survey_for(members=2)
    plan_due_mail(now=NOW)
    plan_due_mail(now=REMINDED)
    row = mails(emails.REMINDER)[0]
    assert is_still_due(row)
    invitation = Invitation.objects.get(pk=row.params["invitation"])
    token = next(token for token in tokens_of(survey) if token in rendered(row).text)
    submit_answers(token=token, answers=core_answers(), now=REMINDED)
    assert not is_still_due(row)
    assert invitation.survey == survey


@pytest.mark.parametrize("change", [{"state": Survey.State.CLOSING}, {"halted_because": "No key."}])
def test_nothing_is_due_once_answers_are_not_taken(change: dict[str, str]) -> None:
    survey = open_survey_for(members=1)
    plan_due_mail(now=NOW)
    Survey.objects.filter(pk=survey.pk).update(**change)
    assert not is_still_due(mails(emails.REQUEST)[0])


def test_nothing_is_planned_for_a_survey_past_its_closing_time() -> None:
    survey = open_survey_for(members=3)
    assert plan_due_mail(now=survey.closes_at) == 0
    assert OutboxMessage.objects.count() == 0


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        (datetime(2026, 11, 28, 10, 0, tzinfo=UTC), (date(2026, 11, 30), time(8, 0))),
        (datetime(2026, 12, 24, 18, 0, tzinfo=UTC), (date(2026, 12, 29), time(8, 0))),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), (date(2026, 10, 26), time(8, 0))),
        (datetime(2026, 7, 1, 16, 45, tzinfo=UTC), (date(2026, 7, 2), time(8, 0))),
    ],
)
def test_mail_waits_for_a_working_day_in_london(opened: datetime, due: tuple[date, time]) -> None:
    open_survey_for(members=1, now=opened)
    moment = at_wall_time(*due)
    assert plan_due_mail(now=moment - timedelta(minutes=1)) == 0
    assert plan_due_mail(now=moment) == 1
    assert mails(emails.REQUEST)[0].due_at == moment


def test_a_mail_says_what_it_must_and_its_link_opens_the_survey() -> None:
    survey = open_survey_for(members=1, code=FULL, reminder_days=[4, 9, 14])
    plan_due_mail(now=NOW)
    row = mails(emails.REQUEST)[0]
    mail = rendered(row)
    assert mail.subject == f"{survey.community.name}: your view, about 10 minutes"
    assert "We record that you answered, so that reminders stop; never what you answered." in mail.text
    assert "by 15 December 2026" in mail.text
    assert "we will remind you, 3 times at most" in mail.text
    assert "there will be 7 more days, once" in mail.text
    found = re.search(r"http://127\.0\.0\.1:8000/a/([A-Za-z0-9_-]{43})/\n", mail.text)
    assert found is not None
    assert door(found[1], NOW).survey == survey
    assert found[1] not in str(OutboxMessage.objects.values().get())


@pytest.mark.parametrize("code", [FULL, PULSE])
def test_the_minutes_in_the_mail_are_those_of_the_page_behind_its_link(code: str) -> None:
    survey = open_survey_for(members=1, code=code)

    assert f", about {emails.minutes_words(survey)}" in length_words(fielded(survey.version))


@pytest.mark.parametrize("kind", [emails.render_request, emails.render_reminder, emails.render_more_time])
def test_the_first_line_of_mail_about_a_named_survey_says_so(kind: Callable[..., Rendered]) -> None:
    survey = open_survey_for(members=1, mode=PrivacyMode.NAMED)
    params = {"invitation": str(Invitation.objects.get(survey=survey).pk)}

    text = kind(params, "").text

    assert text.splitlines()[2] == "This is not anonymous: your answers are kept with your name."
    assert "and nothing else" not in text
    assert "Members and the sponsor see figures" in text


def test_mail_promises_members_no_results_that_stay_with_those_who_lead() -> None:
    survey = open_survey_for(members=1, mode=PrivacyMode.NAMED)
    Survey.objects.filter(pk=survey.pk).update(shared_with=Survey.SharedWith.LEADERS)

    text = emails.render_request({"invitation": str(Invitation.objects.get(survey=survey).pk)}, "").text

    assert "Members and the sponsor see" not in text
    assert "The results are not shared with members." in text


def test_the_word_survey_is_in_no_subject_line() -> None:
    survey = open_survey_for(members=2)
    plan_due_mail(now=NOW)
    plan_due_mail(now=REMINDED)
    invitation = survey.invitations.all()[0]
    subjects = [rendered(row).subject for row in OutboxMessage.objects.all()]
    subjects.append(emails.render_extension({"invitation": str(invitation.pk)}, "").subject)
    assert [subject for subject in subjects if "survey" in subject.lower()] == []


def test_nobody_is_written_to_at_an_address_they_no_longer_have() -> None:
    survey = open_survey_for(members=2)
    invitation = survey.invitations.select_related("person")[0]
    EmailAddress.objects.filter(user=invitation.person.user_id).update(email="new@example.org")
    plan_due_mail(now=NOW)
    assert "new@example.org" in recipients(emails.REQUEST)


def test_facilitators_read_what_came_of_it_and_where() -> None:
    survey = open_survey_for(members=6)
    facilitator_of(survey.community)
    give_answers(survey, count=4)
    survey = close(survey)
    mail = rendered(mails(emails.CLOSED)[0])
    assert mail.subject == f"{survey.community.name}: the answers are in"
    assert "Too few people answered for anything to be shown. These answers stay unread." in mail.text
    assert f"http://127.0.0.1:8000{survey.get_results_url()}" in mail.text


def test_a_reminder_and_an_extension_say_why_they_come() -> None:
    survey = open_survey_for(members=1)
    params = {"invitation": str(survey.invitations.all()[0].pk)}
    reminder, extension = emails.render_reminder(params, ""), emails.render_extension(params, "")
    assert (
        "You get this because no answer has come through your link yet. We see that, and nothing else." in reminder.text
    )
    assert "Fewer than 5 members" in extension.text
    assert tokens_of(survey)[0] in reminder.text
    assert tokens_of(survey)[0] in extension.text


def days_asked(person: Person) -> list[date]:
    requests = PlannedRequest.objects.filter(invitation__person=person).order_by("due_at")
    return [request.due_at.astimezone(LONDON).date() for request in requests]


def in_two_communities() -> tuple[Person, Survey]:
    """Someone in two communities, and the first one's survey, just opened."""
    person = PersonFactory.create()
    first = CommunityFactory.create()
    MembershipFactory.create(community=first, person=person)
    return person, open_survey_for(first, reminder_days=[4, 9, 14])


def test_requests_of_two_surveys_lie_five_working_days_apart_reminders_included() -> None:
    person, first = in_two_communities()
    second = MembershipFactory.create(person=person).community
    plan_due_mail(now=NOW)
    other = open_survey_for(second, now=NOW + timedelta(days=1), code=PULSE, reminder_days=[2])
    requests = PlannedRequest.objects.filter(invitation__person=person).order_by("due_at")
    planned = [
        (request.invitation.survey_id, request.due_at.astimezone(LONDON).date())
        for request in requests.select_related("invitation")
    ]
    assert planned == [
        (first.pk, date(2026, 11, 24)),
        (other.pk, date(2026, 12, 1)),
        (other.pk, date(2026, 12, 3)),
        (first.pk, date(2026, 12, 10)),
        (first.pk, date(2026, 12, 14)),
    ]


def test_the_cap_does_not_show_who_has_answered() -> None:
    plans = []
    for answers in (0, 1):
        person, first = in_two_communities()
        second = MembershipFactory.create(person=person).community
        plan_due_mail(now=NOW)
        give_answers(first, count=answers)
        open_survey_for(second, now=NOW + timedelta(days=2), code=PULSE)
        plans.append(days_asked(person))
    assert plans[0] == plans[1]


def test_people_in_one_community_only_are_not_delayed() -> None:
    person, first = in_two_communities()
    alone = MembershipFactory.create(community=first.community).person
    other = open_survey_for(first.community, code=PULSE, now=NOW + timedelta(days=1))
    asked_first = {
        request.invitation.person_id: request.due_at
        for request in PlannedRequest.objects.filter(invitation__survey=other, number=0).select_related("invitation")
    }
    assert asked_first[alone.pk] == NOW + timedelta(days=1)
    assert asked_first[person.pk] == at_wall_time(date(2026, 12, 1), time(8, 0))

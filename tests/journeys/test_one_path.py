"""One path through the whole portal, driven as its people would: on a phone, a wide screen, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import time_machine
from playwright.sync_api import expect

from cop_portal.outbox.models import OutboxMessage
from cop_portal.outbox.tasks import deliver_due_mail
from evaluations import emails, tasks
from evaluations.models import Invitation, Survey
from tests.factories.accounts import PASSWORD, code_of_app
from tests.factories.evaluations import core_answers, give_answers
from tests.journeys.conftest import PHONE, PHONE_WITHOUT_SCRIPTS, WIDE, Screen, Visitor
from tests.journeys.people import FACILITATOR, MEMBERS, People, address, furnish
from tests.journeys.worker import mails, running_worker, text_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SitDown = Callable[[Screen], Visitor]

# A Tuesday in term, far from bank holidays; London is an hour ahead of UTC until 25 October.
TUESDAY = datetime(2026, 9, 15, 8, 0, tzinfo=UTC)
AFTER_THE_SESSION = datetime(2026, 9, 16, 13, 0, tzinfo=UTC)
FIFTH_DAY = datetime(2026, 9, 21, 9, 0, tzinfo=UTC)
AFTER_THE_CLOSE = datetime(2026, 10, 8, 8, 0, tzinfo=UTC)
NEWCOMER = "Yetunde Bello"


@pytest.mark.parametrize("screen", [PHONE, WIDE, PHONE_WITHOUT_SCRIPTS], ids=lambda screen: screen.name)
def test_from_signing_in_to_results(screen: Screen, visitor_at: SitDown) -> None:
    with time_machine.travel(TUESDAY, tick=True) as clock, running_worker():
        people = furnish()
        staff_opens_the_network_page(visitor_at(screen), people)

        facilitator = visitor_at(screen)
        sign_in_by_code(facilitator, FACILITATOR, nth=1)
        adds_a_member(facilitator)
        plans_a_session(facilitator)

        clock.move_to(AFTER_THE_SESSION)
        sign_in_by_code(facilitator, FACILITATOR, nth=2)
        records_the_session(facilitator)
        opens_the_core_questions(facilitator)
        survey = Survey.objects.get()

        member = visitor_at(screen)
        link = answers_from_the_mailed_link(member)

        clock.move_to(FIFTH_DAY)
        only_those_who_have_not_answered_are_reminded(survey)

        clock.move_to(AFTER_THE_CLOSE)
        the_survey_closes_by_itself(survey)
        the_link_says_that_it_has_closed(member, link)
        sign_in_by_code(facilitator, FACILITATOR, nth=3)
        reads_the_results(facilitator, survey)
        staff_reads_the_network_page(visitor_at(screen), people)


def staff_opens_the_network_page(visitor: Visitor, people: People) -> None:
    staff_sign_in(visitor, people)
    visitor.go("/network/")
    table = visitor.page.get_by_role("table", name="All communities, by name")
    expect(table.get_by_role("link")).to_have_text(
        [
            "Acute deterioration",
            "Delirium",
            "Duty of candour",
            "Maternity",
            "Medicines optimisation",
            "Medicines safety",
            "Sepsis",
        ]
    )
    visitor.look()


def staff_sign_in(visitor: Visitor, people: People) -> None:
    visitor.go("/sign-in/")
    visitor.look()
    visitor.follow("Sign in with your password")
    visitor.look()
    visitor.page.get_by_label("Email address").fill("staff@example.org")
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.press("Sign in")
    visitor.look()
    visitor.page.get_by_label("Code from your authenticator app").fill(code_of_app(people.staff))
    visitor.press("Sign in")


def sign_in_by_code(visitor: Visitor, name: str, *, nth: int) -> None:
    visitor.go("/sign-in/")
    visitor.page.get_by_label("Email address").fill(address(name))
    visitor.press("Send me a code")
    visitor.look()
    mail = mails("accounts.sign_in_code", nth)[-1]
    assert mail["To"] == address(name)
    found = re.search(r"^ {4}(\S+)$", text_of(mail), re.MULTILINE)
    assert found is not None
    visitor.page.get_by_label("Code").fill(found[1])
    visitor.press("Sign in")
    visitor.go("/")
    visitor.look()


def adds_a_member(visitor: Visitor) -> None:
    visitor.go("/communities/")
    visitor.look()
    visitor.follow("Sepsis")
    visitor.look()
    visitor.follow("Members")
    visitor.look()
    visitor.page.get_by_role("button", name="Add a member").click()
    visitor.page.get_by_label("Full name").fill(NEWCOMER)
    visitor.page.get_by_label("Mail address").fill(address(NEWCOMER))
    visitor.page.get_by_label("Professional group").select_option(label="Allied health professionals")
    fill_date(visitor, "Member since", date(2026, 9, 15))
    visitor.look()
    visitor.press("Add this person")
    visitor.reads(NEWCOMER)
    visitor.look()
    welcome = mails("communities.welcome", len(MEMBERS) + 2)[-1]
    assert welcome["To"] == address(NEWCOMER)


def plans_a_session(visitor: Visitor) -> None:
    visitor.follow("Sessions")
    visitor.look()
    visitor.page.get_by_role("button", name="Plan a session").click()
    visitor.page.get_by_label("Convening").check()
    fill_date(visitor, "Date", date(2026, 9, 16))
    visitor.page.get_by_label("Start time").fill("12:30")
    visitor.page.get_by_label("End time").fill("13:30")
    visitor.page.get_by_label("Place").fill("Seminar room 2")
    visitor.look()
    visitor.press("Plan this session")
    visitor.reads("Seminar room 2")
    visitor.look()


def records_the_session(visitor: Visitor) -> None:
    visitor.go("/communities/sepsis/")
    visitor.follow("Record the session of 16 September 2026")
    visitor.look()
    for name in MEMBERS[:6]:
        visitor.page.get_by_role("group", name=name).get_by_label("Room").check()
    visitor.page.get_by_role("group", name=MEMBERS[6]).get_by_label("Sorry").check()
    visitor.page.get_by_label("What was it about?").fill("How we hand over at night")
    visitor.page.get_by_label("Learning point 1", exact=True).fill("A shared form halves the questions at handover")
    visitor.page.get_by_label("Action 1: what").fill("Send the handover form round")
    visitor.page.get_by_label("Action 1: who").select_option(label=MEMBERS[0])
    fill_date(visitor, "Action 1: by when", date(2026, 9, 30))
    visitor.press("Save")
    for words in (
        "How we hand over at night",
        "6 of 12 members on that day",
        "A shared form halves the questions at handover",
        f"Send the handover form round: {MEMBERS[0]}, by 30 September 2026 (open)",
    ):
        visitor.reads(words)
    visitor.look()


def opens_the_core_questions(visitor: Visitor) -> None:
    visitor.follow("Surveys")
    visitor.look()
    visitor.page.get_by_role("button", name="Open a survey").click()
    visitor.page.get_by_label("Community of practice: ten questions").check()
    visitor.look()
    visitor.press("Continue")
    visitor.reads("How “Community of practice: ten questions” is asked")
    visitor.page.get_by_label("Anonymous").check()
    fill_date(visitor, "Last day to answer", date(2026, 10, 7))
    visitor.page.get_by_label("The members too, once the facilitator shares them").check()
    visitor.look()
    visitor.press("See who will be asked")
    visitor.reads("Will be asked: 12")
    visitor.reads("Will not be asked: 0")
    visitor.look()
    assert not Survey.objects.exists()
    visitor.press("Open the survey")
    visitor.look()
    assert Survey.objects.get().mode == "anonymous"
    tasks.plan_due_mail.delay()
    wait_until(lambda: mails_planned() == len(MEMBERS) + 2, "every member's invitation is planned")
    deliver_due_mail.delay()
    invitations = mails(emails.REQUEST, len(MEMBERS) + 2)
    everyone = {address(name) for name in (*MEMBERS, FACILITATOR, NEWCOMER)}
    assert {mail["To"] for mail in invitations} == everyone
    assert len(invitations) == len(everyone)


def mails_planned() -> int:
    return OutboxMessage.objects.filter(kind=emails.REQUEST).count()


def answers_from_the_mailed_link(visitor: Visitor) -> str:
    mail = next(mail for mail in mails(emails.REQUEST, 1) if mail["To"] == address(MEMBERS[1]))
    link = re.search(r"https?://\S+(/a/\S+/)", text_of(mail))
    assert link is not None
    visitor.go(link[1])
    visitor.reads("We record that you answered, so that reminders stop; never what you answered.")
    visitor.look()
    visitor.page.get_by_text("See the very record").click()
    visitor.press("Start")
    visitor.page.wait_for_url("**/a/answer/*/")
    visitor.look()
    answers_all_but_the_last(visitor)
    visitor.reads("Check your answers")
    visitor.look()
    visitor.press("Send my answers")
    visitor.reads("There is a problem")
    visitor.look()
    visitor.page.get_by_label("I have finished: send my answers").check()
    visitor.press("Send my answers")
    visitor.reads("Thank you: your answers are in")
    visitor.look()
    visitor.go(link[1])
    visitor.reads("You have already answered")
    visitor.look()
    return link[1]


def answers_all_but_the_last(visitor: Visitor) -> None:
    """A question a page on a phone, a section a page on a wide screen."""
    if visitor.screen.width < WIDE.width:
        for number in range(1, 10):
            visitor.reads(f"Question {number} of 10")
            visitor.page.get_by_role("radio").nth(3).check()
            visitor.press("Continue")
        visitor.reads("Question 10 of 10")
        visitor.press("Skip")
        return
    for first, last in ((1, 3), (4, 5), (6, 7), (8, 10)):
        visitor.reads(f"Questions {first} to {last} of 10")
        for number in range(first, min(last, 9) + 1):
            group = visitor.page.get_by_role("group", name=re.compile(rf"^{number}\."))
            group.get_by_role("radio").nth(3).check()
        visitor.press("Continue")


def only_those_who_have_not_answered_are_reminded(survey: Survey) -> None:
    give_answers(survey, answers=[core_answers(agree) for agree in ("2", "3", "4", "4", "5")])
    waiting = {
        address(name)
        for name in (*MEMBERS, FACILITATOR, NEWCOMER)
        if Invitation.objects.unanswered().filter(survey=survey, person__user__name=name).exists()
    }
    assert len(waiting) == 6
    for _ in range(2):
        tasks.plan_due_mail.delay()
        deliver_due_mail.delay()
    reminders = mails(emails.REMINDER, 6)
    assert sorted(mail["To"] for mail in reminders) == sorted(waiting)
    give_answers(survey, answers=[core_answers(agree) for agree in ("2", "4", "5", "4")])


def the_survey_closes_by_itself(survey: Survey) -> None:
    tasks.close_due_surveys.delay()
    wait_until(lambda: Survey.objects.closed().filter(pk=survey.pk).exists(), "the survey is closed")


def the_link_says_that_it_has_closed(visitor: Visitor, link: str) -> None:
    visitor.go(link)
    expect(visitor.page.locator("h1")).to_have_text("This has closed")
    visitor.look()


def reads_the_results(visitor: Visitor, survey: Survey) -> None:
    visitor.go(survey.get_absolute_url())
    visitor.look()
    visitor.follow("See the results")
    visitor.reads("Answered: 83% of 12")
    first = visitor.page.locator("[data-question=M1]")
    expect(first.locator(".app-figure")).to_contain_text("70% (7 of 10; 95% interval 40% to 89%)")
    expect(first.locator("svg")).to_be_visible()
    visitor.look()


def staff_reads_the_network_page(visitor: Visitor, people: People) -> None:
    staff_sign_in(visitor, people)
    visitor.go("/network/")
    row = visitor.page.get_by_role("row").filter(has=visitor.page.get_by_role("link", name="Sepsis", exact=True))
    for words in ("Alive", "16 Sep 2026", "12", "83% of 12"):
        expect(row).to_contain_text(words)
    visitor.look()


def fill_date(visitor: Visitor, label: str, day: date) -> None:
    visitor.page.get_by_label(label).fill(day.isoformat())

"""What the demo holds: as many of everything as was promised, and one story."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from statistics import median

import pytest
from allauth.account.models import EmailAddress
from django.db.models import F

from communities.models import (
    Action,
    AgendaItem,
    Attendance,
    Community,
    Organisation,
    Person,
    Problem,
    Series,
    Session,
    TestOfChange,
)
from communities.working_days import is_working_day
from cop_portal.audit.models import AuditEntry
from cop_portal.demo.loader import run
from cop_portal.demo.loader.world import World
from cop_portal.installation.fictional import is_fictional
from cop_portal.installation.models import Installation
from cop_portal.outbox.models import OutboxMessage
from evaluations import results
from evaluations.models import Invitation, PrivacyMode, Survey, Wave
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.inbox import InboxBox
from evaluations.services.answers import own_answers
from evaluations.services.answers.rows import named_rows
from tests.demo.conftest import SUNDAY

pytestmark = [pytest.mark.django_db, pytest.mark.embedded, pytest.mark.usefixtures("demo")]

STORY = "The screening form takes longer than starting treatment"


def test_the_demo_has_the_seven_communities_of_2015() -> None:
    assert set(Community.objects.values_list("name", "founded")) == {
        ("Medicines safety", "2015"),
        ("Maternity", "2015"),
        ("Duty of candour", "2015"),
        ("Medicines optimisation", "2015"),
        ("Sepsis", "2015"),
        ("Acute deterioration", "2015"),
        ("Delirium", "2015"),
    }


def test_about_150_people_belong_to_the_ten_invented_organisations(demo: World) -> None:
    assert 135 <= Person.objects.count() <= 165
    invented = {organisation.name for organisation in demo.content.organisations}
    assert len(invented) == 10
    assert set(Organisation.objects.values_list("name", flat=True)) == invented
    assert set(Organisation.objects.filter(affiliations__isnull=False).values_list("name", flat=True)) == invented


def test_nobody_in_the_demo_has_an_address_that_could_be_someones() -> None:
    addresses = list(EmailAddress.objects.values_list("email", flat=True))
    assert len(addresses) == len(set(addresses)) >= 135
    assert [address for address in addresses if not is_fictional(address)] == []


def test_sessions_go_back_two_years_in_each_communitys_rhythm_and_never_onto_a_bank_holiday(demo: World) -> None:
    for text in demo.content.communities:
        held = Session.objects.held().filter(community__slug=text.slug)
        oldest = held.earliest("starts_at").starts_at
        assert timedelta(weeks=80) < SUNDAY - oldest <= timedelta(weeks=104), text.slug
        assert all(is_working_day(session.day) for session in held), text.slug
        days = sorted(session.day for session in held)
        gaps = [later - earlier for earlier, later in pairwise(days)]
        assert text.rhythm_weeks <= median(gap.days for gap in gaps) / 7 <= text.rhythm_weeks * 1.3, text.slug


def test_one_community_drifts_and_one_is_paused() -> None:
    quiet = SUNDAY - timedelta(days=90)
    last = {
        community.slug: max(session.starts_at for session in community.sessions.held())
        for community in Community.objects.filter(state=Community.State.ACTIVE)
    }
    assert [slug for slug, at in last.items() if at < quiet] == ["delirium"]
    assert [c.slug for c in Community.objects.filter(state=Community.State.PAUSED)] == ["duty-of-candour"]


def test_attendance_has_gaps_of_every_kind() -> None:
    kinds = Counter(Attendance.objects.values_list("status", flat=True))
    assert set(kinds) == {"room", "online", "apologies", "absent", "unknown"}
    assert min(kinds.values()) > 50


def test_the_counts_on_sessions_are_those_of_the_attendance() -> None:
    held = Session.objects.held().with_recount()
    assert held.count() > 60
    assert not held.exclude(member_count=F("recounted_members"), present_count=F("recounted_present")).exists()


def test_actions_are_open_overdue_done_dropped_and_handed_over() -> None:
    states = Counter(Action.objects.values_list("state", flat=True))
    assert set(states) == set(Action.State.values)
    overdue = Action.objects.overdue(SUNDAY.date()).count()
    assert 0 < overdue < states["open"]


def test_problems_are_in_every_state_of_reach_with_the_trail_that_led_there() -> None:
    problems = list(Problem.objects.prefetch_related("steps"))
    assert {problem.state for problem in problems} == set(Problem.State.values)
    for problem in problems:
        steps = sorted(problem.steps.all(), key=lambda step: step.at)
        assert steps[0].to_state == Problem.State.RAISED
        assert steps[-1].to_state == problem.state
        assert [step.from_state for step in steps[1:]] == [step.to_state for step in steps[:-1]]


def test_one_story_runs_from_a_problem_over_a_refusal_and_a_second_try_to_a_change() -> None:
    problem = Problem.objects.get(title=STORY)
    first, second = problem.escalations.order_by("asked_at")
    assert (first.verdict, second.verdict) == ("declined", "will_act")
    assert first.lever_holder != second.lever_holder
    assert first.answered_at is not None
    assert first.answered_at < second.asked_at
    assert problem.state == Problem.State.CHANGED
    assert "one page with nine boxes" in problem.came_of_it
    told = Session.objects.held().filter(community=problem.community, learning_points__text__contains="nine-box form")
    assert told.filter(starts_at__gt=second.asked_at).exists()


def test_every_active_community_was_asked_in_four_half_yearly_waves_core_and_full_in_turn() -> None:
    waves = list(Wave.objects.order_by("starts_on"))
    assert len(waves) == 4
    for earlier, later in pairwise(waves):
        assert 170 <= (later.starts_on - earlier.starts_on).days <= 195
    asked = [set(wave.surveys.values_list("version__instrument__code", flat=True)) for wave in waves]
    assert asked == [{"cop-core"}, {"cop-full"}, {"cop-core"}, {"cop-full"}]
    assert [wave.surveys.filter(state=Survey.State.CLOSED).count() for wave in waves] == [7, 7, 7, 7]


def test_one_community_is_under_the_minimum_and_others_show_bands_and_figures() -> None:
    last = Wave.objects.latest("starts_on").surveys.select_related("community")
    shown = {survey.community.slug: results.of(survey) for survey in last}
    assert {slug for slug, result in shown.items() if result.hidden} == {"delirium"}
    assert {slug for slug, result in shown.items() if "5 to 9" in result.answered.words} == {
        "duty-of-candour",
        "medicines-optimisation",
    }
    assert {slug for slug, result in shown.items() if (result.answered.value or 0) >= 10} == {
        "acute-deterioration",
        "maternity",
        "medicines-safety",
        "sepsis",
    }


def test_past_answers_went_through_the_sealed_inbox_and_left_nothing_in_it(demo: World) -> None:
    closed = Survey.objects.closed()
    assert not InboxBox.objects.filter(survey__in=closed).exists()
    given = sum(sum(text.answered) for text in demo.content.communities)
    asked_of_all = closed.filter(session=None, mode=PrivacyMode.ANONYMOUS, breakdown__isnull=True)
    assert Invitation.objects.filter(survey__in=asked_of_all, is_answered=True).count() == given > 200
    assert not closed.filter(keys_destroyed_at=None).exists()


def test_one_community_was_asked_in_confidence_and_by_name_and_its_member_finds_what_they_sent(demo: World) -> None:
    person = demo.people[demo.content.doors["member"]]
    mine = own_answers.all_own_answers(person)
    assert [(one.survey.mode, one.survey.community.slug) for one in mine] == [("confidential", "sepsis")]
    named = Survey.objects.get(mode=PrivacyMode.NAMED)
    assert (named.state, named.community.slug) == ("closed", "sepsis")
    rows = named_rows(named)
    assert person in [row.person for row in rows]
    assert len(rows) == named.invitations.filter(is_answered=True).count() < named.asked_count
    assert ConfidentialResponse.objects.filter(survey=mine[0].survey).count() >= 10
    key = mine[0].survey.pseudonym_key
    assert key is not None
    assert key.ends_on > demo.now.date() + timedelta(days=90)


def test_one_survey_is_open_and_whoever_has_a_door_to_it_is_still_to_answer(demo: World) -> None:
    survey = Survey.objects.open().get()
    assert survey.community.slug == "sepsis"
    assert InboxBox.objects.filter(survey=survey).count() == survey.invitations.filter(is_answered=True).count() == 7
    for name in demo.content.doors.values():
        assert not survey.invitations.get(person__user__name=name).is_answered


def test_the_mail_of_two_years_was_never_sent_and_the_open_surveys_was_once_to_each() -> None:
    assert set(OutboxMessage.objects.values_list("kind", "state")) == {
        ("communities.appointed", "withdrawn"),
        ("communities.invitation", "withdrawn"),
        ("communities.records_merged", "withdrawn"),
        ("communities.erasure_asked", "withdrawn"),
        ("communities.requests_waiting", "ready"),
        ("communities.requests_waiting", "withdrawn"),
        # The members of one community are told of a visit.
        ("communities.session_invitation", "sent"),
        ("communities.welcome", "withdrawn"),
        # One problem was put to someone today; the reminders of those who answered, and of today, lie ahead.
        ("communities.brief", "ready"),
        ("communities.brief", "withdrawn"),
        ("communities.brief_reminder", "ready"),
        ("communities.brief_reminder", "withdrawn"),
        ("evaluations.closed", "withdrawn"),
        ("evaluations.shared", "withdrawn"),
        ("evaluations.request", "sent"),
    }
    sent = OutboxMessage.objects.filter(kind="evaluations.request", state="sent").values_list("recipient", flat=True)
    assert len(sent) == len(set(sent)) == Survey.objects.open().get().asked_count


def test_the_trail_tells_the_two_years_in_order() -> None:
    times = list(AuditEntry.objects.order_by("pk").values_list("at", flat=True))
    assert len(times) > 700
    assert times == sorted(times)


def test_a_second_load_changes_nothing() -> None:
    before = AuditEntry.objects.count()
    assert run.load(now=SUNDAY) is None
    assert AuditEntry.objects.count() == before


def test_a_load_that_was_interrupted_says_how_to_start_over() -> None:
    Installation.objects.update(filled_at=None)
    with pytest.raises(run.LoadInterrupted, match="make demo-reset"):
        run.load(now=SUNDAY)


def test_people_in_earnest_are_never_joined_by_invented_ones() -> None:
    before = Person.objects.count()
    Installation.objects.update(is_demo=False, filled_at=None)
    with pytest.raises(run.NotADemo, match="not a demo"):
        run.load(now=SUNDAY)
    assert Person.objects.count() == before


def test_what_lies_ahead_is_planned_replied_to_and_has_an_agenda() -> None:
    (series,) = Series.objects.all()
    assert series.rhythm.words == "every 4 weeks"
    days = [session.day for session in series.sessions.order_by("starts_at")]
    assert 4 <= len(days) <= 5
    assert all(is_working_day(day) for day in days)
    upcoming = Session.objects.upcoming(SUNDAY).filter(community__slug="sepsis").exclude(kind="visit").first()
    assert upcoming is not None
    assert upcoming.replies.all().numbers() == {"coming": 9, "not_coming": 3, "unsure": 2}
    assert AgendaItem.objects.on_agenda_of(upcoming).count() == 2
    assert set(AgendaItem.objects.values_list("state", flat=True)) == {"proposed", "on_agenda", "declined"}
    assert AgendaItem.objects.filter(proposed_by=None).count() == 1
    carried = AgendaItem.objects.backlog(SUNDAY).exclude(session=None)
    assert [item.text for item in carried] == ["Who checks the stock of culture bottles at night?"]


def test_what_was_tried_has_measures_a_next_cycle_and_a_lineage_and_one_was_abandoned() -> None:
    month = TestOfChange.objects.get(title="The nine-box form for a month")
    assert (month.outcome, month.cycle_before is not None, month.cycles_after.count()) == ("adopted", True, 1)
    before = month.measures.filter(on__lt=month.started_on).count()
    assert (before, month.measures.count() - before) == (8, 9)
    assert month.adoptions.filter(came_from__isnull=False).count() == 2
    assert set(TestOfChange.objects.values_list("outcome", flat=True)) == {"running", "adopted", "adapted", "abandoned"}


def test_after_sessions_people_were_asked_by_mail_and_in_the_room_and_too_few_stay_hidden() -> None:
    pulses = Survey.objects.exclude(session=None).select_related("session")
    hidden, by_mail = pulses.filter(community__slug="sepsis").order_by("session__starts_at")
    assert results.of(hidden).hidden is not None
    assert results.of(by_mail).answered.words in ("5 to 9", "12")
    in_the_room = pulses.get(community__slug="maternity")
    assert (in_the_room.room.heads, in_the_room.places.filter(is_answered=True).count()) == (11, 8)
    assert in_the_room.invitations.filter(is_answered=True).count() == 3
    assert results.of(in_the_room).hidden is None
    assert set(pulses.values_list("state", flat=True)) == {Survey.State.CLOSED}

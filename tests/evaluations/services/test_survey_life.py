"""More time by hand, cancelling, and what people say behind their link instead of answering."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from communities.models import Community
from communities.services.communities import CommunityClosed
from communities.services.community_states import StillUnderWay, close_community
from cop_portal.accounts.models import User
from cop_portal.accounts.services.mail_choice import choose_mail
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import is_declined, kind_named, known_kinds
from cop_portal.outbox.models import OutboxMessage
from evaluations import emails, keys
from evaluations.links import hash_of, token_for
from evaluations.models import Invitation, PlannedRequest, Survey
from evaluations.models.inbox import Draft, InboxBox
from evaluations.services.answers.answering import (
    LinkNotKnown,
    SurveyClosed,
    door,
    load_draft,
    save_draft,
    submit_answers,
)
from evaluations.services.answers.link_choices import ask_again, say_not_me, stop_all_but_own, stop_asking
from evaluations.services.closing.closing import SurveyNotOpen
from evaluations.services.keys.key_care import destroy_due_keys
from evaluations.services.surveys.cancelling import SurveyOver, cancel_survey
from evaluations.services.surveys.extending import NotMoreTime, TooMuchTime, give_more_time
from evaluations.services.surveys.mailing import plan_due_mail
from evaluations.services.surveys.opening import WANTS_NO_MAIL, preview_opening
from tests.evaluations.asking import (
    AGREES,
    ask,
    ask_and_close,
    community_of,
    links_of,
    person_in,
    questionnaire,
    staff_user,
)
from tests.factories.communities import NOW
from tests.outbox.support import deliver_all

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

OPENED = NOW - timedelta(days=3)


@pytest.fixture
def community() -> Community:
    return community_of(6, name="Sepsis", slug="sepsis")


@pytest.fixture
def survey(community: Community) -> Survey:
    return ask(community, at=OPENED)


@pytest.fixture
def by() -> User:
    user: User = staff_user()
    return user


def asked_by_mail(survey: Survey) -> None:
    assert plan_due_mail(now=NOW) == survey.asked_count


def plan_of(survey: Survey) -> list[tuple[str, datetime]]:
    """What is planned for the first person asked, and has not gone."""
    waiting = PlannedRequest.objects.waiting().filter(invitation=survey.invitations.order_by("pk").first())
    return list(waiting.order_by("due_at").values_list("kind", "due_at"))


def test_more_time_moves_the_close_and_plans_a_notice_and_the_reminders_anew(survey: Survey, by: User) -> None:
    asked_by_mail(survey)
    later = survey.closes_at + timedelta(days=14)

    give_more_time(survey=survey, closes_at=later, by=by, now=NOW)

    survey.refresh_from_db()
    assert (survey.closes_at, survey.was_extended) == (later, False)
    kinds = [kind for kind, _ in plan_of(survey)]
    assert kinds == ["more_time", "reminder", "reminder", "reminder"]
    assert all(NOW <= due_at < later for _, due_at in plan_of(survey))
    assert AuditEntry.objects.filter(event="survey.given_more_time").count() == 1


def test_the_notice_of_more_time_goes_only_to_those_who_have_not_answered(survey: Survey, by: User) -> None:
    asked_by_mail(survey)
    submit_answers(token=links_of(survey)[0], answers=AGREES, now=NOW)
    give_more_time(survey=survey, closes_at=survey.closes_at + timedelta(days=7), by=by, now=NOW)

    plan_due_mail(now=NOW + timedelta(hours=3))

    notices = OutboxMessage.objects.filter(kind=emails.MORE_TIME)
    assert notices.count() == survey.asked_count - 1
    assert "now closes on" in emails.render_more_time(notices[0].params, "").text


def test_more_time_twice_numbers_its_requests_on(survey: Survey, by: User) -> None:
    for days in (7, 14):
        give_more_time(survey=survey, closes_at=OPENED + timedelta(days=21 + days), by=by, now=NOW)
    numbers = PlannedRequest.objects.filter(invitation__survey=survey).values_list("invitation", "number")
    assert len(set(numbers)) == len(numbers)
    assert [kind for kind, _ in plan_of(survey)].count("more_time") == 1


def test_reminders_of_more_time_keep_their_distance_from_another_survey(community: Community, by: User) -> None:
    survey = ask(community, at=OPENED)
    give_more_time(survey=survey, closes_at=survey.closes_at + timedelta(days=21), by=by, now=NOW)
    other = ask(community, version=questionnaire("session-pulse"), at=NOW)

    days = {
        one.pk: sorted(
            timezone.localdate(due)
            for due in PlannedRequest.objects.filter(invitation__survey=one).values_list("due_at", flat=True).distinct()
        )
        for one in (survey, other)
    }
    gaps = [abs((mine - theirs).days) for mine in days[survey.pk] for theirs in days[other.pk] if mine > NOW.date()]
    assert min(gaps) >= 5


@pytest.mark.parametrize(
    ("days", "refusal"), [(0, NotMoreTime), (-1, NotMoreTime), (400, TooMuchTime)], ids=["same", "earlier", "years"]
)
def test_more_time_is_later_and_within_a_year(survey: Survey, by: User, days: int, refusal: type[Exception]) -> None:
    closes_at = survey.closes_at
    with pytest.raises(refusal):
        give_more_time(survey=survey, closes_at=closes_at + timedelta(days=days), by=by, now=NOW)
    survey.refresh_from_db()
    assert survey.closes_at == closes_at


def test_what_has_closed_is_not_opened_again(community: Community, by: User) -> None:
    survey = ask_and_close(community, [AGREES] * 6)
    with pytest.raises(SurveyNotOpen):
        give_more_time(survey=survey, closes_at=NOW + timedelta(days=7), by=by, now=NOW)
    with pytest.raises(SurveyOver):
        cancel_survey(survey=survey, because="Too late", by=by, now=NOW)
    survey.refresh_from_db()
    assert survey.state == Survey.State.CLOSED


def test_a_closed_community_is_not_given_more_time_to_answer_but_its_survey_can_be_cancelled(
    survey: Survey, by: User
) -> None:
    # As one closed before its surveys stood in the way.
    closed = {"state": Community.State.CLOSED, "closed_on": NOW.date(), "closing_note": "It has done its work."}
    Community.objects.filter(pk=survey.community_id).update(**closed)
    with pytest.raises(CommunityClosed):
        give_more_time(survey=survey, closes_at=survey.closes_at + timedelta(days=7), by=by, now=NOW)
    cancelled = cancel_survey(survey=survey, because="The community has closed.", by=by, now=NOW)
    assert cancelled.state == Survey.State.CANCELLED


def test_cancelling_destroys_what_was_sent_and_the_keys_and_keeps_the_record(survey: Survey, by: User) -> None:
    asked_by_mail(survey)
    first, second = links_of(survey)[:2]
    submit_answers(token=first, answers=AGREES, now=NOW)
    save_draft(token=second, answers={"M1": "2"})

    cancel_survey(survey=survey, because="The wrong questions were sent.", by=by, now=NOW)

    survey.refresh_from_db()
    assert (survey.state, survey.cancelled_because) == (Survey.State.CANCELLED, "The wrong questions were sent.")
    assert not InboxBox.objects.exists()
    assert not Draft.objects.exists()
    assert keys.is_destroyed(survey.key_id)
    assert survey.keys_destroyed_at == NOW
    assert not PlannedRequest.objects.waiting().exists()
    assert not OutboxMessage.objects.filter(dedupe_key__startswith=emails.occasion(survey)).exists()
    assert survey.invitations.count() == survey.asked_count


def test_everyone_asked_hears_that_it_was_cancelled_and_nobody_else(survey: Survey, by: User) -> None:
    asked_by_mail(survey)
    late = survey.invitations.order_by("pk").last()
    PlannedRequest.objects.filter(invitation=late).update(is_handled=False)
    submit_answers(token=token_for(survey.invitations.order_by("pk")[0]), answers=AGREES, now=NOW)

    cancel_survey(survey=survey, because="The wrong questions were sent.", by=by, now=NOW)

    told = OutboxMessage.objects.filter(kind=emails.CANCELLED)
    assert told.count() == survey.asked_count - 1
    assert "The wrong questions were sent." in emails.render_cancelled(told[0].params, "").text


def test_the_links_of_a_cancelled_survey_say_so(survey: Survey, by: User) -> None:
    token = links_of(survey)[0]
    cancel_survey(survey=survey, because="Sent too early", by=by, now=NOW)
    with pytest.raises(SurveyClosed, match="was cancelled on"):
        door(token, NOW)
    with pytest.raises(SurveyClosed, match="destroyed unread"):
        submit_answers(token=token, answers=AGREES, now=NOW)


def test_cancelling_that_was_cut_short_is_finished_by_the_care_of_keys(
    survey: Survey, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr("evaluations.services.surveys.cancelling.destroy_keys_of", _killed)
        with pytest.raises(KeyboardInterrupt):
            cancel_survey(survey=survey, because="Sent too early", by=by, now=NOW)
    assert not keys.is_destroyed(survey.key_id)

    assert destroy_due_keys(now=NOW) == 1

    assert keys.is_destroyed(survey.key_id)


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_survey_that_is_closing_well_is_not_cancelled_one_that_has_halted_is(survey: Survey, by: User) -> None:
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.CLOSING)
    with pytest.raises(SurveyOver):
        cancel_survey(survey=survey, because="Stuck", by=by, now=NOW)
    Survey.objects.filter(pk=survey.pk).update(halted_because="A box does not open.")
    assert cancel_survey(survey=survey, because="Stuck", by=by, now=NOW).state == Survey.State.CANCELLED


def test_who_asks_to_be_left_alone_gets_no_more_mail_about_it_and_can_still_answer(survey: Survey) -> None:
    token = links_of(survey)[0]
    stop_asking(token=token)
    stop_asking(token=token)

    assert plan_due_mail(now=NOW) == survey.asked_count - 1
    submit_answers(token=token, answers=AGREES, now=NOW)


def test_a_mail_already_on_its_way_is_stopped_too_and_asked_for_again(survey: Survey) -> None:
    asked_by_mail(survey)
    invitation = Invitation.objects.select_related("survey").filter(survey=survey).first()
    assert invitation is not None
    params = {"invitation": str(invitation.pk)}
    stop_asking(token=token_for(invitation))
    assert not kind_named(emails.REMINDER).is_still_due(params)
    ask_again(token=token_for(invitation))
    assert kind_named(emails.REMINDER).is_still_due(params)


def test_not_me_ends_the_link_wipes_the_draft_and_tells_the_facilitators(community: Community) -> None:
    lead = person_in(community, "facilitator")
    survey = ask(community, at=OPENED)
    token = links_of(survey)[0]
    save_draft(token=token, answers={"M1": "2"})

    say_not_me(token=token, now=NOW)

    with pytest.raises(LinkNotKnown):
        door(token, NOW)
    assert load_draft_of(token) == {}
    (told,) = OutboxMessage.objects.filter(kind=emails.ELSEWHERE)
    assert told.recipient == EmailAddress.objects.get(user=lead.user).email
    invitation = Invitation.objects.get(survey=survey, is_stopped=True)
    words = kind_named(emails.ELSEWHERE).render(told.params, "")
    assert invitation.person.name in words.text
    assert invitation.person.name not in words.subject


def load_draft_of(token: str) -> dict[str, object]:
    """What a link's draft holds, the link itself being over."""
    return {} if not Draft.objects.exists() else dict(load_draft(token))


def test_whoever_was_meant_can_still_answer_from_home(survey: Survey) -> None:
    say_not_me(token=links_of(survey)[0], now=NOW)
    invitation = Invitation.objects.select_related("survey").get(survey=survey, is_stopped=True)
    fresh = token_for(invitation)
    assert hash_of(fresh) == invitation.token_hash
    submit_answers(token=fresh, answers=AGREES, now=NOW)


def test_only_own_mail_holds_for_every_community_and_is_taken_back(survey: Survey, by: User) -> None:
    invitation = Invitation.objects.select_related("survey", "person__user").filter(survey=survey).first()
    assert invitation is not None
    user = invitation.person.user
    address = EmailAddress.objects.get(user=user).email
    stop_all_but_own(token=token_for(invitation), now=NOW)

    assert is_declined(kind_named(emails.REQUEST), address.upper())
    assert is_declined(kind_named("communities.minutes_shared"), address)
    assert not is_declined(kind_named("communities.action_given"), address)
    assert not is_declined(kind_named(emails.CLOSED), address)

    choose_mail(user=user, only_own=False, by=user, now=NOW)
    assert not is_declined(kind_named(emails.REQUEST), address)
    events = AuditEntry.objects.filter(event__startswith="mail.").order_by("pk").values_list("event", flat=True)
    assert list(events) == ["mail.declined", "mail.wanted"]


@pytest.mark.django_db(transaction=True)
def test_a_declined_mail_is_withdrawn_and_never_leaves() -> None:
    survey = ask(community_of(2), at=OPENED)
    asked_by_mail(survey)
    stop_all_but_own(token=links_of(survey)[0], now=NOW)
    deliver_all(NOW)
    states = OutboxMessage.objects.filter(kind=emails.REQUEST).values_list("state", flat=True)
    assert sorted(states) == [OutboxMessage.State.SENT, OutboxMessage.State.WITHDRAWN]


def test_kinds_that_can_be_declined_are_those_that_ask_or_tell() -> None:
    assert {kind.name for kind in known_kinds() if kind.can_be_declined} >= {
        emails.REQUEST, emails.REMINDER, emails.EXTENSION, emails.MORE_TIME, emails.CANCELLED,
    }  # fmt: skip


def test_whoever_wants_only_their_own_mail_is_not_asked_and_the_page_says_why(community: Community) -> None:
    person = community.memberships.select_related("person__user").order_by("pk")[0].person
    choose_mail(user=person.user, only_own=True, by=person.user, now=OPENED)
    preview = preview_opening(community=community, version=questionnaire(), now=NOW)
    assert [(one.person, one.why) for one in preview.not_asked] == [(person, WANTS_NO_MAIL)]
    assert ask(community, at=OPENED).asked_count == 5


def test_a_community_is_not_closed_while_it_is_being_asked(survey: Survey, by: User) -> None:
    close = partial(close_community, community=survey.community, closing_note="Its work is done.", by=by, now=NOW)
    with pytest.raises(StillUnderWay, match="A survey is still open"):
        close()
    cancel_survey(survey=survey, because="The community ends.", by=by, now=NOW)
    assert close().is_closed

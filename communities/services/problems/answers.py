"""What the person who can act answered: through their link, or in another way; put right, or said not to be theirs."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from communities import links
from communities.emails import problems as emails
from communities.models import Escalation, EscalationAnswer, Problem
from communities.services.communities import locked
from communities.services.problems.escalations import renew_link, tell_facilitators
from communities.services.problems.register import move, step
from communities.working_days import at_wall_time
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale

DISPUTED = "The person who can act says that the answer was not theirs. They have a new link."


class LinkNotKnown(Refusal):
    """A link leads somewhere only while it is the latest that was sent."""

    status = 404


class TakenBack(Refusal):
    """Nobody is asked any more what has been taken back."""

    status = 410


class NotAVerdict(Refusal):
    """Whoever can act will act, declines, or names someone else."""


class SomeoneElseNotNamed(Refusal):
    """“Someone else can act” helps only with the someone."""


class AnswerChanged(Stale):
    """An answer is put right by whoever has read it as it stands."""


class AlreadyAnswered(Conflict):
    """What was answered through the link is corrected there, by the person who can act."""


class TooLateToCorrect(Conflict):
    """After a fortnight others have built on the answer."""


class NothingToDispute(Conflict):
    """Only an answer that stands can be said not to be theirs."""


class AnsweredOutOfTime(Refusal):
    """An answer comes after the question, and not in the future."""


@dataclass(frozen=True)
class Given:
    """An answer as it is given: the verdict, the words, and where it came from."""

    verdict: str
    answer: str
    came_by: str
    said_by: str = ""
    by: User | None = None


def escalation_behind(token: str) -> Escalation:
    """What a link is about. Changes nothing."""
    found = (
        Escalation.objects.filter(link_hash=links.hash_of(token))
        .select_related("problem__community", "lever_holder__organisation", "brief", "by")
        .first()
    )
    if found is None:
        raise LinkNotKnown(
            "The link may have been cut short on its way, or a newer one has been sent to you. Look for our latest "
            "mail about this, or write to the person who asked you.",
            code="link_not_known",
        )
    if found.withdrawn_at is not None:
        raise TakenBack(
            f"{found.problem.community.name} took this back on {_day(found.withdrawn_at)}. Nothing is asked of you.",
            code="taken_back",
        )
    return found


@transaction.atomic
def answer_escalation(*, escalation: Escalation, version: int, verdict: str, answer: str, now: datetime) -> Escalation:
    """The person who can act answers through their link, or puts right within the fortnight what they answered.

    They get a copy, the facilitators are told. The same answer sent twice is one answer.
    """
    current = _held(escalation)
    if current.verdict == verdict and current.answer == answer.strip():
        return current
    came_by = f"through the link sent to {current.lever_holder.title}"
    given = Given(verdict=verdict, answer=answer.strip(), came_by=came_by)
    was_answered = current.answered_at is not None
    noted = _note(current, version, given, answered_at=now, now=now)
    outbox.enqueue(emails.copy_of_answer(noted, now=now))
    news = emails.News.CORRECTED if was_answered else emails.News.ANSWERED
    tell_facilitators(noted, news, now=now)
    return noted


@transaction.atomic
def record_answer(
    *,
    escalation: Escalation,
    version: int,
    verdict: str,
    answer: str,
    came_by: str,
    said_by: str = "",
    answered_on: date | None = None,
    by: User,
    now: datetime,
) -> Escalation:
    """Records a reply that came otherwise, by mail or in person: who said it, when, and how. A late one counts too."""
    current = _held(escalation)
    if current.answers.filter(by=None, disputed_at=None).exists():
        raise AlreadyAnswered(
            "They have answered through their link, and can put that right there themselves.", code="already_answered"
        )
    answered_at = _moment_of(answered_on, current, now)
    given = Given(verdict=verdict, answer=answer.strip(), came_by=came_by.strip(), said_by=said_by.strip(), by=by)
    return _note(current, version, given, answered_at=answered_at, now=now)


def _moment_of(answered_on: date | None, escalation: Escalation, now: datetime) -> datetime:
    today, asked_on = timezone.localdate(now), timezone.localdate(escalation.asked_at)
    if answered_on is None or answered_on == today:
        return now
    if not asked_on <= answered_on <= today:
        raise AnsweredOutOfTime(
            f"Choose a day from {date_format(asked_on)}, when they were asked, to today.", code="answered_out_of_time"
        )
    return max(escalation.asked_at, at_wall_time(answered_on, time(12, 0)))


def _held(escalation: Escalation) -> Escalation:
    """The escalation as it is now, held until the transaction ends."""
    locked(escalation.problem.community)
    current = Escalation.objects.select_for_update().get(pk=escalation.pk)
    if current.withdrawn_at is not None:
        raise TakenBack(f"This was taken back on {_day(current.withdrawn_at)}.", code="taken_back")
    return current


def _note(current: Escalation, version: int, given: Given, *, answered_at: datetime, now: datetime) -> Escalation:
    _refuse_no_answer(given)
    if current.version != version:
        raise AnswerChanged(
            "This has been answered or changed since you opened the page. Look at it as it is now.",
            code="answer_changed",
        )
    is_first = current.answered_at is None
    if not is_first and not current.may_be_corrected(now):
        raise TooLateToCorrect(
            f"An answer can be put right for {settings.ANSWER_CORRECTION_DAYS} days. This one was given on "
            f"{_day(current.answered_at)}. Write to the person who asked you.",
            code="too_late_to_correct",
        )
    EscalationAnswer.objects.create(
        escalation=current,
        number=current.answers.count() + 1,
        verdict=given.verdict,
        answer=given.answer,
        came_by=given.came_by,
        said_by=given.said_by,
        at=now,
        by=given.by,
    )
    facts: dict[str, str | datetime | None] = {
        "verdict": given.verdict,
        "answer": given.answer,
        "came_by": given.came_by,
    }
    if is_first:
        until = now + timedelta(days=settings.ANSWER_CORRECTION_DAYS)
        facts |= {"answered_at": answered_at, "correctable_until": until, "given_up_at": None, "disputed_at": None}
    Escalation.objects.filter(pk=current.pk).update(version=F("version") + 1, **facts)
    if is_first:
        _move_to_answered(current, given.by, now)
    audit.record(
        event="escalation.answered" if is_first else "escalation.corrected", by=given.by, target=current, at=now
    )
    current.refresh_from_db()
    return current


def _refuse_no_answer(given: Given) -> None:
    if given.verdict not in Escalation.Verdict.values:
        raise NotAVerdict("Choose one of the three answers.", code="not_a_verdict")
    if given.verdict == Escalation.Verdict.ELSEWHERE and not given.answer:
        raise SomeoneElseNotNamed("Say who can act: their post, and where.", code="someone_else_not_named")


def _move_to_answered(escalation: Escalation, by: User | None, now: datetime) -> None:
    """The problem is answered, unless it has gone another way meanwhile: settled, or put to someone else."""
    problem = Problem.objects.select_related("community").get(pk=escalation.problem_id)
    others = Escalation.objects.waiting().filter(problem=problem).exclude(pk=escalation.pk)
    if problem.may_become(Problem.State.ANSWERED) and not others.exists():
        move(problem, Problem.State.ANSWERED, by=by, now=now)


@transaction.atomic
def dispute_answer(*, escalation: Escalation, version: int, now: datetime) -> Escalation:
    """“This was not me”: the answer no longer counts, a fresh link goes to the same address, facilitators are told."""
    current = _held(escalation)
    if current.answered_at is None:
        raise NothingToDispute("No answer stands that could be taken out.", code="nothing_to_dispute")
    if current.version != version:
        raise AnswerChanged(
            "The answer has changed since you opened the page. Look at it again.", code="answer_changed"
        )
    current.answers.filter(disputed_at=None).update(disputed_at=now)
    problem = Problem.objects.select_related("community").get(pk=current.problem_id)
    waits_again = problem.state == Problem.State.ANSWERED
    Escalation.objects.filter(pk=current.pk).update(
        answered_at=None,
        verdict="",
        answer="",
        came_by="",
        correctable_until=None,
        disputed_at=now,
        given_up_at=None if waits_again else now,
        version=F("version") + 1,
    )
    if waits_again:
        step(problem, Problem.State.ESCALATED, note=DISPUTED, by=None, now=now)
    current.refresh_from_db()
    current = renew_link(current)
    outbox.enqueue(emails.fresh_link(current, now=now))
    tell_facilitators(current, emails.News.DISPUTED, now=now)
    audit.record(event="escalation.disputed", by=None, target=current, at=now)
    return current


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localdate(moment)) if moment else ""

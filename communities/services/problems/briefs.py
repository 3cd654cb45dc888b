"""The one page about a problem: made from its trail, put right by a facilitator, fixed once it has been sent."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from communities.models import Action, Brief, LearningPoint, Problem, TestOfChange
from communities.services.communities import locked
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale

# What is known before a draft has been saved: the version that none has.
NOT_WRITTEN_YET = 0
LONGEST = {"in_the_way": 900, "tried": 900, "evidence": 900, "ask": 600, "waiting_costs": 600}
ENDED = {
    TestOfChange.Outcome.ADOPTED: "adopted",
    TestOfChange.Outcome.ADAPTED: "adapted",
    TestOfChange.Outcome.ABANDONED: "abandoned",
    TestOfChange.Outcome.RUNNING: "still running",
}


class BriefChanged(Stale):
    """Two people writing one brief do not overwrite each other."""


class BriefTooEarly(Conflict):
    """A brief is for a problem that the community cannot solve by itself."""


class BriefTooLong(Refusal):
    """One page is what a busy person reads."""


@dataclass(frozen=True)
class BriefText:
    """The five parts of the page."""

    in_the_way: str = ""
    tried: str = ""
    evidence: str = ""
    ask: str = ""
    waiting_costs: str = ""


def suggest_brief(problem: Problem, now: datetime) -> BriefText:
    """What the records say, as a first draft: nothing invented, and nothing that is marked private."""
    return BriefText(
        in_the_way=_cut("in_the_way", [problem.title, problem.detail]),
        tried=_cut("tried", [*_actions(problem), *_tests(problem), *_notes(problem), *_asked_before(problem)]),
        evidence=_cut("evidence", _learned(problem)),
        ask="",
        waiting_costs=_cut("waiting_costs", _waiting(problem, now)),
    )


def _cut(part: str, lines: Iterable[str]) -> str:
    """As many whole lines as the page has room for."""
    kept = ""
    for line in filter(None, (line.strip() for line in lines)):
        longer = f"{kept}\n{line}" if kept else line
        if len(longer) <= LONGEST[part]:
            kept = longer
    return kept


def _actions(problem: Problem) -> list[str]:
    actions = problem.actions.filter(is_private=False).order_by("agreed_on", "pk")
    done = [f"{action.text} (done)" for action in actions if action.state == Action.State.DONE]
    return done + [f"{action.text} (not finished)" for action in actions if action.state == Action.State.OPEN]


def _tests(problem: Problem) -> list[str]:
    tests = problem.tests_of_change.order_by("started_on", "pk")
    return [
        f"{test.title}: {ENDED[TestOfChange.Outcome(test.outcome)]}. {test.what_happened}".rstrip() for test in tests
    ]


def _notes(problem: Problem) -> list[str]:
    """What was noted on the way. What came of it is no try, and what was said of an answer stands with the answer."""
    on_the_way = (Problem.State.BEING_WORKED_ON, Problem.State.BEYOND_REACH)
    return [step.note for step in problem.steps.filter(to_state__in=on_the_way).order_by("at", "pk")]


def _asked_before(problem: Problem) -> list[str]:
    return [
        f"We asked {asked.lever_holder.title} on {_day(asked.asked_at)}: "
        f"{asked.get_verdict_display().lower() if asked.verdict else 'no reply'}."
        for asked in problem.escalations.filter(withdrawn_at=None)
        .select_related("lever_holder__organisation")
        .oldest_first()
        if not asked.is_waiting
    ]


def _learned(problem: Problem) -> list[str]:
    points = LearningPoint.objects.filter(session__in=problem.sessions.all(), is_private=False).select_related(
        "session"
    )
    return [f"{point.text} ({_day(point.session.starts_at)})" for point in points.order_by("session__starts_at", "pk")]


def _waiting(problem: Problem, now: datetime) -> list[str]:
    today = timezone.localdate(now)
    since = (today - problem.since_on).days
    lines = [f"This has been in the way for {_days(since)}, since {date_format(problem.since_on)}."]
    beyond = problem.steps.filter(to_state=Problem.State.BEYOND_REACH).order_by("at").first()
    known = (today - timezone.localdate(beyond.at)).days if beyond is not None else 0
    if known:
        lines.append(f"For {_days(known)} of these we have known that we cannot change it alone.")
    return lines


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _day(moment: datetime) -> str:
    return date_format(timezone.localdate(moment))


@transaction.atomic
def write_brief(*, problem: Problem, version: int, text: BriefText, by: User, now: datetime) -> Brief:
    """Keeps the draft of a problem's brief; `version` is that of the draft as it was read, 0 before there is one."""
    locked(problem.community)
    problem.refresh_from_db()
    refuse_unless_it_may_be_put_to_someone(problem)
    said = {name: words.strip() for name, words in asdict(text).items()}
    _refuse_too_long(said)
    if version == NOT_WRITTEN_YET:
        brief = _begin(problem, said, by=by, now=now)
    else:
        draft = Brief.objects.drafts().filter(problem=problem, version=version)
        if not draft.update(**said, version=F("version") + 1, by=by, written_at=now):
            raise stale_brief()
        brief = Brief.objects.drafts().get(problem=problem)
    audit.record(event="brief.written", by=by, target=brief, at=now)
    return brief


def refuse_unless_it_may_be_put_to_someone(problem: Problem) -> None:
    if not problem.may_be_put_to_someone:
        raise BriefTooEarly(
            f"This problem is now “{problem.get_state_display().lower()}”. A brief is for a problem that is beyond "
            "your reach, or whose last answer did not help.",
            code="brief_too_early",
        )


def _refuse_too_long(said: dict[str, str]) -> None:
    for name, words in said.items():
        if len(words) > LONGEST[name]:
            heading = Brief._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            raise BriefTooLong(
                f"“{str(heading).capitalize()}” must be {LONGEST[name]} characters or fewer: a brief fits on a page.",
                code="brief_too_long",
            )


def _begin(problem: Problem, said: dict[str, str], *, by: User, now: datetime) -> Brief:
    try:
        with transaction.atomic():
            return Brief.objects.create(problem=problem, by=by, written_at=now, **said)
    except IntegrityError:
        raise stale_brief() from None


def stale_brief() -> BriefChanged:
    return BriefChanged(
        "Someone else has written to this brief, or sent it, since you opened it. What you typed is still here: "
        "open the brief in another tab and compare.",
        code="brief_changed",
    )


@transaction.atomic
def discard_brief(*, problem: Problem, version: int, by: User, now: datetime) -> None:
    """Throws the draft away. What has been sent stays."""
    locked(problem.community)
    draft = Brief.objects.drafts().filter(problem=problem, version=version).first()
    if draft is None:
        raise stale_brief()
    audit.record(event="brief.discarded", by=by, target=draft, at=now)
    draft.delete()

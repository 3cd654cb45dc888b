"""Problems, the way each has gone, and whom they were put to: by their post, never by their name."""

from collections.abc import Iterator

from communities.exports.tables import Cells, Column, Scope, Table, day, labelled, moment, number
from communities.models import Brief, Escalation, EscalationAnswer, Problem, ProblemStep

WHERE = (Column("community", "Community"), number("problem", "Problem"))


def _problems(scope: Scope) -> Iterator[Cells]:
    rows = Problem.objects.filter(scope.narrowed(), is_private=False).select_related("community")
    rows = rows.prefetch_related("sessions", "actions", "tests_of_change")
    for one in rows.order_by("community__name", "since_on", "pk"):
        yield (
            one.community.slug,
            one.pk,
            one.title,
            one.detail,
            one.since_on,
            one.get_knowledge_display(),
            one.get_lever_display(),
            one.get_state_display(),
            one.state_since,
            one.came_of_it,
            one.session_id,
            _ids(session.pk for session in one.sessions.all()),
            _ids(action.pk for action in one.actions.all() if not action.is_private),
            _ids(test.pk for test in one.tests_of_change.all()),
        )


def _ids(found: Iterator[int]) -> str:
    return "; ".join(str(pk) for pk in sorted(found))


def _steps(scope: Scope) -> Iterator[Cells]:
    rows = ProblemStep.objects.filter(scope.narrowed("problem__community"), problem__is_private=False)
    rows = rows.order_by("problem__community__name", "problem", "at", "pk")
    for slug, problem, before, after, at, note in rows.values_list(
        "problem__community__slug", "problem", "from_state", "to_state", "at", "note"
    ):
        yield slug, problem, labelled(before, Problem.State), labelled(after, Problem.State), at, note


def _escalations(scope: Scope) -> Iterator[Cells]:
    rows = Escalation.objects.filter(scope.narrowed("problem__community"), problem__is_private=False)
    rows = rows.select_related("problem__community", "lever_holder__organisation")
    for one in rows.order_by("problem__community__name", "problem", "asked_at", "pk"):
        yield (
            one.problem.community.slug,
            one.problem_id,
            one.pk,
            one.lever_holder.title,
            one.ask,
            one.asked_at,
            one.answered_at,
            one.get_verdict_display(),
            one.answer,
            one.given_up_at,
            one.withdrawn_at,
            one.disputed_at,
        )


def _answers(scope: Scope) -> Iterator[Cells]:
    """Every answer, those put right later included. How it came may name people, so that is left out."""
    rows = EscalationAnswer.objects.filter(
        scope.narrowed("escalation__problem__community"), escalation__problem__is_private=False
    )
    rows = rows.select_related("escalation__problem__community")
    for one in rows.order_by("escalation__problem__community__name", "escalation", "number", "pk"):
        problem = one.escalation.problem
        yield (
            problem.community.slug,
            problem.pk,
            one.escalation_id,
            one.number,
            labelled(one.verdict, Escalation.Verdict),
            one.answer,
            one.at,
            one.disputed_at,
        )


def _briefs(scope: Scope) -> Iterator[Cells]:
    """Those that were sent: what is still being written is nobody's record."""
    rows = Brief.objects.filter(
        scope.narrowed("problem__community"), problem__is_private=False, sent_at__isnull=False
    ).select_related("problem__community")
    for one in rows.order_by("problem__community__name", "problem", "sent_at", "pk"):
        yield (
            one.problem.community.slug,
            one.problem_id,
            one.in_the_way,
            one.tried,
            one.evidence,
            one.ask,
            one.waiting_costs,
            one.sent_at,
        )


TABLES = (
    Table(
        "problems",
        "Problems",
        (
            *WHERE,
            Column("title", "What is in the way"),
            Column("detail", "In more words"),
            day("since_on", "Since"),
            Column("knowledge", "Where the knowledge is"),
            Column("lever", "Who holds the lever"),
            Column("state", "State"),
            moment("state_since", "In this state since"),
            Column("came_of_it", "What came of it"),
            number("raised_at_session", "Raised at session"),
            Column("sessions", "Talked about at sessions"),
            Column("actions", "Actions"),
            Column("tests_of_change", "Tests of change"),
        ),
        _problems,
        (Problem,),
    ),
    Table(
        "problem-steps",
        "The way of each problem",
        (*WHERE, Column("from_state", "From"), Column("to_state", "To"), moment("at", "When"), Column("note", "Note")),
        _steps,
        (ProblemStep,),
    ),
    Table(
        "escalations",
        "Problems put to someone who can act",
        (
            *WHERE,
            number("escalation", "Escalation"),
            Column("lever_holder", "The person who can act"),
            Column("ask", "What we ask"),
            moment("asked_at", "Asked"),
            moment("answered_at", "Answered"),
            Column("verdict", "Verdict"),
            Column("answer", "Answer"),
            moment("given_up_at", "Stopped waiting"),
            moment("withdrawn_at", "Taken back"),
            moment("disputed_at", "Disputed"),
        ),
        _escalations,
        (Escalation,),
    ),
    Table(
        "answers",
        "Answers of those who can act",
        (
            *WHERE,
            number("escalation", "Escalation"),
            number("number", "Answer number"),
            Column("verdict", "Verdict"),
            Column("answer", "Answer"),
            moment("at", "When"),
            moment("disputed_at", "Disputed"),
        ),
        _answers,
        (EscalationAnswer,),
    ),
    Table(
        "briefs",
        "Briefs that were sent",
        (
            *WHERE,
            Column("in_the_way", "What is in the way"),
            Column("tried", "What we tried"),
            Column("evidence", "What we know"),
            Column("ask", "What we ask"),
            Column("waiting_costs", "What waiting costs"),
            moment("sent_at", "Sent"),
        ),
        _briefs,
        (Brief,),
    ),
)

"""What was decided, promised and tried."""

from collections.abc import Iterator

from communities.exports.tables import Cells, Column, Scope, Table, day, moment, number
from communities.models import Action, Adoption, Commitment, Decision, Measure, TestOfChange

WHERE = (Column("community", "Community"),)


def _decisions(scope: Scope) -> Iterator[Cells]:
    rows = Decision.objects.filter(scope.narrowed(), is_private=False).select_related("community")
    for one in rows.order_by("community__name", "decided_on", "pk"):
        yield (
            one.community.slug,
            one.pk,
            one.session_id,
            one.text,
            one.decided_on,
            one.review_on,
            one.get_verdict_display(),
            one.verdict_note,
            one.verdict_at,
        )


def _actions(scope: Scope) -> Iterator[Cells]:
    rows = Action.objects.filter(scope.narrowed(), is_private=False).select_related("community", "owner__user")
    for one in rows.order_by("community__name", "agreed_on", "pk"):
        yield (
            one.community.slug,
            one.pk,
            one.session_id,
            one.text,
            scope.name_of(one.owner),
            one.agreed_on,
            one.due_on,
            one.get_state_display(),
            one.state_since,
            one.help_asked_at,
            one.handed_on_from_id,
        )


def _commitments(scope: Scope) -> Iterator[Cells]:
    rows = Commitment.objects.filter(scope.narrowed(), is_private=False).select_related("community", "person__user")
    for one in rows.order_by("community__name", "made_on", "pk"):
        yield (
            one.community.slug,
            one.pk,
            one.session_id,
            one.text,
            scope.name_of(one.person),
            one.made_on,
            one.get_state_display(),
            one.state_since,
            one.said,
        )


def _tests(scope: Scope) -> Iterator[Cells]:
    rows = TestOfChange.objects.filter(scope.narrowed()).select_related("community")
    for one in rows.order_by("community__name", "started_on", "pk"):
        yield (
            one.community.slug,
            one.pk,
            one.title,
            one.get_outcome_display(),
            one.started_on,
            one.ended_on,
            one.aim,
            one.aim_value,
            one.aim_on,
            one.prediction,
            one.scale,
            one.measure,
            one.unit,
            one.get_better_display(),
            one.what_happened,
            one.cycle_before_id,
        )


def _measures(scope: Scope) -> Iterator[Cells]:
    rows = Measure.objects.filter(scope.narrowed("test__community"))
    rows = rows.order_by("test__community__name", "test", "on", "pk")
    yield from rows.values_list("test__community__slug", "test", "on", "value", "note")


def _adoptions(scope: Scope) -> Iterator[Cells]:
    rows = Adoption.objects.filter(scope.narrowed("test__community"))
    rows = rows.order_by("test__community__name", "test", "adopted_on", "pk")
    yield from rows.values_list(
        "test__community__slug",
        "pk",
        "test",
        "community__name",
        "organisation__name",
        "place",
        "adopted_on",
        "note",
        "came_from",
    )


TABLES = (
    Table(
        "decisions",
        "Decisions",
        (
            *WHERE,
            number("decision", "Decision"),
            number("session", "Session"),
            Column("text", "What was decided"),
            day("decided_on", "Decided on"),
            day("review_on", "To look at again on"),
            Column("verdict", "Did it hold?"),
            Column("verdict_note", "Note"),
            moment("verdict_at", "Said on"),
        ),
        _decisions,
        (Decision,),
    ),
    Table(
        "actions",
        "Actions",
        (
            *WHERE,
            number("action", "Action"),
            number("session", "Session"),
            Column("text", "What"),
            Column("owner", "Owner"),
            day("agreed_on", "Agreed on"),
            day("due_on", "Due on"),
            Column("state", "State"),
            moment("state_since", "Since"),
            moment("help_asked_at", "Asked for help"),
            number("handed_on_from", "Handed over from action"),
        ),
        _actions,
        (Action,),
    ),
    Table(
        "commitments",
        "Commitments",
        (
            *WHERE,
            number("commitment", "Commitment"),
            number("session", "Session"),
            Column("text", "I will try …"),
            Column("person", "Who"),
            day("made_on", "Made on"),
            Column("state", "State"),
            moment("state_since", "Since"),
            Column("said", "How it went"),
        ),
        _commitments,
        (Commitment,),
    ),
    Table(
        "tests-of-change",
        "Tests of change",
        (
            *WHERE,
            number("test", "Test"),
            Column("title", "What is tried"),
            Column("outcome", "Outcome"),
            day("started_on", "Started"),
            day("ended_on", "Ended"),
            Column("aim", "Aim"),
            number("aim_value", "Aim, as a number"),
            day("aim_on", "Aim, by"),
            Column("prediction", "Prediction"),
            Column("scale", "Scale"),
            Column("measure", "What is measured"),
            Column("unit", "Unit"),
            Column("better", "Which way is better"),
            Column("what_happened", "What happened"),
            number("cycle_before", "The cycle before"),
        ),
        _tests,
        (TestOfChange,),
    ),
    Table(
        "measures",
        "Measures of tests of change",
        (*WHERE, number("test", "Test"), day("on", "Day"), number("value", "Value"), Column("note", "Note")),
        _measures,
        (Measure,),
    ),
    Table(
        "adoptions",
        "Where tests of change were adopted",
        (
            *WHERE,
            number("adoption", "Adoption"),
            number("test", "Test"),
            Column("adopted_by_community", "In the community"),
            Column("organisation", "In the organisation"),
            Column("place", "Ward, team or site"),
            day("adopted_on", "Since"),
            Column("note", "Note"),
            number("came_from", "Passed on by adoption"),
        ),
        _adoptions,
        (Adoption,),
    ),
)

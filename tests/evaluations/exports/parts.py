"""A small questionnaire with one question of every kind, and what is exported of it."""

from __future__ import annotations

from datetime import UTC, datetime

from communities.exports.tables import Kind
from evaluations.disclosure import Band, Count, Share, Suppressed
from evaluations.exports.datasets import Dataset, Value, Variable
from evaluations.exports.study import Study
from evaluations.questionnaire import AskedQuestion, Option, Questionnaire, ShowIf
from evaluations.results import OptionResult, QuestionResult, SurveyResults

AT = datetime(2026, 11, 24, 12, 30, 5, tzinfo=UTC)
NASTY = "<script>alert(1)</script> & =1+1 \x0b ]]>"


def question(code: str, kind: str, **about: object) -> AskedQuestion:
    return AskedQuestion(code=code, kind=kind, text=f"{code}?", section="One", evaluation_question="1a", **about)  # type: ignore[arg-type]


SCALE = (
    Option("1", "No"),
    Option("2", "Yes"),
    Option("na", "Does not apply", is_excluded=True),
    Option("early", "Too early", is_excluded=True),
)
LIKERT = question("L1", "likert", options=SCALE, is_ordered=True)
WAYS = question("S1", "single", options=(Option("mail", "By mail"), Option("call", "By telephone")))
SEVERAL = question("M1", "multiple", options=(Option("1", "Time"), Option("x1", "Nothing", is_exclusive=True)))
TEN = question("Z1", "zero_to_ten", options=tuple(Option(str(n), str(n), n) for n in range(11)))
MILES = question("N1", "number", minimum=0, maximum=99)
DAY = question("D1", "date", minimum=2020, maximum=2026)
TEXT = question("T1", "long_text", max_length=2000, show_if=ShowIf("L1", frozenset({"2"})))
EVERY_KIND = Questionnaire("Every kind", (LIKERT, WAYS, SEVERAL, TEN, MILES, DAY, TEXT))

TABLE = Dataset(
    name="answers",
    title="Answers",
    about="Invented.",
    variables=(
        Variable("who", "Who"),
        Variable(
            "L1",
            NASTY,
            values=(Value("1", "No", 1), Value("2", "Yes", 2), Value("na", "Does not apply", -1, is_missing=True)),
            is_ordered=True,
            question=LIKERT,
        ),
        Variable("miles", "Miles", Kind.NUMBER),
        Variable("day", "Day", Kind.DATE),
        Variable("time", "Time", Kind.YES_NO),
    ),
    rows=[
        ("Zoë", "2", 12, datetime(2026, 8, 6, tzinfo=UTC).date(), True),
        (NASTY, "na", None, None, False),
        (None, None, 0, None, None),
    ],
)


def study(**about: object) -> Study:
    return Study(
        **{  # type: ignore[arg-type]
            "name": "sepsis-every-kind-results-2026-11-24",
            "title": "Every kind",
            "instrument": "every-kind",
            "version": 1,
            "community": "Sepsis",
            "portal": "Portal",
            "controller": "Host",
            "at": AT,
            "summary": f"Results. {NASTY}",
            "facts": (("Asked", "16"),),
            "rules": ("Shares are of those who answered.",),
            "questionnaire": EVERY_KIND,
            **about,
        }
    )


HIDDEN = Suppressed(5, "So that nobody’s answer can be worked out.", "Hidden: fewer than 5 answers")
SHARE = Share(0.625, 10, 16, 0.386, 0.815)


def result(code: str, kind: str, figures: dict[str, object], headline: object = None) -> QuestionResult:
    return QuestionResult(
        code=code,
        text=f"{code}?",
        kind=kind,
        section="One",
        evaluation_question="1a",
        headline=headline,  # type: ignore[arg-type]
        options=tuple(OptionResult(option, f"Option {option}", figure) for option, figure in figures.items()),  # type: ignore[arg-type]
        base=Count("16", 16),
        left_out=Count("1 to 4"),
    )


RESULTS = SurveyResults(
    asked=20,
    answered=Count("16", 16),
    rule="A rule.",
    questions=(
        result("L1", "likert", {"1": Band("under a third", "5 to 9"), "2": SHARE}, headline=SHARE),
        result("S1", "single", {}, headline=HIDDEN),
        result("T1", "long_text", {}),
    ),
    minimum=5,
    hidden=None,
    next_step="Talk.",
)

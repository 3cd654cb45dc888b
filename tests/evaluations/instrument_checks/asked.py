"""Questions for tests of pure rules, and the shipped questionnaires without a database."""

from __future__ import annotations

from evaluations.questionnaire import AskedQuestion, Option, Questionnaire, ShowIf, options_of
from tests.evaluations.interchange.documents import shipped


def question(
    code: str,
    kind: str = "single",
    *,
    answers: str = "ab",
    shown_by: tuple[str, str] | None = None,
    text: str = "Why?",
    exclusive: str = "",
    required: bool = False,
) -> AskedQuestion:
    """A question whose answers are single letters, shown by those letters of another."""
    is_choice = kind in {"single", "multiple", "likert"}
    options = tuple(Option(letter, letter.upper(), is_exclusive=letter in exclusive) for letter in answers)
    return AskedQuestion(
        code=code,
        kind=kind,
        text=text,
        section="One",
        evaluation_question="1a",
        options=options if is_choice else options_of(kind, []),
        show_if=ShowIf(shown_by[0], frozenset(shown_by[1])) if shown_by else None,
        is_required=required,
    )


def asked(*questions: AskedQuestion) -> Questionnaire:
    return Questionnaire("Test", questions)


def shipped_questionnaire(code: str) -> Questionnaire:
    document = shipped(code)
    scales = {scale["code"]: scale["options"] for scale in document["scales"]}
    (instrument,) = document["instruments"]
    return Questionnaire(
        title=instrument["title"],
        questions=tuple(
            AskedQuestion(
                code=one["code"],
                kind=one["kind"],
                text=one["text"],
                section="One",
                evaluation_question=one["evaluation_question"],
                hint=one.get("hint", ""),
                options=options_of(one["kind"], scales[one["scale"]] if "scale" in one else one.get("options", [])),
                show_if=ShowIf(one["show_if"]["question"], frozenset(one["show_if"]["in"]))
                if "show_if" in one
                else None,
            )
            for one in instrument["questions"]
        ),
    )

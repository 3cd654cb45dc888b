"""What a person's own data holds of their answers: those that can be told to be theirs, in words."""

from __future__ import annotations

from collections.abc import Iterator

from communities.models import Person
from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import Holding, Value
from evaluations.models import Survey
from evaluations.questionnaire import Answer, Answers, AskedQuestion, questionnaire_of
from evaluations.services.answers.own_answers import all_own_answers, own_named_answers

COVERS = ("evaluations.namedresponse",)
COLUMNS = [
    ("title", "What"), ("community", "Community"), ("mode", "Privacy"), ("opened_at", "Opened"),
    ("question", "Question"), ("answer", "Your answer"),
]  # fmt: skip


def answers_held(user: User) -> Iterator[Holding]:
    """Answers under a name, and confidential ones while their key lives. Sealed ones nobody can find yet."""
    person = Person.objects.filter(user=user).first()
    if person is None:
        return
    sent = [*((one.survey, one.answers) for one in all_own_answers(person)), *own_named_answers(person)]
    yield Holding(
        key="answers",
        heading="Answers that can be told to be yours",
        why="Named answers are kept with your name, as they said. Confidential ones are kept under a pseudonym, and "
        "are found for you, and for nobody else, until the key to it is destroyed.",
        columns=COLUMNS,
        rows=[row for survey, answers in sent for row in _rows(survey, answers)],
    )


def _rows(survey: Survey, answers: Answers) -> Iterator[tuple[Value, ...]]:
    about = (survey.version.title, survey.community.name, survey.get_mode_display(), survey.opened_at)
    for question in questionnaire_of(survey.version).questions:
        if question.code in answers:
            yield (*about, question.text, answer_words(question, answers[question.code]))


def answer_words(question: AskedQuestion, answer: Answer) -> str:
    """An answer as the person gave it: labels, not codes."""
    labels = {option.code: option.label for option in question.options}
    return ", ".join(labels.get(code, code) for code in ([answer] if isinstance(answer, str) else answer))

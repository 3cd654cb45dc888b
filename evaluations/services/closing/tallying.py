"""How answers are counted, question by question."""

from __future__ import annotations

from collections.abc import Sequence

from evaluations.disclosure import Tallied
from evaluations.questionnaire import INFORMATION, Answer, Answers, AskedQuestion, Questionnaire


def tallied(questionnaire: Questionnaire, records: Sequence[Answers]) -> list[Tallied]:
    """How each question was answered. Answers left out of the base are counted nowhere."""
    return [
        _tally(question, [record[question.code] for record in records if question.code in record])
        for question in questionnaire.questions
        if question.kind != INFORMATION
    ]


def _tally(question: AskedQuestion, answers: Sequence[Answer]) -> Tallied:
    if question.is_text:
        return Tallied(question, len(answers), {})
    counts = {option.code: 0 for option in question.counted_options}
    base = 0
    for answer in answers:
        chosen = question.counted_codes(answer)
        base += bool(chosen)
        for code in chosen:
            counts[code] += 1
    return Tallied(question, base, counts)

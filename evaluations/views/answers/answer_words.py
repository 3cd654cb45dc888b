"""What the pages behind a link say about a questionnaire and about what was answered."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format

from evaluations.instrument_checks.effort import effort_of
from evaluations.models import Survey
from evaluations.questionnaire import (
    DATE,
    INFORMATION,
    LIKERT,
    NUMBER,
    SINGLE,
    Answer,
    Answers,
    AskedQuestion,
    Questionnaire,
)
from evaluations.services.answers.answering import Door
from evaluations.services.surveys import grouping
from evaluations.views.answers.mode_words import after_the_close
from evaluations.views.surveys.words import day_words


def length_words(questionnaire: Questionnaire) -> str:
    """10 questions, about 4 minutes; or, where some are asked only by an earlier answer: 25 to 27 questions, …"""
    most = sum(1 for question in questionnaire.questions if question.kind != INFORMATION)
    least = sum(1 for question in questionnaire.shown({}) if question.kind != INFORMATION)
    minutes = effort_of(questionnaire).most_minutes
    questions = "1 question" if most == 1 else f"{most} questions" if least == most else f"{least} to {most} questions"
    return f"{questions}, about {minutes} minute{'' if minutes == 1 else 's'}"


def by_group(door: Door) -> str:
    """That results are shown by group, and in which this person counts; empty for a survey without a breakdown."""
    declared = grouping.declared_of(door.survey)
    if declared is None:
        return ""
    group = grouping.group_of(door.survey, door.person_id) if declared.is_from_roster else None
    return declared.told(group)


def record_example(questionnaire: Questionnaire) -> str:
    """What choosing an answer puts into the record, for a question asked of everyone; empty where there is none."""
    chosen = (question for question in questionnaire.shown({}) if question.kind in {SINGLE, LIKERT})
    if (question := next(chosen, None)) is None:
        return ""
    option = question.options[0]
    return f'if you choose “{option.label}” for “{question.text}”, it holds "{question.code}": "{option.code}".'


def answer_text(question: AskedQuestion, answer: Answer | None) -> str:
    """An answer as the person gave it: labels, not codes."""
    if not answer:
        return "Not answered"
    if question.is_text or question.kind == NUMBER:
        return str(answer)
    if question.kind == DATE:
        return date_format(date.fromisoformat(str(answer)))
    chosen = [answer] if isinstance(answer, str) else answer
    return ", ".join(option.label for option in question.options if option.code in chosen)


def answer_rows(questionnaire: Questionnaire, answers: Answers) -> list[dict[str, Any]]:
    """The check-answers page: every question that these answers show, each with its own way back."""
    return [
        {
            "key": {"text": question.text},
            "value": {"text": answer_text(question, answers.get(question.code))},
            "actions": {
                "items": [
                    {
                        "href": f"{reverse('evaluations:answer-step', args=[question.code])}?then=check",
                        "text": "Change",
                        "visuallyHiddenText": question.text,
                    }
                ]
            },
        }
        for question in questionnaire.shown(answers)
        if question.kind != INFORMATION
    ]


def error_words(questionnaire: Questionnaire, code: str, error: str) -> str:
    """What is wrong with an answer, with the question it belongs to."""
    question = questionnaire.question(code)
    return f"“{question.text}” {error}" if question else error


def results_words(survey: Survey) -> str:
    """When results come, of what, and for whom: the same as was said before anything was sent."""
    before = f"Nobody sees anything before it closes on {day_words(survey.closes_at)}."
    return " ".join((before, *after_the_close(survey.mode, survey.shared_with)))

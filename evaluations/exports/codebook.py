"""The codebook as a page that needs nothing but a browser, and no portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from evaluations.exports.datasets import Dataset
from evaluations.exports.figures import answers_described
from evaluations.exports.study import Study, asked_of
from evaluations.models import Question
from evaluations.questionnaire import AskedQuestion
from evaluations.results import Figure

STYLES = Path(__file__).resolve().parent.parent / "data" / "codebook.css"


def codebook_of(study: Study, datasets: Sequence[Dataset], shares: Mapping[tuple[str, str], Figure]) -> bytes:
    sections: dict[str, list[dict[str, Any]]] = {}
    for question in study.questionnaire.questions:
        sections.setdefault(question.section, []).append(_question(question, study, shares))
    page = render_to_string(
        "evaluations/exports/codebook.html",
        {
            "study": study,
            "datasets": datasets,
            "has_shares": bool(shares),
            "sections": [{"title": title, "questions": asked} for title, asked in sections.items()],
        },
    )
    return page.encode()


def styles() -> bytes:
    return STYLES.read_bytes()


def _question(question: AskedQuestion, study: Study, shares: Mapping[tuple[str, str], Figure]) -> dict[str, Any]:
    return {
        "code": question.code,
        "text": question.text,
        "hint": question.hint,
        "kind": Question.Kind(question.kind).label,
        "evaluation_question": question.evaluation_question,
        "asked_of": asked_of(question, study.questionnaire),
        "answers": [
            {
                "code": answer.code,
                "label": answer.label,
                "in_base": "no" if answer.is_excluded else "yes",
                "released": figure.words if (figure := shares.get((question.code, answer.code))) else "–",
            }
            for answer in answers_described(question, shares)
        ],
    }

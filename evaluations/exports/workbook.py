"""All tables in one workbook, with a sheet that says what the columns hold and one that says what it all is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from communities.exports.formats import Sheet, book
from communities.exports.tables import Cells, Column
from evaluations.exports.datasets import Dataset
from evaluations.exports.study import Study, asked_of

CODEBOOK = (
    Column("sheet", "Sheet"),
    Column("column", "Column"),
    Column("label", "What it holds"),
    Column("kind", "Kind"),
    Column("code", "Code"),
    Column("number", "Number in SPSS"),
    Column("meaning", "Meaning"),
    Column("note", "To know"),
)
QUESTIONS = (
    Column("question", "Question"),
    Column("section", "Section"),
    Column("wording", "What was asked"),
    Column("kind", "Kind"),
    Column("evaluation_question", "Evaluation question"),
    Column("asked_of", "Asked of"),
    Column("code", "Code"),
    Column("meaning", "Answer"),
    Column("left_out", "Left out of the base"),
)
ABOUT = (Column("what", "What"), Column("is", "Is"))


def workbook_of(study: Study, datasets: Sequence[Dataset]) -> bytes:
    sheets = [
        *(dataset.sheet for dataset in datasets),
        Sheet("Codebook", CODEBOOK, _codebook(datasets)),
        Sheet("What was asked", QUESTIONS, _questions(study)),
        Sheet("About", ABOUT, [*study.everything, *(("Rule", rule) for rule in study.rules)]),
    ]
    return book(sheets, study.at)


def _codebook(datasets: Iterable[Dataset]) -> Iterable[Cells]:
    for dataset in datasets:
        for one in dataset.variables:
            yield dataset.title, one.name, one.label, one.kind_words, None, None, None, one.note
            for value in one.values:
                meaning = f"{value.label} (left out of the base)" if value.is_missing else value.label
                yield dataset.title, one.name, None, None, value.code, str(value.number), meaning, None


def _questions(study: Study) -> Iterable[Cells]:
    for one in study.questionnaire.questions:
        asked = asked_of(one, study.questionnaire)
        yield one.code, one.section, one.text, one.kind, one.evaluation_question, asked, None, None, None
        for option in one.options:
            left_out = "yes" if option.is_excluded else None
            yield one.code, None, None, None, None, None, option.code, option.label, left_out

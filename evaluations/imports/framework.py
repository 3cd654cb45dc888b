"""Loading the evaluation framework: questions, maturity dimensions, levels and statements."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import models, transaction

from communities.imports.documents import (
    Document,
    DocumentRefused,
    Fault,
    LoadReport,
    Where,
    load_schema,
    repeated_codes,
)
from communities.models import Problem
from evaluations.models import (
    EvaluationQuestion,
    Framework,
    MaturityDimension,
    MaturityLevel,
    MaturityStatement,
    ValueCycle,
)

DATA = Path(__file__).resolve().parent.parent / "data"
FRAMEWORK_FILE = DATA / "framework.json"
FRAMEWORK_SCHEMA = load_schema(DATA / "framework.schema.json")


@transaction.atomic
def load_framework(document: Document) -> LoadReport:
    """Bring the framework to what the document says. Raises DocumentRefused; then nothing changed.

    Nothing is ever removed: what is in the portal and not in the document is a fault, because records point to it.
    """
    faults = faults_of(document)
    if faults:
        raise DocumentRefused(faults)
    report = LoadReport()
    for question in document.data["evaluation_questions"]:
        load_question(question, report)
    maturity = document.data["maturity"]
    for position, dimension in enumerate(maturity["dimensions"]):
        bring_to(
            MaturityDimension,
            report,
            key={"code": dimension["code"]},
            wanted={"name": dimension["name"], "text": dimension["text"], "position": position},
        )
    for level in maturity["levels"]:
        load_level(level, report)
    bring_to(
        Framework,
        report,
        key={"pk": 1},
        wanted={
            "title": document.data["title"],
            "attribution": document.data["attribution"],
            "maturity_note": maturity["note"],
            "digest": document.digest,
        },
    )
    return report


def load_question(question: dict[str, Any], report: LoadReport) -> None:
    overarching = bring_to(
        EvaluationQuestion,
        report,
        key={"code": question["code"]},
        wanted={"name": question["name"], "text": question["text"], "is_quoted": question["quoted"]},
    )
    for ours in question["subsidiary"]:
        bring_to(
            EvaluationQuestion,
            report,
            key={"code": ours["code"]},
            wanted={"text": ours["text"], "parent_id": overarching.pk},
        )


def load_level(level: dict[str, Any], report: LoadReport) -> None:
    row = bring_to(
        MaturityLevel, report, key={"level": level["level"]}, wanted={"name": level["name"], "text": level["text"]}
    )
    for position, (_, statement) in enumerate(statements_of(level)):
        dimension = MaturityDimension.objects.get(code=statement["dimension"])
        threshold = statement.get("threshold")
        bring_to(
            MaturityStatement,
            report,
            key={"code": statement["code"]},
            wanted={
                "level_id": row.pk,
                "dimension_id": dimension.pk,
                "text": statement["text"],
                "threshold": None if threshold is None else float(threshold),
                "position": position,
            },
        )


def bring_to(
    model: type[models.Model], report: LoadReport, *, key: dict[str, Any], wanted: dict[str, Any]
) -> models.Model:
    """Create the row, or change it where it differs, and count which."""
    row, is_new = model._default_manager.get_or_create(**key, defaults=wanted)
    if is_new:
        report.created += 1
    elif all(getattr(row, name) == value for name, value in wanted.items()):
        report.unchanged += 1
    else:
        model._default_manager.filter(pk=row.pk).update(**wanted)
        report.changed += 1
    return row


def statements_of(level: dict[str, Any]) -> Iterator[tuple[tuple[str, int], dict[str, Any]]]:
    """Each statement of a level with where it stands: those for readiness, then those for staying."""
    for group in ("ready_for_next", "stays_here"):
        for position, statement in enumerate(level.get(group, [])):
            yield (group, position), statement


def faults_of(document: Document) -> list[Fault]:
    """What the schema cannot say: repeated codes, unknown references, words the portal does not know, what vanished."""
    data = document.data
    maturity = data["maturity"]
    dimensions = {dimension["code"] for dimension in maturity["dimensions"]}
    faults = [
        *repeated_codes(document, ["evaluation_questions"], data["evaluation_questions"], "code"),
        *repeated_codes(document, ["maturity", "dimensions"], maturity["dimensions"], "code"),
        *repeated_codes(document, ["maturity", "levels"], maturity["levels"], "level"),
    ]
    codes: set[str] = set()
    for position, question in enumerate(data["evaluation_questions"]):
        codes.add(question["code"])
        where: Where = ["evaluation_questions", position, "subsidiary"]
        faults += repeated_codes(document, where, question["subsidiary"], "code")
        for place, ours in enumerate(question["subsidiary"]):
            codes.add(ours["code"])
            if not ours["code"].startswith(question["code"]):
                faults.append(
                    document.fault([*where, place, "code"], f"{ours['code']!r} is not below {question['code']}.")
                )
    statements: set[str] = set()
    for position, level in enumerate(maturity["levels"]):
        for (group, place), statement in statements_of(level):
            stands: Where = ["maturity", "levels", position, group, place]
            if statement["dimension"] not in dimensions:
                faults.append(
                    document.fault([*stands, "dimension"], f"there is no dimension {statement['dimension']!r}.")
                )
            if statement["code"] in statements:
                faults.append(document.fault([*stands, "code"], f"{statement['code']!r} stands here a second time."))
            statements.add(statement["code"])
    faults += unknown_words(document)
    faults += vanished(document, EvaluationQuestion, codes, "evaluation_questions")
    faults += vanished(document, MaturityStatement, statements, "maturity")
    return faults


def unknown_words(document: Document) -> list[Fault]:
    """The lists the portal's own code depends on must say what the code says."""
    expected = {
        ("value_cycles",): ValueCycle.values,
        ("problem_reach", "knowledge"): Problem.Knowledge.values,
        ("problem_reach", "lever"): Problem.Lever.values,
    }
    faults = []
    for where, words in expected.items():
        found = document.data
        for part in where:
            found = found[part]
        if list(found) != words:
            faults.append(document.fault(where, f"the portal knows exactly these, in this order: {', '.join(words)}."))
    return faults


def vanished(document: Document, model: type[models.Model], codes: set[str], where: str) -> list[Fault]:
    gone = model._default_manager.exclude(code__in=codes).values_list("code", flat=True).order_by("code")
    return [document.fault([where], f"{code} is in the portal but not here; nothing is ever removed.") for code in gone]

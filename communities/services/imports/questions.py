"""What a file leaves open, for a person to decide: one question for a word that many rows use, or one for a row."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Min

from communities.models import ImportBatch, ImportRow, Organisation, ProfessionalGroup
from communities.services.imports.fields import values_of
from communities.services.imports.people import LEAVE, NEW, NONE, can_be_added
from cop_portal.refusals import Refusal

LEAVE_OUT = (LEAVE, "Leave it out")
LEAVE_ALL_OUT = (LEAVE, "Leave these rows out")
ADD = (NEW, "Add it as a new organisation")


class NotADecision(Refusal):
    """A decision is one of those that were offered."""


@dataclass(frozen=True)
class Question:
    """Something to decide: its key, the words, how many rows wait for it, and the answers with their words."""

    key: str
    number: int
    text: str
    rows: int
    answers: tuple[tuple[str, str], ...]


def open_questions(batch: ImportBatch, *, limit: int | None = None) -> list[Question]:
    """What is open, in the order of the file. The same few queries, however many there are."""
    waiting = ImportRow.objects.filter(batch=batch, kind=ImportRow.Kind.UNDECIDED).exclude(question="")
    asked = list(
        waiting.order_by().values("question").annotate(n=Count("pk"), first=Min("number")).order_by("first")[:limit]
    )
    firsts = {row.number: row for row in waiting.filter(number__in=[each["first"] for each in asked])}
    listed = {"organisation": _organisations(), "professional_group": _groups()} if asked else {}
    return [_question(batch, firsts[each["first"]], each["n"], listed) for each in asked]


def _question(
    batch: ImportBatch, row: ImportRow, number_of_rows: int, listed: Mapping[str, tuple[tuple[str, str], ...]]
) -> Question:
    what, _, _ = row.question.partition(":")
    if what == "row":
        choices = [(str(key), str(words)) for key, words in row.facts.get("choices", [])]
        return Question(row.question, row.number, f"{_said(batch, row)}: {row.reason}", 1, (*choices, LEAVE_OUT))
    said = values_of(row.cells, batch.mapping).get(what, "")
    add = (ADD,) if what == "organisation" and can_be_added(said) else ()
    return Question(row.question, row.number, row.reason, number_of_rows, (*add, *listed[what], LEAVE_ALL_OUT))


def _said(batch: ImportBatch, row: ImportRow) -> str:
    said = values_of(row.cells, batch.mapping)
    name = said.get("name") or " ".join(filter(None, (said.get("first_name"), said.get("last_name"))))
    return ", ".join(filter(None, (name, said.get("email") or said.get("ods_code"))))


def _organisations() -> tuple[tuple[str, str], ...]:
    known = Organisation.objects.order_by("name").values_list("pk", "name")
    return (*((str(pk), name) for pk, name in known), (NONE, "No organisation"))


def _groups() -> tuple[tuple[str, str], ...]:
    known = ProfessionalGroup.objects.order_by("position", "name").values_list("pk", "name")
    return tuple((str(pk), name) for pk, name in known)


def checked_decisions(batch: ImportBatch, decisions: Mapping[str, str]) -> dict[str, str]:
    """Decisions as someone made them, beside those made before. Refuses any that is not on offer."""
    offered = {question.key: dict(question.answers) for question in open_questions(batch)}
    if any(answer not in offered.get(key, ()) for key, answer in decisions.items()):
        raise NotADecision(
            "This decision is not one of those on offer. Load the page again and choose from what it shows.",
            code="not_a_decision",
        )
    return {**batch.decisions, **decisions}

"""Questionnaires that come as a file: kept, looked at, and made into drafts when someone says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations.interchange.content import Content, content_of, normal
from evaluations.models import (
    EvaluationQuestion,
    Instrument,
    InstrumentFile,
    InstrumentVersion,
    Item,
    Question,
    Scale,
    Section,
)
from evaluations.services.instruments.drafts import RESERVED, restate

# By what a file says: what a Question calls it.
QUESTION_FIELDS = {"required": "is_required", "ordered": "is_ordered", "two_sided": "is_two_sided"}


class FileUsed(Conflict):
    """Drafts are made of a file once."""


class DraftInTheWay(Conflict):
    """A questionnaire has one draft at a time."""


class NothingNewInFile(Refusal):
    """What is published already needs no draft."""


class CodeReserved(Refusal):
    """A questionnaire's code stands in addresses, where some words mean something else."""


@dataclass(frozen=True)
class Plan:
    """What would become of one questionnaire of a file."""

    content: Content
    number: int
    # The published version that says the same; and the draft that stands in the way.
    same_as: InstrumentVersion | None
    draft: InstrumentVersion | None
    is_new: bool

    @property
    def code(self) -> str:
        return str(self.instrument["code"])

    @property
    def instrument(self) -> Content:
        instrument: Content = self.content["instruments"][0]
        return instrument


@transaction.atomic
def keep_instrument_file(
    *,
    form: str,
    file_name: str,
    file_hash: str,
    content: Content,
    notes: Sequence[Mapping[str, Any]],
    by: User,
    now: datetime,
) -> InstrumentFile:
    """Keeps what was read from a file, with what of it did not fit. No questionnaire is made of it yet."""
    file = InstrumentFile.objects.create(
        form=form,
        file_name=file_name,
        file_hash=file_hash,
        content=content,
        notes=list(notes),
        by=by,
        uploaded_at=now,
    )
    audit.record(event="instrument.file_received", by=by, target=file, at=now)
    return file


def plans_of(file: InstrumentFile) -> list[Plan]:
    """What each questionnaire of a file would become, as things stand now."""
    return [_plan(parted) for parted in _parted(normal(file.content))]


def _parted(content: Content) -> list[Content]:
    return [normal({**content, "instruments": [instrument]}) for instrument in content["instruments"]]


def _plan(content: Content) -> Plan:
    instrument = content["instruments"][0]
    versions = list(
        InstrumentVersion.objects.filter(instrument__code=instrument["code"])
        .select_related("instrument")
        .order_by("-number")
    )
    published = [version for version in versions if not version.is_draft]
    newest = versions[0].number if versions else 0
    return Plan(
        content=content,
        number=max(instrument["version"], newest + 1),
        same_as=next((version for version in published if _says_the_same(version, content)), None),
        draft=next((version for version in versions if version.is_draft), None),
        is_new=not versions,
    )


def _says_the_same(version: InstrumentVersion, content: Content) -> bool:
    """Whatever its number, and whoever's wording it is called."""
    standing = content_of(version)
    return standing["scales"] == content["scales"] and [{**one, "version": 0} for one in standing["instruments"]] == [
        {**one, "version": 0} for one in content["instruments"]
    ]


@transaction.atomic
def make_drafts(*, file: InstrumentFile, by: User, now: datetime) -> list[InstrumentVersion]:
    """A draft of each questionnaire in the file that is not published just so. All of them, or none."""
    held = InstrumentFile.objects.select_for_update().get(pk=file.pk)
    if held.drafts.exists():
        raise FileUsed("Drafts have been made of this file already.", code="file_used")
    plans = [plan for plan in plans_of(held) if plan.same_as is None]
    if not plans:
        raise NothingNewInFile("Everything in this file is published already, just as it stands.", code="nothing_new")
    for plan in plans:
        _require_free(plan)
    drafts = [_draft(plan, by) for plan in plans]
    held.drafts.set(drafts)
    for draft in drafts:
        audit.record(event="instrument.draft_begun", by=by, target=draft, at=now)
    return drafts


def _require_free(plan: Plan) -> None:
    if plan.draft is not None:
        raise DraftInTheWay(
            f"“{plan.draft.title}” ({plan.code}) has a draft already. Publish or delete it first.", code="draft_there"
        )
    if plan.code in RESERVED:
        raise CodeReserved(f"A questionnaire cannot have the code “{plan.code}”. Give it another.", code="reserved")


def _draft(plan: Plan, by: User) -> InstrumentVersion:
    instrument, _ = Instrument.objects.get_or_create(code=plan.code)
    said = plan.instrument
    draft = InstrumentVersion.objects.create(
        instrument=instrument,
        number=plan.number,
        title=said["title"],
        purpose=said["purpose"],
        default_privacy=said["default_privacy"],
        opens_for_days=said["schedule"]["opens_for_days"],
        reminder_days=said["schedule"]["reminder_days"],
        notes=said["notes"],
        attribution=plan.content.get("attribution", ""),
        drafted_by=by,
    )
    scales = {scale["code"]: scale["options"] for scale in plan.content["scales"]}
    for code, options in scales.items():
        Scale.objects.get_or_create(code=code, defaults={"title": code, "options": options})
    questions = {question["code"]: question for question in said["questions"]}
    serves = {question.code: question for question in EvaluationQuestion.objects.all()}
    for position, section in enumerate(said["sections"]):
        row = Section.objects.create(version=draft, title=section["title"], position=position)
        for place, code in enumerate(section["questions"]):
            question = question_of(questions[code], scales, serves)
            question.item, _ = Item.objects.get_or_create(code=code)
            question.section, question.position = row, place
            question.save()
    restate(draft)
    return draft


def question_of(said: Content, scales: Mapping[str, Any], serves: Mapping[str, EvaluationQuestion]) -> Question:
    """A question as the file words it, in no section yet and not saved."""
    scale = said.get("scale", "")
    return Question(
        kind=said["kind"],
        text=said["text"],
        hint=said.get("hint", ""),
        scale=scale,
        options=scales[scale] if scale else said.get("options", []),
        show_if=said.get("show_if"),
        max_length=said.get("max_length"),
        minimum=said.get("minimum"),
        maximum=said.get("maximum"),
        evaluation_question=serves[said["evaluation_question"]],
        value_cycle=said["value_cycle"],
        **{field: bool(said.get(name)) for name, field in QUESTION_FIELDS.items()},
    )


@transaction.atomic
def discard_instrument_file(*, file: InstrumentFile, by: User, now: datetime) -> None:
    """Throws away a file of which nothing was made. What a draft came from is kept: it says what did not fit."""
    held = InstrumentFile.objects.select_for_update().get(pk=file.pk)
    if held.drafts.exists():
        raise FileUsed(
            "Drafts have been made of this file. It is kept, because it says what did not fit.", code="file_used"
        )
    audit.record(event="instrument.file_discarded", by=by, target=held, at=now)
    held.delete()


def forget_instrument_files(*, now: datetime) -> int:
    """Deletes files of which nothing was made in 30 days. Returns how many."""
    return InstrumentFile.objects.forgotten_at(now).delete()[0]

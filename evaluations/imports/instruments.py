"""Loading instruments. A version that is published never changes: a changed questionnaire is a new version."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from communities.imports.documents import Document, DocumentRefused, LoadReport, digest_of, load_schema
from evaluations.imports.instrument_faults import faults_of
from evaluations.models import EvaluationQuestion, Instrument, InstrumentVersion, Item, Question, Scale, Section
from evaluations.wordings import settle_wordings

DATA = Path(__file__).resolve().parent.parent / "data"
INSTRUMENTS_FILE = DATA / "instruments.json"
INSTRUMENTS_SCHEMA = load_schema(DATA / "instruments.schema.json")


@transaction.atomic
def load_instruments(document: Document, *, now: datetime) -> LoadReport:
    """Publish each version of the document that is not there yet. Raises DocumentRefused; then nothing changed.

    Loading the same version again changes nothing; loading a published version with other content is refused.
    """
    faults = faults_of(document)
    scales = {scale["code"]: scale["options"] for scale in document.data["scales"]}
    digests = [digest_of([instrument, scales_used(instrument, scales)]) for instrument in document.data["instruments"]]
    published = {
        (code, number): digest
        for code, number, digest in InstrumentVersion.objects.values_list("instrument__code", "number", "digest")
    }
    report = LoadReport()
    for position, (instrument, digest) in enumerate(zip(document.data["instruments"], digests, strict=True)):
        there = published.get((instrument["code"], instrument["version"]))
        if there == digest:
            report.unchanged += 1
        elif there is not None:
            faults.append(
                document.fault(
                    ["instruments", position, "version"],
                    f"version {instrument['version']} of {instrument['code']} is published and never changes. "
                    "Give the changed questionnaire the next version number.",
                )
            )
        elif not faults:
            keep_scales(scales_used(instrument, scales))
            publish(instrument, digest, scales, document.data.get("attribution", ""), now)
            report.created += 1
    if faults:
        transaction.set_rollback(True)
        raise DocumentRefused(faults)
    return report


def scales_used(instrument: dict[str, Any], scales: dict[str, Any]) -> dict[str, Any]:
    """The scales a questionnaire uses: part of what it says, so part of its digest. Unknown ones are left to faults."""
    used = {question["scale"] for question in instrument["questions"] if "scale" in question}
    return {code: scales.get(code) for code in sorted(used)}


def keep_scales(scales: dict[str, Any]) -> None:
    """The scales that a questionnaire brings. `faults_of` has seen that those already there have the same answers."""
    for code, options in scales.items():
        Scale.objects.get_or_create(code=code, defaults={"title": code, "options": options})


def publish(
    instrument: dict[str, Any], digest: str, scales: dict[str, Any], attribution: str, now: datetime
) -> InstrumentVersion:
    known, _ = Instrument.objects.get_or_create(code=instrument["code"])
    version = InstrumentVersion.objects.create(
        instrument=known,
        number=instrument["version"],
        title=instrument["title"],
        purpose=instrument.get("purpose", ""),
        default_privacy=instrument["default_privacy"],
        opens_for_days=instrument["schedule"]["opens_for_days"],
        reminder_days=instrument["schedule"]["reminder_days"],
        notes=instrument.get("notes", []),
        attribution=attribution,
        digest=digest,
    )
    questions = {question["code"]: question for question in instrument["questions"]}
    for position, section in enumerate(instrument["sections"]):
        row = Section.objects.create(version=version, title=section["title"], position=position)
        for place, code in enumerate(section["questions"]):
            create_question(row, place, questions[code], scales)
    settle_wordings(version)
    # Published last: from here on the database refuses any change to it.
    version.published_at = now
    version.save(update_fields=["published_at"])
    return version


def create_question(section: Section, position: int, question: dict[str, Any], scales: dict[str, Any]) -> Question:
    item, _ = Item.objects.get_or_create(code=question["code"])
    return Question.objects.create(
        section=section,
        item=item,
        position=position,
        kind=question["kind"],
        text=question["text"],
        hint=question.get("hint", ""),
        scale=question.get("scale", ""),
        options=scales[question["scale"]] if "scale" in question else question.get("options", []),
        show_if=question.get("show_if"),
        max_length=question.get("max_length"),
        minimum=question.get("minimum"),
        maximum=question.get("maximum"),
        is_required=question.get("required", False),
        is_ordered=question.get("ordered", False),
        is_two_sided=question.get("two_sided", False),
        evaluation_question=EvaluationQuestion.objects.get(code=question["evaluation_question"]),
        value_cycle=question["value_cycle"],
    )

"""Publishing a draft: from then on it never changes, and communities can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from communities.imports.documents import digest_of
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal
from evaluations.interchange.content import content_of
from evaluations.models import InstrumentVersion, Question, Scale, Section
from evaluations.questionnaire import INFORMATION
from evaluations.services.instruments.content import QuestionContent, QuestionNotValid, require_well_formed
from evaluations.services.instruments.drafts import headings_of, require_headings
from evaluations.services.instruments.holding import conditions_broken, held, questions_in_order, require_unchanged
from evaluations.wordings import baselines_of, change_of, settle_wordings


class NotReadyToPublish(Refusal):
    """What is put to people is whole: every question can be asked and answered. `faults` say what is not."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__([fault.words for fault in faults], code="not_ready_to_publish")
        self.faults = list(faults)


@dataclass(frozen=True)
class Fault:
    """Something that stands in the way of publishing. `question` is the code of the question at fault, if one is."""

    words: str
    question: str = ""


def faults_of(version: InstrumentVersion) -> list[Fault]:
    """What stands in the way of publishing a draft; empty when nothing does."""
    questions = list(questions_in_order(version))
    faults = [Fault(words, code) for code, words in conditions_broken(questions).items()]
    baselines = baselines_of(version)
    faults += [fault for question in questions if (fault := _fault_of(question, baselines.get(question.item_id)))]
    faults += _faults_of_sections(version, questions)
    faults += _faults_of_scales(questions)
    try:
        require_headings(headings_of(version))
    except Refusal as refusal:
        faults.append(Fault(" ".join(refusal.messages)))
    return faults


def _fault_of(question: Question, baseline: Question | None) -> Fault | None:
    code = question.item.code
    try:
        require_well_formed(content_from(question))
    except QuestionNotValid as refusal:
        return Fault(f"{code}: {' '.join(refusal.messages)}", code)
    if change_of(question, baseline) != question.change:
        where = f" in “{baseline.section.version}”" if baseline else ""
        return Fault(f"{code} was published{where} meanwhile. Open it and say how it compares.", code)
    return None


def _faults_of_sections(version: InstrumentVersion, questions: Sequence[Question]) -> list[Fault]:
    filled = {question.section_id for question in questions}
    empty = Section.objects.filter(version=version).exclude(pk__in=filled).order_by("position")
    faults = [Fault(f"The section “{section.title}” has no questions.") for section in empty]
    if not any(question.kind != INFORMATION for question in questions):
        faults.append(Fault("There is no question that can be answered."))
    return faults


def _faults_of_scales(questions: Sequence[Question]) -> list[Fault]:
    standing = dict(Scale.objects.values_list("code", "options"))
    return [
        Fault(f"{question.item.code}: its answers are not those of the scale {question.scale}.", question.item.code)
        for question in questions
        if question.scale and standing.get(question.scale) != question.options
    ]


def content_from(question: Question) -> QuestionContent:
    """What a question says, as it was given to the services."""
    return QuestionContent(
        code=question.item.code,
        kind=question.kind,
        text=question.text,
        evaluation_question=question.evaluation_question,
        value_cycle=question.value_cycle,
        hint=question.hint,
        scale=question.scale,
        options=question.options,
        max_length=question.max_length,
        minimum=question.minimum,
        maximum=question.maximum,
        is_required=question.is_required,
        is_ordered=question.is_ordered,
        is_two_sided=question.is_two_sided,
        change=question.change,
    )


@transaction.atomic
def publish_version(*, version: InstrumentVersion, revision: int, by: User, now: datetime) -> InstrumentVersion:
    """Publishes the draft as it was read. Raises NotReadyToPublish, VersionPublished, DraftChangedMeanwhile."""
    draft = held(version)
    require_unchanged(draft, revision)
    if faults := faults_of(draft):
        raise NotReadyToPublish(faults)
    settle_wordings(draft)
    document = content_of(draft)
    scales = {scale["code"]: scale["options"] for scale in document["scales"]}
    draft.digest = digest_of([document["instruments"][0], scales])
    # Published last: from here on the database refuses any change to it.
    draft.is_offered, draft.removed, draft.published_at = False, [], now
    draft.save()
    audit.record(event="instrument.published", by=by, target=draft, at=now)
    return draft

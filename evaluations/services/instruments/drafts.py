"""Drafts of questionnaires: begun, from nothing or from what was published; their headings; put away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations.models import Instrument, InstrumentVersion, Item, PrivacyMode, Question, Section
from evaluations.services.instruments.holding import changed_meanwhile, held, let_go
from evaluations.wordings import SAME, baselines_of, change_of

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# These words stand in addresses where a questionnaire's code would.
RESERVED = frozenset({"drafts", "new", "scales", "import"})
LONGEST_WINDOW = 365


class NotACode(Refusal):
    """A code is short, plain and stands in addresses."""


class CodeTaken(Conflict):
    """Two questionnaires never share a code."""


class DraftThere(Conflict):
    """A questionnaire has one draft at a time."""


class NothingToCopy(Refusal):
    """Only what is published is copied: a draft may still change."""


class HeadingsNotValid(Refusal):
    """A questionnaire has a title, a window and reminders within it."""


@dataclass(frozen=True)
class Headings:
    """What a version says about itself, apart from its questions."""

    title: str
    purpose: str = ""
    default_privacy: str = PrivacyMode.ANONYMOUS
    opens_for_days: int = 21
    reminder_days: Sequence[int] = (4, 9, 14)
    notes: Sequence[str] = field(default_factory=tuple)


@transaction.atomic
def begin_questionnaire(*, code: str, title: str, by: User, now: datetime) -> InstrumentVersion:
    """An empty questionnaire with one section, to be written."""
    require_headings(Headings(title))
    draft = InstrumentVersion.objects.create(
        instrument=_new_instrument(code), number=1, title=title.strip(), reminder_days=[4, 9, 14], drafted_by=by
    )
    Section.objects.create(version=draft, title="Questions", position=0)
    audit.record(event="instrument.draft_begun", by=by, target=draft, at=now)
    return draft


@transaction.atomic
def begin_next_version(*, version: InstrumentVersion, by: User, now: datetime) -> InstrumentVersion:
    """A draft of the version after the newest, with the same questions as `version` has. One draft at a time."""
    _require_published(version)
    instrument = Instrument.objects.select_for_update().get(pk=version.instrument_id)
    if InstrumentVersion.objects.drafts().filter(instrument=instrument).exists():
        raise DraftThere(
            "Someone has begun the next version of this questionnaire already. Go on with that draft, or delete it "
            "first.",
            code="draft_there",
        )
    newest = instrument.versions.aggregate(newest=Max("number"))["newest"]
    return _copy(version, instrument=instrument, number=newest + 1, title=version.title, by=by, now=now)


@transaction.atomic
def copy_questionnaire(
    *, version: InstrumentVersion, code: str, title: str, by: User, now: datetime
) -> InstrumentVersion:
    """A questionnaire of its own that begins with the same questions: they stay the same items."""
    _require_published(version)
    require_headings(Headings(title))
    return _copy(version, instrument=_new_instrument(code), number=1, title=title.strip(), by=by, now=now)


def _require_published(version: InstrumentVersion) -> None:
    if version.is_draft:
        raise NothingToCopy("This is a draft and may still change. Copy a published version.", code="nothing_to_copy")


def _new_instrument(code: str) -> Instrument:
    if CODE.fullmatch(code) is None or len(code) > 60 or code in RESERVED:
        raise NotACode(
            "A code has small letters, figures and hyphens, such as after-the-visit, and no more than 60 of them. "
            "“new”, “drafts”, “scales” and “import” are taken.",
            code="not_a_code",
        )
    instrument, is_new = Instrument.objects.get_or_create(code=code)
    if not is_new:
        raise CodeTaken("There is a questionnaire with this code. Choose another.", code="code_taken")
    return instrument


def _copy(
    version: InstrumentVersion, *, instrument: Instrument, number: int, title: str, by: User, now: datetime
) -> InstrumentVersion:
    draft = InstrumentVersion.objects.create(
        instrument=instrument,
        number=number,
        title=title,
        purpose=version.purpose,
        default_privacy=version.default_privacy,
        opens_for_days=version.opens_for_days,
        reminder_days=version.reminder_days,
        notes=version.notes,
        attribution=version.attribution,
        drafted_by=by,
        drafted_from=version,
    )
    for section in version.sections.order_by("position"):
        asked = list(section.questions.order_by("position"))
        copied = Section.objects.create(version=draft, title=section.title, position=section.position)
        for question in asked:
            question.pk, question.section, question.wording, question.change = None, copied, None, SAME
            # Counted in this draft from here on: the version it comes from had its own count.
            question.revision = draft.revision
        Question.objects.bulk_create(asked)
    restate(draft)
    audit.record(event="instrument.draft_begun", by=by, target=draft, at=now)
    return draft


def restate(draft: InstrumentVersion) -> None:
    """Say again of every question how it compares with what was asked before."""
    baselines = baselines_of(draft)
    for question in Question.objects.filter(section__version=draft).select_related("item"):
        if (change := change_of(question, baselines.get(question.item_id))) != question.change:
            Question.objects.filter(pk=question.pk).update(change=change)


@transaction.atomic
def edit_headings(
    *, version: InstrumentVersion, revision: int, headings: Headings, by: User, now: datetime
) -> InstrumentVersion:
    """Changes what a draft says about itself. Refused where the headings have changed since they were read."""
    draft = held(version)
    require_headings(headings)
    if draft.headings_revision > revision:
        raise changed_meanwhile()
    draft.title = headings.title.strip()
    draft.purpose = headings.purpose.strip()
    draft.default_privacy = headings.default_privacy
    draft.opens_for_days = headings.opens_for_days
    draft.reminder_days = sorted(set(headings.reminder_days))
    draft.notes = [note.strip() for note in headings.notes if note.strip()]
    draft.headings_revision = let_go(draft, by=by, now=now)
    draft.save()
    return draft


def headings_of(version: InstrumentVersion) -> Headings:
    return Headings(
        title=version.title,
        purpose=version.purpose,
        default_privacy=version.default_privacy,
        opens_for_days=version.opens_for_days,
        reminder_days=version.reminder_days,
        notes=version.notes,
    )


def require_headings(headings: Headings) -> None:
    """Raises HeadingsNotValid."""
    if not headings.title.strip():
        raise HeadingsNotValid("Give the questionnaire a title.", code="title_missing")
    if not 1 <= headings.opens_for_days <= LONGEST_WINDOW:
        raise HeadingsNotValid("It is open for 1 to 365 days.", code="window_not_valid")
    if any(not 1 <= day < headings.opens_for_days for day in headings.reminder_days):
        raise HeadingsNotValid("Reminders go while it is open: after the first day, before the last.", code="reminders")
    if headings.default_privacy not in PrivacyMode.values:
        raise HeadingsNotValid("Choose how private the answers are.", code="privacy_not_valid")


@transaction.atomic
def offer_draft(*, version: InstrumentVersion, is_offered: bool, by: User, now: datetime) -> InstrumentVersion:
    """Tells HIN staff that a draft is ready to be published, or takes that back. Staff see it on top of the list."""
    draft = held(version)
    InstrumentVersion.objects.filter(pk=draft.pk).update(is_offered=is_offered)
    draft.is_offered = is_offered
    event = "instrument.draft_offered" if is_offered else "instrument.draft_taken_back"
    let_go(draft, event=event, by=by, now=now)
    return draft


@transaction.atomic
def delete_draft(*, version: InstrumentVersion, by: User, now: datetime) -> None:
    """Deletes a draft for good. What is published, and so all that was ever asked, cannot be deleted."""
    draft = held(version)
    audit.record(event="instrument.draft_deleted", by=by, target=draft, at=now)
    Section.objects.filter(version=draft).delete()
    draft.delete()
    if not draft.instrument.versions.exists():
        draft.instrument.delete()
    forget_unused_items()


def forget_unused_items() -> None:
    """Codes that stood only in what is gone are free again."""
    Item.objects.filter(questions=None).delete()

"""The sections of a draft: added, named, moved, removed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cop_portal.accounts.models import User
from cop_portal.refusals import Refusal
from evaluations.models import InstrumentVersion, Section
from evaluations.services.instruments.drafts import forget_unused_items
from evaluations.services.instruments.holding import (
    held,
    let_go,
    put_in_order,
    require_earlier_answers,
    require_unchanged,
)
from evaluations.services.instruments.removed import keep_removed

LONGEST_TITLE = 200


class SectionNotNamed(Refusal):
    """A section has a title: on a wide screen it is the heading of a page."""


class LastSection(Refusal):
    """Questions stand in sections, so there is at least one."""


@transaction.atomic
def add_section(*, version: InstrumentVersion, title: str, by: User, now: datetime) -> Section:
    """Adds a section at the end."""
    draft = held(version)
    _require_title(title)
    place = Section.objects.filter(version=draft).count()
    revision = let_go(draft, by=by, now=now)
    return Section.objects.create(version=draft, title=title.strip(), position=place, revision=revision)


@transaction.atomic
def name_section(*, section: Section, revision: int, title: str, by: User, now: datetime) -> Section:
    draft = held(section.version)
    section.refresh_from_db()
    require_unchanged(section, revision)
    _require_title(title)
    section.title, section.revision = title.strip(), let_go(draft, by=by, now=now)
    section.save(update_fields=["title", "revision"])
    return section


@transaction.atomic
def move_section(*, section: Section, up: bool, by: User, now: datetime) -> None:
    """Moves a section, with its questions, before the one above it or after the one below. At an end it stays."""
    draft = held(section.version)
    rows = Section.objects.filter(version=draft)
    order = list(rows.order_by("position"))
    place = order.index(section)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    put_in_order(rows, order)
    require_earlier_answers(draft)
    let_go(draft, by=by, now=now)


@transaction.atomic
def remove_section(*, section: Section, by: User, now: datetime) -> None:
    """Removes a section with all its questions, which can be put back. Refused where a question elsewhere depends on
    one of them."""
    draft = held(section.version)
    rows = Section.objects.filter(version=draft)
    if rows.count() == 1:
        raise LastSection("This is the only section. Rename it, or remove its questions.", code="last_section")
    standing = rows.get(pk=section.pk)
    keep_removed(draft, standing, standing.questions.order_by("position"), is_section=True)
    # By its key, so that a refusal leaves the section in hand as it was.
    rows.filter(pk=section.pk).delete()
    put_in_order(rows, rows.order_by("position"))
    require_earlier_answers(draft)
    forget_unused_items()
    let_go(draft, by=by, now=now)


def _require_title(title: str) -> None:
    if not title.strip():
        raise SectionNotNamed("Give the section a title.", code="section_not_named")
    if len(title.strip()) > LONGEST_TITLE:
        raise SectionNotNamed(f"Shorten the title to {LONGEST_TITLE} characters.", code="section_not_named")

"""Scales: answers worded once, for many questions. Drafts follow a scale; what is published keeps its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale
from evaluations.models import InstrumentVersion, Question, Scale
from evaluations.services.instruments.content import require_options
from evaluations.services.instruments.drafts import restate
from evaluations.services.instruments.holding import let_go, require_earlier_answers

CODE = re.compile(r"[a-z0-9_-]{1,40}")
Options = Sequence[Mapping[str, Any]]


class ScaleNotNamed(Refusal):
    """A scale has a code and a title, by which it is chosen."""


class ScaleTaken(Conflict):
    """Two scales never share a code."""


class ScaleUsed(Conflict):
    """A scale that published questions use never changes; one that any question uses is not deleted."""


class ScaleChangedMeanwhile(Stale):
    """Two people changing the same scale never overwrite each other."""


@transaction.atomic
def add_scale(*, code: str, title: str, options: Options, by: User, now: datetime) -> Scale:
    if CODE.fullmatch(code) is None:
        raise ScaleNotNamed("A code has small letters, figures, hyphens and underscores, at most 40.", code="code")
    _require_title(title)
    require_options(options)
    scale, is_new = Scale.objects.get_or_create(code=code, defaults={"title": title.strip(), "options": list(options)})
    if not is_new:
        raise ScaleTaken("There is a scale with this code. Choose another.", code="scale_taken")
    audit.record(event="scale.added", by=by, target=scale, at=now)
    return scale


@transaction.atomic
def edit_scale(*, scale: Scale, revision: int, title: str, options: Options, by: User, now: datetime) -> Scale:
    """Changes a scale that nothing published uses, and every draft's question that does."""
    held = Scale.objects.select_for_update().get(pk=scale.pk)
    if is_published(held):
        raise ScaleUsed(
            "Published questions use this scale, so it never changes. Make a scale of its own for other words.",
            code="scale_used",
        )
    if held.revision != revision:
        raise ScaleChangedMeanwhile(
            "Someone else has changed this scale while you were writing. Nothing of theirs has been overwritten, and "
            "what you typed is still here. Compare the two, then save again.",
            code="scale_changed_meanwhile",
        )
    _require_title(title)
    require_options(options)
    Scale.objects.filter(pk=held.pk).update(title=title.strip(), options=list(options), revision=F("revision") + 1)
    held.refresh_from_db()
    for draft in InstrumentVersion.objects.drafts().filter(sections__questions__scale=held.code).distinct():
        revision_now = let_go(draft, by=by, now=now)
        following = Question.objects.filter(section__version=draft, scale=held.code)
        following.update(options=held.options, revision=revision_now)
        restate(draft)
        require_earlier_answers(draft)
    audit.record(event="scale.edited", by=by, target=held, at=now)
    return held


@transaction.atomic
def delete_scale(*, scale: Scale, by: User, now: datetime) -> None:
    if Question.objects.filter(scale=scale.code).exists():
        raise ScaleUsed("Questions use this scale. Give them other answers first.", code="scale_used")
    audit.record(event="scale.deleted", by=by, target=scale, at=now)
    scale.delete()


def is_published(scale: Scale) -> bool:
    """Whether a published question uses it."""
    return Question.objects.filter(scale=scale.code, section__version__published_at__isnull=False).exists()


def _require_title(title: str) -> None:
    if not title.strip():
        raise ScaleNotNamed("Give the scale a title.", code="title")

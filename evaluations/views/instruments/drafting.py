"""Loading what a page of a draft is about, through what its reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.models import User
from evaluations.models import InstrumentVersion, Question, Section
from evaluations.permissions import Permission, community_run_by

Trail = list[dict[str, str]]


class ForWriters(PermissionRequired):
    """A page for those who write questionnaires: staff, and facilitators of any community."""

    permission: ClassVar[str] = Permission.DRAFT_INSTRUMENTS
    user: User

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        # The sign-in middleware lets in nobody else.
        self.user = cast("User", request.user)

    def permission_object(self) -> Model | None:
        return community_run_by(self.user)

    def trail(self) -> Trail:
        return [{"href": reverse("evaluations:instrument-list"), "text": "Questionnaires"}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(trail=self.trail(), **kwargs)  # type: ignore[misc]
        return context


class OfDraft(ForWriters):
    """A page of one draft: `self.draft`, or 404. What is published has pages of its own."""

    draft: InstrumentVersion
    # After a clash: what stands now, part by part, where it differs from what was typed.
    theirs: Sequence[tuple[str, Any]] = ()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        drafts = InstrumentVersion.objects.drafts().visible_to(self.user).select_related("instrument", "drafted_from")
        self.draft = get_object_or_404(drafts, pk=kwargs["pk"])

    def trail(self) -> Trail:
        return [*super().trail(), {"href": self.draft.get_draft_url(), "text": self.draft.title}]

    def get_cancel_url(self) -> str:
        return self.draft.get_draft_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Not "draft": that is what a form's page keeps of the typing in it.
        return super().get_context_data(version=self.draft, theirs=self.theirs, **kwargs)


class OfSection(OfDraft):
    """A page of one section of a draft: `self.section`, or 404."""

    section: Section

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.section = get_object_or_404(Section, version=self.draft, pk=kwargs["section"])
        self.section.version = self.draft


class OfQuestion(OfDraft):
    """A page of one question of a draft: `self.question`, or 404."""

    question: Question

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.question = get_object_or_404(questions_of(self.draft), item__code=kwargs["code"])
        self.question.section.version = self.draft


def questions_of(draft: InstrumentVersion) -> QuerySet[Question]:
    asked = Question.objects.filter(section__version=draft).select_related("item", "section", "evaluation_question")
    return asked.order_by("section__position", "position")


def trend_words(question: Question) -> str:
    """What a change means for the trend of a question asked before; of a new one there is nothing to say."""
    return {
        Question.Change.SAME: " It is the same as before: its trend goes on.",
        Question.Change.REWORDED: " It counts as reworded now: its trend starts again.",
    }.get(Question.Change(question.change), "")

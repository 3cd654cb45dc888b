"""Drafts of questionnaires over the API. A change says which revision it was made from (If-Match)."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.problems import said_in
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock
from evaluations.api.draft_serializers import (
    AddQuestionInput,
    AskedInput,
    BeginDraftInput,
    DraftOutput,
    EditDraftInput,
    EditQuestionInput,
    MoveInput,
    OfferInput,
    PublishedOutput,
    PutBackInput,
    SectionInput,
    WholeDraftOutput,
)
from evaluations.api.instruments import ForReaders
from evaluations.models import InstrumentVersion, Question, Scale, Section
from evaluations.permissions import Permission
from evaluations.services.instruments.content import QuestionContent
from evaluations.services.instruments.drafts import (
    begin_next_version,
    begin_questionnaire,
    copy_questionnaire,
    delete_draft,
    edit_headings,
    headings_of,
    offer_draft,
)
from evaluations.services.instruments.publishing import content_from, publish_version
from evaluations.services.instruments.questions import (
    add_known_question,
    add_question,
    ask_only,
    edit_question,
    move_question,
    remove_question,
)
from evaluations.services.instruments.removed import put_back
from evaluations.services.instruments.sections import add_section, move_section, name_section, remove_section


class Drafts(ForReaders):
    permission: ClassVar[str] = Permission.DRAFT_INSTRUMENTS
    serializer_class: Any = DraftOutput

    def get_queryset(self) -> QuerySet[InstrumentVersion]:
        if getattr(self, "swagger_fake_view", False):
            return InstrumentVersion.objects.none()
        return InstrumentVersion.objects.drafts().visible_to(self.reader).select_related("instrument")

    @property
    def actor(self) -> dict[str, Any]:
        return {"by": self.reader, "now": clock.now()}

    def answer(self, draft: InstrumentVersion, status_code: int = status.HTTP_200_OK) -> Response:
        """The draft as it stands now, whole, with its revision."""
        asked = Question.objects.select_related("item", "evaluation_question", "section").order_by("position")
        sections = Section.objects.order_by("position").prefetch_related(Prefetch("questions", queryset=asked))
        found = self.get_queryset().prefetch_related(Prefetch("sections", queryset=sections)).get(pk=draft.pk)
        return Response(WholeDraftOutput(found).data, status=status_code, headers={"ETag": etag(found.revision)})


class DraftList(Drafts, ListAPIView[InstrumentVersion]):
    """Drafts that you may write: staff all, facilitators their own."""

    ordering = ("pk",)

    @extend_schema(request=BeginDraftInput, responses={201: WholeDraftOutput})
    def post(self, request: Request) -> Response:
        """Begins a draft: from nothing or as the next version (staff), or as a questionnaire of its own from a copy."""
        said = said_in(request, BeginDraftInput)
        if said["make"] != "own":
            require(self.reader, Permission.PUBLISH_INSTRUMENTS)
        own = {name: said.get(name, "") for name in ("code", "title")}
        if said["make"] == "blank":
            return self.answer(begin_questionnaire(**own, **self.actor), status.HTTP_201_CREATED)
        version = newest_version_of(said["instrument"])
        if said["make"] == "version":
            return self.answer(begin_next_version(version=version, **self.actor), status.HTTP_201_CREATED)
        return self.answer(copy_questionnaire(version=version, **own, **self.actor), status.HTTP_201_CREATED)


def newest_version_of(code: str) -> InstrumentVersion:
    found = InstrumentVersion.objects.published().filter(instrument__code=code).order_by("-number").first()
    if found is None:
        raise exceptions.ValidationError({"instrument": ["There is no such questionnaire."]})
    return found


class OneDraft(Drafts):
    """Something about one draft: `self.draft`, or 404."""

    @cached_property
    def draft(self) -> InstrumentVersion:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])


class DraftDetail(OneDraft):
    """One draft."""

    @extend_schema(responses={200: WholeDraftOutput})
    def get(self, request: Request, pk: int) -> Response:
        """The whole draft, and what stands in the way of publishing it."""
        return self.answer(self.draft)

    @extend_schema(request=EditDraftInput, responses={200: WholeDraftOutput}, parameters=[IF_MATCH])
    def patch(self, request: Request, pk: int) -> Response:
        """Changes the title, purpose, privacy, window or notes of a draft."""
        revision, said = expected_version(request), said_in(request, EditDraftInput)
        headings = replace(headings_of(self.draft), **said)
        return self.answer(edit_headings(version=self.draft, revision=revision, headings=headings, **self.actor))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Deletes the draft for good. What is published cannot be deleted: 404 here."""
        delete_draft(version=self.draft, **self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OfferDraft(OneDraft):
    """Telling HIN staff that a draft is ready."""

    @extend_schema(request=OfferInput, responses={200: WholeDraftOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Says that a draft is ready to be published, or takes that back."""
        return self.answer(offer_draft(version=self.draft, **said_in(request, OfferInput), **self.actor))


class PublishDraft(OneDraft):
    """Publishing a draft."""

    permission: ClassVar[str] = Permission.PUBLISH_INSTRUMENTS
    serializer_class: Any = PublishedOutput

    @extend_schema(request=None, responses={200: PublishedOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Publishes a draft as you read it. 422 with every reason while something stands in the way."""
        published = publish_version(version=self.draft, revision=expected_version(request), **self.actor)
        return Response(PublishedOutput(published).data)


class PutBack(OneDraft):
    """Putting back what was removed from a draft."""

    @extend_schema(request=PutBackInput, responses={200: WholeDraftOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Puts a removed question or section back where it stood. Once: 409 after that."""
        put_back(version=self.draft, **said_in(request, PutBackInput), **self.actor)
        return self.answer(self.draft)


class DraftSections(OneDraft):
    @extend_schema(request=SectionInput, responses={201: WholeDraftOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Adds a section at the end."""
        add_section(version=self.draft, **said_in(request, SectionInput), **self.actor)
        return self.answer(self.draft, status.HTTP_201_CREATED)


class OneSection(OneDraft):
    @cached_property
    def section(self) -> Section:
        return get_object_or_404(
            Section.objects.select_related("version"), version=self.draft, pk=self.kwargs["section"]
        )


class DraftSection(OneSection):
    """One section of a draft."""

    @extend_schema(request=SectionInput, responses={200: WholeDraftOutput}, parameters=[IF_MATCH])
    def patch(self, request: Request, pk: int, section: int) -> Response:
        """Renames a section."""
        revision, said = expected_version(request), said_in(request, SectionInput)
        name_section(section=self.section, revision=revision, **said, **self.actor)
        return self.answer(self.draft)

    @extend_schema(request=None, responses={200: WholeDraftOutput})
    def delete(self, request: Request, pk: int, section: int) -> Response:
        """Removes a section with its questions. It can be put back until the draft is published."""
        remove_section(section=self.section, **self.actor)
        return self.answer(self.draft)


class MoveSection(OneSection):
    @extend_schema(request=MoveInput, responses={200: WholeDraftOutput})
    def post(self, request: Request, pk: int, section: int) -> Response:
        """Moves a section one place, with its questions."""
        move_section(section=self.section, up=said_in(request, MoveInput)["to"] == "up", **self.actor)
        return self.answer(self.draft)


class SectionQuestions(OneSection):
    @extend_schema(request=AddQuestionInput, responses={201: WholeDraftOutput})
    def post(self, request: Request, pk: int, section: int) -> Response:
        """Adds a question at the end of a section: a new one, or one asked before."""
        said = said_in(request, AddQuestionInput)
        if "known" in said:
            add_known_question(section=self.section, question=newest_asked(said["known"]), **self.actor)
        else:
            content = QuestionContent(**with_scale(said))
            add_question(section=self.section, content=content, **self.actor)
        return self.answer(self.draft, status.HTTP_201_CREATED)


def newest_asked(code: str) -> Question:
    asked = Question.objects.filter(item__code=code, wording__isnull=False).select_related("item")
    found = asked.order_by("-section__version__published_at", "-wording", "pk").first()
    if found is None:
        raise exceptions.ValidationError({"known": ["No question with this code was asked before."]})
    return found


def with_scale(said: dict[str, Any]) -> dict[str, Any]:
    """With the answers of the scale, where one is named."""
    if said.get("scale"):
        return {**said, "options": Scale.objects.get(code=said["scale"]).options}
    return said


class OneQuestion(OneDraft):
    @cached_property
    def question(self) -> Question:
        asked = Question.objects.select_related("item", "section__version", "evaluation_question")
        return get_object_or_404(asked, section__version=self.draft, item__code=self.kwargs["code"])


class DraftQuestion(OneQuestion):
    """One question of a draft."""

    @extend_schema(request=EditQuestionInput, responses={200: WholeDraftOutput}, parameters=[IF_MATCH])
    def patch(self, request: Request, pk: int, code: str) -> Response:
        """Changes a question. 412 where it has changed since the revision that you read."""
        revision, said = expected_version(request), with_scale(said_in(request, EditQuestionInput))
        if "options" in said and "scale" not in said:
            said["scale"] = ""
        content = QuestionContent(**{**asdict(content_from(self.question)), "change": "", **said})
        edit_question(question=self.question, revision=revision, content=content, **self.actor)
        return self.answer(self.draft)

    @extend_schema(request=None, responses={200: WholeDraftOutput})
    def delete(self, request: Request, pk: int, code: str) -> Response:
        """Removes a question from the draft. It can be put back until the draft is published."""
        remove_question(question=self.question, **self.actor)
        return self.answer(self.draft)


class MoveQuestion(OneQuestion):
    @extend_schema(request=MoveInput, responses={200: WholeDraftOutput})
    def post(self, request: Request, pk: int, code: str) -> Response:
        """Moves a question one place, past the end of its section into the next one."""
        move_question(question=self.question, up=said_in(request, MoveInput)["to"] == "up", **self.actor)
        return self.answer(self.draft)


class AskedOfQuestion(OneQuestion):
    @extend_schema(request=AskedInput, responses={200: WholeDraftOutput}, parameters=[IF_MATCH])
    def put(self, request: Request, pk: int, code: str) -> Response:
        """Says who is asked a question, by the answer to an earlier question."""
        revision, rule = expected_version(request), said_in(request, AskedInput)["show_if"]
        of, codes = (rule["question"], rule["in"]) if rule else ("", [])
        ask_only(question=self.question, revision=revision, of=of, codes=codes, **self.actor)
        return self.answer(self.draft)

"""Decisions and commitments over the API: what was said, and what became of it."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.doing_serializers import (
    AnswerCommitmentInput,
    CommitmentOutput,
    DecisionOutput,
    EditDecisionInput,
    JudgeDecisionInput,
    NoteDecisionInput,
)
from communities.api.filters import CommitmentFilter, DecisionFilter
from communities.api.problems import said_in
from communities.api.views import reader
from communities.models import Commitment, Community, Decision
from communities.permissions import SENTENCES, Permission, may_answer_commitment
from communities.services.promises.commitments import answer_commitment, reopen_commitment
from communities.services.promises.decisions import edit_decision, judge_decision, note_decision, take_verdict_back
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import etag, expected_version
from cop_portal.installation import clock


class _Decisions(GenericAPIView[Decision]):
    serializer_class: Any = DecisionOutput

    def get_queryset(self) -> QuerySet[Decision]:
        if getattr(self, "swagger_fake_view", False):
            return Decision.objects.none()
        return Decision.objects.visible_to(reader(self.request)).select_related("community")

    def answer(self, decision: Decision, status_code: int = status.HTTP_200_OK) -> Response:
        """A decision as it stands now, with its version."""
        found = self.get_queryset().get(pk=decision.pk)
        return Response(DecisionOutput(found).data, status=status_code, headers={"ETag": etag(found.version)})


class DecisionList(_Decisions, ListAPIView[Decision]):
    """What the communities you can see decided, the newest first; and noting a decision."""

    signed_in = True
    filterset_class = DecisionFilter
    ordering = ("-decided_on", "-pk")

    @extend_schema(request=NoteDecisionInput, responses={201: DecisionOutput})
    def post(self, request: Request) -> Response:
        """Notes what was decided between two sessions."""
        said = said_in(request, NoteDecisionInput)
        community = get_object_or_404(Community.objects.visible_to(reader(request)), slug=said.pop("community"))
        require(reader(request), Permission.NOTE_DECISION, community)
        noted = note_decision(community=community, by=reader(request), now=clock.now(), **said)
        return self.answer(noted, status.HTTP_201_CREATED)


class DecisionDetail(_Decisions, RetrieveAPIView[Decision]):
    """One decision."""

    signed_in = True

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=EditDecisionInput, responses={200: DecisionOutput})
    def patch(self, request: Request, pk: int) -> Response:
        """Corrects a decision that still stands. Send the version you read as If-Match."""
        decision = self.get_object()
        require(reader(request), Permission.EDIT_DECISION, decision)
        version, said = expected_version(request), said_in(request, EditDecisionInput)
        as_it_is = {name: getattr(decision, name) for name in ("text", "review_on", "is_private")}
        changed = edit_decision(
            decision=decision, version=version, by=reader(request), now=clock.now(), **{**as_it_is, **said}
        )
        return self.answer(changed)


class OnDecision(_Decisions):
    """A step that those who run the community take with one decision."""

    permission: ClassVar[str] = Permission.JUDGE_DECISION

    @cached_property
    def decision(self) -> Decision:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Decision:
        return self.decision

    @property
    def actor(self) -> dict[str, Any]:
        return {"decision": self.decision, "by": reader(self.request), "now": clock.now()}


class JudgeDecision(OnDecision):
    """Whether it held."""

    serializer_class = JudgeDecisionInput

    @extend_schema(request=JudgeDecisionInput, responses={200: DecisionOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Says whether it held, was changed since or was reversed. 409 where that has been said."""
        return self.answer(judge_decision(**said_in(request, JudgeDecisionInput), **self.actor))


class TakeVerdictBack(OnDecision):
    """Takes a verdict back that was given by mistake."""

    @extend_schema(request=None, responses={200: DecisionOutput})
    def post(self, request: Request, pk: int) -> Response:
        """The decision stands again. 409 where nobody has judged it."""
        return self.answer(take_verdict_back(**self.actor))


class _Commitments(GenericAPIView[Commitment]):
    serializer_class: Any = CommitmentOutput

    def get_queryset(self) -> QuerySet[Commitment]:
        if getattr(self, "swagger_fake_view", False):
            return Commitment.objects.none()
        return Commitment.objects.visible_to(reader(self.request)).select_related("community", "person__user")

    def answer(self, commitment: Commitment) -> Response:
        """A commitment as it stands now, with its version."""
        found = self.get_queryset().get(pk=commitment.pk)
        body = CommitmentOutput(found, context={"request": self.request}).data
        return Response(body, headers={"ETag": etag(found.version)})


class CommitmentList(_Commitments, ListAPIView[Commitment]):
    """“I will try …”: what members of the communities you can see told the others, the newest first."""

    signed_in = True
    filterset_class = CommitmentFilter
    ordering = ("-made_on", "-pk")


class CommitmentDetail(_Commitments, RetrieveAPIView[Commitment]):
    """One commitment."""

    signed_in = True

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())


class OnCommitment(_Commitments):
    """A step for whoever made a commitment, and for those who run its community."""

    permission: ClassVar[str] = Permission.ANSWER_OWN_COMMITMENT

    @cached_property
    def commitment(self) -> Commitment:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Commitment:
        user = reader(self.request)
        if user.has_perm(self.permission, self.commitment) and not may_answer_commitment(user, self.commitment):
            raise PermissionDenied(SENTENCES[Permission.ANSWER_OWN_COMMITMENT])
        return self.commitment

    @property
    def actor(self) -> dict[str, Any]:
        return {"commitment": self.commitment, "by": reader(self.request), "now": clock.now()}


class AnswerCommitment(OnCommitment):
    """How it went."""

    serializer_class = AnswerCommitmentInput

    @extend_schema(request=AnswerCommitmentInput, responses={200: CommitmentOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Says whether it was tried. 409 where that has been said."""
        return self.answer(answer_commitment(**said_in(request, AnswerCommitmentInput), **self.actor))


class ReopenCommitment(OnCommitment):
    """Takes an answer back."""

    @extend_schema(request=None, responses={200: CommitmentOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Opens it again. 409 where it is open already."""
        return self.answer(reopen_commitment(**self.actor))

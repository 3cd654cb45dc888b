"""Briefs and the people who can act, over the API: writing, sending, recording an answer, taking back."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.filters import EscalationFilter
from communities.api.problem_serializers import (
    BriefInput,
    BriefOutput,
    EscalationDetailOutput,
    EscalationOutput,
    RecordAnswerInput,
    SendBriefInput,
    SendLinkAgainInput,
    WithdrawEscalationInput,
)
from communities.api.problems import OnProblem, said_in
from communities.api.views import reader
from communities.models import Brief, Escalation, EscalationAnswer
from communities.permissions import Permission
from communities.services.problems.answers import record_answer
from communities.services.problems.briefs import NOT_WRITTEN_YET, BriefText, discard_brief, suggest_brief, write_brief
from communities.services.problems.escalations import WhoCanAct, send_brief, send_link_again, withdraw_escalation
from cop_portal.api.preconditions import etag, expected_version
from cop_portal.installation import clock


class ProblemBrief(OnProblem):
    """The draft of the one page about a problem."""

    permission = Permission.WRITE_BRIEF
    serializer_class: Any = BriefOutput

    @extend_schema(responses={200: BriefOutput})
    def get(self, request: Request, pk: int) -> Response:
        """The draft; or what the records say, as version 0, while there is none."""
        draft = Brief.objects.drafts().filter(problem=self.problem).first()
        if draft is not None:
            return self.shown(draft)
        text = suggest_brief(self.problem, clock.now())
        suggested = Brief(problem=self.problem, written_at=clock.now(), version=NOT_WRITTEN_YET, **asdict(text))
        return Response(BriefOutput(suggested).data)

    @extend_schema(request=BriefInput, responses={201: BriefOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Begins the draft. 412 where somebody else has begun one."""
        text = BriefText(**said_in(request, BriefInput))
        return self.shown(write_brief(version=NOT_WRITTEN_YET, text=text, **self.actor), status.HTTP_201_CREATED)

    @extend_schema(request=BriefInput, responses={200: BriefOutput})
    def put(self, request: Request, pk: int) -> Response:
        """Writes over the draft. Send the version you read as If-Match."""
        version, text = expected_version(request), BriefText(**said_in(request, BriefInput))
        return self.shown(write_brief(version=version, text=text, **self.actor))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Throws the draft away. Send the version you read as If-Match."""
        discard_brief(version=expected_version(request), **self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, brief: Brief, status_code: int = status.HTTP_200_OK) -> Response:
        return Response(BriefOutput(brief).data, status=status_code, headers={"ETag": etag(brief.version)})


class _Escalations(GenericAPIView[Escalation]):
    serializer_class: Any = EscalationOutput

    def get_queryset(self) -> QuerySet[Escalation]:
        if getattr(self, "swagger_fake_view", False):
            return Escalation.objects.none()
        found = Escalation.objects.visible_to(reader(self.request))
        return found.select_related("problem__community", "lever_holder__organisation", "brief")

    def answer(self, escalation: Escalation, status_code: int = status.HTTP_200_OK) -> Response:
        """A question as it stands now, with the brief, all that came back, and its version."""
        given = Prefetch("answers", queryset=EscalationAnswer.objects.in_order())
        found = self.get_queryset().prefetch_related(given).get(pk=escalation.pk)
        body = EscalationDetailOutput(found, context={"request": self.request}).data
        return Response(body, status=status_code, headers={"ETag": etag(found.version)})


class SendBrief(OnProblem):
    """Putting a problem to the person who can act."""

    permission = Permission.SEND_BRIEF
    serializer_class = SendBriefInput

    @extend_schema(request=SendBriefInput, responses={201: EscalationOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Sends the draft you read (If-Match). From then on it stays as it is."""
        version, said = expected_version(request), said_in(request, SendBriefInput)
        is_mailed = said.pop("is_mailed")
        escalation = send_brief(version=version, to=WhoCanAct(**said), is_mailed=is_mailed, **self.actor)
        body = EscalationOutput(escalation, context={"request": request}).data
        return Response(body, status=status.HTTP_201_CREATED, headers={"ETag": etag(escalation.version)})


class EscalationList(_Escalations, ListAPIView[Escalation]):
    """What was put to people who can act, the latest on top."""

    signed_in = True
    filterset_class = EscalationFilter
    ordering = ("-asked_at", "-pk")


class EscalationDetail(_Escalations, RetrieveAPIView[Escalation]):
    """One question: the brief as it was sent, and all that came back."""

    signed_in = True
    serializer_class = EscalationDetailOutput

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())


class _OnEscalation(_Escalations):
    """A step that those who run the community take with one question."""

    permission: ClassVar[str]

    @cached_property
    def escalation(self) -> Escalation:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Escalation:
        return self.escalation

    @property
    def actor(self) -> dict[str, Any]:
        return {"escalation": self.escalation, "by": reader(self.request), "now": clock.now()}


class RecordAnswer(_OnEscalation):
    """An answer that came by mail or in person."""

    permission = Permission.RECORD_ANSWER
    serializer_class = RecordAnswerInput

    @extend_schema(request=RecordAnswerInput, responses={200: EscalationDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Records who answered, when and how, or puts that right. Send the version you read as If-Match."""
        version = expected_version(request)
        return self.answer(record_answer(version=version, **said_in(request, RecordAnswerInput), **self.actor))


class SendLinkAgain(_OnEscalation):
    """A fresh link. The one before it stops working."""

    permission = Permission.SEND_LINK_AGAIN
    serializer_class = SendLinkAgainInput

    @extend_schema(request=SendLinkAgainInput, responses={200: EscalationDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Mails it, to this address from now on."""
        return self.answer(send_link_again(**said_in(request, SendLinkAgainInput), **self.actor))


class WithdrawEscalation(_OnEscalation):
    """Taking back what was put to someone and is not answered."""

    permission = Permission.WITHDRAW_ESCALATION
    serializer_class = WithdrawEscalationInput

    @extend_schema(request=WithdrawEscalationInput, responses={200: EscalationDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Takes it back. The problem is beyond reach again."""
        return self.answer(withdraw_escalation(**said_in(request, WithdrawEscalationInput), **self.actor))

"""Plans over the API: a session's plan, moving and cancelling it, series, and who means to come."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.planning_serializers import (
    CancelSessionInput,
    EditSessionInput,
    MoveSessionInput,
    MyReplyOutput,
    PlannedDayOutput,
    PlanSeriesInput,
    RepliesOutput,
    ReplyInput,
    SeriesOutput,
    SeriesPlanInput,
    SessionPlanOutput,
)
from communities.api.problems import said_in
from communities.api.views import people_by_membership, reader
from communities.models import Community, Membership, Person, Reply, Series, Session
from communities.permissions import Permission
from communities.services.sessions.moving import cancel_session, edit_session, move_session
from communities.services.sessions.replies import reply_to_session
from communities.services.sessions.series import plan_series, preview_series
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock


class OfSession(GenericAPIView[Session]):
    """Something about one session: 404 to whoever cannot see it."""

    permission: ClassVar[str] = Permission.SEE_COMMUNITY
    serializer_class: Any = SessionPlanOutput

    def get_queryset(self) -> QuerySet[Session]:
        if getattr(self, "swagger_fake_view", False):
            return Session.objects.none()
        return Session.objects.visible_to(reader(self.request)).select_related("community", "led_by__user")

    @cached_property
    def session(self) -> Session:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Session:
        return self.session

    def plan(self) -> Response:
        """The plan as it stands now."""
        found = self.get_queryset().get(pk=self.session.pk)
        body = SessionPlanOutput(found, context={"request": self.request}).data
        return Response(body, headers={"ETag": etag(found.plan_version)})


def leader_of(community: Community, membership: int | None) -> Person | None:
    return people_by_membership(community, {"led_by": membership})["led_by"] if membership is not None else None


class SessionPlan(OfSession):
    """When, where and how a session is planned."""

    @extend_schema(responses={200: SessionPlanOutput})
    def get(self, request: Request, pk: int) -> Response:
        return self.plan()

    @extend_schema(request=EditSessionInput, responses={200: SessionPlanOutput}, parameters=[IF_MATCH])
    def patch(self, request: Request, pk: int) -> Response:
        """Changes kind, place, joining link or who leads. Members are told of another place or link."""
        require(reader(request), Permission.EDIT_SESSION, self.session)
        version, said = expected_version(request), said_in(request, EditSessionInput)
        if "led_by" in said:
            said["led_by"] = leader_of(self.session.community, said["led_by"])
        as_it_is = {name: getattr(self.session, name) for name in ("kind", "place", "joining_link", "led_by")}
        edit_session(session=self.session, version=version, by=reader(request), now=clock.now(), **{**as_it_is, **said})
        return self.plan()


class MoveSession(OfSession):
    permission = Permission.MOVE_SESSION
    serializer_class = MoveSessionInput

    @extend_schema(request=MoveSessionInput, responses={200: SessionPlanOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Moves a planned session, alone or with the rest of its series. Members are told, and asked again."""
        version, said = expected_version(request), said_in(request, MoveSessionInput)
        move_session(session=self.session, version=version, by=reader(request), now=clock.now(), **said)
        return self.plan()


class CancelSession(OfSession):
    permission = Permission.CANCEL_SESSION
    serializer_class = CancelSessionInput

    @extend_schema(request=CancelSessionInput, responses={200: SessionPlanOutput})
    def post(self, request: Request, pk: int) -> Response:
        """Cancels a planned session, alone or with the rest of its series. Members who know of it are told."""
        said = said_in(request, CancelSessionInput)
        cancel_session(session=self.session, by=reader(request), now=clock.now(), **said)
        return self.plan()


class MyReply(OfSession):
    """Whether you come."""

    permission = Permission.REPLY_TO_SESSION
    serializer_class = ReplyInput

    @extend_schema(request=ReplyInput, responses={200: MyReplyOutput})
    def put(self, request: Request, pk: int) -> Response:
        """Says whether you come. It can be changed until the session begins."""
        answer = said_in(request, ReplyInput)["answer"]
        reply = reply_to_session(session=self.session, answer=answer, by=reader(request), now=clock.now())
        return Response(MyReplyOutput(reply).data)


class Replies(OfSession):
    """Who means to come."""

    permission = Permission.SEE_REPLIES
    serializer_class = RepliesOutput

    @extend_schema(responses={200: RepliesOutput})
    def get(self, request: Request, pk: int) -> Response:
        """What the members of today have said."""
        said = Reply.objects.filter(session=self.session, membership__ends_on=None).said()
        members = Membership.objects.current().filter(community=self.session.community).count()
        named = list(said.select_related("membership__person__user").order_by("membership__person__user__name", "pk"))
        numbers = {answer: sum(reply.answer == answer for reply in named) for answer in Reply.Answer.values}
        return Response(RepliesOutput({**numbers, "have_not_said": members - len(named), "replies": named}).data)


class _Series(GenericAPIView[Series]):
    signed_in = True
    serializer_class: Any = SeriesOutput

    def get_queryset(self) -> QuerySet[Series]:
        if getattr(self, "swagger_fake_view", False):
            return Series.objects.none()
        sessions = Session.objects.order_by("starts_at", "pk").select_related("community", "led_by__user")
        found = Series.objects.visible_to(reader(self.request)).select_related("community")
        return found.prefetch_related(Prefetch("sessions", queryset=sessions))

    def community(self, slug: str) -> Community:
        found = get_object_or_404(Community.objects.visible_to(reader(self.request)), slug=slug)
        require(reader(self.request), Permission.PLAN_SESSION, found)
        return found


class SeriesList(_Series, ListAPIView[Series]):
    """The series of the communities you can see, the newest first; and planning one."""

    ordering = ("-planned_at", "-pk")

    @extend_schema(request=PlanSeriesInput, responses={201: SeriesOutput})
    def post(self, request: Request) -> Response:
        """Plans a session on every day of a rhythm but those left out: all of them, or none."""
        said = said_in(request, PlanSeriesInput)
        community, plan = self.community(said.pop("community")), SeriesPlanInput.plan(said)
        said["led_by"] = leader_of(community, said["led_by"])
        series = plan_series(community=community, plan=plan, by=reader(request), now=clock.now(), **said)
        whole = self.get_queryset().get(pk=series.pk)
        return Response(SeriesOutput(whole, context={"request": request}).data, status=status.HTTP_201_CREATED)


class SeriesDetail(_Series, RetrieveAPIView[Series]):
    """One series, with the plan of each of its sessions."""


class PreviewSeries(_Series):
    serializer_class = SeriesPlanInput

    @extend_schema(request=SeriesPlanInput, responses={200: PlannedDayOutput(many=True)})
    def post(self, request: Request) -> Response:
        """Every day of a rhythm and what speaks against it. Stores nothing."""
        said = said_in(request, SeriesPlanInput)
        community, plan = self.community(said.pop("community")), SeriesPlanInput.plan(said)
        days = preview_series(community=community, plan=plan, now=clock.now())
        return Response(PlannedDayOutput(days, many=True).data)

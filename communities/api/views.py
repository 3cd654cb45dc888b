"""Communities, memberships, sessions and actions over the API. The rules and the words are those of the pages."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.filters import ActionFilter, CommunityFilter, MembershipFilter, SessionFilter
from communities.api.serializers import (
    ActionOutput,
    CommunityOutput,
    MembershipOutput,
    PlanSessionInput,
    RecordSessionInput,
    SessionDetailOutput,
    SessionOutput,
)
from communities.models import Action, Attendance, Community, LearningPoint, Membership, Person, Session
from communities.permissions import Permission
from communities.services.actions import NewAction
from communities.services.sessions import plan_session, record_session
from cop_portal.accounts.access import require
from cop_portal.accounts.models import User
from cop_portal.installation import clock


def reader(request: Request) -> User:
    """Who asks. The API lets in nobody who is not signed in."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - narrowed by the default permission
    return user


class _Communities(GenericAPIView[Community]):
    signed_in = True
    serializer_class = CommunityOutput

    def get_queryset(self) -> QuerySet[Community]:
        if getattr(self, "swagger_fake_view", False):
            return Community.objects.none()
        found = Community.objects.visible_to(reader(self.request))
        return found.with_member_count(clock.today()).with_last_and_next_session(clock.now())


class CommunityList(_Communities, ListAPIView[Community]):
    """The communities you can see, by name."""

    filterset_class = CommunityFilter
    ordering = ("name",)


class CommunityDetail(_Communities, RetrieveAPIView[Community]):
    """One community."""

    lookup_field = "slug"


class _Memberships(GenericAPIView[Membership]):
    signed_in = True
    serializer_class = MembershipOutput

    def get_queryset(self) -> QuerySet[Membership]:
        if getattr(self, "swagger_fake_view", False):
            return Membership.objects.none()
        return Membership.objects.visible_to(reader(self.request)).with_people().select_related("community")


class MembershipList(_Memberships, ListAPIView[Membership]):
    """Who is and was a member of the communities whose members you may see, in the order in which they joined."""

    filterset_class = MembershipFilter
    ordering = ("starts_on", "pk")


class MembershipDetail(_Memberships, RetrieveAPIView[Membership]):
    """One membership."""


class _Sessions(GenericAPIView[Session]):
    serializer_class: Any = SessionOutput

    def get_queryset(self) -> QuerySet[Session]:
        if getattr(self, "swagger_fake_view", False):
            return Session.objects.none()
        return Session.objects.visible_to(reader(self.request)).select_related("community", "led_by__user")

    def answer(self, session: Session, status_code: int = status.HTTP_200_OK) -> Response:
        """A session as it stands now, in full."""
        whole = with_record(self.get_queryset()).get(pk=session.pk)
        return Response(SessionDetailOutput(whole, context={"request": self.request}).data, status=status_code)


def with_record(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """With what each left behind: one query for each kind of row."""
    marks = Attendance.objects.select_related("membership__person__user").order_by("membership__person__user__name")
    actions = Action.objects.soonest_first().select_related("community", "owner__user")
    return sessions.prefetch_related(
        Prefetch("attendances", queryset=marks),
        Prefetch("learning_points", queryset=LearningPoint.objects.order_by("position")),
        Prefetch("actions", queryset=actions),
    )


class SessionList(_Sessions, ListAPIView[Session]):
    """The sessions of the communities you can see, the newest first; and planning one."""

    signed_in = True
    filterset_class = SessionFilter
    ordering = ("-starts_at", "-pk")

    @extend_schema(request=PlanSessionInput, responses={201: SessionDetailOutput})
    def post(self, request: Request) -> Response:
        """Plans a session that lies ahead."""
        asked = PlanSessionInput(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        community = get_object_or_404(Community.objects.visible_to(reader(request)), slug=facts.pop("community"))
        require(reader(request), Permission.PLAN_SESSION, community)
        led_by = facts.pop("led_by")
        leader = people_by_membership(community, {"led_by": led_by})["led_by"] if led_by is not None else None
        session = plan_session(community=community, led_by=leader, by=reader(request), now=clock.now(), **facts)
        return self.answer(session, status.HTTP_201_CREATED)


class SessionDetail(_Sessions, RetrieveAPIView[Session]):
    """One session: who came, what was learned, what was promised."""

    signed_in = True
    serializer_class = SessionDetailOutput

    def get_queryset(self) -> QuerySet[Session]:
        return with_record(super().get_queryset())


class RecordSession(_Sessions):
    """Records what happened at a session, for the first time or again as a correction."""

    permission: ClassVar[str] = Permission.RECORD_SESSION
    serializer_class = RecordSessionInput

    @cached_property
    def session(self) -> Session:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> Session:
        return self.session

    @extend_schema(request=RecordSessionInput, responses={200: SessionDetailOutput})
    def post(self, request: Request, pk: int) -> Response:
        said = RecordSessionInput(data=request.data)
        said.is_valid(raise_exception=True)
        record = said.validated_data
        owners = {f"actions.{number}.owner": action["owner"] for number, action in enumerate(record["actions"])}
        people = people_by_membership(self.session.community, owners)
        session = record_session(
            session=self.session,
            version=record["version"],
            focus=record["focus"],
            attendance={mark["membership"]: mark["status"] for mark in record["attendance"]},
            learning_points=record["learning_points"],
            actions=[
                NewAction(text=action["text"], owner=people[f"actions.{number}.owner"], due_on=action["due_on"])
                for number, action in enumerate(record["actions"])
            ],
            answers={answer["action"]: answer["state"] for answer in record["answers"]},
            by=reader(request),
            now=clock.now(),
        )
        return self.answer(session)


def people_by_membership(community: Community, wanted: dict[str, int]) -> dict[str, Person]:
    """The people behind memberships of a community, by the field that names them. Refuses ids that are none."""
    found = Membership.objects.filter(community=community).select_related("person__user").in_bulk(wanted.values())
    unknown = [field for field, pk in wanted.items() if pk not in found]
    if unknown:
        words = f"This is not a membership of {community.name}."
        raise exceptions.ValidationError({field: [words] for field in unknown}, code="not_a_member")
    return {field: found[pk].person for field, pk in wanted.items()}


class _Actions(GenericAPIView[Action]):
    signed_in = True
    serializer_class = ActionOutput

    def get_queryset(self) -> QuerySet[Action]:
        if getattr(self, "swagger_fake_view", False):
            return Action.objects.none()
        return Action.objects.visible_to(reader(self.request)).select_related("community", "owner__user")


class ActionList(_Actions, ListAPIView[Action]):
    """What members of the communities you can see said they would do, those due first on top."""

    filterset_class = ActionFilter
    ordering = ("due_on", "pk")


class ActionDetail(_Actions, RetrieveAPIView[Action]):
    """One action."""

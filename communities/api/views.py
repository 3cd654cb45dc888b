"""Communities, memberships, sessions and actions over the API. The rules and the words are those of the pages."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.filters import MembershipFilter, SessionFilter
from communities.api.record_serializers import SessionDetailOutput
from communities.api.serializers import (
    MembershipOutput,
    PlanSessionInput,
    SessionOutput,
)
from communities.models import (
    Action,
    Attendance,
    Commitment,
    Community,
    Decision,
    Guest,
    LearningPoint,
    Membership,
    Person,
    Problem,
    Resource,
    Session,
)
from communities.permissions import Permission
from communities.services.sessions.planning import plan_session
from cop_portal.accounts.access import require
from cop_portal.accounts.models import User
from cop_portal.installation import clock


def reader(request: Request) -> User:
    """Who asks. The API lets in nobody who is not signed in."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - narrowed by the default permission
    return user


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


class OfSessions(GenericAPIView[Session]):
    serializer_class: Any = SessionOutput

    def get_queryset(self) -> QuerySet[Session]:
        if getattr(self, "swagger_fake_view", False):
            return Session.objects.none()
        return Session.objects.visible_to(reader(self.request)).select_related("community", "led_by__user")

    def answer(self, session: Session, status_code: int = status.HTTP_200_OK) -> Response:
        """A session as it stands now, in full."""
        whole = with_record(self.get_queryset(), reader(self.request)).get(pk=session.pk)
        return Response(SessionDetailOutput(whole, context={"request": self.request}).data, status=status_code)


def with_record(sessions: QuerySet[Session], user: User) -> QuerySet[Session]:
    """With what each left behind, as far as this reader may see it: one query for each kind of row."""
    marks = Attendance.objects.select_related("membership__person__user").order_by("membership__person__user__name")
    actions = Action.objects.visible_to(user).soonest_first().select_related("community", "owner__user")
    commitments = Commitment.objects.visible_to(user).order_by("pk").select_related("person__user")
    return sessions.prefetch_related(
        Prefetch("attendances", queryset=marks),
        Prefetch("learning_points", queryset=LearningPoint.objects.visible_to(user).in_order()),
        Prefetch("decisions", queryset=Decision.objects.visible_to(user).order_by("pk")),
        Prefetch("actions", queryset=actions),
        Prefetch("commitments", queryset=commitments),
        Prefetch("problems", queryset=Problem.objects.visible_to(user).order_by("pk")),
        Prefetch("resources", queryset=Resource.objects.visible_to(user).order_by("pk")),
        Prefetch("guests", queryset=Guest.objects.order_by("position", "pk")),
    )


class SessionList(OfSessions, ListAPIView[Session]):
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


class SessionDetail(OfSessions, RetrieveAPIView[Session]):
    """One session: who came, what was learned, what was promised."""

    signed_in = True
    serializer_class = SessionDetailOutput

    def get_queryset(self) -> QuerySet[Session]:
        found = super().get_queryset()
        return found if getattr(self, "swagger_fake_view", False) else with_record(found, reader(self.request))


def people_by_membership(community: Community, wanted: dict[str, int]) -> dict[str, Person]:
    """The people behind memberships of a community, by the field that names them. Refuses ids that are none."""
    found = Membership.objects.filter(community=community).select_related("person__user").in_bulk(wanted.values())
    unknown = [field for field, pk in wanted.items() if pk not in found]
    if unknown:
        words = f"This is not a membership of {community.name}."
        raise exceptions.ValidationError({field: [words] for field in unknown}, code="not_a_member")
    return {field: found[pk].person for field, pk in wanted.items()}

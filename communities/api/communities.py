"""Communities over the API: the list, one community, its states and its history."""

from dataclasses import replace
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.community_serializers import (
    CloseInput,
    CommunityOutput,
    CreateCommunityInput,
    EditCommunityInput,
    HistoryLineOutput,
    OpenCommunityOutput,
    PauseInput,
    PauseOutput,
    ReopenInput,
)
from communities.api.filters import CommunityFilter
from communities.api.views import reader
from communities.history import entries_of, lines_of
from communities.models import Community, Pause, Programme
from communities.models.community_facts import CommunityFacts, facts_of
from communities.permissions import Permission
from communities.services.communities import create_community, edit_community
from communities.services.community_states import (
    close_community,
    look_again_later,
    pause_community,
    reopen_community,
    resume_community,
)
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import etag, expected_version
from cop_portal.installation import clock


class _Communities(GenericAPIView[Community]):
    serializer_class: Any = CommunityOutput

    def get_queryset(self) -> QuerySet[Community]:
        if getattr(self, "swagger_fake_view", False):
            return Community.objects.none()
        found = Community.objects.visible_to(reader(self.request))
        programmes = Prefetch("programmes", queryset=Programme.objects.order_by("position", "pk"))
        return (
            found.with_member_count(clock.today()).with_last_and_next_session(clock.now()).prefetch_related(programmes)
        )

    def answer(self, community: Community, status_code: int = status.HTTP_200_OK) -> Response:
        """A community as it stands now."""
        whole = self.get_queryset().get(pk=community.pk)
        return Response(CommunityOutput(whole).data, status=status_code, headers={"ETag": etag(whole.version)})


class CommunityList(_Communities, ListAPIView[Community]):
    """The communities you can see, by name; and setting one up."""

    signed_in = True
    filterset_class = CommunityFilter
    ordering = ("name",)

    @extend_schema(request=CreateCommunityInput, responses={201: CommunityOutput})
    def post(self, request: Request) -> Response:
        """Sets up an active community. For HIN staff."""
        require(reader(request), Permission.CREATE_COMMUNITY)
        asked = CreateCommunityInput(data=request.data)
        asked.is_valid(raise_exception=True)
        community = create_community(facts=CommunityFacts(**asked.facts), by=reader(request), now=clock.now())
        return self.answer(community, status.HTTP_201_CREATED)


class CommunityDetail(_Communities, RetrieveAPIView[Community]):
    """One community, with its version as the ETag."""

    signed_in = True
    lookup_field = "slug"

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=EditCommunityInput, responses={200: CommunityOutput})
    def patch(self, request: Request, slug: str) -> Response:
        """Changes what is given. `If-Match` names the version that you read."""
        community = self.get_object()
        require(reader(request), Permission.EDIT_COMMUNITY, community)
        version = expected_version(request)
        asked = EditCommunityInput(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = replace(facts_of(community), **asked.facts)
        edit_community(community=community, facts=facts, version=version, by=reader(request), now=clock.now())
        return self.answer(community)


class _State(_Communities):
    """A step in a community's life."""

    permission: ClassVar[str] = Permission.PAUSE_COMMUNITY

    @cached_property
    def community(self) -> Community:
        return get_object_or_404(Community.objects.visible_to(reader(self.request)), slug=self.kwargs["slug"])

    def permission_object(self) -> Community:
        return self.community

    def act(self, verb: Any, shape: type[serializers.Serializer[Any]] | None = None) -> Response:
        """Calls a service with what was sent, and answers with the community as it is then."""
        said: dict[str, Any] = {}
        if shape is not None:
            asked = shape(data=self.request.data)
            asked.is_valid(raise_exception=True)
            said = asked.validated_data
        verb(community=self.community, by=reader(self.request), now=clock.now(), **said)
        return self.answer(self.community)


class PauseCommunity(_State):
    """Pauses an active community, with the reason and a day on which staff look at it again."""

    @extend_schema(request=PauseInput, responses={200: CommunityOutput})
    def post(self, request: Request, slug: str) -> Response:
        return self.act(pause_community, PauseInput)


class LookAgainLater(_State):
    """The pause goes on, until another day."""

    @extend_schema(request=PauseInput, responses={200: CommunityOutput})
    def post(self, request: Request, slug: str) -> Response:
        return self.act(look_again_later, PauseInput)


class ResumeCommunity(_State):
    """A paused community goes on."""

    @extend_schema(request=None, responses={200: CommunityOutput})
    def post(self, request: Request, slug: str) -> Response:
        return self.act(resume_community)


class CloseCommunity(_State):
    """Closes a community. From then on it is read and exported only."""

    permission: ClassVar[str] = Permission.CLOSE_COMMUNITY

    @extend_schema(request=CloseInput, responses={200: CommunityOutput})
    def post(self, request: Request, slug: str) -> Response:
        return self.act(close_community, CloseInput)


class ReopenCommunity(_State):
    """Opens a closed community again."""

    permission: ClassVar[str] = Permission.CLOSE_COMMUNITY

    @extend_schema(request=ReopenInput, responses={200: CommunityOutput})
    def post(self, request: Request, slug: str) -> Response:
        return self.act(reopen_community, ReopenInput)


class PauseList(ListAPIView[Pause]):
    """When the communities that you can see paused, and why; those that go on first to be looked at on top."""

    signed_in = True
    serializer_class = PauseOutput
    ordering = ("look_again_on", "pk")

    def get_queryset(self) -> QuerySet[Pause]:
        if getattr(self, "swagger_fake_view", False):
            return Pause.objects.none()
        return Pause.objects.visible_to(reader(self.request)).select_related("community")


class HistoryPages(PageNumberPagination):
    """A history is made of several kinds of record, so it is paged by number."""

    page_size = 50


class CommunityHistory(GenericAPIView[Any]):
    """Who joined, left and came back, who held which role and what was changed: the latest first."""

    permission: ClassVar[str] = Permission.SEE_NAMES
    serializer_class = HistoryLineOutput
    pagination_class = HistoryPages
    filter_backends = ()

    @cached_property
    def community(self) -> Community:
        return get_object_or_404(Community.objects.visible_to(reader(self.request)), slug=self.kwargs["slug"])

    def permission_object(self) -> Community:
        return self.community

    @extend_schema(responses={200: HistoryLineOutput(many=True)})
    def get(self, request: Request, slug: str) -> Response:
        entries = self.paginate_queryset(entries_of(self.community))
        lines = lines_of(list(entries or []))
        return self.get_paginated_response(HistoryLineOutput(lines, many=True).data)


class OpenCommunityList(ListAPIView[Community]):
    """The communities that you may ask to join: name and purpose, no more."""

    signed_in = True
    serializer_class = OpenCommunityOutput
    ordering = ("name",)

    def get_queryset(self) -> QuerySet[Community]:
        if getattr(self, "swagger_fake_view", False):
            return Community.objects.none()
        return Community.objects.open_to_ask(reader(self.request))

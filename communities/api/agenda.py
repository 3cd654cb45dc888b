"""What members would like to talk about, over the API."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.filters import AgendaItemFilter
from communities.api.planning_serializers import (
    AgendaItemOutput,
    DeclineAgendaItemInput,
    MoveAgendaItemInput,
    ProposeAgendaItemInput,
    PutOnAgendaInput,
)
from communities.api.problems import own_rows, said_in
from communities.api.views import reader
from communities.models import AgendaItem, Community, Session
from communities.permissions import Permission
from communities.services.sessions.agenda import (
    cover_agenda_item,
    decline_agenda_item,
    defer_agenda_item,
    move_agenda_item,
    propose_agenda_item,
    put_on_agenda,
    withdraw_agenda_item,
)
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock


class _AgendaItems(GenericAPIView[AgendaItem]):
    serializer_class: Any = AgendaItemOutput

    def get_queryset(self) -> QuerySet[AgendaItem]:
        if getattr(self, "swagger_fake_view", False):
            return AgendaItem.objects.none()
        return AgendaItem.objects.visible_to(reader(self.request)).select_related(
            "community", "session", "proposed_by__user"
        )

    def answer(self, item: AgendaItem, status_code: int = status.HTTP_200_OK) -> Response:
        """An item as it stands now, with its version."""
        found = self.get_queryset().get(pk=item.pk)
        return Response(AgendaItemOutput(found).data, status=status_code, headers={"ETag": etag(found.version)})


class AgendaItemList(_AgendaItems, ListAPIView[AgendaItem]):
    """What members of your communities would like to talk about, the oldest first; and proposing something."""

    signed_in = True
    filterset_class = AgendaItemFilter
    ordering = ("proposed_on", "pk")

    @extend_schema(request=ProposeAgendaItemInput, responses={201: AgendaItemOutput})
    def post(self, request: Request) -> Response:
        """Proposes something. Without a name neither the item nor the trail says who it was."""
        said = said_in(request, ProposeAgendaItemInput)
        community = get_object_or_404(Community.objects.visible_to(reader(request)), slug=said.pop("community"))
        require(reader(request), Permission.PROPOSE_AGENDA_ITEM, community)
        item = propose_agenda_item(community=community, by=reader(request), now=clock.now(), **said)
        return self.answer(item, status.HTTP_201_CREATED)


class AgendaItemDetail(_AgendaItems, RetrieveAPIView[AgendaItem]):
    """One item."""

    signed_in = True

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())


class _OnAgendaItem(_AgendaItems):
    permission: ClassVar[str] = Permission.ARRANGE_AGENDA

    @cached_property
    def item(self) -> AgendaItem:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> AgendaItem:
        return self.item

    def asked(self) -> dict[str, Any]:
        """What every step with an item is given."""
        version = expected_version(self.request)
        return {"item": self.item, "version": version, "by": reader(self.request), "now": clock.now()}


class PutOnAgenda(_OnAgendaItem):
    serializer_class = PutOnAgendaInput

    @extend_schema(request=PutOnAgendaInput, responses={200: AgendaItemOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Puts it last on the agenda of a planned session."""
        wanted = said_in(request, PutOnAgendaInput)["session"]
        (session,) = own_rows(Session, self.item.community, "session", [wanted])
        return self.answer(put_on_agenda(session=session, **self.asked()))


class MoveAgendaItem(_OnAgendaItem):
    serializer_class = MoveAgendaItemInput

    @extend_schema(request=MoveAgendaItemInput, responses={200: AgendaItemOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Moves it one place on its agenda. The one it changes places with has a new version too."""
        return self.answer(move_agenda_item(**said_in(request, MoveAgendaItemInput), **self.asked()))


class DeferAgendaItem(_OnAgendaItem):
    @extend_schema(request=None, responses={200: AgendaItemOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Leaves it for later."""
        return self.answer(defer_agenda_item(**self.asked()))


class DeclineAgendaItem(_OnAgendaItem):
    serializer_class = DeclineAgendaItemInput

    @extend_schema(request=DeclineAgendaItemInput, responses={200: AgendaItemOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Says that it is not taken up, and why."""
        return self.answer(decline_agenda_item(**said_in(request, DeclineAgendaItemInput), **self.asked()))


class CoverAgendaItem(_OnAgendaItem):
    @extend_schema(request=None, responses={200: AgendaItemOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Says that it has been talked about."""
        return self.answer(cover_agenda_item(**self.asked()))


class WithdrawAgendaItem(_OnAgendaItem):
    permission = Permission.PROPOSE_AGENDA_ITEM

    @extend_schema(request=None, responses={200: AgendaItemOutput}, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Takes back your own proposal."""
        return self.answer(withdraw_agenda_item(**self.asked()))

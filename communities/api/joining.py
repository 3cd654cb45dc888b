"""Ways into a community over the API: invitations, requests, join links; and roles."""

from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from communities.api.filters import InvitationFilter, JoinRequestFilter, RoleTermFilter
from communities.api.joining_serializers import (
    AppointInput,
    AskInput,
    DeclineInput,
    EndTermInput,
    InvitationOutput,
    InviteInput,
    JoinLinkOutput,
    JoinRequestOutput,
    MakeJoinLinkInput,
    RoleTermOutput,
)
from communities.api.serializers import MembershipOutput
from communities.api.views import people_by_membership, reader
from communities.models import Community, JoinLink, JoinRequest, MemberInvitation, Membership, RoleTerm, Session
from communities.permissions import Permission
from communities.services.joining.invitations import invite_members, send_invitation_again, withdraw_invitation
from communities.services.joining.join_links import make_join_link, stop_join_link
from communities.services.joining.join_requests import accept_request, ask_to_join, decline_request, withdraw_request
from communities.services.people.roles import appoint, appoint_by_address, end_term
from cop_portal.accounts.access import require
from cop_portal.installation import clock

M = TypeVar("M", bound=Model)


def said_in(request: Request, shape: type[Serializer[Any]]) -> dict[str, Any]:
    """The body of a request, checked for shape."""
    said = shape(data=request.data)
    said.is_valid(raise_exception=True)
    return dict(said.validated_data)


class _Listed(GenericAPIView[M]):
    """Rows of communities that the reader may see, and answers about one of them."""

    model: ClassVar[Any]
    related: ClassVar[tuple[str, ...]] = ("community",)

    def get_queryset(self) -> QuerySet[M]:
        found: QuerySet[M] = self.model.objects.none()
        if not getattr(self, "swagger_fake_view", False):
            found = self.model.objects.visible_to(reader(self.request))
        return found.select_related(*self.related)

    def answer(self, row: M, status_code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=status_code)

    def community(self, slug: str, permission: Permission) -> Community:
        """The community of that slug, if the reader may do this there."""
        found = get_object_or_404(Community.objects.visible_to(reader(self.request)), slug=slug)
        require(reader(self.request), permission, found)
        return found


class _One(_Listed[M]):
    """A step with one row. Not visible is 404, not yours 403."""

    permission: ClassVar[str]

    @cached_property
    def row(self) -> M:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def permission_object(self) -> M:
        return self.row


class _Requests(_Listed[JoinRequest]):
    model: ClassVar[Any] = JoinRequest
    related = ("community", "user", "organisation", "professional_group", "brought_by")
    serializer_class: Any = JoinRequestOutput


class JoinRequestList(_Requests, ListAPIView[JoinRequest]):
    """Who asks to join the communities that you run, and what you asked yourself; the longest waiting first."""

    signed_in = True
    filterset_class = JoinRequestFilter
    ordering = ("asked_at", "pk")

    @extend_schema(request=AskInput, responses={201: JoinRequestOutput})
    def post(self, request: Request) -> Response:
        """Asks to join a community."""
        said = said_in(request, AskInput)
        open_ones = Community.objects.open_to_ask(reader(request))
        community = get_object_or_404(open_ones, slug=said.pop("community"))
        asked = ask_to_join(community=community, by=reader(request), now=clock.now(), **said)
        return self.answer(asked, status.HTTP_201_CREATED)


class AcceptRequest(_One[JoinRequest], _Requests):
    """Makes whoever asked a member."""

    permission: ClassVar[str] = Permission.DECIDE_REQUEST

    @extend_schema(request=None, responses={201: MembershipOutput})
    def post(self, request: Request, pk: int) -> Response:
        member = accept_request(request=self.row, by=reader(request), now=clock.now())
        whole = Membership.objects.filter(pk=member.pk).with_people().select_related("community").get()
        return Response(MembershipOutput(whole).data, status=status.HTTP_201_CREATED)


class DeclineRequest(_One[JoinRequest], _Requests):
    """Turns a request down, with a reason."""

    permission: ClassVar[str] = Permission.DECIDE_REQUEST

    @extend_schema(request=DeclineInput, responses={200: JoinRequestOutput})
    def post(self, request: Request, pk: int) -> Response:
        said = said_in(request, DeclineInput)
        return self.answer(decline_request(request=self.row, by=reader(request), now=clock.now(), **said))


class WithdrawRequest(_Requests):
    """Takes back what you asked yourself."""

    signed_in = True

    @extend_schema(request=None, responses={200: JoinRequestOutput})
    def post(self, request: Request, pk: int) -> Response:
        mine = get_object_or_404(self.get_queryset(), pk=pk, user=reader(request))
        return self.answer(withdraw_request(request=mine, by=reader(request), now=clock.now()))


class _Invitations(_Listed[MemberInvitation]):
    model: ClassVar[Any] = MemberInvitation
    serializer_class: Any = InvitationOutput


class MemberInvitationList(_Invitations, ListAPIView[MemberInvitation]):
    """Whom the communities that you run have invited by mail, the latest first."""

    signed_in = True
    filterset_class = InvitationFilter
    ordering = ("-invited_at", "-pk")

    @extend_schema(request=InviteInput, responses={201: InvitationOutput(many=True)})
    def post(self, request: Request) -> Response:
        """Invites people by mail: all of them, or none."""
        said = said_in(request, InviteInput)
        community = self.community(said["community"], Permission.INVITE_MEMBERS)
        invited = invite_members(community=community, emails=said["emails"], by=reader(request), now=clock.now())
        return Response(InvitationOutput(invited, many=True).data, status=status.HTTP_201_CREATED)


class WithdrawInvitation(_One[MemberInvitation], _Invitations):
    """Takes an invitation back."""

    permission: ClassVar[str] = Permission.INVITE_MEMBERS

    @extend_schema(request=None, responses={200: InvitationOutput})
    def post(self, request: Request, pk: int) -> Response:
        return self.answer(withdraw_invitation(invitation=self.row, by=reader(request), now=clock.now()))


class SendInvitationAgain(_One[MemberInvitation], _Invitations):
    """Sends another mail with another link."""

    permission: ClassVar[str] = Permission.INVITE_MEMBERS

    @extend_schema(request=None, responses={200: InvitationOutput})
    def post(self, request: Request, pk: int) -> Response:
        return self.answer(send_invitation_again(invitation=self.row, by=reader(request), now=clock.now()))


class _JoinLinks(_Listed[JoinLink]):
    model: ClassVar[Any] = JoinLink
    related = ("community", "session")
    serializer_class: Any = JoinLinkOutput


class JoinLinkList(_JoinLinks, ListAPIView[JoinLink]):
    """The join links of the communities that you run, the latest first; and making one for a session."""

    signed_in = True
    ordering = ("-made_at", "-pk")

    @extend_schema(request=MakeJoinLinkInput, responses={201: JoinLinkOutput})
    def post(self, request: Request) -> Response:
        """The session's join link: the one there is, or a new one."""
        sessions = Session.objects.visible_to(reader(request)).select_related("community")
        session = get_object_or_404(sessions, pk=said_in(request, MakeJoinLinkInput)["session"])
        require(reader(request), Permission.MAKE_JOIN_LINK, session)
        link = make_join_link(session=session, by=reader(request), now=clock.now())
        return self.answer(link, status.HTTP_201_CREATED)


class StopJoinLink(_One[JoinLink], _JoinLinks):
    """Stops a join link: its code opens no more."""

    permission: ClassVar[str] = Permission.MAKE_JOIN_LINK

    @extend_schema(request=None, responses={200: JoinLinkOutput})
    def post(self, request: Request, pk: int) -> Response:
        return self.answer(stop_join_link(link=self.row, by=reader(request), now=clock.now()))


class _RoleTerms(_Listed[RoleTerm]):
    model: ClassVar[Any] = RoleTerm
    related = ("community", "person__user")
    serializer_class: Any = RoleTermOutput


class RoleTermList(_RoleTerms, ListAPIView[RoleTerm]):
    """Who facilitated and sponsored the communities that you see the members of, and who does."""

    signed_in = True
    filterset_class = RoleTermFilter
    ordering = ("starts_on", "pk")

    @extend_schema(request=AppointInput, responses={201: RoleTermOutput})
    def post(self, request: Request) -> Response:
        """Appoints a facilitator or a sponsor."""
        said = said_in(request, AppointInput)
        community = self.community(said.pop("community"), Permission.APPOINT)
        membership = said.pop("membership")
        how: dict[str, Any] = {"community": community, "by": reader(request), "now": clock.now()}
        if membership is not None:
            person = people_by_membership(community, {"membership": membership})["membership"]
            term = appoint(person=person, role=said["role"], starts_on=said["starts_on"], **how)
        else:
            term = appoint_by_address(**said, **how)
        return self.answer(term, status.HTTP_201_CREATED)


class EndTerm(_One[RoleTerm], _RoleTerms):
    """Ends a term on a day."""

    permission: ClassVar[str] = Permission.END_TERM

    @extend_schema(request=EndTermInput, responses={200: RoleTermOutput})
    def post(self, request: Request, pk: int) -> Response:
        ended = end_term(term=self.row, by=reader(request), now=clock.now(), **said_in(request, EndTermInput))
        return Response(RoleTermOutput(ended).data)

"""Oneself over the API: details, where one works, what is held, what one took part in, leaving, asking for erasure.

Addresses are changed on the pages only: with a stolen token someone could otherwise have sign-in codes sent to
themselves.
"""

from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.people_serializers import (
    AffiliationInput,
    AffiliationOutput,
    ErasureOutput,
    MeOutput,
    NameInput,
    ParticipationOutput,
    PeriodInput,
)
from communities.api.views import reader
from communities.models import Affiliation, Community, ErasureRequest, Membership, Person
from communities.participation import participation_of
from communities.permissions import Permission
from communities.services.people.affiliations import correct_affiliation, move_person
from communities.services.people.erasure import ask_for_erasure, withdraw_erasure
from communities.services.people.leaving import leave_community
from communities.services.people.remains import preview_erasure
from cop_portal.accounts.access import require
from cop_portal.accounts.models import User
from cop_portal.accounts.own_data import own_data_of
from cop_portal.accounts.services.users import rename_user
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock

PERIOD = [
    OpenApiParameter("since", OpenApiTypes.DATE, description="The first day; a year before `until` if left out."),
    OpenApiParameter("until", OpenApiTypes.DATE, description="The last day; today if left out."),
]


def affiliations_of(person: Person) -> QuerySet[Affiliation]:
    places = Affiliation.objects.filter(person=person).select_related("organisation", "professional_group")
    return places.order_by("-starts_on", "-pk")


class _AboutMe(GenericAPIView[Any]):
    signed_in = True

    @property
    def me(self) -> User:
        return reader(self.request)

    @cached_property
    def person(self) -> Person:
        return get_object_or_404(Person.objects.select_related("user"), user=self.me)


class Me(_AboutMe):
    """Who you are here."""

    serializer_class = MeOutput

    @extend_schema(responses=MeOutput)
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(parameters=[IF_MATCH], request=NameInput, responses=MeOutput)
    def patch(self, request: Request) -> Response:
        """Corrects your name. Send the version you read as If-Match."""
        version, said = expected_version(request), NameInput(data=request.data)
        said.is_valid(raise_exception=True)
        rename_user(user=self.me, version=version, by=self.me, now=clock.now(), **said.validated_data)
        return self.answer()

    def answer(self) -> Response:
        me = User.objects.get(pk=self.me.pk)
        body = {
            "name": me.name,
            "role": me.role,
            "version": me.version,
            "addresses": EmailAddress.objects.filter(user=me).order_by("-primary", "email"),
            "communities": Community.objects.belonging_to(me).order_by("name").values_list("slug", flat=True),
        }
        return Response(MeOutput(body).data, headers={"ETag": etag(me.version)})


class _Affiliations(_AboutMe):
    serializer_class: Any = AffiliationOutput
    queryset: Any = Affiliation.objects.none()

    def answer(self, status_code: int = status.HTTP_200_OK) -> Response:
        version = User.objects.values_list("version", flat=True).get(pk=self.person.user_id)
        body = AffiliationOutput(affiliations_of(self.person), many=True).data
        return Response(body, status=status_code, headers={"ETag": etag(version)})

    @extend_schema(responses=AffiliationOutput(many=True))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Where they work and worked, the newest first."""
        return self.answer()

    @extend_schema(parameters=[IF_MATCH], request=AffiliationInput, responses={200: AffiliationOutput(many=True)})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Enters a move, or puts right what was entered wrongly. Send the version you read as If-Match."""
        version, said = expected_version(request), AffiliationInput(data=request.data)
        said.is_valid(raise_exception=True)
        facts = dict(said.validated_data)
        why, starts_on = facts.pop("why"), facts.pop("starts_on")
        facts |= {"person": self.person, "version": version, "by": self.me, "now": clock.now()}
        if why == "moved":
            move_person(starts_on=starts_on, **facts)
        else:
            correct_affiliation(**facts)
        return self.answer()


class MyAffiliation(_Affiliations):
    """Where you work and worked."""


class MemberAffiliation(_Affiliations):
    """Where a member works and worked."""

    queryset = Membership.objects.none()

    permission: ClassVar[str] = Permission.MOVE_MEMBER

    @cached_property
    def membership(self) -> Membership:
        members = Membership.objects.visible_to(reader(self.request)).current()
        return get_object_or_404(members.select_related("person__user", "community"), pk=self.kwargs["pk"])

    def permission_object(self) -> Membership:
        return self.membership

    @cached_property
    def person(self) -> Person:
        return self.membership.person


class OwnData(_AboutMe):
    """Everything that is held about you, and why: the same as the download on your page."""

    serializer_class = serializers.Serializer

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response(own_data_of(self.me, now=clock.now()))


class Participation(_AboutMe):
    """The sessions at which you were present, with their length and what was learned."""

    serializer_class = ParticipationOutput

    @extend_schema(parameters=PERIOD, responses=ParticipationOutput)
    def get(self, request: Request) -> Response:
        asked = PeriodInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        until = asked.validated_data.get("until") or clock.today()
        since = asked.validated_data.get("since") or until - timedelta(days=365)
        return Response(ParticipationOutput(participation_of(self.me, since=since, until=until)).data)


class Erasure(_AboutMe):
    """What erasing your data would do, and whether you have asked for it."""

    serializer_class = ErasureOutput

    @extend_schema(responses=ErasureOutput)
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(request=None, responses={201: ErasureOutput})
    def post(self, request: Request) -> Response:
        """Asks for it. HIN staff decide within a month."""
        ask_for_erasure(person=self.person, by=self.me, now=clock.now())
        return self.answer(status.HTTP_201_CREATED)

    @extend_schema(responses={200: ErasureOutput})
    def delete(self, request: Request) -> Response:
        """Takes your request back."""
        newest = ErasureRequest.objects.filter(person=self.person).order_by("-asked_at", "-pk").first()
        if newest is None:
            raise Http404
        withdraw_erasure(request=newest, by=self.me, now=clock.now())
        return self.answer()

    def answer(self, status_code: int = status.HTTP_200_OK) -> Response:
        requests = ErasureRequest.objects.filter(person=self.person)
        waiting = requests.with_hold().waiting().first()
        preview = preview_erasure(self.person)
        body = {
            "asked_at": waiting.asked_at if waiting else None,
            "is_held": waiting.is_held if waiting else False,
            "goes": preview.goes,
            "becomes": preview.becomes,
            "stays": preview.stays,
        }
        return Response(ErasureOutput(body).data, status=status_code)


class LeaveCommunity(GenericAPIView[Community]):
    """Ends your own membership of a community, and your roles in it."""

    signed_in = True
    serializer_class: Any = serializers.Serializer
    queryset = Community.objects.none()

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, slug: str) -> Response:
        community = get_object_or_404(Community.objects.visible_to(reader(request)), slug=slug)
        require(reader(request), Permission.LEAVE_COMMUNITY, community)
        leave_community(community=community, by=reader(request), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

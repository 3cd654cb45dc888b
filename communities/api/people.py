"""Every person's record over the API, for HIN staff: roles, holds, erasures, merges, organisations."""

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.people_serializers import (
    ErasureDecisionInput,
    ErasureRequestOutput,
    FromHereOutput,
    HoldInput,
    HoldOutput,
    MergeInput,
    MergeOutput,
    MergePreviewOutput,
    OrganisationOutput,
    PersonOutput,
    RoleInput,
)
from communities.api.views import reader
from communities.models import ErasureRequest, LegalHold, Membership, Organisation, Person, PersonMerge
from communities.organisations import matching, members_from, with_people
from communities.permissions import Permission
from communities.services.people.erasure import (
    ask_for_erasure,
    carry_out_erasure,
    decline_erasure,
    lift_hold,
    place_hold,
)
from communities.services.people.merging import merge_people, preview_merge, undo_merge
from cop_portal.accounts.permissions import Permission as AccountsPermission
from cop_portal.accounts.services.roles import set_platform_role
from cop_portal.installation import clock

FOUND_BY = OpenApiParameter("q", OpenApiTypes.STR, description="Part of the name or of an address.")


def words_of(request: Request) -> str:
    words = request.query_params.get("q", "")
    if "\x00" in words:
        raise exceptions.ValidationError({"q": ["Null characters are not allowed."]}, code="null_characters")
    return words[:150]


class _People(GenericAPIView[Person]):
    permission: ClassVar[str] = Permission.SEE_PEOPLE
    serializer_class: Any = PersonOutput

    def get_queryset(self) -> QuerySet[Person]:
        if getattr(self, "swagger_fake_view", False):
            return Person.objects.none()
        people = Person.objects.visible_to(reader(self.request)).select_related("user")
        return people.annotate(is_held=Exists(LegalHold.objects.live().filter(person=OuterRef("pk"))))


class PeopleList(_People, ListAPIView[Person]):
    """Everyone whose record stands, found by name or address."""

    def get_queryset(self) -> QuerySet[Person]:
        people = super().get_queryset().known()  # type: ignore[attr-defined]
        words = words_of(self.request)
        found: QuerySet[Person] = people.found_by(words) if words else people
        return found

    @extend_schema(parameters=[FOUND_BY])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class PersonDetail(_People, RetrieveAPIView[Person]):
    """One record, also one that was erased or merged."""


class PersonRole(_People):
    """Gives someone a platform role, or takes it away."""

    permission: ClassVar[str] = AccountsPermission.MANAGE_ACCOUNTS
    serializer_class = RoleInput

    @extend_schema(request=RoleInput, responses=PersonOutput)
    def put(self, request: Request, pk: int) -> Response:
        said = RoleInput(data=request.data)
        said.is_valid(raise_exception=True)
        person = self.get_object()
        set_platform_role(user=person.user, by=reader(request), now=clock.now(), **said.validated_data)
        return Response(PersonOutput(self.get_object()).data)


class PlaceHold(_People):
    """Stops every deletion about a person until the hold is lifted."""

    permission: ClassVar[str] = Permission.HOLD_RECORDS
    serializer_class = HoldInput

    @extend_schema(request=HoldInput, responses={201: HoldOutput})
    def post(self, request: Request, pk: int) -> Response:
        said = HoldInput(data=request.data)
        said.is_valid(raise_exception=True)
        hold = place_hold(person=self.get_object(), by=reader(request), now=clock.now(), **said.validated_data)
        return Response(HoldOutput(hold).data, status=status.HTTP_201_CREATED)


class LiftHold(GenericAPIView[LegalHold]):
    """Lets deletion go on."""

    permission: ClassVar[str] = Permission.HOLD_RECORDS
    serializer_class = HoldOutput
    queryset = LegalHold.objects.all()

    @extend_schema(request=None, responses=HoldOutput)
    def post(self, request: Request, pk: int) -> Response:
        return Response(HoldOutput(lift_hold(hold=self.get_object(), by=reader(request), now=clock.now())).data)


class AskForPerson(_People):
    """Enters that someone asked for erasure by letter or by telephone."""

    permission: ClassVar[str] = Permission.DECIDE_ERASURE
    serializer_class = ErasureRequestOutput

    @extend_schema(request=None, responses={201: ErasureRequestOutput})
    def post(self, request: Request, pk: int) -> Response:
        made = ask_for_erasure(person=self.get_object(), by=reader(request), now=clock.now())
        return Response(_erasure(made), status=status.HTTP_201_CREATED)


def _erasure(request: ErasureRequest) -> Any:
    return ErasureRequestOutput(ErasureRequest.objects.with_hold().get(pk=request.pk)).data


class _Erasures(GenericAPIView[ErasureRequest]):
    permission: ClassVar[str] = Permission.DECIDE_ERASURE
    serializer_class: Any = ErasureRequestOutput

    def get_queryset(self) -> QuerySet[ErasureRequest]:
        if getattr(self, "swagger_fake_view", False):
            return ErasureRequest.objects.none()
        return ErasureRequest.objects.visible_to(reader(self.request)).with_hold().select_related("person__user")


class ErasureList(_Erasures, ListAPIView[ErasureRequest]):
    """Who asked for erasure, and what was decided, the oldest request first."""

    ordering = ("asked_at", "pk")


class DecideErasure(_Erasures):
    """Carries a request out, which cannot be undone, or declines it."""

    serializer_class = ErasureDecisionInput

    @extend_schema(request=ErasureDecisionInput, responses=ErasureRequestOutput)
    def post(self, request: Request, pk: int) -> Response:
        said = ErasureDecisionInput(data=request.data)
        said.is_valid(raise_exception=True)
        facts: dict[str, Any] = {"request": self.get_object(), "by": reader(request), "now": clock.now()}
        if said.validated_data["decision"] == "decline":
            return Response(_erasure(decline_erasure(because=said.validated_data["because"], **facts)))
        return Response(_erasure(carry_out_erasure(**facts)))


class _Merges(GenericAPIView[PersonMerge]):
    permission: ClassVar[str] = Permission.MERGE_PEOPLE
    serializer_class: Any = MergeOutput

    def get_queryset(self) -> QuerySet[PersonMerge]:
        if getattr(self, "swagger_fake_view", False):
            return PersonMerge.objects.none()
        return PersonMerge.objects.visible_to(reader(self.request)).select_related("kept", "merged")

    def two_records(self, request: Request) -> dict[str, Person]:
        said = MergeInput(data=request.data)
        said.is_valid(raise_exception=True)
        people = Person.objects.visible_to(reader(request)).select_related("user")
        return {name: get_object_or_404(people, pk=pk) for name, pk in said.validated_data.items()}


class MergeList(_Merges, ListAPIView[PersonMerge]):
    """Which records were made one, the newest first; and merging two."""

    ordering = ("-merged_at", "-pk")

    @extend_schema(request=MergeInput, responses={201: MergeOutput})
    def post(self, request: Request) -> Response:
        """Makes two records of one person one. Can be undone for 30 days."""
        merge = merge_people(**self.two_records(request), by=reader(request), now=clock.now())
        return Response(MergeOutput(merge).data, status=status.HTTP_201_CREATED)


class PreviewMerge(_Merges):
    """What merging two records would do. Stores nothing."""

    serializer_class = MergeInput

    @extend_schema(request=MergeInput, responses=MergePreviewOutput)
    def post(self, request: Request) -> Response:
        return Response(MergePreviewOutput(preview_merge(**self.two_records(request), by=reader(request))).data)


class UndoMerge(_Merges):
    """Makes the two records two again."""

    @extend_schema(request=None, responses=MergeOutput)
    def post(self, request: Request, pk: int) -> Response:
        merge = self.get_object()
        undo_merge(merge=merge, by=reader(request), now=clock.now())
        return Response(MergeOutput(merge).data)


class OrganisationList(ListAPIView[Organisation]):
    """The organisations that anyone works at, by name; with `q` any organisation."""

    permission: ClassVar[str] = Permission.SEE_ORGANISATIONS
    serializer_class = OrganisationOutput
    ordering = ("name",)

    def get_queryset(self) -> QuerySet[Organisation]:
        return with_people(matching(words_of(self.request)))

    @extend_schema(parameters=[FOUND_BY])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OrganisationMembers(ListAPIView[Membership]):
    """Who from one organisation is in which communities today."""

    permission: ClassVar[str] = Permission.SEE_ORGANISATIONS
    serializer_class = FromHereOutput
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        if getattr(self, "swagger_fake_view", False):
            return Membership.objects.none()
        return members_from(get_object_or_404(Organisation, pk=self.kwargs["pk"]))

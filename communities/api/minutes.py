"""The minutes of a session over the API. The rules and the words are those of the pages."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from communities.api.views import reader
from communities.models import Minutes, Session
from communities.permissions import Permission
from communities.reports.minutes import Document, Edition, document
from communities.reports.minutes_docx import CONTENT_TYPE, as_docx
from communities.services.sessions.minutes import edit_minutes, minutes_of, share_minutes, take_back_minutes
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock

EDITION = OpenApiParameter(
    "edition",
    OpenApiTypes.STR,
    enum=[edition.value for edition in Edition],
    default=Edition.MEMBERS.value,
    description="“full” holds what is marked private too, for those who may record the session.",
)


class LineOutput(serializers.Serializer[Any]):
    text = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    is_private = serializers.BooleanField()


class SectionOutput(serializers.Serializer[Any]):
    heading = serializers.CharField()
    lines = LineOutput(many=True)


class FactOutput(serializers.Serializer[Any]):
    what = serializers.CharField()
    value = serializers.CharField()


class MinutesOutput(serializers.Serializer[Any]):
    """Made from the record each time it is read."""

    session = serializers.IntegerField()
    title = serializers.CharField()
    edition = serializers.ChoiceField(choices=[(edition.value, edition.name.title()) for edition in Edition])
    shared_at = serializers.DateTimeField(allow_null=True, help_text="null while members cannot read them.")
    version = serializers.IntegerField(help_text="The same as in ETag.")
    summary = serializers.CharField(allow_blank=True, help_text="The words on top; the rest is the record’s.")
    facts = FactOutput(many=True)
    sections = SectionOutput(many=True)
    docx = serializers.URLField(help_text="The same as a Word file.")


class SummaryInput(serializers.Serializer[Any]):
    summary = serializers.CharField(max_length=5000, allow_blank=True)


class ShareInput(serializers.Serializer[Any]):
    tells_members = serializers.BooleanField(default=False, help_text="Sends every member a mail with the link.")


class _OfMinutes(GenericAPIView[Session]):
    signed_in = True
    serializer_class: Any = MinutesOutput

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Session.objects.none()
        return Session.objects.visible_to(reader(self.request)).select_related("community", "led_by__user")

    @cached_property
    def minutes(self) -> Minutes:
        """Those of a held session, or 404 for whoever may not read them yet."""
        session = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"], state=Session.State.HELD)
        found = minutes_of(session)
        if not found.is_shared and not reader(self.request).has_perm(Permission.EDIT_MINUTES, session):
            raise Http404
        return found

    def permission_object(self) -> Session:
        return self.minutes.session

    def edition(self) -> Edition:
        asked = self.request.query_params.get("edition", Edition.MEMBERS)
        if asked not in list(Edition):
            raise serializers.ValidationError({"edition": ["Choose members or full."]}, code="unknown_edition")
        if asked == Edition.FULL:
            require(reader(self.request), Permission.EDIT_MINUTES, self.minutes.session)
        return Edition(asked)

    def document(self, edition: Edition) -> Document:
        sees_names = reader(self.request).has_perm(Permission.SEE_NAMES, self.minutes.session)
        return document(self.minutes, edition=edition, sees_names=sees_names)

    def answer(self, minutes: Minutes, edition: Edition = Edition.MEMBERS) -> Response:
        made = self.document(edition)
        address = reverse("api:session-minutes-docx", args=[minutes.session_id], request=self.request)
        body = {
            "session": minutes.session_id,
            "title": made.title,
            "edition": edition,
            "shared_at": minutes.shared_at,
            "version": minutes.version,
            "summary": minutes.summary,
            "facts": [{"what": what, "value": value} for what, value in made.facts],
            "sections": made.sections,
            "docx": address if edition == Edition.MEMBERS else f"{address}?edition={edition}",
        }
        return Response(MinutesOutput(body).data, headers={"ETag": etag(minutes.version)})


class SessionMinutes(_OfMinutes):
    """The minutes of a held session: to be read by members once they are shared."""

    @extend_schema(parameters=[EDITION], responses={200: MinutesOutput})
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.minutes, self.edition())

    @extend_schema(parameters=[IF_MATCH], request=SummaryInput, responses={200: MinutesOutput})
    def put(self, request: Request, pk: int) -> Response:
        """Writes the words on top. What is in the record is put right there."""
        require(reader(request), Permission.EDIT_MINUTES, self.minutes.session)
        version = expected_version(request)
        said = SummaryInput(data=request.data)
        said.is_valid(raise_exception=True)
        session = self.minutes.session
        self.minutes = edit_minutes(
            session=session, version=version, by=reader(request), now=clock.now(), **said.validated_data
        )
        return self.answer(self.minutes)


class SessionMinutesDocx(_OfMinutes):
    """The minutes as a Word file."""

    @extend_schema(
        parameters=[EDITION],
        responses={(200, CONTENT_TYPE): OpenApiResponse(OpenApiTypes.BINARY, description="A .docx file.")},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        made, session = self.document(self.edition()), self.minutes.session
        response = HttpResponse(
            as_docx(made, made_at=session.recorded_at or session.ends_at), content_type=CONTENT_TYPE
        )
        response["Content-Disposition"] = f'attachment; filename="minutes-{session.pk}.docx"'
        response["Cache-Control"] = "private, no-store"
        return response


class ShareMinutes(_OfMinutes):
    """Lets members and sponsors read the minutes."""

    permission: ClassVar[str] = Permission.SHARE_MINUTES

    @extend_schema(request=ShareInput, responses={200: MinutesOutput})
    def post(self, request: Request, pk: int) -> Response:
        asked = ShareInput(data=request.data)
        asked.is_valid(raise_exception=True)
        session = self.minutes.session
        self.minutes = share_minutes(session=session, by=reader(request), now=clock.now(), **asked.validated_data)
        return self.answer(self.minutes)


class TakeBackMinutes(_OfMinutes):
    """Hides shared minutes from members and sponsors again."""

    permission: ClassVar[str] = Permission.SHARE_MINUTES

    @extend_schema(request=None, responses={200: MinutesOutput})
    def post(self, request: Request, pk: int) -> Response:
        self.minutes = take_back_minutes(session=self.minutes.session, by=reader(request), now=clock.now())
        return self.answer(self.minutes)

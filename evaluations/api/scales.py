"""Scales over the API: answers worded once, for many questions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.problems import said_in
from cop_portal.accounts.access import require
from cop_portal.api.preconditions import IF_MATCH, etag, expected_version
from cop_portal.installation import clock
from evaluations.api.draft_serializers import AddScaleInput, EditScaleInput, ScaleOutput
from evaluations.api.instruments import ForReaders
from evaluations.models import Scale
from evaluations.permissions import Permission
from evaluations.services.instruments.scales import add_scale, delete_scale, edit_scale


class Scales(ForReaders):
    permission = Permission.DRAFT_INSTRUMENTS
    serializer_class: Any = ScaleOutput

    def get_queryset(self) -> QuerySet[Scale]:
        return Scale.objects.all()

    @property
    def actor(self) -> dict[str, Any]:
        """Who changes a scale: staff only."""
        require(self.reader, Permission.PUBLISH_INSTRUMENTS)
        return {"by": self.reader, "now": clock.now()}

    def answer(self, scale: Scale, status_code: int = status.HTTP_200_OK) -> Response:
        return Response(ScaleOutput(scale).data, status=status_code, headers={"ETag": etag(scale.revision)})


class ScaleList(Scales, ListAPIView[Scale]):
    """Every scale."""

    ordering = ("code",)

    @extend_schema(request=AddScaleInput, responses={201: ScaleOutput})
    def post(self, request: Request) -> Response:
        """Adds a scale (staff)."""
        actor = self.actor
        return self.answer(add_scale(**said_in(request, AddScaleInput), **actor), status.HTTP_201_CREATED)


class ScaleDetail(Scales):
    """One scale."""

    lookup_field = "code"

    @extend_schema(responses={200: ScaleOutput})
    def get(self, request: Request, code: str) -> Response:
        """One scale."""
        return self.answer(self.get_object())

    @extend_schema(request=EditScaleInput, responses={200: ScaleOutput}, parameters=[IF_MATCH])
    def patch(self, request: Request, code: str) -> Response:
        """Changes a scale that nothing published uses; every draft follows (staff). 409 where it is in use."""
        scale: Scale = self.get_object()
        actor, revision, said = self.actor, expected_version(request), said_in(request, EditScaleInput)
        content = {"title": scale.title, "options": scale.options, **said}
        return self.answer(edit_scale(scale=scale, revision=revision, **content, **actor))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, code: str) -> Response:
        """Deletes a scale that no question uses (staff). 409 where one does."""
        delete_scale(scale=self.get_object(), **self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

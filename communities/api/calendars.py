"""One's own calendar address over the API: made, shown once, revoked."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.views import reader
from communities.models import CalendarFeed
from communities.services.sessions.feeds import addresses_of, make_feed, revoke_feed
from cop_portal.installation import clock


class CalendarFeedOutput(serializers.ModelSerializer[CalendarFeed]):
    class Meta:
        model = CalendarFeed
        fields = ("made_at",)


class FeedMadeOutput(serializers.Serializer[Any]):
    """Shown this once."""

    https = serializers.CharField()
    webcal = serializers.CharField()


class MyCalendar(GenericAPIView[CalendarFeed]):
    """Your own calendar address."""

    signed_in = True
    serializer_class = CalendarFeedOutput

    def get_queryset(self) -> QuerySet[CalendarFeed]:
        if getattr(self, "swagger_fake_view", False):
            return CalendarFeed.objects.none()
        return CalendarFeed.objects.visible_to(reader(self.request)).live()

    @extend_schema(responses={200: CalendarFeedOutput})
    def get(self, request: Request) -> Response:
        """When you made the address; not the address, which is not kept. 404 where there is none."""
        return Response(CalendarFeedOutput(get_object_or_404(self.get_queryset())).data)

    @extend_schema(request=None, responses={201: FeedMadeOutput})
    def post(self, request: Request) -> Response:
        """Makes an address and shows it, once. One that there was before stops working."""
        _, token = make_feed(user=reader(request), now=clock.now())
        headers = {"Cache-Control": "no-store"}
        return Response(addresses_of(token), status=status.HTTP_201_CREATED, headers=headers)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Ends it at once."""
        revoke_feed(feed=get_object_or_404(self.get_queryset()), by=reader(request), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

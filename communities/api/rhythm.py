"""The rhythm card over the API."""

from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from communities.api.views import reader
from communities.forms.rhythm import WindowForm
from communities.models import Community
from communities.permissions import Permission
from communities.rhythm_card import Figure, rhythm_card, window
from cop_portal.installation import clock


class RhythmFigureOutput(serializers.Serializer[Figure]):
    """One number of the card: what it says, its value (time to record in hours) and base, where they may be known."""

    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    words = serializers.SerializerMethodField()
    value = serializers.SerializerMethodField("get_number")
    base = serializers.SerializerMethodField()
    rule = serializers.CharField()

    @property
    def exactly(self) -> bool:
        return bool(self.context["sees_names"])

    def get_words(self, figure: Figure) -> str:
        return figure.said(exactly=self.exactly)

    def get_number(self, figure: Figure) -> float | None:
        return None if figure.is_small and not self.exactly else figure.value

    def get_base(self, figure: Figure) -> int | None:
        return None if figure.is_small and not self.exactly else figure.base


class RhythmCardOutput(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    figures = RhythmFigureOutput(many=True)


class RhythmCardDetail(APIView):
    """How regularly a community meets, who comes, and how soon that is written down; the last two years if no days are
    named."""

    signed_in = True

    @extend_schema(
        responses=RhythmCardOutput,
        parameters=[OpenApiParameter("first", date), OpenApiParameter("last", date)],
    )
    def get(self, request: Request, slug: str) -> Response:
        user = reader(request)
        community = get_object_or_404(Community.objects.visible_to(user), slug=slug)
        form = WindowForm(request.query_params)
        if not form.is_valid():
            wrong = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
            raise serializers.ValidationError(wrong)
        now = clock.now()
        first, last = window(now, first=form.cleaned_data["first"], last=form.cleaned_data["last"])
        card = rhythm_card(community, first=first, last=last, now=now)
        context = {"sees_names": user.has_perm(Permission.SEE_NAMES, community)}
        return Response(RhythmCardOutput(card, context=context).data)

"""Waves over the API: which there were, asking several communities at once, and what would happen."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from communities.models import Community
from cop_portal.installation import clock
from evaluations.api.serializers import OpenSurveyInput
from evaluations.api.surveys import ForReader, asking_of
from evaluations.models import Wave
from evaluations.permissions import Permission
from evaluations.services.surveys.waves import (
    Launched,
    Plan,
    WouldOpen,
    check_name,
    check_plan,
    launch_wave,
    preview_wave,
    widen_wave,
)


class WaveSurveyOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    community = serializers.CharField(source="community.slug")
    state = serializers.CharField()
    closes_at = serializers.DateTimeField()


class WaveOutput(serializers.ModelSerializer[Wave]):
    surveys = WaveSurveyOutput(many=True)

    class Meta:
        model = Wave
        fields = ("id", "name", "starts_on", "surveys")


class CommunitiesInput(serializers.Serializer[Any]):
    communities = serializers.ListField(
        child=serializers.SlugField(), allow_empty=True, help_text="The slugs of the communities to ask."
    )


class LaunchWaveInput(OpenSurveyInput, CommunitiesInput):
    """What the wave is called, whom it asks, and how."""

    name = serializers.CharField(max_length=100)


class RefusedCommunityOutput(serializers.Serializer[Any]):
    community = serializers.CharField()
    why = serializers.CharField()


class LaunchedOutput(serializers.Serializer[Any]):
    """What came of it: the wave with its surveys, and why the other communities were not asked."""

    wave = WaveOutput()
    refused = RefusedCommunityOutput(many=True)


class WouldOpenOutput(serializers.Serializer[Any]):
    community = serializers.CharField()
    asked = serializers.IntegerField()
    not_asked = serializers.IntegerField()
    first_mail_at = serializers.DateTimeField(allow_null=True, help_text="When the first of them would be mailed.")
    last_first_mail_at = serializers.DateTimeField(allow_null=True, help_text="When the last of them would be.")
    refused = serializers.CharField(help_text="Why it would not open; empty if it would.")
    warning = serializers.CharField()


class WavePreviewOutput(serializers.Serializer[Any]):
    communities = WouldOpenOutput(many=True)


class Waves(GenericAPIView[Wave]):
    serializer_class = WaveOutput

    def get_queryset(self) -> QuerySet[Wave]:
        return Wave.objects.prefetch_related("surveys__community")


@extend_schema_view(get=extend_schema(operation_id="wave_list"))
class WaveList(Waves, ListAPIView[Wave]):
    """Waves, the newest first."""

    permission: ClassVar[str] = Permission.SEE_NETWORK
    ordering = ("-starts_on", "-pk")


class WaveDetail(Waves, RetrieveAPIView[Wave]):
    """One wave."""

    permission: ClassVar[str] = Permission.SEE_NETWORK


class LaunchWave(ForReader):
    """Opens a survey in each community. One that cannot be asked is named with the reason, and the others go on."""

    permission: ClassVar[str] = Permission.LAUNCH_WAVE
    serializer_class = LaunchWaveInput

    @extend_schema(request=LaunchWaveInput, responses={201: LaunchedOutput})
    def post(self, request: Request) -> Response:
        asked = LaunchWaveInput(data=request.data)
        asked.is_valid(raise_exception=True)
        launched = launch_wave(
            name=asked.validated_data["name"],
            plan=Plan(**asking_of(asked.validated_data)),
            communities=communities_asked_for(asked.validated_data["communities"]),
            by=self.reader,
            now=clock.now(),
        )
        return Response(LaunchedOutput(written(launched)).data, status=status.HTTP_201_CREATED)


class PreviewWave(ForReader):
    """What launching would do in each community. Stores nothing, and refuses what launching would refuse."""

    permission: ClassVar[str] = Permission.LAUNCH_WAVE
    serializer_class = LaunchWaveInput

    @extend_schema(request=LaunchWaveInput, responses=WavePreviewOutput)
    def post(self, request: Request) -> Response:
        asked = LaunchWaveInput(data=request.data)
        asked.is_valid(raise_exception=True)
        communities = communities_asked_for(asked.validated_data["communities"])
        plan, now = Plan(**asking_of(asked.validated_data)), clock.now()
        check_name(asked.validated_data["name"])
        check_plan(plan=plan, communities=communities, now=now)
        found = preview_wave(plan=plan, communities=communities, now=now)
        return Response(WavePreviewOutput({"communities": [would_open_written(one) for one in found]}).data)


class WidenWave(ForReader):
    """Asks further communities what a wave has asked, until the same day."""

    permission: ClassVar[str] = Permission.LAUNCH_WAVE
    serializer_class = CommunitiesInput

    @extend_schema(request=CommunitiesInput, responses={201: LaunchedOutput})
    def post(self, request: Request, pk: int) -> Response:
        wave = get_object_or_404(Wave, pk=pk)
        asked = CommunitiesInput(data=request.data)
        asked.is_valid(raise_exception=True)
        communities = communities_asked_for(asked.validated_data["communities"])
        launched = widen_wave(wave=wave, communities=communities, by=self.reader, now=clock.now())
        return Response(LaunchedOutput(written(launched)).data, status=status.HTTP_201_CREATED)


def communities_asked_for(slugs: list[str]) -> list[Community]:
    found = list(Community.objects.filter(slug__in=slugs).order_by("name"))
    if len(found) != len(set(slugs)):
        raise exceptions.ValidationError(
            {"communities": ["One of these communities is not known."]}, code="unknown_community"
        )
    return found


def written(launched: Launched) -> dict[str, Any]:
    wave = Wave.objects.prefetch_related("surveys__community").get(pk=launched.wave.pk)
    refused = [{"community": community.slug, "why": why} for community, why in launched.refused]
    return {"wave": wave, "refused": refused}


def would_open_written(one: WouldOpen) -> dict[str, Any]:
    moments = [asked.first_mail_at for asked in one.preview.asked]
    return {
        "community": one.community.slug,
        "asked": 0 if one.refused else len(moments),
        "not_asked": len(one.preview.not_asked),
        "first_mail_at": min(moments, default=None),
        "last_first_mail_at": max(moments, default=None),
        "refused": one.refused,
        "warning": "" if one.refused else one.preview.warning,
    }

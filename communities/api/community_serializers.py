"""The shapes of what the API takes and gives about communities themselves."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities.models import Community, Pause, Programme
from communities.models.community_facts import ProgrammeFact
from communities.models.rhythm import MOST_WEEKS, Nth, PlannedRhythm, Weekday
from communities.services.communities import MOST_PROGRAMMES


class RhythmSerializer(serializers.Serializer[Any]):
    """Every `weeks` weeks; or on the `nth` (5: the last) `weekday` (0: Monday) of each month."""

    weeks = serializers.IntegerField(min_value=1, max_value=MOST_WEEKS, allow_null=True, required=False)
    nth = serializers.ChoiceField(choices=Nth.choices, allow_null=True, required=False)
    weekday = serializers.ChoiceField(choices=Weekday.choices, allow_null=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            PlannedRhythm(**attrs)
        except ValueError as wrong:
            raise serializers.ValidationError(str(wrong), code="no_such_rhythm") from wrong
        return attrs


class ProgrammeSerializer(serializers.ModelSerializer[Programme]):
    url = serializers.URLField(max_length=200, allow_blank=True, default="")

    class Meta:
        model = Programme
        fields = ("name", "url")


class CommunityOutput(serializers.ModelSerializer[Community]):
    member_count = serializers.IntegerField(help_text="Members today.")
    last_session_at = serializers.DateTimeField(allow_null=True)
    next_session_at = serializers.DateTimeField(allow_null=True)
    rhythm = serializers.SerializerMethodField(help_text="How often it plans to meet; null without a rhythm.")
    rhythm_words = serializers.CharField(source="rhythm.words", help_text="The same in words.")
    programmes = ProgrammeSerializer(many=True)

    class Meta:
        model = Community
        fields = (
            "slug", "name", "purpose", "domain", "host", "founded", "launched_on", "rhythm_weeks", "rhythm",
            "rhythm_words", "programmes", "is_open_to_ask", "state", "closed_on", "closing_note", "member_count",
            "last_session_at", "next_session_at", "version",
        )  # fmt: skip

    @extend_schema_field(RhythmSerializer(allow_null=True))
    def get_rhythm(self, community: Community) -> dict[str, int] | None:
        return community.rhythm.as_json() or None


class OpenCommunityOutput(serializers.ModelSerializer[Community]):
    """What anyone signed in may read of a community that they may ask to join."""

    class Meta:
        model = Community
        fields = ("slug", "name", "purpose")


class EditCommunityInput(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    name = serializers.CharField(max_length=100, required=False)
    purpose = serializers.CharField(max_length=1000, allow_blank=True, required=False)
    domain = serializers.CharField(max_length=200, allow_blank=True, required=False)
    host = serializers.CharField(max_length=200, allow_blank=True, required=False)
    launched_on = serializers.DateField(allow_null=True, required=False)
    rhythm = RhythmSerializer(allow_null=True, required=False)
    programmes = serializers.ListField(child=ProgrammeSerializer(), required=False, max_length=MOST_PROGRAMMES)
    is_open_to_ask = serializers.BooleanField(required=False)

    @property
    def facts(self) -> dict[str, Any]:
        """What was given, as the facts of a community."""
        given = dict(self.validated_data)
        if "rhythm" in given:
            given["rhythm"] = PlannedRhythm(**(given["rhythm"] or {}))
        if "programmes" in given:
            given["programmes"] = tuple(ProgrammeFact(**programme) for programme in given["programmes"])
        return given


class CreateCommunityInput(EditCommunityInput):
    """Only the name is needed."""

    name = serializers.CharField(max_length=100)


class PauseInput(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=300)
    look_again_on = serializers.DateField()


class CloseInput(serializers.Serializer[Any]):
    closing_note = serializers.CharField(max_length=2000)


class ReopenInput(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=300)


class PauseOutput(serializers.ModelSerializer[Pause]):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Pause
        fields = ("id", "community", "because", "starts_on", "look_again_on", "ends_on")


class HistoryLineOutput(serializers.Serializer[Any]):
    day = serializers.DateField()
    what = serializers.CharField(help_text="In words, as on the pages.")
    more = serializers.ListField(child=serializers.CharField())

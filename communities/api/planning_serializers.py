"""The shapes of plans, series, replies and agenda items in the API. They check shape; the services decide."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities.api.serializers import NAMES, IdField, WallTimeField
from communities.models import AgendaItem, Reply, Session
from communities.models.rhythm import MOST_WEEKS, Nth, PlannedRhythm, Weekday
from communities.permissions import Permission
from communities.services.sessions.series import SeriesPlan

LARGEST = 2**31 - 1


class SessionPlanOutput(serializers.ModelSerializer[Session]):
    """When, where and how a session is planned. Its version is that of the plan, not of the record."""

    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    series = serializers.IntegerField(source="series_id", allow_null=True)
    joining_link = serializers.SerializerMethodField(help_text=NAMES)
    led_by = serializers.SerializerMethodField(help_text=f"Name; {NAMES}")
    version = serializers.IntegerField(source="plan_version", help_text="Send it back as If-Match.")

    class Meta:
        model = Session
        fields = (
            "id", "community", "series", "kind", "state", "starts_at", "ends_at", "place", "joining_link", "led_by",
            "tells_members", "calendar_uid", "sequence", "version",
        )  # fmt: skip

    def _sees_names(self, session: Session) -> bool:
        return bool(self.context["request"].user.has_perm(Permission.SEE_NAMES, session))

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_joining_link(self, session: Session) -> str | None:
        return session.joining_link if self._sees_names(session) else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_led_by(self, session: Session) -> str | None:
        return session.led_by.name if session.led_by and self._sees_names(session) else None


class EditSessionInput(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    kind = serializers.ChoiceField(choices=Session.Kind.choices, required=False)
    place = serializers.CharField(max_length=200, allow_blank=True, required=False)
    joining_link = serializers.URLField(max_length=200, allow_blank=True, required=False)
    led_by = IdField(allow_null=True, required=False, help_text="A membership of this community; null: nobody.")
    and_rest = serializers.BooleanField(default=False, help_text="true: later sessions of its series, too.")


class MoveSessionInput(serializers.Serializer[Any]):
    starts_at = WallTimeField()
    ends_at = WallTimeField()
    and_rest = serializers.BooleanField(
        default=False, help_text="true: later sessions of its series by as many days, to the same time on the wall."
    )


class CancelSessionInput(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=300)
    and_rest = serializers.BooleanField(default=False, help_text="true: later sessions of its series, too.")


class SeriesPlanInput(serializers.Serializer[Any]):
    """A rhythm by the week (`weeks`) or by the month (`nth` and `weekday`), and either `until` or `count`."""

    community = serializers.CharField(help_text="The community's slug.")
    weeks = serializers.IntegerField(min_value=1, max_value=MOST_WEEKS, allow_null=True, default=None)
    nth = serializers.ChoiceField(choices=Nth.choices, allow_null=True, default=None)
    weekday = serializers.ChoiceField(choices=Weekday.choices, allow_null=True, default=None, help_text="Monday is 0.")
    first_on = serializers.DateField()
    until = serializers.DateField(allow_null=True, default=None)
    count = serializers.IntegerField(min_value=1, max_value=LARGEST, allow_null=True, default=None)
    starts = serializers.TimeField(help_text="On the wall in London.")
    ends = serializers.TimeField()

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if (said["nth"] is None) != (said["weekday"] is None):
            raise serializers.ValidationError(
                {"nth": ["A rhythm by the month needs nth and weekday."]}, "half_a_rhythm"
            )
        if said["weeks"] is not None and said["nth"] is not None:
            raise serializers.ValidationError({"weeks": ["Give weeks, or nth and weekday."]}, "two_rhythms")
        return said

    @staticmethod
    def plan(said: dict[str, Any]) -> SeriesPlan:
        """Takes the parts of a plan out of what was said."""
        rhythm = PlannedRhythm(weeks=said.pop("weeks"), nth=said.pop("nth"), weekday=said.pop("weekday"))
        names = ("first_on", "starts", "ends", "until", "count")
        return SeriesPlan(rhythm=rhythm, **{name: said.pop(name) for name in names})


class PlanSeriesInput(SeriesPlanInput):
    leave_out = serializers.ListField(child=serializers.DateField(), default=list, help_text="Days not to plan.")
    kind = serializers.ChoiceField(choices=Session.Kind.choices, default=Session.Kind.CONVENING)
    place = serializers.CharField(max_length=200, allow_blank=True, default="")
    joining_link = serializers.URLField(max_length=200, allow_blank=True, default="")
    led_by = IdField(allow_null=True, default=None, help_text="A membership of this community.")
    tells_members = serializers.BooleanField(default=True)


class PlannedDayOutput(serializers.Serializer[Any]):
    """A day of a series before it is planned."""

    day = serializers.DateField()
    concern = serializers.CharField(help_text="What speaks against it; empty where nothing does.")
    is_impossible = serializers.BooleanField(help_text="Nothing can be planned on it: leave it out.")


class SeriesOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    community = serializers.CharField(source="community.slug")
    rhythm = serializers.CharField(source="rhythm.words")
    sessions = SessionPlanOutput(many=True)


class ReplyInput(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=Reply.Answer.choices)


class MyReplyOutput(serializers.ModelSerializer[Reply]):
    class Meta:
        model = Reply
        fields = ("answer", "answered_at")


class ReplyOutput(MyReplyOutput):
    name = serializers.CharField(source="membership.person.name")

    class Meta(MyReplyOutput.Meta):
        fields = ("membership", "name", *MyReplyOutput.Meta.fields)  # type: ignore[assignment]


class RepliesOutput(serializers.Serializer[Any]):
    """Who means to come. Meaning to come is not having come."""

    coming = serializers.IntegerField()
    not_coming = serializers.IntegerField()
    unsure = serializers.IntegerField()
    have_not_said = serializers.IntegerField()
    replies = ReplyOutput(many=True)


class AgendaItemOutput(serializers.ModelSerializer[AgendaItem]):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    session = serializers.IntegerField(source="session_id", allow_null=True)
    proposed_by = serializers.CharField(source="proposed_by.name", default=None, help_text="null: without a name.")

    class Meta:
        model = AgendaItem
        fields = (
            "id", "community", "session", "text", "detail", "proposed_by", "proposed_on", "state", "position",
            "declined_because", "settled_on", "version",
        )  # fmt: skip


class ProposeAgendaItemInput(serializers.Serializer[Any]):
    community = serializers.CharField(help_text="The community's slug.")
    text = serializers.CharField(max_length=200)
    detail = serializers.CharField(max_length=1000, allow_blank=True, default="")
    is_named = serializers.BooleanField(help_text="false: who it was is not kept.")


class PutOnAgendaInput(serializers.Serializer[Any]):
    session = IdField(help_text="A planned session of the same community.")


class MoveAgendaItemInput(serializers.Serializer[Any]):
    up = serializers.BooleanField(help_text="true: one place up; false: one place down.")


class DeclineAgendaItemInput(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=300)

"""The shapes of what the API takes and gives. They check shape; the services decide."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities.calendar import NoSuchTime, wall_time
from communities.models import Action, Attendance, Commitment, Membership, Session
from communities.permissions import Permission

# Beside a clinical community it may be health data.
LIVED_EXPERIENCE = "lived"
NAMES = "null for readers who may see numbers but not names."
# How "I will try …" went.
COMMITMENT_ANSWERS = [(state.value, state.label) for state in Commitment.ANSWERS]


class WallTimeField(serializers.DateTimeField):
    """ISO 8601. Without an offset it is the time on the wall in London, worked out as on the pages."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is not None:
            return super().enforce_timezone(value)
        try:
            return wall_time(value.date(), value.time())
        except NoSuchTime as refusal:
            raise serializers.ValidationError(refusal.messages, code="no_such_time") from refusal


class IdField(serializers.IntegerField):
    """The id of a row, no larger than a database can look up."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


class ForReader(serializers.ModelSerializer[Any]):
    """What is shown depends on who reads: `sees_names` asks the grants, which are loaded once per request."""

    def sees_names(self, obj: Session | Action | Commitment) -> bool:
        return bool(self.context["request"].user.has_perm(Permission.SEE_NAMES, obj))


class MembershipOutput(serializers.ModelSerializer[Membership]):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    name = serializers.CharField(source="person.name")
    organisation = serializers.SerializerMethodField(help_text="Where they work now.")
    professional_group = serializers.SerializerMethodField(
        help_text="As what they work now. null for lived experience, which never leaves with a name."
    )

    class Meta:
        model = Membership
        fields = (
            "id", "community", "name", "organisation", "professional_group", "starts_on", "ends_on", "came_by",
            "brought_by",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_organisation(self, membership: Membership) -> str | None:
        organisations = [affiliation.organisation for affiliation in membership.person.current_affiliations]
        return str(organisations[0]) if organisations and organisations[0] else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_professional_group(self, membership: Membership) -> str | None:
        groups = [affiliation.professional_group for affiliation in membership.person.current_affiliations]
        return str(groups[0]) if groups and groups[0].code != LIVED_EXPERIENCE else None


class SessionOutput(ForReader):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    led_by = serializers.SerializerMethodField(help_text=f"Name; {NAMES}")
    joining_link = serializers.SerializerMethodField(help_text=NAMES)
    present_count = serializers.SerializerMethodField(help_text="null where it is hidden, or not recorded yet.")
    came = serializers.SerializerMethodField(help_text="In words, as on the pages: “12 of 19”, “Fewer than 5”.")

    class Meta:
        model = Session
        fields: tuple[str, ...] = (
            "id", "community", "kind", "state", "starts_at", "ends_at", "place", "joining_link", "led_by", "focus",
            "cancelled_because", "recorded_at", "member_count", "present_count", "came", "version",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_led_by(self, session: Session) -> str | None:
        return session.led_by.name if session.led_by and self.sees_names(session) else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_joining_link(self, session: Session) -> str | None:
        return session.joining_link if self.sees_names(session) else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_present_count(self, session: Session) -> int | None:
        if session.state != Session.State.HELD:
            return None
        return session.present_count if session.shows_count(exactly=self.sees_names(session)) else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_came(self, session: Session) -> str | None:
        return session.came(exactly=self.sees_names(session)) if session.state == Session.State.HELD else None


class AttendanceOutput(serializers.ModelSerializer[Attendance]):
    membership = serializers.IntegerField(source="membership_id")
    name = serializers.CharField(source="membership.person.name")

    class Meta:
        model = Attendance
        fields = ("membership", "name", "status")


class ActionOutput(ForReader):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    session = serializers.IntegerField(source="session_id", allow_null=True)
    owner = serializers.SerializerMethodField(help_text=f"Name; {NAMES}")
    handed_on_from = serializers.IntegerField(
        source="handed_on_from_id", allow_null=True, help_text="The action that another member had before."
    )
    is_disowned = serializers.SerializerMethodField(help_text="Its owner says that it is not theirs.")

    class Meta:
        model = Action
        fields = (
            "id", "community", "session", "text", "owner", "agreed_on", "due_on", "state", "state_since",
            "help_asked_at", "is_disowned", "handed_on_from", "is_private", "version",
        )  # fmt: skip

    def get_is_disowned(self, action: Action) -> bool:
        return action.disowned_at is not None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_owner(self, action: Action) -> str | None:
        return action.owner.name if self.sees_names(action) else None


class PlanSessionInput(serializers.Serializer[Any]):
    community = serializers.CharField(help_text="The community's slug.")
    kind = serializers.ChoiceField(choices=Session.Kind.choices, default=Session.Kind.CONVENING)
    starts_at = WallTimeField()
    ends_at = WallTimeField()
    place = serializers.CharField(max_length=200, allow_blank=True, default="")
    joining_link = serializers.URLField(max_length=200, allow_blank=True, default="")
    led_by = IdField(allow_null=True, default=None, help_text="A membership of this community.")
    tells_members = serializers.BooleanField(default=True, help_text="false: nobody is written to about it.")

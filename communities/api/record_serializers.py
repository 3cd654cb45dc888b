"""The shapes of a session's record over the API. They check shape; the services decide."""

from typing import Any

from django.core.validators import URLValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities.api.serializers import (
    COMMITMENT_ANSWERS,
    NAMES,
    ActionOutput,
    AttendanceOutput,
    ForReader,
    IdField,
    SessionOutput,
)
from communities.models import (
    Action,
    Attendance,
    Commitment,
    Decision,
    Guest,
    Resource,
    Session,
    SessionVersion,
)
from communities.permissions import Permission
from communities.services.records.said import NewGuest, NewLink, NewPoint, NewProblem

KEY = "That of an item as it was read. Without one it is a new item, unless the record holds the very same."


class MarkInput(serializers.Serializer[Any]):
    membership = IdField()
    status = serializers.ChoiceField(choices=Attendance.Status.choices)


class _Item(serializers.Serializer[Any]):
    key = serializers.UUIDField(required=False, allow_null=True, default=None, help_text=KEY)


class _PrivateItem(_Item):
    is_private = serializers.BooleanField(default=False, help_text="Seen only by those who may record the session.")


class PointInput(_PrivateItem):
    """Or simply its text."""

    text = serializers.CharField(max_length=500)

    def to_internal_value(self, data: Any) -> Any:
        said = super().to_internal_value({"text": data} if isinstance(data, str) else data)
        return NewPoint(**said)


class DecisionInput(_PrivateItem):
    text = serializers.CharField(max_length=500)
    review_on = serializers.DateField(allow_null=True, default=None, help_text="The day to look at it again.")


class ActionInput(_PrivateItem):
    text = serializers.CharField(max_length=300)
    owner = IdField(help_text="A membership of this community.")
    due_on = serializers.DateField()


class CommitmentInput(_PrivateItem):
    text = serializers.CharField(max_length=300)
    person = IdField(help_text="A membership of this community.")


class ProblemInput(_PrivateItem):
    title = serializers.CharField(max_length=200)

    def to_internal_value(self, data: Any) -> Any:
        return NewProblem(**super().to_internal_value(data))


class GuestInput(_Item):
    name = serializers.CharField(max_length=150)
    organisation = serializers.CharField(max_length=200, allow_blank=True, default="")

    def to_internal_value(self, data: Any) -> Any:
        return NewGuest(**super().to_internal_value(data))


class LinkInput(_PrivateItem):
    title = serializers.CharField(max_length=200)
    url = serializers.CharField(max_length=500, validators=[URLValidator(schemes=["http", "https"])])

    def to_internal_value(self, data: Any) -> Any:
        return NewLink(**super().to_internal_value(data))


class AnswerInput(serializers.Serializer[Any]):
    action = IdField(help_text="An action of this community.")
    state = serializers.ChoiceField(choices=[(state.value, state.label) for state in Action.ANSWERS])


class TriedInput(serializers.Serializer[Any]):
    commitment = IdField(help_text="A commitment of this community.")
    state = serializers.ChoiceField(choices=COMMITMENT_ANSWERS)


class VerdictInput(serializers.Serializer[Any]):
    decision = IdField(help_text="A decision of this community.")
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)


class RecordSessionInput(serializers.Serializer[Any]):
    """What is left out stays as it was.

    A list stands for the whole of its section: what it leaves out is removed, except actions and problems, which are
    only added or reworded. Members that `attendance` does not name are “not known”.
    """

    focus = serializers.CharField(max_length=200, allow_blank=True, required=False)
    attendance = MarkInput(many=True, required=False)
    head_count = serializers.IntegerField(min_value=0, max_value=2_000, allow_null=True, required=False)
    learning_points = PointInput(many=True, required=False)
    decisions = DecisionInput(many=True, required=False)
    actions = ActionInput(many=True, required=False)
    commitments = CommitmentInput(many=True, required=False)
    problems = ProblemInput(many=True, required=False)
    guests = GuestInput(many=True, required=False)
    resources = LinkInput(many=True, required=False)
    notes = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    private_note = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    answers = AnswerInput(many=True, default=list)
    tried = TriedInput(many=True, default=list)
    verdicts = VerdictInput(many=True, default=list)


class RecordOutput(serializers.Serializer[Any]):
    """The record as it stands, to be changed and sent back. What is not there is empty."""

    version = serializers.IntegerField(help_text="The same as in ETag.")
    focus = serializers.CharField()
    attendance = MarkInput(many=True)
    head_count = serializers.IntegerField(allow_null=True)
    learning_points = PointInput(many=True)
    decisions = DecisionInput(many=True)
    actions = ActionInput(many=True)
    commitments = CommitmentInput(many=True)
    problems = ProblemInput(many=True)
    guests = GuestInput(many=True)
    resources = LinkInput(many=True)
    notes = serializers.CharField()
    private_note = serializers.CharField()


class RestoreInput(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="The version to bring back.")


class RecordVersionOutput(serializers.ModelSerializer[SessionVersion]):
    by = serializers.CharField(source="by.name", allow_null=True, default=None)

    class Meta:
        model = SessionVersion
        fields: tuple[str, ...] = ("number", "at", "by", "restored_from")


class VersionDetailOutput(RecordVersionOutput):
    content = serializers.JSONField(help_text="What the record said then, section by section.")

    class Meta(RecordVersionOutput.Meta):
        fields = (*RecordVersionOutput.Meta.fields, "content")


# What a session's detail shows of its record.


class DecisionOfSession(serializers.ModelSerializer[Decision]):
    class Meta:
        model = Decision
        fields = ("id", "text", "decided_on", "review_on", "verdict", "is_private")


class CommitmentOfSession(ForReader):
    person = serializers.SerializerMethodField(help_text=f"Name; {NAMES}")

    class Meta:
        model = Commitment
        fields = ("id", "person", "text", "state", "is_private")

    def get_person(self, commitment: Commitment) -> str | None:
        return commitment.person.name if self.sees_names(commitment) else None


class ResourceOfSession(serializers.ModelSerializer[Resource]):
    class Meta:
        model = Resource
        fields = ("id", "title", "url", "file_name", "is_private")


class GuestOfSession(serializers.ModelSerializer[Guest]):
    class Meta:
        model = Guest
        fields = ("name", "organisation")


class SessionDetailOutput(SessionOutput):
    """A session with what it left behind. What is private is there for those who may record the session."""

    attendance = serializers.SerializerMethodField(help_text=NAMES)
    learning_points = serializers.SlugRelatedField[Any](slug_field="text", many=True, read_only=True)
    decisions = DecisionOfSession(many=True)
    actions = ActionOutput(many=True)
    commitments = CommitmentOfSession(many=True)
    problems = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)
    resources = ResourceOfSession(many=True)
    guests = serializers.SerializerMethodField(help_text=NAMES)
    head_count = serializers.SerializerMethodField(help_text=NAMES)
    notes = serializers.SerializerMethodField(help_text=NAMES)
    private_note = serializers.SerializerMethodField(help_text="null for readers who may not record the session.")

    class Meta(SessionOutput.Meta):
        fields = (
            *SessionOutput.Meta.fields, "attendance", "guests", "head_count", "learning_points", "decisions", "actions",
            "commitments", "problems", "resources", "notes", "private_note",
        )  # fmt: skip

    @extend_schema_field(AttendanceOutput(many=True, allow_null=True))
    def get_attendance(self, session: Session) -> Any:
        return AttendanceOutput(session.attendances.all(), many=True).data if self.sees_names(session) else None

    @extend_schema_field(GuestOfSession(many=True, allow_null=True))
    def get_guests(self, session: Session) -> Any:
        return GuestOfSession(session.guests.all(), many=True).data if self.sees_names(session) else None

    def get_head_count(self, session: Session) -> int | None:
        return session.head_count if self.sees_names(session) else None

    def get_notes(self, session: Session) -> str | None:
        return session.notes if self.sees_names(session) else None

    def get_private_note(self, session: Session) -> str | None:
        may_record = self.context["request"].user.has_perm(Permission.RECORD_SESSION, session)
        return session.private_note if may_record else None

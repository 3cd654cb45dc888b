"""The shapes of questionnaires as files, of what a file would become, and of checks."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evaluations.models import EvaluationQuestion, InstrumentFile, InstrumentVersion, Question, ValueCycle


class InstrumentFileInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="A questionnaire as this portal writes it (JSON), or a REDCap dictionary.")
    serves = serializers.SlugRelatedField[Any](
        slug_field="code",
        queryset=EvaluationQuestion.objects.order_by("code"),
        required=False,
        help_text="Given to questions of a REDCap file that does not say what they are for; only such a file needs it.",
    )
    value_cycle = serializers.ChoiceField(
        choices=ValueCycle.choices, required=False, help_text="For the same questions."
    )


class InstrumentNoteOutput(serializers.Serializer[Any]):
    """What did not go through as it was. `line` counts the rows of the file, the headings first; 0: all of it."""

    line = serializers.IntegerField()
    field = serializers.CharField()
    words = serializers.CharField()


class DraftMadeOutput(serializers.ModelSerializer[InstrumentVersion]):
    instrument = serializers.CharField(source="instrument.code")
    is_draft = serializers.BooleanField()

    class Meta:
        model = InstrumentVersion
        fields = ("id", "instrument", "number", "title", "is_draft")


class InstrumentFileOutput(serializers.ModelSerializer[InstrumentFile]):
    """A file as it was read, and the drafts that were made of it."""

    by = serializers.CharField(source="by.name")
    notes = InstrumentNoteOutput(many=True)
    drafts = DraftMadeOutput(many=True)

    class Meta:
        model = InstrumentFile
        fields = ("id", "form", "file_name", "by", "uploaded_at", "notes", "drafts")


class ComparedQuestionOutput(serializers.Serializer[Any]):
    """A question of a file beside what was asked under its code before."""

    code = serializers.CharField(source="question.item.code")
    text = serializers.CharField(source="question.text")
    kind = serializers.ChoiceField(choices=Question.Kind.choices, source="question.kind")
    change = serializers.ChoiceField(choices=Question.Change.choices)
    differs = serializers.ListField(child=serializers.CharField())


class PlannedDraftOutput(serializers.Serializer[Any]):
    """What one questionnaire of a file would become."""

    instrument = serializers.CharField(source="plan.code")
    number = serializers.IntegerField(source="plan.number")
    becomes = serializers.CharField(help_text="In words.")
    questions = ComparedQuestionOutput(many=True, source="seen.questions")


class WholeInstrumentFileOutput(InstrumentFileOutput):
    planned = PlannedDraftOutput(many=True, help_text="What would be made of it now; empty once drafts are made.")

    class Meta(InstrumentFileOutput.Meta):
        fields = (*InstrumentFileOutput.Meta.fields, "planned")  # type: ignore[assignment]


class PathOutput(serializers.Serializer[Any]):
    """One way through a questionnaire."""

    answered = serializers.CharField(source="words")
    questions = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_questions(self, path: Any) -> list[str]:
        return [question.code for question in path.questions]


class UnreachableOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    why = serializers.CharField()


class QuestionCheckOutput(serializers.Serializer[Any]):
    code = serializers.CharField(source="question.code")
    points = serializers.IntegerField()
    reading_age = serializers.IntegerField(source="reading.age", allow_null=True)
    is_hard_to_read = serializers.BooleanField(source="reading.is_hard")
    long_words = serializers.ListField(child=serializers.CharField(), source="reading.long_words")


class ChecksOutput(serializers.Serializer[Any]):
    """What can be said of a questionnaire before anyone is asked."""

    least_minutes = serializers.IntegerField(source="effort.least_minutes")
    most_minutes = serializers.IntegerField(source="effort.most_minutes")
    points = serializers.IntegerField(source="effort.most", help_text="Of the longest way; one point is five seconds.")
    is_over_budget = serializers.BooleanField(source="effort.is_over_budget")
    unreachable = UnreachableOutput(many=True, source="ways.unreachable")
    path_count = serializers.IntegerField(source="ways.count")
    is_path_count_exact = serializers.BooleanField(source="ways.is_counted")
    paths = PathOutput(many=True, source="ways.paths", help_text="All of them, or the first ones.")
    questions = QuestionCheckOutput(many=True)

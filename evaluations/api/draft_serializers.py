"""The shapes of drafts of questionnaires, and of scales, over the API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evaluations.api.serializers import OptionOutput, QuestionOutput, ShowIfOutput
from evaluations.models import EvaluationQuestion, InstrumentVersion, PrivacyMode, Question, Scale, Section, ValueCycle
from evaluations.services.instruments.removed import removed_from

MAKES = [("blank", "A new questionnaire"), ("version", "The next version"), ("own", "One of its own, from a copy")]
MOVES = [("up", "One place up"), ("down", "One place down")]


class DraftQuestionOutput(QuestionOutput):
    """`change`: how it compares with what was asked before. Trends use only what is the same."""

    class Meta(QuestionOutput.Meta):
        fields: tuple[str, ...] = (*QuestionOutput.Meta.fields, "scale", "minimum", "maximum", "change")  # type: ignore[assignment]


class DraftSectionOutput(serializers.ModelSerializer[Section]):
    questions = DraftQuestionOutput(many=True)

    class Meta:
        model = Section
        fields = ("id", "title", "questions")


class DraftOutput(serializers.ModelSerializer[InstrumentVersion]):
    instrument = serializers.CharField(source="instrument.code")

    class Meta:
        model = InstrumentVersion
        fields = (
            "id", "instrument", "number", "title", "purpose", "attribution", "default_privacy", "opens_for_days",
            "reminder_days", "notes", "is_offered", "revision",
        )  # fmt: skip


class RemovedQuestionOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class RemovedOutput(serializers.Serializer[Any]):
    """Something that was removed from a draft and can be put back until it is published."""

    key = serializers.CharField(help_text="What to send to put it back.")
    is_section = serializers.BooleanField(help_text="Whether it is a whole section, else one question.")
    section = serializers.CharField(help_text="The title of the section, or of the one in which the question stood.")
    questions = RemovedQuestionOutput(many=True)


class PutBackInput(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=32)


class WholeDraftOutput(DraftOutput):
    """A draft with its sections and questions, and what stands in the way of publishing it."""

    sections = DraftSectionOutput(many=True)
    removed = serializers.SerializerMethodField(help_text="What can be put back, the newest first.")
    faults = serializers.SerializerMethodField(help_text="What stands in the way of publishing, in words.")

    class Meta(DraftOutput.Meta):
        fields: tuple[str, ...] = (*DraftOutput.Meta.fields, "sections", "removed", "faults")  # type: ignore[assignment]

    @extend_schema_field(RemovedOutput(many=True))
    def get_removed(self, draft: InstrumentVersion) -> list[dict[str, Any]]:
        return [
            {**asdict(one), "questions": [{"code": code, "text": text} for code, text in one.questions]}
            for one in removed_from(draft)
        ]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_faults(self, draft: InstrumentVersion) -> list[str]:
        from evaluations.services.instruments.publishing import faults_of

        return [fault.words for fault in faults_of(draft)]


class PublishedOutput(serializers.ModelSerializer[InstrumentVersion]):
    instrument = serializers.CharField(source="instrument.code")

    class Meta:
        model = InstrumentVersion
        fields = ("instrument", "number", "title", "published_at")


class BeginDraftInput(serializers.Serializer[Any]):
    make = serializers.ChoiceField(choices=MAKES)
    instrument = serializers.SlugField(
        required=False, help_text="What to copy: the code of a questionnaire. Its newest published version is taken."
    )
    code = serializers.CharField(required=False, help_text="The code of a new questionnaire, or of one of its own.")
    title = serializers.CharField(required=False, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = {"blank": ("code", "title"), "version": ("instrument",), "own": ("instrument", "code", "title")}
        missing = {name: ["This is needed here."] for name in needed[attrs["make"]] if not attrs.get(name)}
        if missing:
            raise serializers.ValidationError(missing)
        return attrs


class EditDraftInput(serializers.Serializer[Any]):
    title = serializers.CharField(required=False, max_length=200)
    purpose = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    default_privacy = serializers.ChoiceField(choices=PrivacyMode.choices, required=False)
    opens_for_days = serializers.IntegerField(required=False, min_value=1, max_value=365)
    reminder_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=365), required=False, max_length=50
    )
    notes = serializers.ListField(child=serializers.CharField(max_length=1000), required=False, max_length=50)


class OfferInput(serializers.Serializer[Any]):
    is_offered = serializers.BooleanField(help_text="true: HIN staff see that it is ready; false: taken back.")


class SectionInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)


class MoveInput(serializers.Serializer[Any]):
    to = serializers.ChoiceField(choices=MOVES)


class OptionInput(OptionOutput):
    """One answer to choose from."""

    code = serializers.CharField(max_length=20)
    label = serializers.CharField(max_length=200)
    score = serializers.IntegerField(required=False, min_value=-1000, max_value=1000)


class EditQuestionInput(serializers.Serializer[Any]):
    """A question. What is left out of a change stays as it was."""

    code = serializers.CharField(required=False, max_length=20)
    kind = serializers.ChoiceField(choices=Question.Kind.choices, required=False)
    text = serializers.CharField(required=False, max_length=2000)
    hint = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    evaluation_question = serializers.SlugRelatedField(
        slug_field="code", queryset=EvaluationQuestion.objects.all(), required=False
    )
    value_cycle = serializers.ChoiceField(choices=ValueCycle.choices, required=False)
    scale = serializers.CharField(
        required=False, allow_blank=True, max_length=40, help_text="The code of a scale, whose answers it then has."
    )
    options = OptionInput(many=True, required=False)
    max_length = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=10_000)
    minimum = serializers.IntegerField(
        required=False, allow_null=True, min_value=-999_999_999, max_value=999_999_999,
        help_text="Of a number, the least; of a date, the first year.",
    )  # fmt: skip
    maximum = serializers.IntegerField(
        required=False, allow_null=True, min_value=-999_999_999, max_value=999_999_999,
        help_text="Of a number, the greatest; of a date, the last year.",
    )  # fmt: skip
    is_required = serializers.BooleanField(required=False)
    is_ordered = serializers.BooleanField(required=False)
    is_two_sided = serializers.BooleanField(required=False)
    change = serializers.ChoiceField(
        choices=Question.Change.choices,
        required=False,
        help_text="Checked against the words. Left out: nothing is said.",
    )

    def validate_scale(self, code: str) -> str:
        if code and not Scale.objects.filter(code=code).exists():
            raise serializers.ValidationError("There is no such scale.")
        return code


class AddQuestionInput(EditQuestionInput):
    """A new question; or, with `known` alone, one asked before, in the words in which it was asked last."""

    known = serializers.CharField(required=False, max_length=20, help_text="The code of a question asked before.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "known" in attrs:
            return attrs
        needed = ("code", "kind", "text", "evaluation_question", "value_cycle")
        if missing := {name: ["This is needed here."] for name in needed if name not in attrs}:
            raise serializers.ValidationError(missing)
        return attrs


class AskedInput(serializers.Serializer[Any]):
    show_if = ShowIfOutput(allow_null=True, help_text="null: everyone is asked.")


class ScaleOutput(serializers.ModelSerializer[Scale]):
    options = OptionOutput(many=True)

    class Meta:
        model = Scale
        fields = ("code", "title", "options", "revision")


class AddScaleInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=100)
    options = OptionInput(many=True)


class EditScaleInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=100, required=False)
    options = OptionInput(many=True, required=False)

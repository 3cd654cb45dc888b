"""The shapes of what the API takes and gives. They check shape; the services decide."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evaluations.breakdowns import ITEM, ORGANISATION, PROFESSION
from evaluations.models import EvaluationQuestion, Instrument, InstrumentVersion, PrivacyMode, Question, Survey
from evaluations.permissions import Permission


class EvaluationQuestionOutput(serializers.ModelSerializer[EvaluationQuestion]):
    parent = serializers.SlugRelatedField[Any](slug_field="code", read_only=True, allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = EvaluationQuestion
        fields = ("code", "name", "text", "is_quoted", "parent")


class OptionOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    score = serializers.IntegerField(required=False)
    excluded = serializers.BooleanField(required=False, help_text="Left out of the base.")
    exclusive = serializers.BooleanField(required=False, help_text="Goes with no other option.")


class ShowIfOutput(serializers.Serializer[Any]):
    question = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        # "in" cannot be the name of a class attribute.
        return {**super().get_fields(), "in": serializers.ListField(child=serializers.CharField())}


class QuestionOutput(serializers.ModelSerializer[Question]):
    code = serializers.CharField(source="item.code")
    section = serializers.CharField(source="section.title")
    evaluation_question = serializers.CharField(source="evaluation_question.code")
    options = OptionOutput(many=True)
    show_if = ShowIfOutput(allow_null=True)

    class Meta:
        model = Question
        fields = (
            "code", "section", "kind", "text", "hint", "options", "show_if", "max_length", "is_required", "is_ordered",
            "is_two_sided", "evaluation_question", "value_cycle",
        )  # fmt: skip


class VersionOutput(serializers.ModelSerializer[InstrumentVersion]):
    questions = serializers.SerializerMethodField()

    class Meta:
        model = InstrumentVersion
        fields = (
            "number", "title", "purpose", "attribution", "default_privacy", "opens_for_days", "reminder_days", "notes",
            "published_at", "questions",
        )  # fmt: skip

    @extend_schema_field(QuestionOutput(many=True))
    def get_questions(self, version: InstrumentVersion) -> list[dict[str, Any]]:
        asked = [question for section in version.sections.all() for question in section.questions.all()]
        return [dict(QuestionOutput(question).data) for question in asked]


class InstrumentOutput(serializers.ModelSerializer[Instrument]):
    versions = VersionOutput(many=True)

    class Meta:
        model = Instrument
        fields = ("code", "versions")


class DeclaredBreakdownOutput(serializers.Serializer[Any]):
    """By what group results are shown, as declared before anyone was asked."""

    kind = serializers.ChoiceField(choices=[ITEM, PROFESSION, ORGANISATION])
    label = serializers.CharField()  # type: ignore[assignment]
    item = serializers.CharField(help_text="The code of the question whose answers make the groups, or empty.")


class SurveyOutput(serializers.ModelSerializer[Survey]):
    """A survey as its reader may see it: the counts are null for those who may not see response counts."""

    community = serializers.CharField(source="community.slug")
    instrument = serializers.CharField(source="version.instrument.code")
    version = serializers.IntegerField(source="version.number")
    title = serializers.CharField(source="version.title")
    asked = serializers.SerializerMethodField()
    answered = serializers.SerializerMethodField(
        help_text="Counted once a night, never a running total; null once it is no longer open: see its results."
    )
    counted_on = serializers.SerializerMethodField()
    halted_because = serializers.SerializerMethodField(help_text="Why answering, or the close, has stopped; or empty.")
    breakdown = serializers.SerializerMethodField()

    class Meta:
        model = Survey
        fields = (
            "id", "community", "session", "instrument", "version", "title", "mode", "state", "opened_at", "closes_at",
            "closed_at", "answers_destroyed_at", "was_extended", "is_shared_with_members", "shared_with", "wave",
            "breakdown", "asked", "answered", "counted_on", "halted_because",
        )  # fmt: skip

    @extend_schema_field(DeclaredBreakdownOutput(allow_null=True))
    def get_breakdown(self, survey: Survey) -> dict[str, Any] | None:
        return dict(DeclaredBreakdownOutput(survey.breakdown).data) if survey.breakdown else None

    def _may_count(self, survey: Survey) -> bool:
        return bool(self.context["request"].user.has_perm(Permission.SEE_RESPONSE_COUNTS, survey))

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_asked(self, survey: Survey) -> int | None:
        return survey.asked_count if self._may_count(survey) else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_answered(self, survey: Survey) -> str | None:
        is_counted = survey.state == Survey.State.OPEN and self._may_count(survey)
        return survey.count_words if is_counted else None

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_counted_on(self, survey: Survey) -> Any:
        return survey.counted_on if self._may_count(survey) else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_halted_because(self, survey: Survey) -> str | None:
        return survey.halted_because if self._may_count(survey) else None


class CloseSurveyInput(serializers.Serializer[Any]):
    """Nothing need be said to close a survey, but for one that has been extended."""

    although_extended = serializers.BooleanField(
        default=False,
        help_text=(
            "True to close a survey that was extended because too few had answered. Without it such a survey is left "
            "open, so that a call sent twice does not take back the time that the first one gave."
        ),
    )


class OpenSurveyInput(serializers.Serializer[Any]):
    """Which questionnaire is put to people, and how."""

    instrument = serializers.SlugField(help_text="The code of the questionnaire, such as cop-core.")
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="Its version; the newest published one if left out."
    )
    mode = serializers.ChoiceField(
        choices=PrivacyMode.choices, required=False, help_text="The questionnaire’s own mode if left out."
    )
    closes_on = serializers.DateField(help_text="The last day to answer; it closes at the end of that day.")
    reminder_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=999),
        required=False,
        help_text="Days after the first mail; the questionnaire’s own if left out, none if empty.",
    )
    breakdown = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        help_text="By what group results are shown: profession, organisation, or item:V3 for the answers to the single "
        "choice V3. From 40 people asked. None if left out.",
    )
    shared_with = serializers.ChoiceField(
        choices=Survey.SharedWith.choices, default=Survey.SharedWith.MEMBERS, help_text="Who may see the results."
    )

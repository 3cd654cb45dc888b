"""The shapes of what is promised, decided and tried. They check shape; the services decide."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities.api.serializers import COMMITMENT_ANSWERS, NAMES, IdField
from communities.forms.actions import OTHER_ANSWERS, OWNERS_ANSWERS
from communities.models import Adoption, Commitment, Decision, Measure, TestOfChange
from communities.permissions import Permission
from communities.services.promises.tests_of_change import MOST_MEASURES

SLUG = "The community's slug."
PRIVATE = "Seen by those who run the community only."


def _slug() -> Any:
    return serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)


class NumberField(serializers.DecimalField):
    """A number of up to twelve digits, three of them after the point; given as text, so that none is lost."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=3, normalize_output=True, **kwargs)


class AgreeActionInput(serializers.Serializer[Any]):
    community = serializers.CharField(help_text=SLUG)
    text = serializers.CharField(max_length=300)
    owner = IdField(allow_null=True, default=None, help_text="A membership of this community; null: yourself.")
    due_on = serializers.DateField()
    is_private = serializers.BooleanField(default=False, help_text=PRIVATE)


class EditActionInput(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    text = serializers.CharField(max_length=300, required=False)
    owner = IdField(required=False, help_text="A membership of this community.")
    due_on = serializers.DateField(required=False)
    is_private = serializers.BooleanField(required=False, help_text=PRIVATE)


class HandOverActionInput(serializers.Serializer[Any]):
    owner = IdField(help_text="A membership of this community.")
    due_on = serializers.DateField()


class AnswerActionInput(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=[(str(state), label) for state, (label, _) in {**OWNERS_ANSWERS, **OTHER_ANSWERS}.items()]
    )
    words = serializers.CharField(
        max_length=1000, allow_blank=True, default="", help_text="With “help”: what would help."
    )


class DecisionOutput(serializers.ModelSerializer[Decision]):
    community = _slug()
    session = serializers.IntegerField(source="session_id", allow_null=True)

    class Meta:
        model = Decision
        fields = (
            "id", "community", "session", "text", "decided_on", "review_on", "verdict", "verdict_note", "verdict_at",
            "is_private", "version",
        )  # fmt: skip


class EditDecisionInput(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    text = serializers.CharField(max_length=500, required=False)
    review_on = serializers.DateField(allow_null=True, required=False)
    is_private = serializers.BooleanField(required=False, help_text=PRIVATE)


class NoteDecisionInput(serializers.Serializer[Any]):
    community = serializers.CharField(help_text=SLUG)
    text = serializers.CharField(max_length=500)
    decided_on = serializers.DateField()
    review_on = serializers.DateField(allow_null=True, default=None)
    is_private = serializers.BooleanField(default=False, help_text=PRIVATE)


class JudgeDecisionInput(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Decision.Verdict.choices)
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class CommitmentOutput(serializers.ModelSerializer[Commitment]):
    community = _slug()
    session = serializers.IntegerField(source="session_id")
    person = serializers.SerializerMethodField(help_text=f"Name; {NAMES}")

    class Meta:
        model = Commitment
        fields = (
            "id", "community", "session", "text", "person", "made_on", "state", "said", "state_since", "is_private",
            "version",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_person(self, commitment: Commitment) -> str | None:
        may_know = self.context["request"].user.has_perm(Permission.SEE_NAMES, commitment)
        return commitment.person.name if may_know else None


class AnswerCommitmentInput(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=COMMITMENT_ANSWERS)
    said = serializers.CharField(max_length=500, allow_blank=True, default="")


class TestOfChangeOutput(serializers.ModelSerializer[TestOfChange]):
    community = _slug()
    cycle_before = serializers.IntegerField(source="cycle_before_id", allow_null=True)
    aim_value = NumberField(allow_null=True)
    adoption_count = serializers.IntegerField(help_text="In how many places elsewhere it has been adopted.")

    class Meta:
        model = TestOfChange
        fields: tuple[str, ...] = (
            "id", "community", "title", "outcome", "started_on", "ended_on", "aim", "aim_value", "aim_on",
            "prediction", "scale", "measure", "unit", "better", "what_happened", "cycle_before", "adoption_count",
            "version",
        )  # fmt: skip


class MeasureOutput(serializers.ModelSerializer[Measure]):
    value = NumberField()

    class Meta:
        model = Measure
        fields = ("id", "on", "value", "note")


class AdoptionOutput(serializers.ModelSerializer[Adoption]):
    where = serializers.CharField(help_text="In words: place, organisation and community.")
    came_from = serializers.IntegerField(source="came_from_id", allow_null=True, help_text="Another adoption, or null.")

    class Meta:
        model = Adoption
        fields = ("id", "where", "adopted_on", "note", "came_from")


class RunChartOutput(serializers.Serializer[Any]):
    median = NumberField(allow_null=True)
    median_rule = serializers.CharField()
    shift = serializers.CharField(allow_blank=True)


class TestOfChangeDetailOutput(TestOfChangeOutput):
    measures = MeasureOutput(many=True)
    run_chart = RunChartOutput(help_text="What the measures say.")
    adoptions = AdoptionOutput(many=True)

    class Meta(TestOfChangeOutput.Meta):
        fields = (*TestOfChangeOutput.Meta.fields, "measures", "run_chart", "adoptions")


class EditTestOfChangeInput(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    title = serializers.CharField(max_length=200, required=False)
    outcome = serializers.ChoiceField(choices=TestOfChange.Outcome.choices, required=False)
    started_on = serializers.DateField(required=False)
    ended_on = serializers.DateField(allow_null=True, required=False)
    aim = serializers.CharField(max_length=300, allow_blank=True, required=False)
    aim_value = NumberField(allow_null=True, required=False)
    aim_on = serializers.DateField(allow_null=True, required=False)
    prediction = serializers.CharField(max_length=500, allow_blank=True, required=False)
    scale = serializers.CharField(max_length=200, allow_blank=True, required=False)
    measure = serializers.CharField(max_length=100, allow_blank=True, required=False)
    unit = serializers.CharField(max_length=30, allow_blank=True, required=False)
    better = serializers.ChoiceField(choices=TestOfChange.Better.choices, allow_blank=True, required=False)
    what_happened = serializers.CharField(max_length=2000, allow_blank=True, required=False)


class LogTestOfChangeInput(EditTestOfChangeInput):
    """One line, a day and, unless it still runs, an outcome are enough."""

    community = serializers.CharField(help_text=SLUG)
    title = serializers.CharField(max_length=200)
    started_on = serializers.DateField()
    cycle_before = IdField(allow_null=True, default=None, help_text="A test of change of the same community.")


class NewMeasureInput(serializers.Serializer[Any]):
    on = serializers.DateField()
    value = NumberField()
    note = serializers.CharField(max_length=100, allow_blank=True, default="")


class NoteMeasuresInput(serializers.Serializer[Any]):
    measures = NewMeasureInput(many=True, max_length=MOST_MEASURES)  # type: ignore[call-arg]


class NoteAdoptionInput(serializers.Serializer[Any]):
    """At least one of place, organisation and community."""

    place = serializers.CharField(max_length=150, allow_blank=True, default="")
    organisation = IdField(allow_null=True, default=None)
    community = serializers.CharField(allow_null=True, default=None, help_text="The slug of one that you see.")
    adopted_on = serializers.DateField()
    note = serializers.CharField(max_length=300, allow_blank=True, default="")
    came_from = IdField(allow_null=True, default=None, help_text="Another adoption of the same test.")

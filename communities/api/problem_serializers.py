"""The shapes of problems, briefs and answers in the API. They check shape; the services decide."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities.api.serializers import IdField
from communities.models import Brief, Escalation, EscalationAnswer, Organisation, Problem
from communities.permissions import Permission
from communities.reach import trail_of
from communities.services.problems.briefs import LONGEST
from cop_portal.installation import clock

# What can be said of a problem by hand, and how it can end: each a set of its own in the schema (see settings).
MOVES = [(state.value, state.label) for state in (Problem.State.BEING_WORKED_ON, Problem.State.BEYOND_REACH)]
ENDS = [(state.value, state.label) for state in Problem.SETTLED]
NOT_FOR_ALL = "null for readers who do not run the community."


class ProblemOutput(serializers.ModelSerializer[Problem]):
    community = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    session = serializers.IntegerField(source="session_id", allow_null=True, help_text="Where it was raised.")

    class Meta:
        model = Problem
        fields: tuple[str, ...] = (
            "id", "community", "session", "title", "detail", "since_on", "knowledge", "lever", "state", "state_since",
            "came_of_it", "is_private", "version",
        )  # fmt: skip


class TrailStepOutput(serializers.Serializer[Any]):
    """A state and the days in it. The last state of a settled problem counts none: it has come to rest."""

    state = serializers.ChoiceField(choices=Problem.State.choices, source="step.to_state")
    since = serializers.DateTimeField(source="step.at")
    days = serializers.SerializerMethodField()
    note = serializers.CharField(source="step.note")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_days(self, entry: Any) -> int | None:
        is_at_rest = entry.is_current and entry.step.to_state in Problem.SETTLED
        return None if is_at_rest else entry.days


class LeverHolderOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.CharField()


class EscalationOutput(serializers.ModelSerializer[Escalation]):
    community = serializers.CharField(source="problem.community.slug")
    problem = serializers.IntegerField(source="problem_id")
    person_who_can_act = serializers.CharField(source="lever_holder.title", help_text="Post and organisation.")
    lever_holder = serializers.SerializerMethodField(help_text=f"Name and address; {NOT_FOR_ALL}")
    has_link = serializers.BooleanField()

    class Meta:
        model = Escalation
        fields: tuple[str, ...] = (
            "id", "community", "problem", "person_who_can_act", "lever_holder", "has_link", "ask", "asked_at",
            "answered_at", "given_up_at", "withdrawn_at", "disputed_at", "verdict", "answer", "came_by",
            "correctable_until", "version",
        )  # fmt: skip

    def sees_lever_holder(self, escalation: Escalation) -> bool:
        return bool(self.context["request"].user.has_perm(Permission.SEE_LEVER_HOLDERS, escalation))

    @extend_schema_field(LeverHolderOutput(allow_null=True))
    def get_lever_holder(self, escalation: Escalation) -> Any:
        seen = self.sees_lever_holder(escalation)
        return LeverHolderOutput(escalation.lever_holder).data if seen else None


class GivenAnswerOutput(serializers.ModelSerializer[EscalationAnswer]):
    class Meta:
        model = EscalationAnswer
        fields = ("number", "verdict", "answer", "came_by", "at", "disputed_at")


class SentBriefOutput(serializers.ModelSerializer[Brief]):
    class Meta:
        model = Brief
        fields = ("in_the_way", "tried", "evidence", "ask", "waiting_costs", "sent_at")


class EscalationDetailOutput(EscalationOutput):
    brief = SentBriefOutput(allow_null=True)
    answers = GivenAnswerOutput(many=True)

    class Meta(EscalationOutput.Meta):
        fields = (*EscalationOutput.Meta.fields, "brief", "answers")


class ProblemDetailOutput(ProblemOutput):
    trail = serializers.SerializerMethodField(help_text="The states in order, with the days in each.")
    escalations = EscalationOutput(many=True)
    sessions = serializers.SerializerMethodField(help_text="Where it has been spoken of since.")
    actions = serializers.SerializerMethodField()
    tests_of_change = serializers.SerializerMethodField()

    class Meta(ProblemOutput.Meta):
        fields = (*ProblemOutput.Meta.fields, "trail", "escalations", "sessions", "actions", "tests_of_change")

    @extend_schema_field(TrailStepOutput(many=True))
    def get_trail(self, problem: Problem) -> Any:
        return TrailStepOutput(trail_of(problem, clock.now()), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_sessions(self, problem: Problem) -> list[int]:
        return [session.pk for session in problem.sessions.all()]

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_actions(self, problem: Problem) -> list[int]:
        return [action.pk for action in problem.actions.all()]

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_tests_of_change(self, problem: Problem) -> list[int]:
        return [test.pk for test in problem.tests_of_change.all()]


class RaiseProblemInput(serializers.Serializer[Any]):
    community = serializers.CharField(help_text="The community's slug.")
    session = IdField(allow_null=True, default=None, help_text="A session of this community: where it was raised.")
    title = serializers.CharField(max_length=200)
    detail = serializers.CharField(max_length=2000, allow_blank=True, default="")
    since_on = serializers.DateField()
    is_private = serializers.BooleanField(default=False)


class EditProblemInput(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    title = serializers.CharField(max_length=200, required=False)
    detail = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    since_on = serializers.DateField(required=False)
    is_private = serializers.BooleanField(required=False)


class LocateProblemInput(serializers.Serializer[Any]):
    knowledge = serializers.ChoiceField(choices=Problem.Knowledge.choices)
    lever = serializers.ChoiceField(choices=Problem.Lever.choices)


class LinkProblemInput(serializers.Serializer[Any]):
    """These, and no others. Each is something of the problem's own community."""

    sessions = serializers.ListField(child=IdField(), max_length=200)
    actions = serializers.ListField(child=IdField(), max_length=200)
    tests_of_change = serializers.ListField(child=IdField(), max_length=200)


class MoveProblemInput(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=MOVES)
    note = serializers.CharField(max_length=2000, allow_blank=True, default="")


class SettleProblemInput(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=ENDS)
    came_of_it = serializers.CharField(max_length=2000)


class BriefOutput(serializers.ModelSerializer[Brief]):
    problem = serializers.IntegerField(source="problem_id")

    class Meta:
        model = Brief
        fields = ("problem", "in_the_way", "tried", "evidence", "ask", "waiting_costs", "written_at", "version")


class BriefInput(serializers.Serializer[Any]):
    in_the_way = serializers.CharField(max_length=LONGEST["in_the_way"])
    tried = serializers.CharField(max_length=LONGEST["tried"], allow_blank=True, default="")
    evidence = serializers.CharField(max_length=LONGEST["evidence"], allow_blank=True, default="")
    ask = serializers.CharField(max_length=LONGEST["ask"])
    waiting_costs = serializers.CharField(max_length=LONGEST["waiting_costs"], allow_blank=True, default="")


class SendBriefInput(serializers.Serializer[Any]):
    """Nothing is mailed without saying so: `is_mailed` has no default."""

    name = serializers.CharField(max_length=150)
    post = serializers.CharField(max_length=150)
    organisation = serializers.PrimaryKeyRelatedField(
        queryset=Organisation.objects.all(), allow_null=True, default=None, pk_field=IdField()
    )
    email = serializers.EmailField(allow_blank=True, default="")
    is_mailed = serializers.BooleanField(help_text="true: by mail, with a link. false: you have given it to them.")


class RecordAnswerInput(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Escalation.Verdict.choices)
    answer = serializers.CharField(max_length=2000, allow_blank=True, default="")
    said_by = serializers.CharField(max_length=200, help_text="Who answered.")
    answered_on = serializers.DateField(help_text="When.")
    came_by = serializers.CharField(max_length=200, help_text="How. Members read this: no names.")


class SendLinkAgainInput(serializers.Serializer[Any]):
    email = serializers.EmailField()


class WithdrawEscalationInput(serializers.Serializer[Any]):
    because = serializers.CharField(max_length=500)


class LeverFiguresOutput(serializers.Serializer[Any]):
    lever = serializers.ChoiceField(choices=Problem.Lever.choices)
    raised = serializers.IntegerField()
    beyond_reach = serializers.IntegerField()
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    median_days = serializers.FloatField(allow_null=True)


class NetworkProblemsOutput(serializers.Serializer[Any]):
    """All communities' problems by who holds the lever, with the rule behind every figure."""

    by_lever = LeverFiguresOutput(many=True)
    rules = serializers.ListField(child=serializers.CharField())

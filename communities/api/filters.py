"""What the lists can be narrowed by."""

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from communities.models import (
    Action,
    AgendaItem,
    Commitment,
    Community,
    Decision,
    Escalation,
    JoinRequest,
    MemberInvitation,
    Membership,
    Problem,
    Resource,
    RoleTerm,
    Session,
    TestOfChange,
)
from cop_portal.installation import clock

# The largest id that a database can hold; what is larger is nobody's.
LARGEST_ID = 2**63 - 1


class CommunityFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=Community.State.choices)

    class Meta:
        model = Community
        fields = ("state",)


class MembershipFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    on = filters.DateFilter(method="on_day", help_text="Members on this day.")
    is_current = filters.BooleanFilter(field_name="ends_on", lookup_expr="isnull", help_text="Not ended.")

    class Meta:
        model = Membership
        fields = ("community", "on", "is_current")

    def on_day(self, queryset: QuerySet[Membership], _name: str, day: object) -> QuerySet[Membership]:
        return queryset.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class SessionFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    state = filters.ChoiceFilter(choices=Session.State.choices)
    kind = filters.ChoiceFilter(choices=Session.Kind.choices)
    starts_after = filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="gte")
    starts_before = filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="lt")

    class Meta:
        model = Session
        fields = ("community", "state", "kind", "starts_after", "starts_before")


class ActionFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    state = filters.ChoiceFilter(choices=Action.State.choices)
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lt")
    is_overdue = filters.BooleanFilter(method="overdue", help_text="true: open and past the day it was due.")
    is_mine = filters.BooleanFilter(method="mine", help_text="true: those you own.")
    is_stuck = filters.BooleanFilter(method="stuck", help_text="true: open, and help or another owner is needed.")

    class Meta:
        model = Action
        fields = ("community", "state", "due_before", "is_overdue", "is_mine", "is_stuck")

    def stuck(self, queryset: QuerySet[Action], _name: str, wanted: bool) -> QuerySet[Action]:
        stuck = Action.objects.stuck().values("pk")
        return queryset.filter(pk__in=stuck) if wanted else queryset.exclude(pk__in=stuck)

    def overdue(self, queryset: QuerySet[Action], _name: str, wanted: bool) -> QuerySet[Action]:
        late = Q(state=Action.State.OPEN, due_on__lt=clock.today())
        return queryset.filter(late if wanted else ~late)

    def mine(self, queryset: QuerySet[Action], _name: str, wanted: bool) -> QuerySet[Action]:
        own = Q(owner__user=self.request.user)
        return queryset.filter(own if wanted else ~own)


class ProblemFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    state = filters.ChoiceFilter(choices=Problem.State.choices)
    lever = filters.ChoiceFilter(choices=Problem.Lever.choices)
    knowledge = filters.ChoiceFilter(choices=Problem.Knowledge.choices)
    is_beyond_reach = filters.BooleanFilter(
        method="beyond_reach", help_text="Out of the community's hands, not settled."
    )
    is_settled = filters.BooleanFilter(method="settled", help_text="Something has come of it, or nothing will.")

    class Meta:
        model = Problem
        fields = ("community", "state", "lever", "knowledge", "is_beyond_reach", "is_settled")

    def beyond_reach(self, queryset: QuerySet[Problem], _name: str, wanted: bool) -> QuerySet[Problem]:
        beyond = Q(state__in=Problem.OUT_OF_OUR_HANDS)
        return queryset.filter(beyond if wanted else ~beyond)

    def settled(self, queryset: QuerySet[Problem], _name: str, wanted: bool) -> QuerySet[Problem]:
        settled = Q(state__in=Problem.SETTLED)
        return queryset.filter(settled if wanted else ~settled)


class EscalationFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="problem__community__slug", help_text="The community with this slug.")
    problem = filters.NumberFilter(field_name="problem_id", max_value=LARGEST_ID, help_text="The problem with this id.")
    verdict = filters.ChoiceFilter(choices=Escalation.Verdict.choices)
    is_waiting = filters.BooleanFilter(method="waiting", help_text="Not answered, taken back or given up.")

    class Meta:
        model = Escalation
        fields = ("community", "problem", "verdict", "is_waiting")

    def waiting(self, queryset: QuerySet[Escalation], _name: str, wanted: bool) -> QuerySet[Escalation]:
        waiting = Escalation.objects.waiting().values("pk")
        return queryset.filter(pk__in=waiting) if wanted else queryset.exclude(pk__in=waiting)


class JoinRequestFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    state = filters.ChoiceFilter(choices=JoinRequest.State.choices)

    class Meta:
        model = JoinRequest
        fields = ("community", "state")


class InvitationFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    state = filters.ChoiceFilter(choices=MemberInvitation.State.choices)

    class Meta:
        model = MemberInvitation
        fields = ("community", "state")


class RoleTermFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    role = filters.ChoiceFilter(choices=RoleTerm.Role.choices)
    is_current = filters.BooleanFilter(field_name="ends_on", lookup_expr="isnull", help_text="Not ended.")

    class Meta:
        model = RoleTerm
        fields = ("community", "role", "is_current")


class AgendaItemFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    state = filters.ChoiceFilter(choices=AgendaItem.State.choices)
    session = filters.NumberFilter(
        field_name="session", max_value=LARGEST_ID, help_text="On the agenda of this session."
    )
    is_waiting = filters.BooleanFilter(method="waiting", help_text="true: waiting for a session, carried over or new.")

    class Meta:
        model = AgendaItem
        fields = ("community", "state", "session", "is_waiting")

    def waiting(self, queryset: QuerySet[AgendaItem], _name: str, wanted: bool) -> QuerySet[AgendaItem]:
        backlog = AgendaItem.objects.backlog(clock.now())
        return queryset.filter(pk__in=backlog.values("pk")) if wanted else queryset.exclude(pk__in=backlog.values("pk"))


class DecisionFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    verdict = filters.ChoiceFilter(choices=Decision.Verdict.choices)
    is_due = filters.BooleanFilter(method="due", help_text="true: standing, and to be looked at again by today.")

    class Meta:
        model = Decision
        fields = ("community", "verdict", "is_due")

    def due(self, queryset: QuerySet[Decision], _name: str, wanted: bool) -> QuerySet[Decision]:
        due = Decision.objects.due_for_review(clock.today()).values("pk")
        return queryset.filter(pk__in=due) if wanted else queryset.exclude(pk__in=due)


class CommitmentFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    state = filters.ChoiceFilter(choices=Commitment.State.choices)
    is_mine = filters.BooleanFilter(method="mine", help_text="true: those you made.")
    is_due = filters.BooleanFilter(
        method="due", help_text="true: open, and a session (or eight weeks) has come since: what Home asks."
    )

    class Meta:
        model = Commitment
        fields = ("community", "state", "is_mine", "is_due")

    def due(self, queryset: QuerySet[Commitment], _name: str, wanted: bool) -> QuerySet[Commitment]:
        come = Commitment.objects.due(clock.now()).values("pk")
        return queryset.filter(pk__in=come) if wanted else queryset.exclude(pk__in=come)

    def mine(self, queryset: QuerySet[Commitment], _name: str, wanted: bool) -> QuerySet[Commitment]:
        own = Q(person__user=self.request.user)
        return queryset.filter(own if wanted else ~own)


class TestOfChangeFilter(filters.FilterSet):
    __test__ = False

    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    outcome = filters.ChoiceFilter(choices=TestOfChange.Outcome.choices)
    is_adopted_elsewhere = filters.BooleanFilter(method="elsewhere")

    class Meta:
        model = TestOfChange
        fields = ("community", "outcome", "is_adopted_elsewhere")

    def elsewhere(self, queryset: QuerySet[TestOfChange], _name: str, wanted: bool) -> QuerySet[TestOfChange]:
        adopted = TestOfChange.objects.adopted_elsewhere().values("pk")
        return queryset.filter(pk__in=adopted) if wanted else queryset.exclude(pk__in=adopted)


class ResourceFilter(filters.FilterSet):
    community = filters.CharFilter(field_name="community__slug", help_text="The community with this slug.")
    session = filters.NumberFilter(
        field_name="session_id", max_value=LARGEST_ID, help_text="Those of the session with this id."
    )

    class Meta:
        model = Resource
        fields = ("community", "session")

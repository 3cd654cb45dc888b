"""What the lists can be narrowed by."""

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from communities.models import Action, Community, Escalation, Membership, Problem, Session
from cop_portal.installation import clock


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

    class Meta:
        model = Action
        fields = ("community", "state", "due_before", "is_overdue", "is_mine")

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
    problem = filters.NumberFilter(field_name="problem_id", help_text="The problem with this id.")
    verdict = filters.ChoiceFilter(choices=Escalation.Verdict.choices)
    is_waiting = filters.BooleanFilter(method="waiting", help_text="Not answered, taken back or given up.")

    class Meta:
        model = Escalation
        fields = ("community", "problem", "verdict", "is_waiting")

    def waiting(self, queryset: QuerySet[Escalation], _name: str, wanted: bool) -> QuerySet[Escalation]:
        waiting = Escalation.objects.waiting().values("pk")
        return queryset.filter(pk__in=waiting) if wanted else queryset.exclude(pk__in=waiting)

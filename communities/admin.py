"""What administrators see of communities. Only the reference lists can be changed here; all else has its services."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models

from communities.models import (
    Action,
    Affiliation,
    Commitment,
    Community,
    Decision,
    Escalation,
    LeverHolder,
    Membership,
    Organisation,
    Person,
    Problem,
    ProfessionalGroup,
    RoleTerm,
    Session,
    TestOfChange,
)
from cop_portal.accounts.admin_site import ReadOnlyAdmin, ReferenceDataAdmin


@admin.register(Organisation)
class OrganisationAdmin(ReferenceDataAdmin):
    list_display = ("name", "ods_code")
    search_fields = ("name", "ods_code")
    ordering = ("name",)


@admin.register(ProfessionalGroup)
class ProfessionalGroupAdmin(ReferenceDataAdmin):
    list_display = ("name", "code", "source", "position")
    ordering = ("position", "name")


@admin.register(Community)
class CommunityAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "rhythm_weeks")
    list_filter = ("state",)
    ordering = ("name",)


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("name",)
    list_select_related = ("user",)
    search_fields = ("user__name",)
    ordering = ("user__name", "pk")


@admin.register(Affiliation)
class AffiliationAdmin(ReadOnlyAdmin):
    list_display = ("person", "organisation", "professional_group", "starts_on", "ends_on")
    list_select_related = ("person__user", "organisation", "professional_group")
    ordering = ("-starts_on", "-pk")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("person", "community", "starts_on", "ends_on")
    list_filter = ("community",)
    list_select_related = ("person__user", "community")
    ordering = ("-starts_on", "-pk")


@admin.register(RoleTerm)
class RoleTermAdmin(ReadOnlyAdmin):
    list_display = ("person", "role", "community", "starts_on", "ends_on")
    list_filter = ("role", "community")
    list_select_related = ("person__user", "community")
    ordering = ("-starts_on", "-pk")


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("community", "starts_at", "kind", "state", "present_count", "member_count")
    formfield_overrides: ClassVar[dict[Any, dict[str, Any]]] = {models.URLField: {"assume_scheme": "https"}}
    list_filter = ("state", "kind", "community")
    list_select_related = ("community",)
    ordering = ("-starts_at", "-pk")


@admin.register(Action)
class ActionAdmin(ReadOnlyAdmin):
    list_display = ("text", "community", "owner", "due_on", "state")
    list_filter = ("state", "community")
    list_select_related = ("community", "owner__user")
    ordering = ("-due_on", "-pk")


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    list_display = ("title", "community", "state", "state_since", "lever")
    list_filter = ("state", "lever", "community")
    list_select_related = ("community",)
    ordering = ("-state_since", "-pk")


@admin.register(LeverHolder)
class LeverHolderAdmin(ReadOnlyAdmin):
    list_display = ("name", "post", "organisation")
    list_select_related = ("organisation",)
    ordering = ("name", "pk")


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin):
    list_display = ("problem", "lever_holder", "asked_at", "answered_at", "verdict")
    list_filter = ("verdict",)
    list_select_related = ("problem", "lever_holder")
    ordering = ("-asked_at", "-pk")


@admin.register(TestOfChange)
class TestOfChangeAdmin(ReadOnlyAdmin):
    __test__ = False

    list_display = ("title", "community", "outcome", "started_on", "ended_on")
    list_filter = ("outcome", "community")
    list_select_related = ("community",)
    ordering = ("-started_on", "-pk")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("text", "community", "decided_on", "review_on", "verdict")
    list_filter = ("verdict", "community")
    list_select_related = ("community",)
    ordering = ("-decided_on", "-pk")


@admin.register(Commitment)
class CommitmentAdmin(ReadOnlyAdmin):
    list_display = ("text", "community", "person", "made_on", "state")
    list_filter = ("state", "community")
    list_select_related = ("community", "person__user")
    ordering = ("-made_on", "-pk")

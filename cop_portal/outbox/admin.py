"""The outbox as administrators see it: what waits and what needs a person. Nothing can be changed here.

Neither recipient, occasion nor parameters are shown, and what was sent or withdrawn is not listed: a reminder that was
withdrawn would say that somebody has answered.
"""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from cop_portal.outbox.models import OutboxMessage, OutboxState

State = OutboxMessage.State


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """To be looked at by administrators."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnly):
    fields = ("id", "kind", "state", "due_at", "not_after", "attempts", "resends", "next_try_at", "last_error")
    list_display = ("kind", "state", "due_at", "attempts", "next_try_at", "last_error")
    list_filter = ("kind", "state")
    ordering = ("next_try_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.exclude(state__in=[State.SENT, State.WITHDRAWN, State.EXPIRED])


@admin.register(OutboxState)
class OutboxStateAdmin(ReadOnly):
    fields = ("is_paused", "why", "paused_at", "restored_at")
    list_display = ("__str__", "paused_at", "restored_at")

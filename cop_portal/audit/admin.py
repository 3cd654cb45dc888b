"""The audit trail, as administrators see it. The database refuses changes; the admin offers none."""

from django.contrib import admin
from django.http import HttpRequest

from cop_portal.audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """What was done, by whom, to what."""

    actions = None
    list_display = ("at", "event", "by", "target_type", "target_id")
    list_filter = ("event",)
    list_select_related = ("by",)
    search_fields = ("target_id",)
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

"""What administrators see of accounts. Neither passwords nor tokens are shown, not even sealed."""

from django.contrib import admin

from cop_portal.accounts.admin_site import ReadOnlyAdmin
from cop_portal.accounts.models import ApiToken, SignIn, User


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People's accounts."""

    list_display = ("name", "role", "is_active", "joined_at")
    list_filter = ("role", "is_active")
    search_fields = ("name",)
    ordering = ("name", "pk")
    fields = ("public_id", "name", "role", "is_active", "joined_at", "last_login")


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin):
    """Who signed in, when and how."""

    list_display = ("at", "user", "how", "with_second_factor")
    list_filter = ("how",)
    list_select_related = ("user",)
    ordering = ("-at", "-pk")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Which programs act for whom."""

    list_display = ("name", "user", "made_at", "ends_on", "last_used_on", "revoked_at")
    list_select_related = ("user",)
    ordering = ("-made_at", "-pk")
    fields = ("name", "user", "made_at", "ends_on", "last_used_on", "revoked_at")

"""The admin: a window for administrators. Everything can be looked at, nothing changed but reference data.

Apps register their models with `ReadOnlyAdmin`, or with `ReferenceDataAdmin` for models they have named by
`grants.register_reference_data`. What packages register for themselves is left out: some of it shows secrets, and all
of it writes past our services.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

from cop_portal import audit
from cop_portal.accounts import grants
from cop_portal.installation import clock

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Any]
else:
    BaseAdmin = admin.ModelAdmin


OUR_PACKAGES = ("cop_portal", "communities", "evaluations")


class ReadOnlyAdmin(BaseAdmin):
    """Shows rows to administrators and lets nobody change them."""

    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReferenceDataAdmin(ReadOnlyAdmin):
    """Lets administrators add and change rows of reference data, and records it. Nothing is deleted: rows are
    referred to."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request)

    def _may_change(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_authenticated and user.is_administrator and grants.is_reference_data(self.model))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        user: Any = request.user
        audit.record(event=f"reference_data.{'changed' if change else 'added'}", by=user, target=obj, at=clock.now())


class PortalAdminSite(admin.AdminSite):
    """For administrators who have signed in to the portal. It has no sign-in page of its own."""

    site_title = site_header = "Administration"
    index_title = "What is stored"
    enable_nav_sidebar = False

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[BaseAdmin] | None = None,
        **options: Any,
    ) -> None:
        if admin_class is not None and admin_class.__module__.split(".")[0] in OUR_PACKAGES:
            super().register(model_or_iterable, admin_class, **options)

    def unregister(self, model_or_iterable: type[Model] | Iterable[type[Model]]) -> None:
        """Packages take away each other's pages; here they may not be there in the first place."""
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        super().unregister([model for model in models if self.is_registered(model)])

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_authenticated and user.is_active and user.is_administrator)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("Only administrators can see this.")
        # allauth takes the address back only if it is on this site.
        back = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back})}")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_change_password"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_logout"))

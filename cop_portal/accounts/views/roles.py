"""/network/roles/: who is HIN staff and who is an administrator. For administrators."""

from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import ListView

from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.forms import ConfirmForm, GiveRoleForm
from cop_portal.accounts.models import User
from cop_portal.accounts.permissions import Permission
from cop_portal.accounts.services.roles import NobodyOfThatAddress, RoleAlreadyHeld, set_platform_role
from cop_portal.accounts.services.users import find_user
from cop_portal.accounts.views.own import signed_in_user
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class RoleList(PermissionRequired, ListView[User]):
    """Who may see and run everything?"""

    permission: ClassVar[str] = Permission.MANAGE_ACCOUNTS
    template_name = "accounts/roles.html"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[User]:
        has_app = Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP))
        return User.objects.exclude(role="").annotate(has_app=has_app).order_by("role", "name", "pk")


class _ChangesRoles(PermissionRequired, ServiceFormView):
    permission: ClassVar[str] = Permission.MANAGE_ACCOUNTS

    def get_cancel_url(self) -> str:
        return reverse("role-list")

    def change(self, user: User | None, role: str) -> User:
        return set_platform_role(user=user, role=role, by=signed_in_user(self.request), now=clock.now())

    def done(self, sentence: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return HttpResponseRedirect(reverse("role-list"))


class GiveRole(_ChangesRoles):
    """Makes someone who is known already staff or administrator."""

    form_class = GiveRoleForm
    heading = "Give someone a role"
    submit_label = "Give this role"
    template_name = "accounts/give_role.html"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NobodyOfThatAddress: "email", RoleAlreadyHeld: "role"}

    def perform(self, form: Any) -> HttpResponse:
        user = self.change(find_user(form.cleaned_data["email"]), form.cleaned_data["role"])
        return self.done(f"{user.name} is now {user.get_role_display()}.")


class TakeRole(_ChangesRoles):
    """Takes someone's role away. They stay a member of their communities."""

    form_class = ConfirmForm
    submit_label = "Take the role away"
    template_name = "accounts/take_role.html"

    def holder(self) -> User:
        return get_object_or_404(User.objects.exclude(role=""), public_id=self.kwargs["public_id"])

    def get_heading(self) -> str:
        holder = self.holder()
        return f"Take the role of {holder.get_role_display()} from {holder.name}"

    def perform(self, form: Any) -> HttpResponse:
        user = self.change(self.holder(), User.Role.NONE)
        return self.done(f"{user.name} no longer holds a role here.")

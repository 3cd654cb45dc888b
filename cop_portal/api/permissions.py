"""Default deny: an API view says who may use it, as a page does (see accounts/access.py)."""

from typing import Any

from django.db.models import Model
from rest_framework import permissions
from rest_framework.request import Request

from cop_portal.accounts.access import require


class Declared(permissions.BasePermission):
    """Lets in whom the view declares: `permission`, `signed_in = True` or `is_public = True`. A view that says
    nothing lets in nobody.

    A view with `permission` about a community offers `permission_object()`, which loads it through
    `visible_to(request.user)`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if getattr(view, "is_public", False):
            return True
        if not request.user.is_authenticated:
            return False
        if permission := getattr(view, "permission", None):
            obj: Model | None = view.permission_object() if hasattr(view, "permission_object") else None
            require(request.user, permission, obj)
            return True
        return bool(getattr(view, "signed_in", False))

"""What a view says about who may use it, in one of four ways, and how it refuses.

* `permission = Permission.X` on a `PermissionRequired` view (functions: `@declared(permission=…)`);
* `signed_in = True` (functions: `@declared(signed_in=True)`): anyone signed in, shown only what is visible to them;
* Django's `login_not_required` (API views: `is_public = True`): public;
* `is_link_page = True` beside `login_not_required`: behind a link, where the portal must not learn who comes. The
  portal's middlewares then leave session, user and messages alone.

`allows_missing_second_factor = True` marks the few views that staff reach before they have given their second factor.

A test walks every address and fails on a view that says nothing (`declaration`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, TypeAlias

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cop_portal.accounts import grants

AnyView: TypeAlias = Callable[..., HttpResponseBase]


def require(user: Any, permission: str, obj: Model | None = None) -> None:
    """Refuses with a sentence (403) unless a grants table lets `user` do `permission` to `obj`, a community or a
    thing in one.

    `obj` has been loaded through `visible_to(user)`, so that what someone may not see is a 404 before it comes to this.
    """
    if not user.has_perm(permission, obj):
        raise PermissionDenied(grants.refusal(permission))


class PermissionRequired:
    """Mixin for class-based views, HTML and API: checks `permission` before any handler runs.

    A view about a community loads it in `setup` as `self.community`, through `visible_to`; others override
    `permission_object`.
    """

    permission: ClassVar[str]

    def permission_object(self) -> Model | None:
        return getattr(self, "community", None)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.user, self.permission, self.permission_object())
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


def declared(*, permission: str | None = None, signed_in: bool = False) -> Callable[[AnyView], AnyView]:
    """The declaration for a view that is a function, or that comes from a package. `signed_in` checks nothing: the
    login middleware does; `permission` is checked here, without an object."""

    def decorate(view: AnyView) -> AnyView:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission is not None:
                require(request.user, permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.signed_in = signed_in  # type: ignore[attr-defined]
        return guarded

    return decorate


def view_attribute(view: AnyView, name: str, default: Any = None) -> Any:
    """What a view, or the class behind it, says under `name`."""
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return getattr(view, name, None) or getattr(view_class, name, None) or default


def is_api_view(view: AnyView) -> bool:
    return hasattr(view, "cls")


def is_link_page(view: AnyView) -> bool:
    """Whether `view` is behind a link, so that session, user and messages are left alone."""
    return bool(view_attribute(view, "is_link_page", False))


def declaration(view: AnyView) -> str | None:
    """What `view` declares: "public", "signed in", "administrators" (the admin), a permission, or None when it says
    nothing."""
    if getattr(view, "admin_site", None) is not None or getattr(view, "model_admin", None) is not None:
        return "administrators"
    if permission := view_attribute(view, "permission"):
        return str(permission)
    if view_attribute(view, "signed_in"):
        return "signed in"
    # REST framework turns Django's login middleware off for all its views, so that mark says nothing there.
    public = view_attribute(view, "is_public") if is_api_view(view) else not getattr(view, "login_required", True)
    return "public" if public else None

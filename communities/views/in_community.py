"""Loading what a page under /communities/<slug>/ is about, through what its reader may see."""

from typing import Any, ClassVar

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from communities.models import Community
from communities.permissions import Permission
from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.models import User


def reader(request: HttpRequest) -> User:
    """Who asks for a page that only people who have signed in come to."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the login middleware lets in nobody else
    return user


class InCommunity(PermissionRequired):
    """A page of one community: `self.community`, or 404. `current` is its place in the community's menu."""

    request: HttpRequest
    community: Community
    current: ClassVar[str] = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        self.request = request
        self.community = get_object_or_404(Community.objects.visible_to(request.user), slug=kwargs["slug"])

    @property
    def user(self) -> User:
        return reader(self.request)

    def may(self, permission: Permission) -> bool:
        return self.user.has_perm(permission, self.community)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        shared = {"community": self.community, "current": self.current, "sees_names": self.may(Permission.SEE_NAMES)}
        return shared | context

"""A community's own history."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.views.generic import ListView

from communities.history import entries_of, lines_of
from communities.models import Membership
from communities.permissions import Permission
from communities.views.in_community import InCommunity


class CommunityHistory(InCommunity, ListView[Membership]):
    """Who joined, left and came back, who held which role, what was changed: the latest first."""

    permission = Permission.SEE_NAMES
    template_name = "communities/community_history.html"
    current: ClassVar[str] = "members"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Any, Any]:
        return entries_of(self.community)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        runs_it = self.may(Permission.INVITE_MEMBERS)
        return context | {"lines": lines_of(list(context["object_list"])), "runs_it": runs_it}

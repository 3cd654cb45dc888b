"""All communities' problems beyond reach: who holds the lever, who has been asked, and how long it has taken."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.views.generic import ListView

from communities.models import Problem
from communities.permissions import Permission
from communities.reach import RULES, beyond_reach_by_lever, figures_by_lever, waiting_rows
from cop_portal.accounts.access import PermissionRequired
from cop_portal.installation import clock


class NetworkProblems(PermissionRequired, ListView[Problem]):
    """What is stuck, and with whom? `?lever=` shows one kind of lever-holder only."""

    permission: ClassVar[str] = Permission.SEE_NETWORK_PROBLEMS
    template_name = "communities/network_problems.html"
    paginate_by = settings.PAGE_SIZE

    @property
    def lever(self) -> Problem.Lever | None:
        asked = self.request.GET.get("lever")
        return Problem.Lever(asked) if asked in Problem.Lever.values else None

    def get_queryset(self) -> QuerySet[Problem]:
        found = beyond_reach_by_lever(self.request.user)  # type: ignore[arg-type]
        return found.filter(lever=self.lever) if self.lever else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "rows": waiting_rows(context["object_list"], clock.now()),
            "figures": figures_by_lever(self.request.user),  # type: ignore[arg-type]
            "rules": RULES,
            "lever": self.lever,
        }

"""The communities a person can see, and the overview of one."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.views.generic import ListView, TemplateView

from communities.about import about
from communities.models import Community
from communities.overview import overview_of
from communities.panels import panels_for
from communities.permissions import Permission
from communities.views.in_community import InCommunity, reader
from cop_portal.installation import clock


class CommunityList(ListView[Community]):
    """Mine; for staff, all."""

    signed_in = True
    template_name = "communities/community_list.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Community]:
        now = clock.now()
        found = Community.objects.visible_to(self.request.user).order_by("name")
        return found.with_member_count(clock.today()).with_last_and_next_session(now)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        can_create = reader(self.request).has_perm(Permission.CREATE_COMMUNITY)
        return super().get_context_data(can_create=can_create, **kwargs)


class CommunityPage(InCommunity, TemplateView):
    """Are we alive, and what is next?"""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/community.html"
    current: ClassVar[str] = "overview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = clock.now()
        return super().get_context_data(
            overview=overview_of(self.community, now, reader=self.user),
            panels=panels_for(self.community, self.user, now),
            about=about(self.community),
            can_edit=self.may(Permission.EDIT_COMMUNITY),
            can_close=self.may(Permission.CLOSE_COMMUNITY),
            can_plan=self.may(Permission.PLAN_SESSION),
            can_record=self.may(Permission.RECORD_SESSION),
            can_leave=self.may(Permission.LEAVE_COMMUNITY),
            **kwargs,
        )

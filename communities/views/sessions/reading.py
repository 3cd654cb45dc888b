"""A community's sessions: the list, and one session."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.generic import ListView, TemplateView

from communities.models import CheckIn, JoinLink, Minutes, Session
from communities.panels import session_panels_for
from communities.permissions import Permission
from communities.services.sessions.minutes import minutes_of
from communities.views.in_community import InCommunity
from communities.views.sessions.session_plan import plan_of
from communities.views.sessions.session_record import record_of
from cop_portal.installation import clock


class SessionList(InCommunity, ListView[Session]):
    """What did we meet for, and who came? The newest first."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/session_list.html"
    current: ClassVar[str] = "sessions"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Session]:
        return Session.objects.filter(community=self.community).newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            now=clock.now(),
            can_plan=self.may(Permission.PLAN_SESSION),
            can_record=self.may(Permission.RECORD_SESSION),
            **kwargs,
        )


class OfSession(InCommunity):
    """A page of one session of a community: `self.session`, or 404."""

    session: Session
    current: ClassVar[str] = "sessions"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        sessions = Session.objects.filter(community=self.community).select_related("led_by__user", "series")
        self.session = get_object_or_404(sessions, pk=kwargs["pk"])
        self.session.community = self.community

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(session=self.session, **kwargs)

    def get_cancel_url(self) -> str:
        return self.session.get_absolute_url()


class SessionPage(OfSession, TemplateView):
    """What did we say, and who came?"""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/session.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = clock.now()
        is_planned = self.session.state == Session.State.PLANNED
        return super().get_context_data(
            has_begun=self.session.starts_at <= now,
            plan=plan_of(self.session, user=self.user, may=self.may, now=now),
            came=self.session.came(exactly=self.may(Permission.SEE_NAMES)),
            minutes=self.minutes(),
            can_check_in=self.can_check_in(now),
            panels=session_panels_for(self.session, self.user, now),
            record=record_of(self.session, user=self.user, may=self.may),
            can_record=self.may(Permission.RECORD_SESSION) and self.session.state != Session.State.CANCELLED,
            can_cancel=self.may(Permission.CANCEL_SESSION) and is_planned,
            can_show_join_link=self.may(Permission.MAKE_JOIN_LINK) and JoinLink(session=self.session).is_open(now),
            **kwargs,
        )

    def can_check_in(self, now: datetime) -> bool:
        """While check-in is open, for members. No query at any other time."""
        is_time = CheckIn(session=self.session).is_open(now)
        return is_time and CheckIn.objects.of_member(self.user, now).filter(session=self.session).exists()

    def minutes(self) -> Minutes | None:
        """Those of a held session, where this reader may read them."""
        if self.session.state != Session.State.HELD:
            return None
        found = minutes_of(self.session)
        return found if found.is_shared or self.may(Permission.EDIT_MINUTES) else None

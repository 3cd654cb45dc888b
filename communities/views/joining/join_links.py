"""The join link of a session: on a screen, as a QR code, on paper."""

from typing import Any, ClassVar

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from communities import links
from communities.forms.communities import NothingToSayForm
from communities.models import JoinLink, JoinRequest, Session
from communities.permissions import Permission
from communities.services.joining.join_links import code_of, in_groups, make_join_link, stop_join_link
from communities.views.in_community import InCommunity
from cop_portal.design.qr import qr_svg
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock


class _OfSession(InCommunity):
    permission = Permission.MAKE_JOIN_LINK
    current: ClassVar[str] = "sessions"
    session: Session

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        sessions = Session.objects.visible_to(self.user).filter(community=self.community)
        self.session = get_object_or_404(sessions, pk=kwargs["pk"])
        self.session.community = self.community

    @property
    def link(self) -> JoinLink | None:
        """The session's link, while it opens."""
        found = JoinLink.objects.open(clock.now()).filter(session=self.session).first()
        if found is not None:
            found.session, found.community = self.session, self.community
        return found


# The code on it lets people in a room ask to join: no browser or proxy keeps the page.
@method_decorator(never_cache, name="dispatch")
class JoinLinkPage(_OfSession, ServiceFormView):
    """Makes the link, and then shows it to the room."""

    template_name = "communities/join_link.html"
    form_class = NothingToSayForm
    heading = "Join link"
    submit_label = "Make a join link"

    def perform(self, form: Form) -> HttpResponse:
        make_join_link(session=self.session, by=self.user, now=clock.now())
        return redirect("communities:join-link", self.community.slug, self.session.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {"session": self.session, "link": (link := self.link)}
        if link is not None:
            code = code_of(link)
            asked = JoinRequest.objects.filter(brought_by=self.session, community=self.community)
            shown |= {
                "address": links.address(links.INVITE, code),
                "short_address": links.address(links.INVITE, "").rstrip("/") + "/",
                "code": in_groups(code),
                "asked": asked.count(),
            }
        return super().get_context_data(**shown, **kwargs)

    def get_cancel_url(self) -> str:
        return self.session.get_absolute_url()


@method_decorator(never_cache, name="dispatch")
class JoinLinkCode(_OfSession, View):
    """The QR code itself, as a picture."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        link = self.link
        if link is None:
            raise Http404
        return HttpResponse(qr_svg(links.address(links.INVITE, code_of(link))), content_type="image/svg+xml")


class StopJoinLink(_OfSession, ServiceFormView):
    template_name = "communities/stop_join_link.html"
    form_class = NothingToSayForm
    heading = "Stop the join link"
    submit_label = "Stop it"

    def perform(self, form: Form) -> HttpResponse:
        link = self.link
        if link is None:
            raise Http404
        stop_join_link(link=link, by=self.user, now=clock.now())
        messages.success(self.request, "The join link opens no more.")
        return redirect(self.session)

    def get_cancel_url(self) -> str:
        return self.session.get_absolute_url()

"""Sessions in people's own calendars: an address to subscribe to, and one session as a file."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from communities import calendar
from communities.models import CalendarFeed
from communities.permissions import Permission
from communities.services.sessions.feeds import addresses_of, make_feed, owner_of, revoke_feed, sessions_for
from communities.views.sessions.reading import OfSession
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.link_pages import LinkPage
from cop_portal.accounts.models import User
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock

MEDIA_TYPE = "text/calendar; charset=utf-8"
REVOKED = "The address is revoked. Calendars that use it are no longer brought up to date."


class _Own:
    request: HttpRequest

    @property
    def user(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101 - the login middleware lets in nobody else
        return self.request.user


class MyCalendar(_Own, TemplateView):
    """How do my sessions come into my own calendar?"""

    signed_in = True
    template_name = "communities/my_calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(feed=CalendarFeed.objects.visible_to(self.user).live().first(), **kwargs)


class OwnCalendarForm(_Own, ServiceFormView):
    """A form about one's own calendar address."""

    signed_in = True
    form_class = ConfirmForm

    def get_cancel_url(self) -> str:
        return reverse("communities:my-calendar")


@method_decorator(never_cache, name="dispatch")
class MakeFeed(OwnCalendarForm):
    """Makes an address and shows it, once. One that there was before stops working."""

    template_name = "communities/make_feed.html"
    heading = "Make a calendar address"
    submit_label = "Make the address"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(has_one=CalendarFeed.objects.visible_to(self.user).live().exists(), **kwargs)

    def perform(self, form: ConfirmForm) -> HttpResponse:
        _, token = make_feed(user=self.user, now=clock.now())
        return render(self.request, "communities/feed_made.html", addresses_of(token))


class RevokeFeed(OwnCalendarForm):
    template_name = "communities/revoke_feed.html"
    heading = "Revoke your calendar address"
    submit_label = "Revoke the address"

    def perform(self, form: ConfirmForm) -> HttpResponse:
        feed = get_object_or_404(CalendarFeed.objects.visible_to(self.user).live())
        revoke_feed(feed=feed, by=self.user, now=clock.now())
        messages.success(self.request, REVOKED)
        return redirect("communities:my-calendar")


@method_decorator(login_not_required, name="dispatch")
class Feed(LinkPage):
    """What a calendar program fetches, again and again. It is told when nothing has changed."""

    shown_path = "/calendar/"
    http_method_names = ("get", "head")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if "ETag" in response:
            # Asked again each time, and kept by nobody but the program whose calendar it is.
            response["Cache-Control"] = "private, no-cache"
        return response

    def enter(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().enter(request, *args, **kwargs)
        except Http404:
            return HttpResponse("This calendar address is not known, or no longer.\n", "text/plain", status=404)

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        user = owner_of(token)
        if user is None:
            raise Http404
        sessions = sessions_for(user, clock.now())
        seen = [(session, user.has_perm(Permission.SEE_NAMES, session)) for session in sessions]
        content = calendar.feed(seen, name=settings.PORTAL_NAME)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        response = HttpResponse(content, content_type=MEDIA_TYPE, headers={"ETag": tag})
        return get_conditional_response(request, etag=tag, response=response) or response


class SessionEntry(OfSession, View):
    """One session as a file that calendar programs open."""

    permission = Permission.SEE_COMMUNITY

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        content = calendar.one_session(self.session, sees_names=self.may(Permission.SEE_NAMES))
        name = f"{self.community.slug}-{self.session.day}.ics"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
        return HttpResponse(content, content_type=MEDIA_TYPE, headers=headers)

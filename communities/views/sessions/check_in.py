"""Check-in on the screen of a session, and who has checked in: for those who run the community."""

import base64
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from communities import links
from communities.forms.check_in import CONFIRM, REFUSE, DecideClaimsForm
from communities.forms.communities import NothingToSayForm
from communities.models import CheckIn, CheckInClaim
from communities.permissions import Permission
from communities.services.sessions.check_in_claims import decide_claims
from communities.services.sessions.check_ins import close_check_in, in_groups, on_screen, open_check_in, open_one
from communities.views.sessions.reading import OfSession
from cop_portal.design.qr import qr_svg
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock

CODE = "c"
# A moment later than the code changes, so that the next one is there.
AFTER_CHANGE = 1
MOST_SHOWN = 100


class _CheckIn(OfSession):
    permission = Permission.OPEN_CHECK_IN

    @cached_property
    def check_in(self) -> CheckIn | None:
        """The session's check-in, while it is open."""
        return open_one(self.session, clock.now())

    def shown(self) -> dict[str, Any]:
        """What is on the screen this minute; nothing where check-in is not open."""
        check_in = self.check_in
        if check_in is None:
            return {"check_in": None}
        now = on_screen(check_in, clock.now())
        drawn = base64.b64encode(qr_svg(links.address(CODE, now.code))).decode()
        return {
            "check_in": check_in,
            "code": in_groups(now.code),
            "short_address": links.address(CODE, "").rstrip("/") + "/",
            "qr": f"data:image/svg+xml;base64,{drawn}",
            "again_in": now.changes_in + AFTER_CHANGE,
            "waiting": CheckInClaim.objects.waiting().filter(session=self.session).count(),
        }


# The code on it opens the list of names for a minute: no browser or proxy keeps the page.
@method_decorator(never_cache, name="dispatch")
class CheckInPage(_CheckIn, ServiceFormView):
    """Opens check-in, and then shows its code to the room: another one every minute."""

    template_name = "communities/check_in.html"
    form_class = NothingToSayForm
    heading = "Check-in"
    submit_label = "Open check-in"

    def perform(self, form: Form) -> HttpResponse:
        open_check_in(session=self.session, by=self.user, now=clock.now())
        return redirect("communities:check-in", self.community.slug, self.session.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**self.shown(), **kwargs)


@method_decorator(never_cache, name="dispatch")
class CheckInNow(_CheckIn, TemplateView):
    """What is on the screen this minute: a piece of the page, asked for as each code ends."""

    template_name = "communities/check_in_now.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.check_in is None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**self.shown(), **kwargs)


class CloseCheckIn(_CheckIn, ServiceFormView):
    permission = Permission.CLOSE_CHECK_IN
    template_name = "communities/close_check_in.html"
    form_class = NothingToSayForm
    heading = "Close check-in"
    submit_label = "Close it"

    def perform(self, form: Form) -> HttpResponse:
        if self.check_in is None:
            raise Http404
        close_check_in(check_in=self.check_in, by=self.user, now=clock.now())
        messages.success(self.request, "Check-in is closed. Who has checked in is still to be confirmed.")
        return redirect("communities:check-in-claims", self.community.slug, self.session.pk)

    def get_cancel_url(self) -> str:
        return reverse("communities:check-in", args=[self.community.slug, self.session.pk])


class CheckInClaims(OfSession, ServiceFormView):
    """Who says they are, or were, there? Nothing of it is in the record before it is confirmed here."""

    permission = Permission.DECIDE_CLAIMS
    template_name = "communities/check_in_claims.html"
    heading = "Who has checked in"
    submit_label = "Save these decisions"

    @cached_property
    def waiting(self) -> list[CheckInClaim]:
        """In the order in which they came; those beyond a pageful come once these are decided."""
        claims = CheckInClaim.objects.visible_to(self.user).waiting().filter(session=self.session)
        return list(claims.with_people()[:MOST_SHOWN])

    def get_form(self, form_class: Any = None) -> DecideClaimsForm:
        return DecideClaimsForm(self.request.POST if self.request.method == "POST" else None, claims=self.on_page)

    @property
    def on_page(self) -> list[CheckInClaim]:
        """Those that wait; and, of a form that was sent, those it was about, though they may be decided by now."""
        if self.request.method != "POST":
            return self.waiting
        sent = [name.removeprefix("claim_") for name in self.request.POST if name.startswith("claim_")]
        keys = [int(key) for key in sent if key.isdecimal() and len(key) < 18]
        claims = CheckInClaim.objects.visible_to(self.user).filter(session=self.session, pk__in=keys)
        return list(claims.with_people()[:MOST_SHOWN])

    def perform(self, form: DecideClaimsForm) -> HttpResponse:
        confirmed, refused = form.chosen(CONFIRM), form.chosen(REFUSE)
        decide_claims(session=self.session, confirmed=confirmed, refused=refused, by=self.user, now=clock.now())
        said = [
            f"{len(confirmed)} confirmed and written into the record of this session" if confirmed else "",
            f"{len(refused)} refused" if refused else "",
        ]
        messages.success(self.request, f"{', '.join(filter(None, said))}.".capitalize())
        return redirect("communities:check-in-claims", self.community.slug, self.session.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(waiting=self.waiting, check_in=open_one(self.session, clock.now()), **kwargs)

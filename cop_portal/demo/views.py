"""The demo's own pages: its doors, its clock, its mail. None of them exists outside a demo."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from cop_portal.accounts.services.users import find_user
from cop_portal.demo import mailbox, morning, signins
from cop_portal.installation.models import Installation

MORNING = "demo_morning"


@method_decorator(login_not_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class DemoView(View):
    """Only in a demo, by its settings and by its database, and only from the machine it runs on."""

    allows_missing_second_factor: ClassVar[bool] = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.IS_DEMO or not Installation.objects.filter(is_demo=True).exists():
            raise Http404("There is no demo here.")
        # A server on a Unix socket gives no address: only this machine can reach it.
        if not ip_address(request.META.get("REMOTE_ADDR") or "127.0.0.1").is_loopback:
            raise PermissionDenied("The demo answers on its own machine only.")
        return super().dispatch(request, *args, **kwargs)


class Home(DemoView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "demo/home.html", {"sign_ins": signins.sign_ins()})


class Enter(DemoView):
    """Signs in the person behind a door as completely as they would themselves, second factor included."""

    def post(self, request: HttpRequest, door: str) -> HttpResponse:
        way = signins.door(door)
        user = find_user(way.person.address) if way else None
        if way is None or user is None:
            raise Http404("There is no such door.")
        logout(request)
        record_authentication(request, user, "password" if way.needs_password else "code")
        if way.needs_password:
            record_authentication(request, user, "mfa", type="totp")
        get_adapter().login(request, user)
        return redirect(way.landing_url)


class NextWorkingMorning(DemoView):
    """GET shows what the last move did."""

    def post(self, request: HttpRequest) -> HttpResponse:
        moved = morning.move_on()
        request.session[MORNING] = {
            "was": moved.was.isoformat(),
            "now": moved.now.isoformat(),
            "mails": moved.mails,
            "closed": moved.closed,
        }
        return redirect("demo:next-working-morning")

    def get(self, request: HttpRequest) -> HttpResponse:
        moved = request.session.get(MORNING)
        if moved is None:
            return redirect("demo:home")
        times = {key: parse_datetime(moved[key]) for key in ("was", "now")}
        return render(request, "demo/next_working_morning.html", {"moved": {**moved, **times}})


class MailList(DemoView):
    def get(self, request: HttpRequest) -> HttpResponse:
        to = request.GET.get("to", "")
        page = Paginator(mailbox.letters(to=to), settings.PAGE_SIZE).get_page(request.GET.get("page"))
        return render(request, "demo/mail_list.html", {"page_obj": page, "to": to})


class Mail(DemoView):
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        letter = mailbox.letter(name)
        if letter is None:
            raise Http404("There is no such mail.")
        return render(request, "demo/mail.html", {"letter": letter})

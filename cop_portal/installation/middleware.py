"""Two small gates: what the access log may say of a request, and where a demo may be reached from."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

from cop_portal.installation.logs import route_of

GetResponse = Callable[[HttpRequest], HttpResponse]


class RouteForTheLog:
    """Leaves the route where gunicorn's access log finds it; the log knows no path and no address of a reader."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        request.META["portal.route"] = route_of(request)


class LoopbackOnly:
    """A demo answers this machine only, however its server was started."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A server on a Unix socket gives no address: only this machine can reach it.
        address = request.META.get("REMOTE_ADDR") or "127.0.0.1"
        if not ip_address(address).is_loopback:
            return HttpResponseForbidden("This is a demo with fictional data. It answers on its own machine only.\n")
        return self.get_response(request)

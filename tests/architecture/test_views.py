"""Every address says who may use it. Nothing is guarded by being forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import View

from cop_portal.accounts.access import declaration

PUBLIC = {
    "/",
    *("/healthz", "/readyz", "/components/"),
    *("/privacy/", "/cookies/", "/accessibility/", "/complaints/", "/how-we-protect-your-answers/"),
    *("/sign-in/", "/sign-in/code/", "/sign-in/password/", "/sign-in/second-factor/", "/sign-in/inactive/"),
    "/sign-out/",
    # Leads to /sign-in/.
    "/admin/login/",
    # Behind a personal link; the link is the guard.
    *(
        "/a/",
        "/a/<str:token>",
        "/a/<str:token>/",
        "/a/<str:token>/stop/",
        "/a/start/",
        "/a/answer/<slug:step>/",
        "/a/check/",
        "/a/clear/",
        "/a/done/",
    ),
    # Behind the code on the screen of a room.
    *("/a/room", "/a/room/", "/a/room/<roomcode:code>", "/a/room/<roomcode:code>/", "/a/room/place/"),
    "/x/<str:token>/",
    *("/e/<str:token>", "/e/<str:token>/", "/e/<str:token>/not-me/"),
    *("/j/", "/j/<joincode:code>", "/j/<joincode:code>/", "/j/<str:token>", "/j/<str:token>/"),
    *("/c/", "/c/<checkincode:code>", "/c/<checkincode:code>/", "/c/name/", "/c/here/", "/c/guest/"),
    # Behind the link in a mail about a session, and the address that a calendar program knows.
    *("/r/<str:token>/", "/calendar/<str:token>.ics"),
    *("/api/v1/docs/", "/api/v1/schema/"),
    # What is not an address of the API is a problem document, for everybody.
    "/api/v1/^.*$",
    # In a demo only, which answers its own machine only.
    *("/demo/", "/demo/doors/<slug:door>/", "/demo/mail/", "/demo/mail/<slug:name>/", "/demo/next-working-morning/"),
}


def addresses(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry.callback


def test_every_address_declares_its_guard() -> None:
    undeclared = {address: view for address, view in addresses() if declaration(view) is None}
    assert undeclared == {}


def test_public_addresses_are_these_and_no_others() -> None:
    """Adding one is a decision: it is made here, in sight."""
    public = {address for address, view in addresses() if declaration(view) == "public"}
    assert public == PUBLIC


def test_a_view_that_says_nothing_is_noticed() -> None:
    class Forgotten(View):
        pass

    def forgotten(request: object) -> None:
        """Declares nothing."""

    views: list[Callable[..., Any]] = [Forgotten.as_view(), forgotten]
    assert [declaration(view) for view in views] == [None, None]

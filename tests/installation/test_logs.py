"""No log names a link: a path behind a mail holds a token."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from django.urls import ResolverMatch

from cop_portal.installation.logs import RouteNotPath, keep_requests_out_of_the_servers_log
from cop_portal.installation.middleware import RouteForTheLog

TOKEN = "kV9x-secret-token-of-one-person"


def written(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The records as the console would show them: the root handler's filter and format are the portal's own."""
    rule = RouteNotPath()
    formatter = logging.Formatter(settings.LOGGING["formatters"]["line"]["format"])
    for record in caplog.records:
        rule.filter(record)
    return [formatter.format(record) for record in caplog.records]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", [f"/a/{TOKEN}/", f"/a/{TOKEN}/more/", f"/a/{TOKEN}/?from={TOKEN}", f"/nowhere/{TOKEN}"]
)
def test_a_link_that_is_not_known_leaves_no_token_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    with caplog.at_level(logging.DEBUG, logger="django.request"):
        assert client.get(address).status_code == 404
    lines = written(caplog)
    assert lines
    assert [line for line in lines if TOKEN in line] == []


def test_a_record_keeps_its_words_and_names_the_route(rf: RequestFactory, caplog: pytest.LogCaptureFixture) -> None:
    request = rf.get(f"/a/{TOKEN}/")
    request.resolver_match = ResolverMatch(print, (), {}, route="a/<str:token>/")
    with caplog.at_level(logging.WARNING):
        logging.getLogger("django.request").warning("%s: %s", "Gone", request.path, extra={"request": request})
    (line,) = written(caplog)
    assert line.endswith("django.request: Gone: a/<str:token>/")


@pytest.mark.parametrize(("status", "has_traceback"), [(403, False), (500, True)])
def test_a_refusal_is_one_line_and_a_fault_of_ours_keeps_its_traceback(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture, status: int, has_traceback: bool
) -> None:
    about = {"request": rf.get("/network/"), "status_code": status}
    try:
        int("a grant")
    except ValueError:
        logging.getLogger("django.request").warning("Forbidden", exc_info=True, extra=about)
    (line,) = written(caplog)
    assert ("Traceback" in line) is has_traceback


def test_the_access_log_is_given_the_route(rf: RequestFactory) -> None:
    def view(request: HttpRequest) -> None:
        raise Http404

    request = rf.get(f"/a/{TOKEN}/")
    request.resolver_match = ResolverMatch(view, (), {}, route="a/<str:token>/")
    RouteForTheLog(lambda _: None).process_view(request, view, (), {})  # type: ignore[arg-type, return-value]
    assert request.META["portal.route"] == "a/<str:token>/"


def test_every_handler_of_the_portal_has_the_filter() -> None:
    handlers = settings.LOGGING["handlers"].values()
    assert [handler["filters"] for handler in handlers] == [["route_not_path"]] * len(handlers)
    # Django's own handler would mail an error, with its path, to administrators.
    assert logging.getLogger("django").handlers == []


class Kept(logging.Handler):
    """What a log says, as its handlers get to see it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def test_a_request_cut_short_leaves_no_path_in_the_server_s_log() -> None:
    """gunicorn's own words when it stops a worker that takes too long."""
    log = logging.getLogger("gunicorn.error")
    kept = Kept()
    log.addHandler(kept)
    try:
        keep_requests_out_of_the_servers_log()
        log.error("Error handling request %s %s", "GET", f"/a/{TOKEN}/")
        log.error("Error handling request %s", f"/a/{TOKEN}/")
        log.warning(f"Invalid request from ip=192.0.2.7: Invalid HTTP Version: '/a/{TOKEN}'")  # noqa: G004 (gunicorn does)
        log.error("Something else: %s", "kept")
    finally:
        log.removeHandler(kept)
    assert kept.lines == [
        "A request was cut short.",
        "A request was cut short.",
        "A request could not be read, and was refused.",
        "Something else: kept",
    ]

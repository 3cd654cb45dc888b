"""Logs say which page, never which link: a path can hold a token, a route cannot."""

import logging
from typing import Any, ClassVar

from django.http import HttpRequest

SERVER_ERROR = 500
NO_ROUTE = "an address the portal does not have"


def route_of(request: HttpRequest) -> str:
    """The route a request matched, such as `a/<str:token>/`, or words that repeat nothing of it."""
    match = request.resolver_match
    return match.route if match else NO_ROUTE


class RouteNotPath(logging.Filter):
    """Replaces the path by the route in every record that Django's request loggers write.

    A refusal (4xx) is one line: where in our code it was raised is no news to whoever reads the log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", SERVER_ERROR) < SERVER_ERROR:
            record.exc_info = record.exc_text = None
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(self._without_path(argument, request) for argument in record.args)
        return True

    def _without_path(self, argument: Any, request: HttpRequest) -> Any:
        if not isinstance(argument, str):
            return argument
        for secret in sorted({request.get_full_path(), request.path, request.path_info}, key=len, reverse=True):
            if len(secret) > 1:
                argument = argument.replace(secret, route_of(request))
        return argument


class NothingOfTheRequest(logging.Filter):
    """Takes out of gunicorn's own error log what it says of a request: the path, the reader's address, the header.

    It says so when a worker is stopped in the middle of a request, and of requests that it cannot read.
    """

    WORDS: ClassVar[dict[str, str]] = {
        "Error handling request": "A request was cut short.",
        "Invalid request": "A request could not be read, and was refused.",
    }

    def filter(self, record: logging.LogRecord) -> bool:
        for beginning, words in self.WORDS.items():
            if str(record.msg).startswith(beginning):
                record.msg, record.args = words, ()
        return True


def keep_requests_out_of_the_servers_log() -> None:
    """However gunicorn was started. May be called again."""
    log = logging.getLogger("gunicorn.error")
    if not any(isinstance(known, NothingOfTheRequest) for known in log.filters):
        log.addFilter(NothingOfTheRequest())

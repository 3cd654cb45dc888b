"""Error pages in the portal's own words and style; under /api/ the same words as problem details (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token

from cop_portal.design.context import Portal
from cop_portal.refusals import Refusal

# Pages behind a mailed link know nobody: their error pages must not look for a session either.
LINK_PAGES = ("/a/", "/x/", "/e/", "/r/", "/c/", "/j/", "/calendar/")


@dataclass(frozen=True)
class Words:
    """What an error page says: a heading and a sentence; the template adds what to do next."""

    template: str
    code: str
    heading: str
    detail: str


BAD_REQUEST = Words(
    "errors/400.html",
    "bad_request",
    "We could not read that request",
    "Something in the address or in what was sent is not as it should be. Nothing has been saved.",
)
FORBIDDEN = Words(
    "errors/403.html",
    "forbidden",
    "You cannot do this",
    "Your role does not include this. Nothing has been changed.",
)
NOT_FROM_OUR_PAGE = Words(
    "errors/403.html",
    "csrf_failed",
    "We could not check that this came from our own page",
    "The page may have been open for a long time, or your browser may not accept our cookies. Nothing has been saved. "
    "Go back, load the page again and send it once more.",
)
NOT_FOUND = Words(
    "errors/404.html", "not_found", "Page not found", "There is nothing at this address, or it is not yours to see."
)
CONFLICT = Words(
    "errors/409.html",
    "conflict",
    "Someone was here before you",
    "This has changed since you opened it. Nothing has been saved.",
)
REFUSED = Words("errors/422.html", "refused", "This cannot be done", "A rule does not allow it.")
SERVER_ERROR = Words(
    "errors/500.html",
    "server_error",
    "Sorry, something has gone wrong on our side",
    "What you sent may not have been saved. Please try again in a few minutes.",
)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.BAD_REQUEST, BAD_REQUEST)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Shows the sentence that the PermissionDenied was raised with."""
    return _answer(request, HTTPStatus.FORBIDDEN, FORBIDDEN, detail=str(exception))


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # Not the exception's own words: they name models and say what exists.
    return _answer(request, HTTPStatus.NOT_FOUND, NOT_FOUND)


def conflict(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page for a Refusal where there is no form to show it on; a Conflict is 409."""
    words = CONFLICT if refusal.status == HTTPStatus.CONFLICT else REFUSED
    return _answer(request, HTTPStatus(refusal.status), words, detail=" ".join(refusal.messages))


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN, NOT_FROM_OUR_PAGE)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks neither the database nor the session: they may be what is broken."""
    if _is_api(request):
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, SERVER_ERROR, SERVER_ERROR.detail)
    return HttpResponse(_page(SERVER_ERROR, SERVER_ERROR.detail), status=500)


def _answer(request: HttpRequest, status: HTTPStatus, words: Words, *, detail: str = "") -> HttpResponse:
    detail = detail or words.detail
    if _is_api(request):
        return _problem(status, words, detail)
    # A request refused early (a wrong host) never reached the middleware that knows the person.
    knows_person = hasattr(request, "user") and not request.path.startswith(LINK_PAGES)
    page = _page(words, detail, request=request if knows_person else None)
    return HttpResponse(page, status=status)


def _page(words: Words, detail: str, *, request: HttpRequest | None = None) -> str:
    context: Mapping[str, Any] = {
        "layout": "base.html" if request else "layouts/plain.html",
        "heading": words.heading,
        "detail": detail,
        **({} if request else {"portal": Portal()}),
    }
    return render_to_string(words.template, context, request=request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _problem(status: HTTPStatus, words: Words, detail: str) -> JsonResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": words.heading,
        "status": status.value,
        "detail": detail,
        "code": words.code,
        "errors": [],
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")

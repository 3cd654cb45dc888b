"""Error pages: our words, our style, the right status, and nothing given away."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_protect

from cop_portal.design import errors
from cop_portal.refusals import Conflict, Refusal
from cop_portal.urls import handler400, handler403, handler404, handler500
from cop_portal.urls import urlpatterns as portal_addresses

__all__ = ["handler400", "handler403", "handler404", "handler500"]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
SECRET = "the-very-secret-detail"


def bad(request: HttpRequest) -> HttpResponse:
    raise BadRequest(SECRET)


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Only a facilitator of <Sepsis> can record its sessions.")


def forbidden_without_words(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404(f"No Community matches the given query: {SECRET}")


def moved_on(request: HttpRequest) -> HttpResponse:
    return errors.conflict(request, Conflict("Someone else has already dealt with this problem.", code="moved_on"))


def refused(request: HttpRequest) -> HttpResponse:
    return errors.conflict(request, Refusal("This community is closed.", code="community_closed"))


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


@csrf_protect
def checked(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


VIEWS = {
    "bad": bad,
    "forbidden": forbidden,
    "forbidden-without-words": forbidden_without_words,
    "missing": missing,
    "moved-on": moved_on,
    "refused": refused,
    "broken": broken,
    "checked": checked,
}


def behind_a_link(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The same view, declared as one that may not look at who is there."""

    def link_page(request: HttpRequest) -> HttpResponse:
        return view(request)

    link_page.is_link_page = True  # type: ignore[attr-defined]
    return link_page


urlpatterns = [
    *(path(f"test/{name}/", login_not_required(view)) for name, view in VIEWS.items()),
    *(path(f"api/v1/test/{name}/", login_not_required(view)) for name, view in VIEWS.items()),
    *(path(f"a/test/{name}/", login_not_required(behind_a_link(view))) for name, view in VIEWS.items()),
    *portal_addresses,
]

# name of the view, status, heading, what the page says
CASES = [
    ("bad", 400, "We could not read that request", "is not as it should be"),
    ("forbidden", 403, "You cannot do this", "Only a facilitator of &lt;Sepsis&gt; can record its sessions."),
    ("forbidden-without-words", 403, "You cannot do this", "Your role does not include this."),
    ("missing", 404, "Page not found", "There is nothing at this address, or it is not yours to see."),
    ("moved-on", 409, "Someone was here before you", "Someone else has already dealt with this problem."),
    ("refused", 422, "This cannot be done", "This community is closed."),
    ("broken", 500, "Sorry, something has gone wrong on our side", "Please try again in a few minutes."),
]
each_case = pytest.mark.parametrize(("name", "status", "heading", "sentence"), CASES, ids=[case[0] for case in CASES])
each_error = pytest.mark.parametrize("name", [case[0] for case in CASES])


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@each_case
def test_an_error_page_says_what_happened(visitor: Client, name: str, status: int, heading: str, sentence: str) -> None:
    response = visitor.get(f"/test/{name}/")
    page = response.content.decode()
    assert response.status_code == status
    assert f'<h1 class="nhsuk-heading-l">{heading}</h1>' in page
    assert sentence in page
    assert SECRET not in page


@each_case
def test_under_the_api_an_error_is_a_problem_document(
    visitor: Client, name: str, status: int, heading: str, sentence: str
) -> None:
    response = visitor.get(f"/api/v1/test/{name}/")
    problem = json.loads(response.content)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert sorted(problem) == ["code", "detail", "errors", "status", "title", "type"]
    assert (problem["status"], problem["title"]) == (status, heading)
    assert sentence.replace("&lt;", "<").replace("&gt;", ">") in problem["detail"]
    assert SECRET not in response.content.decode()


@each_error
def test_behind_a_link_an_error_page_asks_nobody_who_they_are(
    visitor: Client, django_assert_num_queries: Any, name: str
) -> None:
    visitor.cookies["sessionid"] = "somebody-who-is-signed-in"
    with django_assert_num_queries(0):
        response = visitor.get(f"/a/test/{name}/")
    assert "<h1" in response.content.decode()
    assert "Sign in" not in response.content.decode()
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


def test_an_address_that_does_not_exist_is_said_to_be_so(visitor: Client) -> None:
    response = visitor.get("/no-such-page/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_the_page_for_a_broken_portal_needs_no_database(visitor: Client) -> None:
    with connection.execute_wrapper(_no_database):
        response = visitor.get("/test/broken/")
    assert response.status_code == 500
    assert "Sorry, something has gone wrong on our side" in response.content.decode()


def _no_database(*args: Any) -> None:
    raise AssertionError("The database was asked.")


def test_a_form_from_elsewhere_is_refused_in_words() -> None:
    response = Client(enforce_csrf_checks=True).post("/test/checked/")
    assert response.status_code == 403
    assert "We could not check that this came from our own page" in response.content.decode()


def test_a_wrong_host_gets_the_page_for_a_bad_request(visitor: Client) -> None:
    response = visitor.get("/privacy/", headers={"host": "elsewhere.example.org"})
    assert response.status_code == 400
    assert "We could not read that request" in response.content.decode()


@each_error
def test_an_error_page_is_guarded_by_the_same_headers(visitor: Client, name: str) -> None:
    headers = visitor.get(f"/test/{name}/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"

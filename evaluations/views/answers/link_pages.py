"""What the pages of an answer have in common, beside what every page behind a link has: the cookie and the marks."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from cop_portal.accounts import link_pages
from cop_portal.accounts.sealed_cookies import SealedCookie
from cop_portal.refusals import Refusal
from evaluations.paging import Pace
from evaluations.services.answers.answering import AnsweringStopped, AskedInTheRoom, LinkNotKnown, SurveyClosed

COOKIE_PATH = "/a/"
COOKIE = SealedCookie("answering", COOKIE_PATH, b"answer-cookie")
# Not a cookie: sealed alike under a key of its own, for the forms.
MARK = SealedCookie("page_mark", COOKIE_PATH, b"answer-page-mark")


def remember(response: HttpResponse, **what: Any) -> None:
    """Put something where only this host, and only under /a/, gets it back: encrypted, and gone with the browser."""
    COOKIE.put(response, what)


def remembered(request: HttpRequest) -> dict[str, Any]:
    """What this browser's cookie holds: token and pace while answering, {"done": survey} after that, {} if not ours."""
    return COOKIE.read(request)


def is_remembered(response: HttpResponse) -> bool:
    """Whether this response already says what the cookie is to hold."""
    return COOKIE.name in response.cookies


def page_mark(token: str, pace: Pace = Pace.QUESTION) -> str:
    """What a page of answers carries, sealed: its link, and how much it asks at once. So nothing typed into it is lost.

    It goes to its own survey though another link was opened in this browser meanwhile, or the cookie is gone. And it
    is what no form from elsewhere can have.
    """
    return MARK.sealed({"token": token, "pace": pace})


def read_mark(mark: str) -> dict[str, Any]:
    """What the page that carried this mark holds: token and pace; {} when it is none of ours."""
    return MARK.opened(mark)


class AnswerPage(link_pages.LinkPage):
    """A page behind the link of an invitation. Its forms carry the token itself (Start) or its mark (`page_mark`)."""

    shown_path = COOKIE_PATH
    closed_doors: ClassVar[Mapping[type[Refusal], tuple[int, str]]] = {
        LinkNotKnown: (HTTPStatus.NOT_FOUND, "This link is not known"),
        SurveyClosed: (HTTPStatus.GONE, "This has closed"),
        AskedInTheRoom: (HTTPStatus.CONFLICT, "This was asked in the room"),
        AnsweringStopped: (HTTPStatus.SERVICE_UNAVAILABLE, "Answers cannot be taken at the moment"),
    }
    failed_words = (
        "Nothing you just sent was stored. Go back and try again in a few minutes. "
        "What you saved before is still there."
    )

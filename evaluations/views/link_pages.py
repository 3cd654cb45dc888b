"""What the pages of an answer have in common, beside what every page behind a link has: the cookie and the marks."""

import hashlib
import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from cop_portal.accounts import link_pages
from cop_portal.accounts.sealed_cookies import SealedCookie
from cop_portal.refusals import Refusal
from evaluations.services.answering import AnsweringStopped, LinkNotKnown, SurveyClosed

COOKIE_PATH = "/a/"
COOKIE = SealedCookie("answering", COOKIE_PATH, b"answer-cookie")


def _key(purpose: bytes) -> bytes:
    """32 bytes derived from SECRET_KEY, different for each purpose."""
    return hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=purpose).digest()


def remember(response: HttpResponse, **what: Any) -> None:
    """Put something where only this host, and only under /a/, gets it back: encrypted, and gone with the browser."""
    COOKIE.put(response, what)


def remembered(request: HttpRequest) -> dict[str, Any]:
    """What this browser's cookie holds: {"token": …} while answering, {"done": survey} afterwards, {} if not ours."""
    return COOKIE.read(request)


def page_mark(token: str) -> str:
    """What a page of answers carries to say which link it belongs to, without holding the link.

    Two links opened in one browser share the cookie; with the mark an answer never goes to the other survey.
    """
    return hmac.new(_key(b"answer-page-mark"), token.encode(), hashlib.sha256).hexdigest()[:32]


def is_page_of(mark: str, token: str) -> bool:
    return bool(token) and hmac.compare_digest(mark.encode(), page_mark(token).encode())


class AnswerPage(link_pages.LinkPage):
    """A page behind the link of an invitation. Its forms carry the token itself (Start) or its mark (`page_mark`)."""

    shown_path = COOKIE_PATH
    closed_doors: ClassVar[Mapping[type[Refusal], tuple[int, str]]] = {
        LinkNotKnown: (HTTPStatus.NOT_FOUND, "This link is not known"),
        SurveyClosed: (HTTPStatus.GONE, "This has closed"),
        AnsweringStopped: (HTTPStatus.SERVICE_UNAVAILABLE, "Answers cannot be taken at the moment"),
    }
    failed_words = (
        "Nothing you just sent was stored. Go back and try again in a few minutes. "
        "What you saved before is still there."
    )

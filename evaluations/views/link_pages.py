"""What every page behind a personal link has in common: it leaves no trace of who came, or when.

No session, no message, no user, no cache, no audit entry and no error report is touched, and the token is in no log:
whatever is logged about the request after the view was found carries the route and not the path.
"""

import base64
import hashlib
import hmac
import json
import logging
import traceback
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from cop_portal.refusals import Refusal
from evaluations.services.answering import AnsweringStopped, LinkNotKnown, SurveyClosed

CLOSED_DOORS: dict[type[Refusal], tuple[int, str]] = {
    LinkNotKnown: (HTTPStatus.NOT_FOUND, "This link is not known"),
    SurveyClosed: (HTTPStatus.GONE, "This has closed"),
    AnsweringStopped: (HTTPStatus.SERVICE_UNAVAILABLE, "Answers cannot be taken at the moment"),
}
logger = logging.getLogger(__name__)

COOKIE = "answering"
COOKIE_PATH = "/a/"
FAILED = (
    "Nothing you just sent was stored. Go back and try again in a few minutes. What you saved before is still there."
)
UNREADABLE = "What was sent is too long, or not what this page asks for. Nothing of it was stored."
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def _key(purpose: bytes) -> bytes:
    """32 bytes derived from SECRET_KEY, different for each purpose."""
    return hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=purpose).digest()


def remember(response: HttpResponse, **what: Any) -> None:
    """Put something where only this host, and only under /a/, gets it back: encrypted, and gone with the browser."""
    sealed = bytes(SecretBox(_key(b"answer-cookie")).encrypt(json.dumps(what).encode()))
    response.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(sealed).decode(),
        path=COOKIE_PATH,
        secure=settings.USES_HTTPS,
        httponly=True,
        samesite="Strict",
    )


def remembered(request: HttpRequest) -> dict[str, Any]:
    """What this browser's cookie holds: {"token": …} while answering, {"done": survey} afterwards, {} if not ours."""
    try:
        sealed = base64.urlsafe_b64decode(request.COOKIES.get(COOKIE, "").encode())
        opened: dict[str, Any] = json.loads(SecretBox(_key(b"answer-cookie")).decrypt(sealed))
    except (ValueError, CryptoError):
        return {}
    return opened


def page_mark(token: str) -> str:
    """What a page of answers carries to say which link it belongs to, without holding the link.

    Two links opened in one browser share the cookie; with the mark an answer never goes to the other survey.
    """
    return hmac.new(_key(b"answer-page-mark"), token.encode(), hashlib.sha256).hexdigest()[:32]


def is_page_of(mark: str, token: str) -> bool:
    return bool(token) and hmac.compare_digest(mark.encode(), page_mark(token).encode())


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class LinkPage(View):
    """A page behind a personal link.

    Django's CSRF check is not asked, for it needs what these pages withhold: with `no-referrer` a browser sends
    its forms with `Origin: null`, and its token is one more cookie. Instead every form carries something that only
    its own page could know: Start the link's token itself, the others the mark made from it (`page_mark`).
    """

    is_link_page = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # From here on anything that writes the path down, our logs or Django's, writes the route.
        request.path = request.path_info = request.META["PATH_INFO"] = COOKIE_PATH
        response = self._guarded(request, *args, **kwargs)
        for header, value in HEADERS.items():
            response[header] = value
        return response

    def enter(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What comes before the handler of the method; a page that needs an open door overrides it."""
        return super().dispatch(request, *args, **kwargs)

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return self.enter(request, *args, **kwargs)
        except (LinkNotKnown, SurveyClosed, AnsweringStopped) as refusal:
            status, heading = CLOSED_DOORS[type(refusal)]
            return link_notice(request, status=status, heading=heading, words=" ".join(refusal.messages))
        except (SuspiciousOperation, BadRequest, MultiPartParserError):
            status = HTTPStatus.BAD_REQUEST
            return link_notice(request, status=status, heading="We could not read that", words=UNREADABLE)
        except Exception as failure:  # noqa: BLE001 - whatever it is, no report of it may leave this page
            # Neither the message nor the frames' variables are kept: both may hold an answer or the link.
            where = "".join(traceback.format_tb(failure.__traceback__))
            logger.error(  # noqa: TRY400 - see above
                "A page behind a link failed with %s\n%s", type(failure).__name__, where
            )
            return link_notice(request, status=500, heading="Sorry, there is a problem with this page", words=FAILED)


def link_notice(request: HttpRequest, *, status: int, heading: str, words: str) -> HttpResponse:
    """A page that says in a sentence where this link leads, or why it does not lead on."""
    return render(request, "evaluations/answer_notice.html", {"heading": heading, "words": words}, status=status)

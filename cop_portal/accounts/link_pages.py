"""What every page behind a personal link has in common: it leaves no trace of who came, or when.

No session, no message, no user, no cache and no error report is touched, and the token is in no log: whatever is
logged about the request after the view was found carries the route and not the path.
"""

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from cop_portal.refusals import Refusal

logger = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
UNREADABLE = "What was sent is too long, or not what this page asks for. Nothing of it was stored."


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class LinkPage(View):
    """A page behind a personal link. A GET changes nothing; a POST without a choice changes nothing either.

    Django's CSRF check is not asked, for it needs what these pages withhold: with `no-referrer` a browser sends
    its forms with `Origin: null`, and its token is one more cookie. Instead every form is sent to an address, or
    carries something, that only its own page could know: the link's token, or a mark made from it.
    """

    is_link_page = True
    # What stands in the place of the path, wherever someone writes it down.
    shown_path: ClassVar[str] = "/"
    # Refusals that end the visit, each with its status and the heading of the page that says so.
    closed_doors: ClassVar[Mapping[type[Refusal], tuple[int, str]]] = {}
    failed_words: ClassVar[str] = "Nothing you just sent was stored. Go back and try again in a few minutes."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # From here on anything that writes the path down, our logs or Django's, writes this.
        request.path = request.path_info = request.META["PATH_INFO"] = self.shown_path
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
        except tuple(self.closed_doors) as refusal:
            status, heading = self.closed_doors[type(refusal)]
            return link_notice(request, status=status, heading=heading, words=" ".join(refusal.messages))
        except (SuspiciousOperation, BadRequest, MultiPartParserError):
            status = HTTPStatus.BAD_REQUEST
            return link_notice(request, status=status, heading="We could not read that", words=UNREADABLE)
        except Exception as failure:  # noqa: BLE001 - whatever it is, no report of it may leave this page
            # Neither the message nor the frames' variables are kept: both may hold what was typed, or the link.
            where = "".join(traceback.format_tb(failure.__traceback__))
            logger.error(  # noqa: TRY400 - see above
                "A page behind a link failed with %s\n%s", type(failure).__name__, where
            )
            heading = "Sorry, there is a problem with this page"
            return link_notice(request, status=500, heading=heading, words=self.failed_words)


def link_notice(request: HttpRequest, *, status: int, heading: str, words: str) -> HttpResponse:
    """A page that says in a sentence where this link leads, or why it does not lead on."""
    return render(request, "link_notice.html", {"heading": heading, "words": words}, status=status)

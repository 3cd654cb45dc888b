"""Checking in behind the code on the screen, without an account: find your name, choose it, say how you are here.

Opening the code gives this browser a pass of ten minutes, in an encrypted cookie. A GET stores nothing, and no choice
has a default. What is said is a claim, which a facilitator confirms.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from communities.forms.check_in import ClaimAsGuestForm, ClaimPresenceForm, FindNameForm, TypeCheckInCodeForm
from communities.models import CheckIn
from communities.services.communities import CommunityClosed
from communities.services.joining.join_links import as_meant
from communities.services.sessions.check_in_passes import (
    LASTS,
    Found,
    NameNotFoundHere,
    Pass,
    PassOver,
    SaidAlready,
    TooFewLetters,
    TooManyClaims,
    TooManyFit,
    TooManyLookUps,
    check_in_of,
    claim_as_guest,
    claim_presence,
    fitting,
    look_up,
    new_pass,
    refuse_many,
)
from communities.services.sessions.check_ins import CodeNotKnown, check_in_behind
from cop_portal.accounts.link_pages import LinkPage, link_notice
from cop_portal.accounts.sealed_cookies import SealedCookie
from cop_portal.accounts.tries import Tries
from cop_portal.design.refusals import add_refusal
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

COOKIE = SealedCookie("check_in", "/c/", b"check-in-cookie", lasts=int(LASTS.total_seconds()))
# A whole room comes from one network address: sixty phones with ten slips each. Of a million million codes that is few.
WRONG_CODES = Tries("check-in", most=600, within=600)
THANKS = "Thank you, you have checked in"


class CheckInCode:
    """A code in an address, as it is scanned or typed: 8 letters and figures, in groups or not."""

    regex = "[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class TooManyWrongCodes(Refusal):
    """Codes are read off a screen, not tried out."""


class _CheckInPage(LinkPage):
    shown_path = "/c/"
    closed_doors: ClassVar[Mapping[type[Refusal], tuple[int, str]]] = {
        CodeNotKnown: (HTTPStatus.NOT_FOUND, "This code opens nothing now"),
        PassOver: (HTTPStatus.GONE, "Scan the code again"),
        TooManyWrongCodes: (HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong codes"),
        TooManyLookUps: (HTTPStatus.TOO_MANY_REQUESTS, "That was the last look-up"),
        TooManyClaims: (HTTPStatus.TOO_MANY_REQUESTS, "Too many people are checking in"),
        SaidAlready: (HTTPStatus.CONFLICT, "This browser has checked in already"),
        CommunityClosed: (HTTPStatus.GONE, "This community is closed"),
    }

    def show(self, template: str, form: Form, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        return render(self.request, f"communities/{template}.html", {"form": form, **context}, status=status)

    def behind(self, code: str) -> CheckIn:
        """The check-in of a code. Wrong ones are counted, wherever they were typed."""
        if WRONG_CODES.are_over(self.request):
            raise TooManyWrongCodes(
                "Too many wrong codes came from this network. Wait ten minutes, or tell a facilitator that you are "
                "here.",
                code="too_many_wrong_codes",
            )
        try:
            return check_in_behind(code, clock.now())
        except CodeNotKnown:
            WRONG_CODES.note(self.request)
            raise


class TypeCheckInCode(_CheckInPage):
    """Where the code on the screen is typed by those who cannot scan it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("type_check_in_code", TypeCheckInCodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TypeCheckInCodeForm(request.POST)
        if not form.is_valid():
            return self.show("type_check_in_code", form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            check_in = self.behind(form.cleaned_data["code"])
        except CodeNotKnown as refusal:
            add_refusal(form, refusal, field="code")
            return self.show("type_check_in_code", form, status=refusal.status)
        return let_in(check_in)


class OpenCheckIn(_CheckInPage):
    """The code, scanned: gives this browser its pass, and an address without the code. Nothing is stored here."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return let_in(self.behind(as_meant(code)))


def let_in(check_in: CheckIn) -> HttpResponse:
    held = new_pass(check_in, clock.now())
    response = redirect("communities:find-name")
    what = {"check_in": held.check_in, "number": held.number, "until": held.until.timestamp()}
    COOKIE.put(response, what)
    return response


class _WithPass(_CheckInPage):
    """A page after the code: this browser holds a pass, and the check-in is open."""

    held: Pass
    check_in: CheckIn

    def enter(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        held = COOKIE.read(request)
        if not held:
            raise PassOver("Scan the code on the screen, or type it.", code="no_pass")
        until = datetime.fromtimestamp(held["until"], UTC)
        self.held = Pass(held["check_in"], held["number"], until)
        self.check_in = check_in_of(self.held, clock.now())
        if request.method == "POST" and not self.is_own_page(request.POST.get("page_mark", "")):
            raise PassOver("Another code was opened in this browser meanwhile. Scan it again.", code="other_pass")
        return super().enter(request, *args, **kwargs)

    def is_own_page(self, mark: str) -> bool:
        """Whether the form that was sent was on a page of this pass: nobody else knows its mark."""
        return hmac.compare_digest(mark.encode("utf-8", "surrogatepass"), self.held.mark("page").encode())

    def show(self, template: str, form: Form, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        shared = {"session": self.check_in.session, "page_mark": self.held.mark("page")}
        return super().show(template, form, status=status, **shared, **context)

    def thanks(self) -> HttpResponse:
        words = (
            f"A facilitator of the {self.check_in.session.community.name} community confirms it. "
            "You can close this page."
        )
        return link_notice(self.request, status=HTTPStatus.OK, heading=THANKS, words=words)


class FindName(_WithPass):
    """Find your name by typing some of it. Each look-up counts."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("find_name", FindNameForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = FindNameForm(request.POST)
        if not form.is_valid():
            return self.show("find_name", form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        typed = form.cleaned_data["name"]
        try:
            found = look_up(held=self.held, typed=typed, now=clock.now())
            refuse_many(found)
        except (TooFewLetters, TooManyFit) as refusal:
            add_refusal(form, refusal, field="name")
            return self.show("find_name", form, status=refusal.status)
        if not found:
            return self.show("find_name", form, nobody=typed)
        return self.show("choose_name", self.choice(typed, found))

    def choice(self, typed: str, found: list[Found]) -> ClaimPresenceForm:
        initial = {"typed": typed, "typed_mark": self.held.mark("typed", typed)}
        return ClaimPresenceForm(names=[(one.mark, one.name) for one in found], initial=initial)


class ClaimPresence(_WithPass):
    """This is me, and I am here."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect(reverse("communities:find-name"))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ClaimPresenceForm(request.POST, names=self.names())
        if not form.is_valid():
            return self.show("choose_name", form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        said = form.cleaned_data
        try:
            claim_presence(held=self.held, mark=said["who"], typed=said["typed"], how=said["how"], now=clock.now())
        except NameNotFoundHere as refusal:
            add_refusal(form, refusal, field="who")
            return self.show("choose_name", form, status=refusal.status)
        return self.thanks()

    def names(self) -> list[tuple[str, str]]:
        """What the look-up had found: only what this pass has typed and been counted for is looked at again."""
        typed = self.request.POST.get("typed", "")
        mark = self.request.POST.get("typed_mark", "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(mark, self.held.mark("typed", typed).encode()):
            raise PassOver("Find your name again: scan the code on the screen.", code="not_looked_up")
        return [(one.mark, one.name) for one in fitting(self.held, self.check_in, typed)]


class ClaimAsGuest(_WithPass):
    """I came, and I am not on the list."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("check_in_as_guest", ClaimAsGuestForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ClaimAsGuestForm(request.POST)
        if not form.is_valid():
            return self.show("check_in_as_guest", form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        claim_as_guest(held=self.held, now=clock.now(), **form.cleaned_data)
        return self.thanks()

"""The way in behind a link: an invitation by mail, or the join link of a session. Nobody is signed in here.

A GET changes nothing, and a POST without a choice changes nothing either.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from communities.forms.joining import AnswerInvitationForm, AskByLinkForm, TypeCodeForm
from communities.models import MemberInvitation
from communities.services.communities import CommunityClosed
from communities.services.joining.invitations import (
    InvitationNotKnown,
    InvitationNotWaiting,
    InvitationOver,
    Invited,
    accept_invitation,
    decline_invitation,
    invitation_behind,
)
from communities.services.joining.join_links import (
    JoinLinkClosed,
    JoinLinkNotKnown,
    as_meant,
    ask_by_link,
    join_link_behind,
)
from communities.services.joining.join_requests import TooManyAsk
from communities.services.people.membership import NameNotSaid, ProfessionNotSaid
from cop_portal.accounts.link_pages import LinkPage, link_notice
from cop_portal.design.refusals import add_refusal
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

FIELDS: Mapping[type[Refusal], str] = {NameNotSaid: "name", ProfessionNotSaid: "professional_group"}


class JoinCode:
    """A code in an address, as it is scanned or typed: 12 letters and figures, in groups or not."""

    regex = "[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class _WayIn(LinkPage):
    shown_path = "/j/"
    failed_words = "Nothing you just sent was stored. Go back and try again in a few minutes."
    closed_doors: ClassVar[Mapping[type[Refusal], tuple[int, str]]] = {
        InvitationNotKnown: (HTTPStatus.NOT_FOUND, "This link leads nowhere"),
        InvitationOver: (HTTPStatus.GONE, "This invitation is over"),
        InvitationNotWaiting: (HTTPStatus.CONFLICT, "You have already answered"),
        JoinLinkNotKnown: (HTTPStatus.NOT_FOUND, "This code leads nowhere"),
        JoinLinkClosed: (HTTPStatus.GONE, "This code opens no more"),
        TooManyAsk: (HTTPStatus.TOO_MANY_REQUESTS, "Too many people are asking"),
        CommunityClosed: (HTTPStatus.GONE, "This community is closed"),
    }

    def show(self, template: str, form: forms.Form, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        return render(self.request, f"communities/{template}.html", {"form": form, **context}, status=status)


class AnswerInvitation(_WayIn):
    """Would you like to join? Behind the link of one person's invitation."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        invited = invitation_behind(token, clock.now())
        if invited.invitation.state == MemberInvitation.State.ACCEPTED:
            return self.welcome(invited.invitation)
        return self.ask(invited, AnswerInvitationForm(is_known=invited.is_known))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        now = clock.now()
        invited = invitation_behind(token, now)
        form = AnswerInvitationForm(request.POST, is_known=invited.is_known)
        if not form.is_valid():
            return self.ask(invited, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if not form.is_yes:
            return self.declined(decline_invitation(token=token, now=now))
        try:
            accept_invitation(token=token, now=now, **form.about_me)
        except (NameNotSaid, ProfessionNotSaid) as refusal:
            add_refusal(form, refusal, field=FIELDS[type(refusal)])
            return self.ask(invited, form, status=refusal.status)
        return self.welcome(invited.invitation)

    def ask(self, invited: Invited, form: forms.Form, *, status: int = HTTPStatus.OK) -> HttpResponse:
        return self.show("answer_invitation", form, status=status, invited=invited.invitation)

    def welcome(self, invitation: MemberInvitation) -> HttpResponse:
        words = (
            f"You are a member of the {invitation.community.name} community. To see it, sign in at {settings.BASE_URL} "
            "with the address that the invitation was mailed to: we send you a code to type."
        )
        return link_notice(self.request, status=HTTPStatus.OK, heading="Welcome", words=words)

    def declined(self, invitation: MemberInvitation) -> HttpResponse:
        words = (
            "Thank you for saying so. Your address is deleted within 30 days. "
            "If you change your mind before the invitation ends, open the link again."
        )
        return link_notice(self.request, status=HTTPStatus.OK, heading="You have said no", words=words)


class AskByLink(_WayIn):
    """Would you like to join? Behind the code that is shown at a session. It makes a request, and no member."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        link = join_link_behind(code, clock.now())
        return self.show("ask_by_link", AskByLinkForm(), link=link)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        now = clock.now()
        link = join_link_behind(code, now)
        form = AskByLinkForm(request.POST)
        if not form.is_valid():
            return self.show("ask_by_link", form, status=HTTPStatus.UNPROCESSABLE_ENTITY, link=link)
        if not form.is_yes:
            words = "Thank you. Nothing was stored."
            return link_notice(request, status=HTTPStatus.OK, heading="You have said no", words=words)
        said = form.cleaned_data
        try:
            ask_by_link(code=code, email=said["email"], words=said["words"], now=now, **form.about_me)
        except (NameNotSaid, ProfessionNotSaid) as refusal:
            add_refusal(form, refusal, field=FIELDS[type(refusal)])
            return self.show("ask_by_link", form, status=refusal.status, link=link)
        words = (
            f"A facilitator of the {link.community.name} community will look at your request. "
            "You will get a mail once they have said yes."
        )
        return link_notice(request, status=HTTPStatus.OK, heading="Thank you for asking", words=words)


class TypeCode(_WayIn):
    """Where the code on the screen is typed by those who cannot scan it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("type_code", TypeCodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TypeCodeForm(request.POST)
        if form.is_valid():
            try:
                join_link_behind(form.cleaned_data["code"], clock.now())
            except (JoinLinkNotKnown, JoinLinkClosed) as refusal:
                add_refusal(form, refusal, field="code")
                return self.show("type_code", form, status=refusal.status)
            return redirect(reverse("communities:ask-by-link", args=[as_meant(form.cleaned_data["code"])]))
        return self.show("type_code", form, status=HTTPStatus.UNPROCESSABLE_ENTITY)

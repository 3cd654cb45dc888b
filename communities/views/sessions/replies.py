"""Saying whether one comes: on the session's page, on Home, and behind the link in a mail."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from communities.forms.replies import ReplyForm
from communities.models import Reply
from communities.permissions import Permission
from communities.services.communities import CommunityClosed
from communities.services.sessions.replies import (
    ReplyLinkNotKnown,
    ReplyTooLate,
    SessionCalledOff,
    reply_behind,
    reply_by_link,
    reply_to_session,
)
from communities.views.sessions.reading import OfSession
from cop_portal.accounts.link_pages import LinkPage, link_notice
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

NOTED = {
    Reply.Answer.COMING: "Noted: you are coming.",
    Reply.Answer.NOT_COMING: "Noted: you are not coming.",
    Reply.Answer.UNSURE: "Noted: you do not know yet.",
}


class ReplyToSession(OfSession, ServiceFormView):
    """A member says whether they come. Home's buttons send the same form."""

    permission = Permission.REPLY_TO_SESSION
    template_name = "communities/reply_to_session.html"
    form_class = ReplyForm
    heading = "Will you come?"

    def get_initial(self) -> dict[str, Any]:
        said = self.session.replies.of_user(self.user).first()
        return {"answer": said.answer if said else ""}

    def perform(self, form: ReplyForm) -> HttpResponse:
        answer = Reply.Answer(form.cleaned_data["answer"])
        reply_to_session(session=self.session, answer=answer, by=self.user, now=clock.now())
        messages.success(self.request, NOTED[answer])
        return redirect("home") if self.request.POST.get("from") == "home" else redirect(self.session)


class ReplyByLink(LinkPage):
    """One session, one question. No choice is made beforehand, not even the one that was made before."""

    shown_path = "/r/"
    closed_doors: ClassVar[Mapping[type[Refusal], tuple[int, str]]] = {
        ReplyLinkNotKnown: (HTTPStatus.NOT_FOUND, "This link is not known"),
        SessionCalledOff: (HTTPStatus.GONE, "This session is cancelled"),
        ReplyTooLate: (HTTPStatus.GONE, "There is nothing left to say"),
        CommunityClosed: (HTTPStatus.GONE, "This community has closed"),
    }

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(request, reply_behind(token, now=clock.now()), ReplyForm(), HTTPStatus.OK)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        now = clock.now()
        reply, form = reply_behind(token, now=now), ReplyForm(request.POST)
        if not form.is_valid():
            return self.page(request, reply, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        answer = Reply.Answer(form.cleaned_data["answer"])
        reply_by_link(token=token, answer=answer, now=now)
        words = f"{NOTED[answer]} You can change it by the same link until the session begins."
        return link_notice(request, status=HTTPStatus.OK, heading="Thank you", words=words)

    def page(self, request: HttpRequest, reply: Reply, form: ReplyForm, status: int) -> HttpResponse:
        # No address: the form is sent to the one that the browser shows, which holds the token.
        context = {"session": reply.session, "community": reply.session.community, "reply": reply, "form": form}
        return render(request, "communities/reply_by_link.html", context, status=status)

"""Behind a link: not me, do not ask me again about this, stop all but my own actions. And one's mail, signed in."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from cop_portal.accounts.link_pages import link_notice
from cop_portal.accounts.services.mail_choice import choose_mail
from cop_portal.accounts.views.own import OwnPage
from cop_portal.installation import clock
from evaluations.dashboards.mail_plan import mail_plan_of
from evaluations.forms.link_choices import LinkChoice, LinkChoiceForm, MailChoiceForm
from evaluations.models import PrivacyMode
from evaluations.services.answers.link_choices import (
    ask_again,
    invitation_behind,
    say_not_me,
    stop_all_but_own,
    stop_asking,
)
from evaluations.views.answers.link_pages import AnswerPage

# RFC 8058: what a mail program posts, and only that, acts without anyone choosing on a page. It can be taken back.
ONE_CLICK = {"List-Unsubscribe": ["One-Click"]}
SAID: Mapping[str, tuple[str, str]] = {
    LinkChoice.NOT_THIS: (
        "No more mail about this",
        "Your link goes on working until this closes. If you change your mind, open it again.",
    ),
    LinkChoice.AGAIN: ("We will remind you", "If no answer has come through your link by then."),
    LinkChoice.OWN_ONLY: (
        "Only mail about your own actions",
        (
            "That holds for every community, from now on. Mail about your account, such as a code to sign in, still "
            "comes when you ask for it. You can change this at any time: sign in, and choose Your mail under your name."
        ),
    ),
    LinkChoice.NOT_ME: (
        "Thank you for telling us",
        (
            "This link has stopped working, and what was typed behind it and not sent is gone.{sent} The facilitators "
            "have been asked to check the address. You can delete the mail."
        ),
    ),
}
# Of what had been sent before they said so.
TAKEN_OUT = " What had been sent, with the name of somebody else, is taken out."
STAYS_SEALED = " What had been sent stays: it is sealed, and nobody can tell which answers came through this link."


class StopPage(AnswerPage):
    """A choice without a default; a GET, and a POST without a choice, change nothing."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.show(LinkChoiceForm(is_stopped=invitation_behind(token).is_stopped), token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if dict(request.POST.lists()) == ONE_CLICK:
            return self.act(LinkChoice.NOT_THIS, token)
        form = LinkChoiceForm(request.POST, is_stopped=invitation_behind(token).is_stopped)
        if not form.is_valid():
            return self.show(form, token, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.act(LinkChoice(form.cleaned_data["choice"]), token)

    def act(self, choice: LinkChoice, token: str) -> HttpResponse:
        sent = self.of_what_was_sent(token) if choice == LinkChoice.NOT_ME else ""
        match choice:
            case LinkChoice.NOT_THIS:
                stop_asking(token=token)
            case LinkChoice.AGAIN:
                ask_again(token=token)
            case LinkChoice.OWN_ONLY:
                stop_all_but_own(token=token, now=clock.now())
            case LinkChoice.NOT_ME:
                say_not_me(token=token, now=clock.now())
        heading, words = SAID[choice]
        return link_notice(self.request, status=HTTPStatus.OK, heading=heading, words=words.format(sent=sent))

    def of_what_was_sent(self, token: str) -> str:
        """What comes of it, now that the mail turns out to have reached someone else."""
        invitation = invitation_behind(token)
        if not invitation.is_answered:
            return ""
        return TAKEN_OUT if invitation.survey.mode == PrivacyMode.NAMED else STAYS_SEALED

    def show(self, form: LinkChoiceForm, token: str, *, status: int = 200) -> HttpResponse:
        survey = invitation_behind(token).survey
        context = {"form": form, "version": survey.version, "community": survey.community, "token": token}
        return render(self.request, "evaluations/answer_stop.html", context, status=status)


class MyMail(OwnPage):
    """What am I mailed, when, and how do I stop it?"""

    form_class = MailChoiceForm
    heading = "Your mail"
    submit_label = "Save"
    template_name = "evaluations/my_mail.html"
    done_words: ClassVar[Mapping[str, str]] = {
        "all": "You get mail about everything again.",
        "own": "You get mail only about what is yours to do, and about your account.",
    }

    def get_initial(self) -> dict[str, Any]:
        return {"wanted": "own" if self.me.only_own_mail else "all"}

    def perform(self, form: MailChoiceForm) -> HttpResponse:
        wanted = form.cleaned_data["wanted"]
        choose_mail(user=self.me, only_own=wanted == "own", by=self.me, now=clock.now())
        return self.done(self.done_words[wanted])

    def get_cancel_url(self) -> str:
        return reverse("accounts:me")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        planned = mail_plan_of(self.me, now=clock.now())
        return super().get_context_data(planned=planned, cap_days=settings.CAP_WORKING_DAYS, **kwargs)

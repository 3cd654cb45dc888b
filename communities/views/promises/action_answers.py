"""Saying how an action went: on its page, on Home, and behind the link in a mail."""

from http import HTTPStatus
from typing import Any, ClassVar, TypeAlias

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from communities.forms.actions import HELP, NOT_MINE, AnswerActionForm, ReopenActionForm
from communities.models import Action
from communities.permissions import Permission
from communities.services.communities import CommunityClosed
from communities.services.promises.action_help import AlreadyDisowned, HelpAlreadyAsked, ask_for_help, disown_action
from communities.services.promises.action_links import ActionLinkNotKnown, action_behind
from communities.services.promises.actions import ActionAlreadyAnswered, answer_action, reopen_action
from communities.views.promises.actions import OfAction
from cop_portal.accounts.link_pages import LinkPage, link_notice
from cop_portal.accounts.models import User
from cop_portal.design.refusals import add_refusal
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

AnyForm: TypeAlias = AnswerActionForm | ReopenActionForm

THANKS = {
    Action.State.DONE: "Thank you. It is noted as done.",
    Action.State.DROPPED: "It is noted as dropped.",
    Action.State.HANDED_OVER: "It is noted as handed over.",
    HELP: "It is on the register of problems now, and the facilitators have been told.",
    NOT_MINE: "The facilitators have been told, and will find it another owner.",
}


def take_answer(action: Action, form: AnswerActionForm, by: User | None) -> str:
    """Does what was chosen, and returns what is said to whoever chose it."""
    state, now = form.cleaned_data["state"], clock.now()
    if state == HELP:
        ask_for_help(action=action, words=form.cleaned_data["words"], by=by, now=now)
    elif state == NOT_MINE:
        disown_action(action=action, by=by, now=now)
    else:
        answer_action(action=action, state=state, by=by, now=now)
    return THANKS[state]


class AnswerAction(OfAction, ServiceFormView):
    """Members answer their own; facilitators and staff any. Home's buttons send the same form."""

    permission = Permission.ANSWER_OWN_ACTION
    answers = True
    template_name = "communities/answer_action.html"
    form_class = AnswerActionForm
    heading = "How did this action go?"

    def perform(self, form: AnswerActionForm) -> HttpResponse:
        messages.success(self.request, take_answer(self.action, form, self.user))
        if self.request.POST.get("from") == "home":
            return redirect("home")
        return redirect("communities:action-list", self.community.slug)


class ReopenAction(OfAction, View):
    """Takes back an answer that was given by mistake: a button on the action's page."""

    permission = Permission.ANSWER_OWN_ACTION
    answers = True
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        try:
            reopen_action(action=self.action, by=self.user, now=clock.now())
            messages.success(request, "The action is open again.")
        except Refusal as refusal:
            messages.warning(request, " ".join(refusal.messages))
        return redirect(self.action)


class ActionLink(LinkPage):
    """What the owner of an action is asked in a mail: done, help, not mine. No choice is made beforehand."""

    shown_path = "/x/"
    closed_doors: ClassVar[dict[type[Refusal], tuple[int, str]]] = {
        ActionLinkNotKnown: (HTTPStatus.NOT_FOUND, "This link is not known"),
        CommunityClosed: (HTTPStatus.GONE, "This community has closed"),
        ActionAlreadyAnswered: (HTTPStatus.GONE, "This has been answered"),
    }

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        action = action_behind(token)
        return self._page(request, action, self._form(action), HTTPStatus.OK)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        action = action_behind(token)
        if action.state == Action.State.DONE == request.POST.get("state"):
            # Sent twice: it is as they say.
            return self._thanks(request, THANKS[Action.State.DONE])
        form = self._form(action, request.POST)
        if not form.is_valid():
            return self._page(request, action, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            return self._thanks(request, self._take(action, form))
        except (HelpAlreadyAsked, AlreadyDisowned) as refusal:
            add_refusal(form, refusal)
            return self._page(request, action, form, refusal.status)

    def _take(self, action: Action, form: AnyForm) -> str:
        if isinstance(form, AnswerActionForm):
            return take_answer(action, form, None)
        reopen_action(action=action, by=None, now=clock.now())
        return "The action is open again. The link in the mail still works."

    def _thanks(self, request: HttpRequest, words: str) -> HttpResponse:
        return link_notice(request, status=HTTPStatus.OK, heading="Thank you", words=words)

    def _form(self, action: Action, data: Any = None) -> AnyForm:
        """The three that an owner is asked; of what was answered “done”, whether that was a mistake."""
        if action.is_open:
            return AnswerActionForm(data, is_behind_link=True)
        if action.state == Action.State.DONE:
            return ReopenActionForm(data)
        raise ActionAlreadyAnswered(
            f"What became of it is noted: {action.get_state_display().lower()}.", code="action_already_answered"
        )

    def _page(self, request: HttpRequest, action: Action, form: AnyForm, status: int) -> HttpResponse:
        # No address: the form is sent to the one that the browser shows, which holds the token.
        context = {"action": action, "form": form, "today": clock.today()}
        return render(request, "communities/action_link.html", context, status=status)

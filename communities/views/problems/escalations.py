"""A question put to the person who can act: as it was sent, and what those who asked may do with it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from communities.forms.escalations import RecordAnswerForm, SendLinkAgainForm, WithdrawEscalationForm
from communities.models import Escalation
from communities.permissions import Permission
from communities.services.problems.answers import AnsweredOutOfTime, NotAVerdict, SomeoneElseNotNamed, record_answer
from communities.services.problems.escalations import (
    NoAddressToSendTo,
    ReasonNotSaid,
    send_link_again,
    withdraw_escalation,
)
from communities.views.problems.register import OfProblem
from cop_portal.design.dates import days_since
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class OfEscalation(OfProblem):
    """A page of one question about a problem: `self.escalation`, or 404."""

    escalation: Escalation

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        put = self.problem.escalations.select_related("lever_holder__organisation", "brief")
        self.escalation = get_object_or_404(put, pk=kwargs["asked"])
        self.escalation.problem = self.problem

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(escalation=self.escalation, **kwargs)

    def get_cancel_url(self) -> str:
        return self.escalation.get_absolute_url()


class EscalationPage(OfEscalation, TemplateView):
    """What was asked of whom, as they read it, and everything that came back."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/escalation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, escalation = clock.now(), self.escalation
        answers = list(escalation.answers.in_order())
        came_by_link = any(answer.by_id is None and answer.disputed_at is None for answer in answers)
        still_open = escalation.withdrawn_at is None and not came_by_link
        return super().get_context_data(
            answers=answers,
            days=days_since(escalation.asked_at, escalation.answered_at or now),
            sees_lever_holder=self.may(Permission.SEE_LEVER_HOLDERS),
            can_record=still_open
            and (escalation.answered_at is None or escalation.may_be_corrected(now))
            and self.may(Permission.RECORD_ANSWER),
            can_send_again=escalation.is_waiting and self.may(Permission.SEND_LINK_AGAIN),
            can_withdraw=escalation.is_waiting and self.may(Permission.WITHDRAW_ESCALATION),
            **kwargs,
        )


class _ChangeEscalation(OfEscalation, ServiceFormView):
    """A form about one question."""

    template_name = "communities/escalation_form.html"


class RecordAnswer(_ChangeEscalation):
    """An answer that came by mail or in person, or one so recorded that has to be put right."""

    permission = Permission.RECORD_ANSWER
    form_class = RecordAnswerForm
    heading = "Record their answer"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        AnsweredOutOfTime: "answered_on",
        NotAVerdict: "verdict",
        SomeoneElseNotNamed: "answer",
    }

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.escalation.version, "answer": self.escalation.answer, "answered_on": clock.today()}

    def perform(self, form: RecordAnswerForm) -> HttpResponse:
        record_answer(escalation=self.escalation, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "The answer is on the register. Say when something has come of it.")
        return redirect(self.problem)


class SendLinkAgain(_ChangeEscalation):
    permission = Permission.SEND_LINK_AGAIN
    form_class = SendLinkAgainForm
    heading = "Send the link again"
    submit_label = "Send it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoAddressToSendTo: "email"}

    def get_initial(self) -> dict[str, Any]:
        return {"email": self.escalation.lever_holder.email}

    def perform(self, form: SendLinkAgainForm) -> HttpResponse:
        address = form.cleaned_data["email"]
        send_link_again(escalation=self.escalation, email=address, by=self.user, now=clock.now())
        messages.success(self.request, f"A new link is on its way to {address}. The one before it no longer works.")
        return redirect(self.escalation)


class WithdrawEscalation(_ChangeEscalation):
    permission = Permission.WITHDRAW_ESCALATION
    form_class = WithdrawEscalationForm
    heading = "Take this back"
    submit_label = "Take it back"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ReasonNotSaid: "because"}

    def perform(self, form: WithdrawEscalationForm) -> HttpResponse:
        withdraw_escalation(escalation=self.escalation, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "Taken back. The link says so, and no reminder follows.")
        return redirect(self.problem)

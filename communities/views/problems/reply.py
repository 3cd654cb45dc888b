"""Behind the link of the person who can act: one page to read, a choice without a default, a way to say “not me”."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from communities.forms.escalations import NotMeForm, ReplyForm
from communities.models import Escalation
from communities.services.communities import CommunityClosed
from communities.services.problems.answers import (
    LinkNotKnown,
    SomeoneElseNotNamed,
    TakenBack,
    answer_escalation,
    dispute_answer,
    escalation_behind,
)
from cop_portal.accounts.link_pages import LinkPage, link_notice
from cop_portal.design.refusals import add_refusal
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class _BehindTheLink(LinkPage):
    """A page about the one question that a link belongs to: `self.escalation`."""

    shown_path = "/e/"
    closed_doors: ClassVar[Mapping[type[Refusal], tuple[int, str]]] = {
        LinkNotKnown: (HTTPStatus.NOT_FOUND, "This link is not known"),
        TakenBack: (HTTPStatus.GONE, "This has been taken back"),
        CommunityClosed: (HTTPStatus.GONE, "This community has closed"),
    }
    template_name: ClassVar[str]
    form_class: ClassVar[type[forms.Form]]
    escalation: Escalation
    token: str

    def enter(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.token = kwargs["token"]
        self.escalation = escalation_behind(self.token)
        return super().enter(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(request, self.form_class(initial=self.initial()))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            return self.perform(request, form.cleaned_data)
        except tuple(self.closed_doors):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal, field="answer" if isinstance(refusal, SomeoneElseNotNamed) else None)
            self.escalation = escalation_behind(self.token)
            return self.page(request, form, status=refusal.status)

    def initial(self) -> dict[str, Any]:
        return {"version": self.escalation.version}

    def perform(self, request: HttpRequest, said: dict[str, Any]) -> HttpResponse:
        raise NotImplementedError(f"{type(self).__name__} must say what it performs.")

    def page(self, request: HttpRequest, form: forms.Form, status: int = HTTPStatus.OK) -> HttpResponse:
        escalation = self.escalation
        context = {
            "form": form,
            "token": self.token,
            "escalation": escalation,
            "problem": escalation.problem,
            "community": escalation.problem.community,
            "holder": escalation.lever_holder,
            "can_answer": escalation.answered_at is None or escalation.may_be_corrected(clock.now()),
            "correction_days": settings.ANSWER_CORRECTION_DAYS,
        }
        return render(request, self.template_name, context, status=status)


class ReplyToProblem(_BehindTheLink):
    template_name = "communities/reply_to_problem.html"
    form_class = ReplyForm

    def initial(self) -> dict[str, Any]:
        # What they wrote stands in the box again; the choice never does.
        return super().initial() | {"answer": self.escalation.answer}

    def perform(self, request: HttpRequest, said: dict[str, Any]) -> HttpResponse:
        answer_escalation(escalation=self.escalation, now=clock.now(), **said)
        return redirect("communities:reply-to-problem", self.token)


class NotMyAnswer(_BehindTheLink):
    template_name = "communities/not_my_answer.html"
    form_class = NotMeForm

    def perform(self, request: HttpRequest, said: dict[str, Any]) -> HttpResponse:
        if said["whose"] == NotMeForm.MINE:
            return redirect("communities:reply-to-problem", self.token)
        dispute_answer(escalation=self.escalation, version=said["version"], now=clock.now())
        words = (
            "Thank you for telling us. The answer has been taken out and the community has been told. A new link, "
            "which only you know, is on its way to the address that we wrote to."
        )
        return link_notice(request, status=HTTPStatus.OK, heading="This answer no longer counts", words=words)

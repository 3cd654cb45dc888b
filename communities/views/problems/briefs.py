"""The one page about a problem: writing it, sending it to the person who can act, throwing the draft away."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from communities.forms.escalations import MAIL, BriefForm, DiscardBriefForm, SendBriefForm
from communities.models import Brief, LeverHolder
from communities.permissions import Permission
from communities.services.problems.briefs import (
    NOT_WRITTEN_YET,
    BriefText,
    discard_brief,
    suggest_brief,
    write_brief,
)
from communities.services.problems.escalations import NoAddressToSendTo, WhoCanAct, send_brief
from communities.views.problems.register import OfProblem
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class _OfBrief(OfProblem, ServiceFormView):
    """A page about the draft of a problem's brief, if there is one."""

    @cached_property
    def draft(self) -> Brief | None:
        return Brief.objects.drafts().filter(problem=self.problem).first()

    def here(self, name: str) -> str:
        return reverse(f"communities:{name}", args=[self.community.slug, self.problem.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(brief=self.draft, **kwargs)


class WriteBrief(_OfBrief):
    """Begins with what the records say; from then on with what was written last."""

    permission = Permission.WRITE_BRIEF
    template_name = "communities/write_brief.html"
    form_class = BriefForm
    heading = "The brief for the person who can act"
    submit_label = "Save, and read it as a page"
    keeps_draft = True
    keeps_draft_in_browser = True

    def get_initial(self) -> dict[str, Any]:
        if self.draft:
            return {name: getattr(self.draft, name) for name in ("version", *Brief.PARTS)}
        return {"version": NOT_WRITTEN_YET, **asdict(suggest_brief(self.problem, clock.now()))}

    def perform(self, form: BriefForm) -> HttpResponse:
        said = dict(form.cleaned_data)
        version = said.pop("version")
        write_brief(problem=self.problem, version=version, text=BriefText(**said), by=self.user, now=clock.now())
        messages.success(self.request, "The draft is saved. Nothing has been sent.")
        return redirect(self.here("send-brief"))


class SendBrief(_OfBrief):
    """The brief as it will be read, and to whom it goes."""

    permission = Permission.SEND_BRIEF
    template_name = "communities/send_brief.html"
    form_class = SendBriefForm
    heading = "Put it to the person who can act"
    submit_label = "Put it to them"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoAddressToSendTo: "email"}

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(*args, **kwargs) if self.draft else redirect(self.here("write-brief"))

    def get_form_kwargs(self) -> dict[str, Any]:
        asked_here = LeverHolder.objects.filter(escalations__problem__community=self.community)
        known = asked_here.select_related("organisation").order_by("name", "pk").distinct()
        return super().get_form_kwargs() | {"known": known}

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.draft.version if self.draft else NOT_WRITTEN_YET}

    def perform(self, form: SendBriefForm) -> HttpResponse:
        said = form.cleaned_data
        is_mailed = said["how"] == MAIL
        to = _who(said)
        send_brief(
            problem=self.problem, version=said["version"], to=to, is_mailed=is_mailed, by=self.user, now=clock.now()
        )
        sent = f"The brief is on its way to {to.email}." if is_mailed else "Noted that you have given it to them."
        messages.success(self.request, f"{sent} Their answer will stand here.")
        return redirect(self.problem)

    def get_cancel_url(self) -> str:
        return self.here("write-brief")


def _who(said: dict[str, Any]) -> WhoCanAct:
    known: LeverHolder | None = said["known"]
    if known is None:
        return WhoCanAct(said["name"], said["post"], said["email"], said["organisation"])
    return WhoCanAct(known.name, known.post, said["email"] or known.email, known.organisation)


class DiscardBrief(_OfBrief):
    """Asks once more, because a draft cannot be brought back."""

    permission = Permission.WRITE_BRIEF
    template_name = "communities/problem_form.html"
    heading = "Throw this draft away?"
    submit_label = "Throw it away"
    form_class = DiscardBriefForm

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(*args, **kwargs) if self.draft else redirect(self.problem)

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.draft.version if self.draft else NOT_WRITTEN_YET}

    def perform(self, form: DiscardBriefForm) -> HttpResponse:
        discard_brief(problem=self.problem, version=form.cleaned_data["version"], by=self.user, now=clock.now())
        messages.success(self.request, "The draft is gone. A new one begins with what the records say.")
        return redirect(self.problem)

    def get_cancel_url(self) -> str:
        return self.here("write-brief")

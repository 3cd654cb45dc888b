"""What a community decided, when to look at it again, and whether it held."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView, View

from communities.forms.decisions import EditDecisionForm, JudgeDecisionForm, NoteDecisionForm
from communities.models import Decision
from communities.permissions import Permission
from communities.services.promises.decisions import (
    DecidedInTheFuture,
    DecisionSaysNothing,
    ReviewedTooEarly,
    edit_decision,
    judge_decision,
    note_decision,
    take_verdict_back,
)
from communities.views.in_community import InCommunity
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

REFUSAL_FIELDS: dict[type[Refusal], str] = {
    DecisionSaysNothing: "text",
    DecidedInTheFuture: "decided_on",
    ReviewedTooEarly: "review_on",
}


class DecisionList(InCommunity, ListView[Decision]):
    """Did it hold? The newest first; or, with `?show=due`, those to look at again, the longest due on top."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/decision_list.html"
    current: ClassVar[str] = "doing"
    paginate_by = settings.PAGE_SIZE
    SHOWS: ClassVar[dict[str, tuple[str, str, str]]] = {
        "all": ("All", "Decisions", "No decision has been noted yet. Decisions are noted at a session, or here."),
        "due": ("To look at again", "Decisions to look at again", "No decision is due to be looked at again."),
        "judged": (
            "Looked at again",
            "Decisions looked at again",
            "Of no decision has it been said yet whether it held.",
        ),
    }

    @property
    def show(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in self.SHOWS else "all"

    def get_queryset(self) -> QuerySet[Decision]:
        decisions = Decision.objects.visible_to(self.user).filter(community=self.community)
        match self.show:
            case "due":
                return decisions.due_for_review(clock.today()).review_first()
            case "judged":
                return decisions.exclude(verdict="").order_by("-verdict_at", "-pk")
        return decisions.newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        _, heading, empty = self.SHOWS[self.show]
        return super().get_context_data(
            today=clock.today(),
            show=self.show,
            heading=heading,
            empty=empty,
            shows=[(word, label) for word, (label, *_) in self.SHOWS.items()],
            can_note=self.may(Permission.NOTE_DECISION),
            can_edit=self.may(Permission.EDIT_DECISION),
            can_judge=self.may(Permission.JUDGE_DECISION),
            **kwargs,
        )


class NoteDecision(InCommunity, ServiceFormView):
    permission = Permission.NOTE_DECISION
    template_name = "communities/doing_form.html"
    form_class = NoteDecisionForm
    current: ClassVar[str] = "doing"
    heading = "Note a decision"
    submit_label = "Note this decision"
    refusal_fields = REFUSAL_FIELDS

    def get_initial(self) -> dict[str, Any]:
        return {"decided_on": clock.today()}

    def perform(self, form: NoteDecisionForm) -> HttpResponse:
        note_decision(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "The decision is noted.")
        return redirect("communities:decision-list", self.community.slug)

    def get_cancel_url(self) -> str:
        return reverse("communities:decision-list", args=[self.community.slug])


class OfDecision(InCommunity):
    """A page of one decision of a community: `self.decision`, or 404."""

    current: ClassVar[str] = "doing"
    decision: Decision

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        decisions = Decision.objects.visible_to(self.user).filter(community=self.community)
        self.decision = get_object_or_404(decisions, pk=kwargs["pk"])
        self.decision.community = self.community

    def get_cancel_url(self) -> str:
        return reverse("communities:decision-list", args=[self.community.slug])


class EditDecision(OfDecision, ServiceFormView):
    permission = Permission.EDIT_DECISION
    template_name = "communities/doing_form.html"
    form_class = EditDecisionForm
    heading = "Correct this decision"
    refusal_fields = REFUSAL_FIELDS

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.decision, name) for name in ("text", "review_on", "is_private", "version")}

    def perform(self, form: EditDecisionForm) -> HttpResponse:
        edit_decision(decision=self.decision, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "The decision is corrected.")
        return redirect(self.get_cancel_url())


class JudgeDecision(OfDecision, ServiceFormView):
    """Did it hold? Asked from its review date on, and answered whenever it is known."""

    permission = Permission.JUDGE_DECISION
    template_name = "communities/doing_form.html"
    form_class = JudgeDecisionForm
    heading = "Did this decision hold?"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(about=self.decision.text, **kwargs)

    def perform(self, form: JudgeDecisionForm) -> HttpResponse:
        judge_decision(decision=self.decision, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "What became of the decision is noted.")
        return redirect(self.get_cancel_url())


class TakeVerdictBack(OfDecision, View):
    """Takes back a verdict that was given by mistake: a button beside it."""

    permission = Permission.JUDGE_DECISION
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        try:
            take_verdict_back(decision=self.decision, by=self.user, now=clock.now())
            messages.success(request, "The decision stands again, to be looked at.")
        except Refusal as refusal:
            messages.warning(request, " ".join(refusal.messages))
        return redirect(self.get_cancel_url())

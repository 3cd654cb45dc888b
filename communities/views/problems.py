"""What is in the way, and who holds the lever: the register, one problem and its trail, and what can be said of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView, TemplateView

from communities.forms.problems import LocateProblemForm, MoveProblemForm, RaiseProblemForm, SettleProblemForm
from communities.models import Problem, ProblemStep
from communities.permissions import Permission
from communities.services.problems import (
    OutcomeNotSaid,
    ProblemInTheFuture,
    declare_beyond_reach,
    locate_problem,
    raise_problem,
    settle_problem,
    start_work,
)
from communities.views.in_community import InCommunity
from cop_portal.design.dates import days_since
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class ProblemList(InCommunity, ListView[Problem]):
    """The register: those not settled first, the longest waiting on top."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/problem_list.html"
    current: ClassVar[str] = "problems"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Problem]:
        return Problem.objects.filter(community=self.community).unsettled_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(can_raise=self.may(Permission.RAISE_PROBLEM), **kwargs)
        now = clock.now()
        return context | {"rows": [(p, days_since(p.state_since, now)) for p in context["object_list"]]}


class RaiseProblem(InCommunity, ServiceFormView):
    permission = Permission.RAISE_PROBLEM
    template_name = "communities/raise_problem.html"
    current: ClassVar[str] = "problems"
    form_class = RaiseProblemForm
    heading = "Raise a problem"
    submit_label = "Raise it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ProblemInTheFuture: "since_on"}

    def perform(self, form: RaiseProblemForm) -> HttpResponse:
        problem = raise_problem(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "The problem is on the register. Say next where it lies, if you know.")
        return redirect(problem)

    def get_cancel_url(self) -> str:
        return reverse("communities:problem-list", args=[self.community.slug])


class OfProblem(InCommunity):
    """A page of one problem of a community: `self.problem`, or 404."""

    problem: Problem
    current: ClassVar[str] = "problems"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.problem = get_object_or_404(Problem.objects.filter(community=self.community), pk=kwargs["pk"])
        self.problem.community = self.community

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(problem=self.problem, **kwargs)

    def get_cancel_url(self) -> str:
        return self.problem.get_absolute_url()


@dataclass(frozen=True)
class TrailStep:
    """A state the problem has been in, and for how many days."""

    step: ProblemStep
    days: int
    is_current: bool


class ProblemPage(OfProblem, TemplateView):
    permission = Permission.SEE_COMMUNITY
    template_name = "communities/problem.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = clock.now()
        may_become = self.problem.may_become
        return super().get_context_data(
            trail=trail_of(self.problem, now),
            escalations=self.problem.escalations.oldest_first().select_related("lever_holder__organisation"),
            can_locate=self.may(Permission.LOCATE_PROBLEM) and not self.problem.is_settled,
            can_move=self.may(Permission.MOVE_PROBLEM)
            and (may_become(Problem.State.BEING_WORKED_ON) or may_become(Problem.State.BEYOND_REACH)),
            can_settle=self.may(Permission.SETTLE_PROBLEM) and any(map(may_become, Problem.SETTLED)),
            **kwargs,
        )


def trail_of(problem: Problem, now: datetime) -> list[TrailStep]:
    """The states in order. A settled problem's last state counts no days: it has come to rest."""
    steps = list(problem.steps.order_by("at", "pk"))
    ends = [step.at for step in steps[1:]] + [now]
    last = len(steps) - 1
    return [
        TrailStep(step=step, days=days_since(step.at, end), is_current=number == last)
        for number, (step, end) in enumerate(zip(steps, ends, strict=True))
    ]


class LocateProblem(OfProblem, ServiceFormView):
    permission = Permission.LOCATE_PROBLEM
    template_name = "communities/problem_form.html"
    form_class = LocateProblemForm
    heading = "Where does this problem lie?"

    def get_initial(self) -> dict[str, Any]:
        return {
            "version": self.problem.version,
            "knowledge": self.problem.knowledge,
            "lever": self.problem.lever,
        }

    def perform(self, form: LocateProblemForm) -> HttpResponse:
        locate_problem(problem=self.problem, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "Noted where it lies.")
        return redirect(self.problem)


class MoveProblem(OfProblem, ServiceFormView):
    """The community works on it, or says that it is beyond its reach."""

    permission = Permission.MOVE_PROBLEM
    template_name = "communities/problem_form.html"
    form_class = MoveProblemForm
    heading = "Move this problem on"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"problem": self.problem}

    def perform(self, form: MoveProblemForm) -> HttpResponse:
        is_work = form.cleaned_data["state"] == Problem.State.BEING_WORKED_ON
        move = start_work if is_work else declare_beyond_reach
        move(problem=self.problem, note=form.cleaned_data["note"], by=self.user, now=clock.now())
        messages.success(self.request, "The problem has moved on.")
        return redirect(self.problem)


class SettleProblem(OfProblem, ServiceFormView):
    permission = Permission.SETTLE_PROBLEM
    template_name = "communities/problem_form.html"
    form_class = SettleProblemForm
    heading = "Say what came of it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {OutcomeNotSaid: "came_of_it"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"problem": self.problem}

    def perform(self, form: SettleProblemForm) -> HttpResponse:
        settle_problem(problem=self.problem, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "What came of it is on the register, for members to read.")
        return redirect(self.problem)

"""Raising a problem, putting right what is said of it, linking it, moving it on, and saying what came of it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from communities.forms.problems import (
    EditProblemForm,
    LinkProblemForm,
    LocateProblemForm,
    MoveProblemForm,
    RaiseProblemForm,
    SettleProblemForm,
)
from communities.models import Problem
from communities.permissions import Permission
from communities.services.problems.register import (
    OutcomeNotSaid,
    ProblemInTheFuture,
    ProblemSaysNothing,
    declare_beyond_reach,
    edit_problem,
    link_problem,
    locate_problem,
    raise_problem,
    settle_problem,
    start_work,
)
from communities.views.in_community import InCommunity
from communities.views.problems.register import OfProblem
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

SAID_WRONGLY: dict[type[Refusal], str] = {ProblemInTheFuture: "since_on", ProblemSaysNothing: "title"}


class RaiseProblem(InCommunity, ServiceFormView):
    permission = Permission.RAISE_PROBLEM
    template_name = "communities/raise_problem.html"
    current: ClassVar[str] = "problems"
    form_class = RaiseProblemForm
    heading = "Raise a problem"
    submit_label = "Raise it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = SAID_WRONGLY

    def perform(self, form: RaiseProblemForm) -> HttpResponse:
        problem = raise_problem(community=self.community, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "The problem is on the register. Say next where it lies, if you know.")
        return redirect(problem)

    def get_cancel_url(self) -> str:
        return reverse("communities:problem-list", args=[self.community.slug])


class _ChangeProblem(OfProblem, ServiceFormView):
    """A form about one problem."""

    template_name = "communities/problem_form.html"


class EditProblem(_ChangeProblem):
    permission = Permission.EDIT_PROBLEM
    form_class = EditProblemForm
    heading = "Change what is said of this problem"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = SAID_WRONGLY

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.problem, name) for name in EditProblemForm.base_fields}

    def perform(self, form: EditProblemForm) -> HttpResponse:
        edit_problem(problem=self.problem, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "The problem has been changed.")
        return redirect(self.problem)


class LocateProblem(_ChangeProblem):
    permission = Permission.LOCATE_PROBLEM
    form_class = LocateProblemForm
    heading = "Where does this problem lie?"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.problem, name) for name in LocateProblemForm.base_fields}

    def perform(self, form: LocateProblemForm) -> HttpResponse:
        locate_problem(problem=self.problem, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "Noted where it lies.")
        return redirect(self.problem)


class LinkProblem(_ChangeProblem):
    """At which sessions it was spoken of, and what is done and tried about it."""

    permission = Permission.LINK_PROBLEM
    form_class = LinkProblemForm
    heading = "What belongs to this problem?"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"problem": self.problem, "now": clock.now()}

    def get_initial(self) -> dict[str, Any]:
        linked = ("sessions", "actions", "tests_of_change")
        return {"version": self.problem.version, **{name: getattr(self.problem, name).all() for name in linked}}

    def perform(self, form: LinkProblemForm) -> HttpResponse:
        said = {"sessions": (), "actions": (), "tests_of_change": (), **form.cleaned_data}
        link_problem(problem=self.problem, by=self.user, now=clock.now(), **said)
        messages.success(self.request, "Noted what belongs to it.")
        return redirect(self.problem)


class MoveProblem(_ChangeProblem):
    """The community works on it, or says that it is beyond its reach."""

    permission = Permission.MOVE_PROBLEM
    form_class = MoveProblemForm
    heading = "Move this problem on"

    def get_heading(self) -> str:
        return "Take this problem up again" if self.problem.is_settled else self.heading

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"problem": self.problem}

    def perform(self, form: MoveProblemForm) -> HttpResponse:
        is_work = form.cleaned_data["state"] == Problem.State.BEING_WORKED_ON
        move = start_work if is_work else declare_beyond_reach
        move(problem=self.problem, note=form.cleaned_data["note"], by=self.user, now=clock.now())
        messages.success(self.request, "The problem has moved on.")
        return redirect(self.problem)


class SettleProblem(_ChangeProblem):
    permission = Permission.SETTLE_PROBLEM
    form_class = SettleProblemForm
    heading = "Say what came of it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {OutcomeNotSaid: "came_of_it"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"problem": self.problem}

    def perform(self, form: SettleProblemForm) -> HttpResponse:
        settle_problem(problem=self.problem, by=self.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, "What came of it is on the register, for members to read.")
        return redirect(self.problem)

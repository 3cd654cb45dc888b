"""What is in the way: the register, one problem and the way it has come, and what came of it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.generic import ListView, TemplateView

from communities.models import Action, Brief, Escalation, Problem, Session, TestOfChange
from communities.permissions import Permission
from communities.reach import came_of_it, trail_of, waiting_rows, with_waiting
from communities.views.in_community import InCommunity
from cop_portal.installation import clock


class ProblemList(InCommunity, ListView[Problem]):
    """The register: those not settled first, the longest waiting on top."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/problem_list.html"
    current: ClassVar[str] = "problems"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Problem]:
        here = Problem.objects.visible_to(self.user).filter(community=self.community)
        return here.unsettled_first().prefetch_related(with_waiting())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(can_raise=self.may(Permission.RAISE_PROBLEM), **kwargs)
        return context | {"rows": waiting_rows(context["object_list"], clock.now())}


class CameOfIt(InCommunity, ListView[Problem]):
    """You said, we did: how each problem ended, for whoever brought it up."""

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/came_of_it.html"
    current: ClassVar[str] = "problems"
    paginate_by = settings.PAGE_SIZE
    context_object_name = "problems"

    def get_queryset(self) -> QuerySet[Problem]:
        return came_of_it(self.user).filter(community=self.community)


class OfProblem(InCommunity):
    """A page of one problem of a community: `self.problem`, or 404."""

    problem: Problem
    current: ClassVar[str] = "problems"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        visible = Problem.objects.visible_to(self.user).filter(community=self.community)
        self.problem = get_object_or_404(visible, pk=kwargs["pk"])
        self.problem.community = self.community

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(problem=self.problem, **kwargs)

    def get_cancel_url(self) -> str:
        return self.problem.get_absolute_url()


class ProblemPage(OfProblem, TemplateView):
    permission = Permission.SEE_COMMUNITY
    template_name = "communities/problem.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            trail=trail_of(self.problem, clock.now()),
            escalations=escalations_of(self.problem),
            **self.linked(),
            **self.what_may_be_done(),
            **kwargs,
        )

    def linked(self) -> dict[str, Any]:
        """What was said, done and tried about it, as far as this reader may see it."""
        user, problem = self.user, self.problem
        raised_at = Session.objects.filter(pk=problem.session_id).first() if problem.session_id else None
        return {
            "raised_at": raised_at,
            "sessions": Session.objects.visible_to(user).filter(problems_discussed=problem).newest_first(),
            "actions": Action.objects.visible_to(user).filter(problems=problem).soonest_first(),
            "tests_of_change": TestOfChange.objects.visible_to(user).filter(problems=problem).running_first(),
        }

    def what_may_be_done(self) -> dict[str, Any]:
        problem, may_become = self.problem, self.problem.may_become
        can_brief = self.may(Permission.WRITE_BRIEF) and problem.may_be_put_to_someone
        is_open = not problem.is_settled
        return {
            "can_edit": self.may(Permission.EDIT_PROBLEM) and is_open,
            "can_locate": self.may(Permission.LOCATE_PROBLEM) and is_open,
            "can_link": self.may(Permission.LINK_PROBLEM) and is_open,
            "can_move": self.may(Permission.MOVE_PROBLEM)
            and (may_become(Problem.State.BEING_WORKED_ON) or may_become(Problem.State.BEYOND_REACH)),
            "can_settle": self.may(Permission.SETTLE_PROBLEM) and any(map(may_become, Problem.SETTLED)),
            "can_brief": can_brief,
            "has_draft": can_brief and Brief.objects.drafts().filter(problem=problem).exists(),
        }


def escalations_of(problem: Problem) -> QuerySet[Escalation]:
    """To whom it was put, in order."""
    return problem.escalations.oldest_first().select_related("lever_holder__organisation", "problem__community")

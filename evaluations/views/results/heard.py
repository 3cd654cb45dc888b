"""Sharing results with members, and what came of them: you said, we heard, we did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from communities.models import Action, Community, Escalation
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.models import User
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.heard import HeardForm
from evaluations.models import Heard, Survey
from evaluations.permissions import Permission, may_see_results
from evaluations.services.results.sharing import (
    HeardSaysNothing,
    HeardWords,
    offered_actions,
    offered_escalations,
    share_results,
    stop_sharing,
    write_heard,
)
from evaluations.views.in_community import OfSurvey


@dataclass(frozen=True)
class HeardPanel:
    """What came of a survey, as one reader may see it, and what they may do about it."""

    heard: Heard | None
    actions: list[Action]
    escalations: list[Escalation]
    is_shared: bool
    can_write: bool
    can_share: bool
    is_for_leaders_only: bool


def heard_panel(survey: Survey, user: User) -> HeardPanel | None:
    """None for someone who may not read the results of this survey, or while there are none. Two queries at most."""
    if survey.state != Survey.State.CLOSED or not may_see_results(user, survey):
        return None
    heard = heard_of(survey)
    is_open = survey.community.state != Community.State.CLOSED
    may = is_open and user.has_perm(Permission.SHARE_RESULTS, survey)
    for_leaders = survey.shared_with == Survey.SharedWith.LEADERS
    return HeardPanel(
        heard=heard,
        actions=list(_actions(heard)) if heard else [],
        escalations=list(_escalations(heard)) if heard else [],
        is_shared=survey.is_shared_with_members,
        can_write=may,
        can_share=may and not for_leaders,
        is_for_leaders_only=for_leaders,
    )


def heard_of(survey: Survey) -> Heard | None:
    """What was written, without a query where the survey was loaded with it."""
    try:
        return survey.heard
    except Heard.DoesNotExist:
        return None


def _actions(heard: Heard) -> Any:
    """Those that every member can read; one made private since is not shown here."""
    chosen = heard.actions.filter(is_private=False).select_related("community")
    return chosen.order_by("-agreed_on", "-pk")


def _escalations(heard: Heard) -> Any:
    chosen = heard.escalations.filter(problem__is_private=False)
    return chosen.select_related("problem__community", "lever_holder__organisation").order_by("-asked_at", "-pk")


class ShareResults(OfSurvey, ServiceFormView):
    """Members will read the results, and are told so by mail."""

    permission: ClassVar[str] = Permission.SHARE_RESULTS
    template_name = "evaluations/share_results.html"
    form_class = ConfirmForm
    heading = "Share the results with members"
    submit_label = "Share them"

    def perform(self, form: ConfirmForm) -> HttpResponse:
        share_results(survey=self.survey, by=self.user, now=clock.now())
        messages.success(self.request, "The results are shared. Those who were asked are told by mail.")
        return redirect(self.survey.get_results_url())

    def get_cancel_url(self) -> str:
        return self.survey.get_results_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heard=heard_panel(self.survey, self.user), **kwargs)


class StopSharing(OfSurvey, ServiceFormView):
    """The results were shared by mistake."""

    permission: ClassVar[str] = Permission.SHARE_RESULTS
    template_name = "evaluations/stop_sharing.html"
    form_class = ConfirmForm
    heading = "Stop sharing the results"
    submit_label = "Stop sharing them"

    def perform(self, form: ConfirmForm) -> HttpResponse:
        stop_sharing(survey=self.survey, by=self.user, now=clock.now())
        messages.success(self.request, "Members cannot read the results any more.")
        return redirect(self.survey.get_results_url())

    def get_cancel_url(self) -> str:
        return self.survey.get_results_url()


class WriteHeard(OfSurvey, ServiceFormView):
    """What did members say, what was heard in it, and what was done?"""

    permission: ClassVar[str] = Permission.SHARE_RESULTS
    template_name = "evaluations/write_heard.html"
    form_class = HeardForm
    heading = "You said, we heard, we did"
    keeps_draft: ClassVar[bool] = True
    keeps_draft_in_browser: ClassVar[bool] = True
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {HeardSaysNothing: "you_said"}

    @cached_property
    def standing(self) -> Heard | None:
        return Heard.objects.filter(survey=self.survey).select_related("by").first()

    def get_initial(self) -> dict[str, Any]:
        if self.standing is None:
            return {"version": 0}
        said = {name: getattr(self.standing, name) for name in ("you_said", "we_heard", "we_did", "version")}
        return said | {"actions": self.standing.actions.all(), "escalations": self.standing.escalations.all()}

    def get_form_kwargs(self) -> dict[str, Any]:
        offered = {
            "actions": offered_actions(self.survey),
            "escalations": offered_escalations(self.survey),
        }
        return super().get_form_kwargs() | offered

    def perform(self, form: HeardForm) -> HttpResponse:
        said = dict(form.cleaned_data)
        version = said.pop("version")
        write_heard(survey=self.survey, version=version, words=HeardWords(**said), by=self.user, now=clock.now())
        shared = self.survey.is_shared_with_members
        messages.success(
            self.request, "Saved. Members can read it." if shared else "Saved. Members read it once shared."
        )
        return redirect(self.survey.get_results_url())

    def get_cancel_url(self) -> str:
        return self.survey.get_results_url()

    def get_draft_title(self) -> str:
        return f"{self.heading}: {self.survey.version.title}, {self.community.name}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form")
        read = str(form.data.get("version", "")) if form is not None and form.is_bound else ""
        is_stale = bool(read) and self.standing is not None and read != str(self.standing.version)
        return super().get_context_data(theirs=self.standing if is_stale else None, **kwargs)

"""Opening a survey in three steps: which questionnaire, how, and a page that says who will be asked."""

from __future__ import annotations

from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from communities.models import Community
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.breakdowns import Declared
from evaluations.forms.surveys import (
    ChooseQuestionnaireForm,
    ConfirmSurveyForm,
    SetUpSurveyForm,
    days_written,
    end_of,
    newest_versions,
)
from evaluations.models import InstrumentVersion, Survey
from evaluations.permissions import Permission
from evaluations.services.surveys import grouping
from evaluations.services.surveys.grouping import BreakdownNotPossible
from evaluations.services.surveys.opening import (
    ClosesTooLate,
    ClosesTooSoon,
    OpeningPreview,
    RemindersNotPossible,
    SurveyAlreadyOpen,
    check_not_open,
    open_survey,
    preview_survey,
)
from evaluations.views.in_community import InCommunity
from evaluations.views.surveys.opening_words import asked_together, opening_summary, promises, usual

REFUSAL_FIELDS: dict[type[Refusal], str] = {
    ClosesTooSoon: "closes_on",
    ClosesTooLate: "closes_on",
    RemindersNotPossible: "reminders",
    BreakdownNotPossible: "breakdown",
}


def version_asked_for(request: HttpRequest) -> InstrumentVersion | None:
    """The version that the form or the address names, by its number here or by its questionnaire; else None."""
    data = request.POST if "version" in request.POST else request.GET
    if "questionnaire" in data:
        return newest_versions().filter(instrument__code=data["questionnaire"]).first()
    form = ChooseQuestionnaireForm(data)
    return cast("InstrumentVersion", form.cleaned_data["version"]) if form.is_valid() else None


def chosen(form: SetUpSurveyForm) -> dict[str, Any]:
    """What was chosen, as the services take it."""
    cleaned = form.cleaned_data
    return {
        "version": form.version,
        "mode": cleaned["mode"],
        "closes_at": end_of(cleaned["closes_on"]),
        "reminder_days": cleaned["reminders"],
        "breakdown": cleaned["breakdown"],
        "shared_with": cleaned["shared_with"],
    }


def as_query(form: SetUpSurveyForm, **more: Any) -> str:
    """What was chosen, as the next page's address carries it."""
    cleaned = form.cleaned_data
    query = {
        "version": form.version.pk,
        "mode": cleaned["mode"],
        "closes_on": cleaned["closes_on"].isoformat(),
        "reminders": days_written(cleaned["reminders"]),
        "breakdown": cleaned["breakdown"],
        "shared_with": cleaned["shared_with"],
    }
    return urlencode(query | more, doseq=True)


def previewed(community: Community, form: SetUpSurveyForm) -> tuple[OpeningPreview, Declared | None]:
    """Who would be asked, and by which groups results would be shown. Raises what `open_survey` would refuse."""
    about = {name: value for name, value in chosen(form).items() if name != "shared_with"}
    return preview_survey(community=community, now=clock.now(), **about)


class OfOneQuestionnaire(ServiceFormView):
    """A step that knows the questionnaire, or leads back to where it is chosen."""

    refusal_fields: ClassVar[dict[type[Refusal], str]] = REFUSAL_FIELDS
    version: InstrumentVersion

    def first_step(self) -> str:
        raise NotImplementedError(f"{type(self).__name__} must say where its questionnaire is chosen.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        found = version_asked_for(request)
        if found is None:
            return redirect(self.first_step())
        self.version = found
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "version": self.version}

    def get_initial(self) -> dict[str, Any]:
        """What was chosen before, for someone who came back; else what is usual for this questionnaire."""
        usually = usual(self.version, clock.today())
        return usually | {name: value for name, value in self.request.GET.items() if name in usually}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(version=self.version, **kwargs)


class LastStep(ServiceFormView):
    """A page that asks to go ahead. What is refused there is put right on the page before it."""

    def step_before(self) -> tuple[ServiceFormView, forms.Form]:
        raise NotImplementedError(f"{type(self).__name__} must say which step comes before it.")

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        step, again = self.step_before()
        return step.refused(again, refusal)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        step, again = self.step_before()
        return step.form_invalid(again)


class ChooseSurvey(InCommunity, ServiceFormView):
    """First step: which questionnaire. Nothing is stored."""

    permission: ClassVar[str] = Permission.OPEN_SURVEY
    template_name = "evaluations/choose_survey.html"
    form_class = ChooseQuestionnaireForm
    heading = "Open a survey"
    submit_label = "Continue"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {SurveyAlreadyOpen: "version"}

    @cached_property
    def open_here(self) -> list[Survey]:
        """What has to close before it can be opened again."""
        found = self.community.surveys.taking_their_questionnaire().select_related("version", "community")
        return list(found.order_by("version__title", "pk"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "open_here": {survey.version_id for survey in self.open_here}}

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.request.GET.get("version")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(open_here=self.open_here, **kwargs)
        version: Any = context["form"].fields["version"]
        return context | {"is_nothing_left": bool(self.open_here) and not version.choices}

    def perform(self, form: forms.Form) -> HttpResponse:
        version = form.cleaned_data["version"]
        check_not_open(community=self.community, version=version)
        address = reverse("evaluations:set-up-survey", args=[self.community.slug])
        return redirect(f"{address}?{urlencode({'version': version.pk})}")

    def get_cancel_url(self) -> str:
        return reverse("evaluations:survey-list", args=[self.community.slug])


class SetUpSurvey(InCommunity, OfOneQuestionnaire):
    """Second step: privacy, last day, reminders, breakdown, and who sees the results. Nothing is stored."""

    permission: ClassVar[str] = Permission.OPEN_SURVEY
    template_name = "evaluations/set_up_survey.html"
    form_class = SetUpSurveyForm
    submit_label = "See who will be asked"

    def first_step(self) -> str:
        return reverse("evaluations:open-survey", args=[self.community.slug])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is open here has no second step: the first says until when."""
        try:
            check_not_open(community=self.community, version=self.version)
        except SurveyAlreadyOpen:
            return redirect(self.first_step())
        return super().get(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"How “{self.version.title}” is asked"

    def get_cancel_url(self) -> str:
        return reverse("evaluations:survey-list", args=[self.community.slug])

    def perform(self, form: SetUpSurveyForm) -> HttpResponse:
        previewed(self.community, form)
        address = reverse("evaluations:confirm-survey", args=[self.community.slug])
        return redirect(f"{address}?{as_query(form)}")


class OpenSurvey(InCommunity, LastStep, OfOneQuestionnaire):
    """Last step: who will be asked and when, who will not and why; then it opens."""

    permission: ClassVar[str] = Permission.OPEN_SURVEY
    template_name = "evaluations/open_survey.html"
    form_class = ConfirmSurveyForm
    heading = "Check before you open this survey"
    submit_label = "Open the survey"

    def first_step(self) -> str:
        return reverse("evaluations:open-survey", args=[self.community.slug])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ConfirmSurveyForm(request.GET, version=self.version)
        if not form.is_valid() or not self.may_open(form):
            return redirect(f"{self.set_up_url}?{request.GET.urlencode()}")
        return self.render_to_response(self.get_context_data(form=form))

    @property
    def set_up_url(self) -> str:
        return reverse("evaluations:set-up-survey", args=[self.community.slug])

    def may_open(self, form: ConfirmSurveyForm) -> bool:
        """Whether the page before would have led here: its address can be made up, or old."""
        try:
            previewed(self.community, form)
        except Refusal:
            return False
        return True

    def perform(self, form: ConfirmSurveyForm) -> HttpResponse:
        survey = open_survey(community=self.community, by=self.user, now=clock.now(), **chosen(form))
        messages.success(self.request, f"“{survey.version.title}” is open. {survey.asked_words}")
        return redirect(survey)

    def step_before(self) -> tuple[ServiceFormView, forms.Form]:
        """Where everything can be put right, with all that was chosen."""
        step = SetUpSurvey(template_name=SetUpSurvey.template_name)
        step.setup(self.request, **self.kwargs)
        step.version = self.version
        return step, SetUpSurveyForm(self.request.POST, version=self.version)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form, now = context["form"], clock.now()
        preview, declared = previewed(self.community, form)
        roster = grouping.roster_of(form.cleaned_data["breakdown"], preview.people, timezone.localdate(now))
        return context | {
            "preview": preview,
            "asked": asked_together(preview, now=now),
            "groups": grouping.counted_by_group(declared, preview.people, roster),
            "breakdown_label": declared.label if declared else "",
            "summary": opening_summary(chosen(form), now=now),
            "promises": promises(chosen(form), declared, community=self.community, now=now),
            "change_url": f"{self.set_up_url}?{as_query(form)}",
            "asked_heading": f"Will be asked: {len(preview.asked)}",
            "not_asked_heading": f"Will not be asked: {len(preview.not_asked)}",
        }

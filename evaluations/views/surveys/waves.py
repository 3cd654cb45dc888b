"""Waves: what was asked of several communities at once, and asking them, after a page that says what would happen."""

from __future__ import annotations

from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.generic import DetailView, ListView

from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.models import User
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.surveys import ChooseQuestionnaireForm
from evaluations.forms.waves import (
    ConfirmWaveForm,
    ConfirmWideningForm,
    SetUpWaveForm,
    WidenWaveForm,
    communities_to_ask,
)
from evaluations.models import Survey, Wave
from evaluations.permissions import Permission
from evaluations.services.surveys.waves import (
    NoCommunityChosen,
    Plan,
    WaveNameTaken,
    check_name,
    check_plan,
    launch_wave,
    plan_like,
    plan_of,
    preview_wave,
    widen_wave,
)
from evaluations.views.surveys.opening import REFUSAL_FIELDS, LastStep, OfOneQuestionnaire, as_query, chosen
from evaluations.views.surveys.opening_words import opening_summary
from evaluations.views.surveys.rows import row
from evaluations.views.surveys.wave_rows import survey_rows, wave_row, would_open_rows


class WaveList(PermissionRequired, ListView[Wave]):
    """Which waves there have been."""

    permission: ClassVar[str] = Permission.SEE_NETWORK
    template_name = "evaluations/wave_list.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Wave]:
        is_open = Q(surveys__state__in=[Survey.State.OPEN, Survey.State.CLOSING])
        waves = Wave.objects.annotate(asked=Count("surveys"), still_open=Count("surveys", filter=is_open))
        return waves.prefetch_related("surveys__version").order_by("-starts_on", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "rows": [wave_row(wave) for wave in context["object_list"]],
            "can_launch": self.request.user.has_perm(Permission.LAUNCH_WAVE),
        }


class WavePage(PermissionRequired, DetailView[Wave]):
    """One wave: what was asked, and how it stands in each community, by name."""

    permission: ClassVar[str] = Permission.SEE_NETWORK
    template_name = "evaluations/wave.html"
    model = Wave

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        surveys = Survey.objects.filter(wave=self.object).with_turnout().select_related("version", "community")
        found = list(surveys.order_by("community__name", "pk"))
        first = min(found, key=lambda survey: (survey.opened_at, survey.pk), default=None)
        user = cast("User", self.request.user)
        return super().get_context_data(
            summary=opening_summary(vars(plan_like(found)), now=first.opened_at) if first else [],
            rows=survey_rows(found, user),
            can_widen=user.has_perm(Permission.LAUNCH_WAVE)
            and any(survey.state == Survey.State.OPEN for survey in found)
            and communities_to_ask(self.object).exists(),
            **kwargs,
        )


class OfLaunch(PermissionRequired):
    permission: ClassVar[str] = Permission.LAUNCH_WAVE

    @property
    def user(self) -> User:
        return cast("User", self.request.user)  # type: ignore[attr-defined]


class ChooseForWave(OfLaunch, ServiceFormView):
    """First step: which questionnaire. Nothing is stored."""

    template_name = "evaluations/choose_for_wave.html"
    form_class = ChooseQuestionnaireForm
    heading = "Ask several communities at once"
    submit_label = "Continue"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.request.GET.get("version")}

    def perform(self, form: forms.Form) -> HttpResponse:
        query = urlencode({"version": form.cleaned_data["version"].pk})
        return redirect(f"{reverse('evaluations:set-up-wave')}?{query}")

    def get_cancel_url(self) -> str:
        return reverse("evaluations:wave-list")


class SetUpWave(OfLaunch, OfOneQuestionnaire):
    """Second step: its name, the communities, and how they are asked. Nothing is stored."""

    template_name = "evaluations/set_up_wave.html"
    form_class = SetUpWaveForm
    submit_label = "See what would happen"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {
        **REFUSAL_FIELDS,
        WaveNameTaken: "name",
        NoCommunityChosen: "communities",
    }

    def first_step(self) -> str:
        return reverse("evaluations:launch-wave")

    def get_heading(self) -> str:
        return f"How “{self.version.title}” is asked"

    def get_cancel_url(self) -> str:
        return reverse("evaluations:wave-list")

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        everyone = [community.pk for community in communities_to_ask()]
        communities = asked.getlist("communities") or everyone
        name = asked.get("name", date_format(clock.today(), "F Y"))
        return super().get_initial() | {"name": name, "communities": communities}

    def perform(self, form: SetUpWaveForm) -> HttpResponse:
        checked(form)
        return redirect(f"{reverse('evaluations:confirm-wave')}?{wave_query(form)}")


def checked(form: SetUpWaveForm) -> Plan:
    """The plan of a wave. Raises what `launch_wave` would refuse of it before it looks into any community."""
    plan = Plan(**chosen(form))
    check_name(form.cleaned_data["name"])
    check_plan(plan=plan, communities=form.cleaned_data["communities"], now=clock.now())
    return plan


def wave_query(form: SetUpWaveForm) -> str:
    communities = [community.pk for community in form.cleaned_data["communities"]]
    return as_query(form, name=form.cleaned_data["name"], communities=communities)


class LaunchWave(OfLaunch, LastStep, OfOneQuestionnaire):
    """Last step: in each community who would be asked and when, or why it would not open; then the others open."""

    template_name = "evaluations/confirm_wave.html"
    form_class = ConfirmWaveForm
    heading = "Check before you ask these communities"
    submit_label = "Open the surveys"

    def first_step(self) -> str:
        return reverse("evaluations:launch-wave")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ConfirmWaveForm(request.GET, version=self.version)
        if not form.is_valid() or not self.may_launch(form):
            return redirect(f"{reverse('evaluations:set-up-wave')}?{request.GET.urlencode()}")
        return self.render_to_response(self.get_context_data(form=form))

    def may_launch(self, form: SetUpWaveForm) -> bool:
        try:
            checked(form)
        except Refusal:
            return False
        return True

    def perform(self, form: SetUpWaveForm) -> HttpResponse:
        launched = launch_wave(
            name=form.cleaned_data["name"],
            plan=Plan(**chosen(form)),
            communities=list(form.cleaned_data["communities"]),
            by=self.user,
            now=clock.now(),
        )
        messages.success(self.request, launched.words)
        return redirect(launched.wave)

    def step_before(self) -> tuple[ServiceFormView, forms.Form]:
        """Where everything can be put right, with all that was chosen."""
        step = SetUpWave(template_name=SetUpWave.template_name)
        step.setup(self.request, **self.kwargs)
        step.version = self.version
        return step, SetUpWaveForm(self.request.POST, version=self.version)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form, now = context["form"], clock.now()
        plan = Plan(**chosen(form))
        would_open = preview_wave(plan=plan, communities=form.cleaned_data["communities"], now=now)
        return context | {
            "summary": [row("Wave", form.cleaned_data["name"]), *opening_summary(chosen(form), now=now)],
            "rows": would_open_rows(would_open, as_query(form)),
            "can_open": any(not one.refused for one in would_open),
            "change_url": f"{reverse('evaluations:set-up-wave')}?{wave_query(form)}",
        }


class OfWave(OfLaunch, ServiceFormView):
    """A step that adds communities to a wave: `self.wave`, or 404."""

    wave: Wave

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.wave = get_object_or_404(Wave, pk=kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "wave": self.wave}

    def get_cancel_url(self) -> str:
        return self.wave.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(wave=self.wave, **kwargs)


class ChooseMoreCommunities(OfWave):
    """Which further communities are asked the same, until the same day. Nothing is stored."""

    template_name = "evaluations/widen_wave.html"
    form_class = WidenWaveForm
    heading = "Ask more communities"
    submit_label = "See what would happen"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {NoCommunityChosen: "communities"}

    def perform(self, form: WidenWaveForm) -> HttpResponse:
        check_plan(plan=plan_of(self.wave), communities=form.cleaned_data["communities"], now=clock.now())
        query = urlencode({"communities": [one.pk for one in form.cleaned_data["communities"]]}, doseq=True)
        return redirect(f"{reverse('evaluations:confirm-widening', args=[self.wave.pk])}?{query}")


class WidenWave(LastStep, OfWave):
    """In each of them who would be asked and when, or why it would not open; then the others open."""

    template_name = "evaluations/confirm_wave.html"
    form_class = ConfirmWideningForm
    heading = "Check before you ask these communities"
    submit_label = "Open the surveys"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ConfirmWideningForm(request.GET, wave=self.wave)
        if not form.is_valid():
            return redirect("evaluations:widen-wave", self.wave.pk)
        return self.render_to_response(self.get_context_data(form=form))

    def perform(self, form: WidenWaveForm) -> HttpResponse:
        communities = list(form.cleaned_data["communities"])
        launched = widen_wave(wave=self.wave, communities=communities, by=self.user, now=clock.now())
        messages.success(self.request, launched.words)
        return redirect(self.wave)

    def step_before(self) -> tuple[ServiceFormView, forms.Form]:
        step = ChooseMoreCommunities(template_name=ChooseMoreCommunities.template_name)
        step.setup(self.request, **self.kwargs)
        return step, WidenWaveForm(self.request.POST, wave=self.wave)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        plan, now = plan_of(self.wave), clock.now()
        would_open = preview_wave(plan=plan, communities=context["form"].cleaned_data["communities"], now=now)
        return context | {
            "summary": [row("Wave", self.wave), *opening_summary(vars(plan), now=now)],
            "rows": would_open_rows(would_open, ""),
            "can_open": any(not one.refused for one in would_open),
            "change_url": reverse("evaluations:widen-wave", args=[self.wave.pk]),
        }

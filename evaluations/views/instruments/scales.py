"""Scales: the list, adding one, changing one that nothing published uses, deleting one that nothing uses."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView

from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.instruments import NothingForm, ScaleForm
from evaluations.forms.option_rows import OptionRows
from evaluations.models import Question, Scale
from evaluations.permissions import Permission
from evaluations.services.instruments.scales import ScaleNotNamed, ScaleTaken, add_scale, delete_scale, edit_scale
from evaluations.views.instruments.drafting import ForWriters, Trail
from evaluations.views.instruments.rows import option_words


def uses(**about: Any) -> Coalesce:
    """How many questions use a scale."""
    asked = Question.objects.filter(scale=OuterRef("code"), **about).order_by().values("scale")
    return Coalesce(Subquery(asked.annotate(number=Count("pk")).values("number")), 0)


class ScaleList(ForWriters, ListView[Scale]):
    """Which scales are there, and who uses them?"""

    template_name = "evaluations/instruments/scale_list.html"

    def get_queryset(self) -> QuerySet[Scale]:
        published = uses(section__version__published_at__isnull=False)
        return Scale.objects.annotate(used=uses(), published=published).order_by("title", "code")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(can_change=self.user.has_perm(Permission.PUBLISH_INSTRUMENTS), **kwargs)
        rows = [(scale, "; ".join(map(option_words, scale.options))) for scale in context["object_list"]]
        return {**context, "rows": rows}


class WriteScale(ForWriters, ServiceFormView):
    permission: ClassVar[str] = Permission.PUBLISH_INSTRUMENTS
    template_name = "evaluations/instruments/scale.html"
    form_class = ScaleForm
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ScaleTaken: "code"}
    is_new: ClassVar[bool] = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "is_new": self.is_new}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if do := request.POST.get("do"):
            form = ScaleForm(initial=request.POST.dict(), is_new=self.is_new)
            form.rows = OptionRows.rearranged(request.POST, do)
            return self.render_to_response(self.get_context_data(form=form))
        return super().post(request, *args, **kwargs)

    def trail(self) -> Trail:
        return [*super().trail(), {"href": self.get_cancel_url(), "text": "Scales"}]

    def get_cancel_url(self) -> str:
        return reverse("evaluations:scale-list")


class AddScale(WriteScale):
    heading = "Add a scale"
    submit_label = "Add the scale"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {ScaleTaken: "code", ScaleNotNamed: "code"}

    def perform(self, form: ScaleForm) -> HttpResponse:
        said = {name: form.cleaned_data[name] for name in ("code", "title")}
        scale = add_scale(options=form.rows.options, by=self.user, now=clock.now(), **said)
        messages.success(self.request, f"The scale “{scale.title}” is added.")
        return redirect("evaluations:scale-list")


class OfScale(ForWriters):
    scale: Scale

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.scale = get_object_or_404(Scale, code=kwargs["code"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(scale=self.scale, **kwargs)


class EditScale(OfScale, WriteScale):
    heading = "Change this scale"
    is_new: ClassVar[bool] = False

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.scale.title, "options": self.scale.options, "revision": self.scale.revision}

    def perform(self, form: ScaleForm) -> HttpResponse:
        edit_scale(
            scale=self.scale,
            revision=form.cleaned_data["revision"] or self.scale.revision,
            title=form.cleaned_data["title"],
            options=form.rows.options,
            by=self.user,
            now=clock.now(),
        )
        messages.success(self.request, "The scale is saved, and every draft that uses it follows.")
        return redirect("evaluations:scale-list")


class DeleteScale(OfScale, ServiceFormView):
    permission: ClassVar[str] = Permission.PUBLISH_INSTRUMENTS
    template_name = "evaluations/instruments/remove.html"
    form_class = NothingForm
    submit_label = "Delete this scale"

    def get_heading(self) -> str:
        return f"Delete the scale “{self.scale.title}”"

    def perform(self, form: NothingForm) -> HttpResponse:
        delete_scale(scale=self.scale, by=self.user, now=clock.now())
        messages.success(self.request, "The scale is deleted.")
        return redirect("evaluations:scale-list")

    def get_cancel_url(self) -> str:
        return reverse("evaluations:scale-list")

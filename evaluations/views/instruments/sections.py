"""The sections of a draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View

from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.instruments import NameSectionForm, NothingForm, SectionForm
from evaluations.services.instruments.sections import (
    SectionNotNamed,
    add_section,
    move_section,
    name_section,
    remove_section,
)
from evaluations.views.instruments.drafting import OfDraft, OfSection

TITLE_REFUSALS: dict[type[Refusal], str] = {SectionNotNamed: "title"}


class AddSection(OfDraft, ServiceFormView):
    template_name = "evaluations/instruments/form.html"
    form_class = SectionForm
    heading = "Add a section"
    submit_label = "Add the section"
    refusal_fields = TITLE_REFUSALS

    def perform(self, form: SectionForm) -> HttpResponse:
        section = add_section(version=self.draft, title=form.cleaned_data["title"], by=self.user, now=clock.now())
        messages.success(self.request, f"“{section.title}” is added at the end.")
        return redirect(self.draft.get_draft_url())


class NameSection(OfSection, ServiceFormView):
    template_name = "evaluations/instruments/form.html"
    form_class = NameSectionForm
    heading = "Rename this section"
    refusal_fields = TITLE_REFUSALS

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.section.title, "revision": self.draft.revision}

    def perform(self, form: NameSectionForm) -> HttpResponse:
        name_section(section=self.section, by=self.user, now=clock.now(), **form.cleaned_data)
        return redirect(self.draft.get_draft_url())


class MoveSection(OfSection, View):
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        try:
            move_section(section=self.section, up=request.POST.get("to") == "up", by=self.user, now=clock.now())
        except Refusal as refusal:
            messages.warning(request, " ".join(refusal.messages))
        return redirect(f"{self.draft.get_draft_url()}#section-{self.section.pk}")


class RemoveSection(OfSection, ServiceFormView):
    template_name = "evaluations/instruments/remove.html"
    form_class = NothingForm
    submit_label = "Remove this section"

    def get_heading(self) -> str:
        return f"Remove the section “{self.section.title}”"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = self.section.questions.count()
        gone = (
            "It has no questions." if not number else f"Its {number} question{'s' * (number > 1)} will be removed too."
        )
        return super().get_context_data(about=gone, can_be_put_back=True, **kwargs)

    def perform(self, form: NothingForm) -> HttpResponse:
        remove_section(section=self.section, by=self.user, now=clock.now())
        messages.success(self.request, f"“{self.section.title}” is removed.")
        return redirect(self.draft.get_draft_url())

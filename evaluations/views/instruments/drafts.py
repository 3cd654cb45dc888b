"""Drafts: begun, read as a whole, their headings changed, offered, published or deleted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView, View

from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.instruments import (
    BeginForm,
    CopyForm,
    HeadingsForm,
    NothingForm,
    RevisionForm,
    headings_initial,
)
from evaluations.models import InstrumentVersion
from evaluations.permissions import Permission
from evaluations.services.instruments.drafts import (
    CodeTaken,
    NotACode,
    begin_next_version,
    begin_questionnaire,
    copy_questionnaire,
    delete_draft,
    edit_headings,
    offer_draft,
)
from evaluations.services.instruments.holding import DraftChangedMeanwhile
from evaluations.services.instruments.publishing import faults_of, publish_version
from evaluations.services.instruments.removed import put_back, removed_from
from evaluations.views.instruments.drafting import ForWriters, OfDraft, Trail, questions_of
from evaluations.views.instruments.rows import option_words, sections_of

CODE_REFUSALS: dict[type[Refusal], str] = {NotACode: "code", CodeTaken: "code"}


class BeginQuestionnaire(ForWriters, ServiceFormView):
    """A questionnaire from nothing: for staff."""

    permission: ClassVar[str] = Permission.PUBLISH_INSTRUMENTS
    template_name = "evaluations/instruments/form.html"
    form_class = BeginForm
    heading = "Begin a questionnaire"
    submit_label = "Begin"
    refusal_fields = CODE_REFUSALS

    def perform(self, form: BeginForm) -> HttpResponse:
        return redirect(begin_questionnaire(by=self.user, now=clock.now(), **form.cleaned_data).get_draft_url())

    def get_cancel_url(self) -> str:
        return reverse("evaluations:instrument-list")


class CopyQuestionnaire(ForWriters, ServiceFormView):
    """From what is published: the next version of it (staff), or a questionnaire of its own."""

    template_name = "evaluations/instruments/form.html"
    form_class = CopyForm
    heading = "Make a draft from this questionnaire"
    submit_label = "Make the draft"
    refusal_fields = CODE_REFUSALS
    version: InstrumentVersion

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        published = InstrumentVersion.objects.published().select_related("instrument")
        self.version = get_object_or_404(published, instrument__code=kwargs["code"], number=kwargs["number"])

    @property
    def may_version(self) -> bool:
        return self.user.has_perm(Permission.PUBLISH_INSTRUMENTS)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "may_version": self.may_version}

    def perform(self, form: CopyForm) -> HttpResponse:
        actor: dict[str, Any] = {"version": self.version, "by": self.user, "now": clock.now()}
        if form.is_own:
            said = {name: form.cleaned_data[name] for name in ("title", "code")}
            return redirect(copy_questionnaire(**said, **actor).get_draft_url())
        return redirect(begin_next_version(**actor).get_draft_url())

    def trail(self) -> Trail:
        return [*super().trail(), {"href": self.get_cancel_url(), "text": self.version.title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(about=f"From “{self.version}”.", **kwargs)

    def get_cancel_url(self) -> str:
        return self.version.get_absolute_url()


class DraftPage(OfDraft, TemplateView):
    """The whole draft: its sections and questions, each with what can be done to it, and how it compares."""

    template_name = "evaluations/instruments/draft.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        questions = list(questions_of(self.draft))
        return super().get_context_data(
            sections=sections_of(self.draft, questions),
            question_count=len(questions),
            can_publish=self.user.has_perm(Permission.PUBLISH_INSTRUMENTS),
            removed=removed_from(self.draft),
            **kwargs,
        )

    def trail(self) -> Trail:
        return super().trail()[:-1]


class PutBack(OfDraft, View):
    """What was removed stands in the draft again, by a button."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        try:
            codes = put_back(version=self.draft, key=request.POST.get("key", ""), by=self.user, now=clock.now())
        except Refusal as refusal:
            messages.warning(request, " ".join(refusal.messages))
            return redirect(f"{self.draft.get_draft_url()}#removed")
        messages.success(request, f"Put back: {', '.join(codes) or 'a section without questions'}.")
        return redirect(f"{self.draft.get_draft_url()}#question-{codes[0]}" if codes else self.draft.get_draft_url())


class EditHeadings(OfDraft, ServiceFormView):
    template_name = "evaluations/instruments/form.html"
    form_class = HeadingsForm
    heading = "Title, purpose and window"
    keeps_draft = True

    def get_initial(self) -> dict[str, Any]:
        return headings_initial(self.draft)

    def perform(self, form: HeadingsForm) -> HttpResponse:
        revision = form.cleaned_data["revision"]
        edit_headings(version=self.draft, revision=revision, headings=form.headings, by=self.user, now=clock.now())
        messages.success(self.request, "The draft is saved.")
        return redirect(self.draft.get_draft_url())

    def refused(self, form: Any, refusal: Refusal) -> HttpResponse:
        return super().refused(show_theirs(self, form, refusal, headings_initial), refusal)


def show_theirs(view: OfDraft, form: Any, refusal: Refusal, initial_of: Any) -> Any:
    """After a clash: the form with what was typed, made from what stands now, which the page shows beside it."""
    if isinstance(refusal, DraftChangedMeanwhile):
        view.draft.refresh_from_db()
        stands = initial_of(view.draft)
        form.data = form.data.copy()
        form.data["revision"] = str(view.draft.revision)
        view.theirs = [
            (field.label, stands[name])
            for name, field in form.fields.items()
            if name in stands and name != "revision" and str(stands[name] or "") != typed(form, name)
        ]
        if "options" in stands and stands["options"] != form.rows.options:
            view.theirs = [*view.theirs, ("Answers", "; ".join(map(option_words, stands["options"])))]
    return form


def typed(form: Any, name: str) -> str:
    """What was typed into a field, in the form in which a stored value is written."""
    value = form.cleaned_data.get(name, form.data.get(name, ""))
    return str(getattr(value, "pk", value) or "")


class PublishDraft(OfDraft, ServiceFormView):
    """What stands in the way, or else what publishing means; its button publishes what was read."""

    permission: ClassVar[str] = Permission.PUBLISH_INSTRUMENTS
    template_name = "evaluations/instruments/publish.html"
    form_class = RevisionForm
    submit_label = "Publish this version"

    def get_initial(self) -> dict[str, Any]:
        return {"revision": self.draft.revision}

    def get_heading(self) -> str:
        return f"Publish version {self.draft.number} of “{self.draft.title}”"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        questions = list(questions_of(self.draft))
        return super().get_context_data(
            faults=faults_of(self.draft),
            question_count=len(questions),
            changes=[
                (label, [question for question in questions if question.change == change])
                for change, label in (("new", "New"), ("reworded", "Reworded"), ("same", "The same"))
            ],
            **kwargs,
        )

    def perform(self, form: RevisionForm) -> HttpResponse:
        revision = form.cleaned_data["revision"]
        published = publish_version(version=self.draft, revision=revision, by=self.user, now=clock.now())
        messages.success(self.request, f"“{published}” is published. Communities can be asked from now on.")
        return redirect(published.get_absolute_url())


class OfferDraft(OfDraft, View):
    """A facilitator says that a draft is ready for HIN staff to publish: a button; another takes it back."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        is_offered = request.POST.get("offer") == "yes"
        offer_draft(version=self.draft, is_offered=is_offered, by=self.user, now=clock.now())
        said = "HIN staff see that this draft is ready." if is_offered else "HIN staff no longer see it as ready."
        messages.success(request, said)
        return redirect(self.draft.get_draft_url())


class DeleteDraft(OfDraft, ServiceFormView):
    template_name = "evaluations/instruments/delete_draft.html"
    form_class = NothingForm
    submit_label = "Delete this draft"

    def get_heading(self) -> str:
        return f"Delete the draft of “{self.draft.title}”"

    def perform(self, form: NothingForm) -> HttpResponse:
        delete_draft(version=self.draft, by=self.user, now=clock.now())
        messages.success(self.request, "The draft is deleted.")
        return redirect("evaluations:instrument-list")

"""Questionnaires from files and as files: uploaded, looked at, made into drafts; downloaded as JSON or for REDCap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView, View

from communities.imports.documents import DocumentRefused
from communities.imports.tables import FileNotReadable
from cop_portal.design.downloads import as_attachment
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.installation.uploads import was_too_large
from cop_portal.refusals import Refusal
from evaluations.forms.instrument_files import InstrumentFileForm
from evaluations.forms.instruments import NothingForm
from evaluations.imports.instrument_files import NotSaidWhatFor, receive_instrument_file
from evaluations.interchange.instrument_json import written
from evaluations.interchange.redcap import DictionaryRefused, dictionary_of
from evaluations.models import InstrumentFile, InstrumentVersion
from evaluations.permissions import Permission
from evaluations.services.instruments.files import Plan, discard_instrument_file, make_drafts, plans_of
from evaluations.services.instruments.previews import Foreseen, becomes, foreseen
from evaluations.views.instruments.drafting import ForWriters, Trail

TOO_LARGE = 413
SHOWN_BEFORE = 10


class ImportInstruments(ForWriters, ServiceFormView):
    """A file is read and kept; what would be made of it has a page of its own. For HIN staff."""

    permission: ClassVar[str] = Permission.PUBLISH_INSTRUMENTS
    template_name = "evaluations/instruments/import.html"
    form_class = InstrumentFileForm
    heading = "Import a questionnaire from a file"
    submit_label = "Upload and look at it"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = dict.fromkeys(
        (DocumentRefused, DictionaryRefused, FileNotReadable), "file"
    ) | {NotSaidWhatFor: "serves"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "was_too_large": was_too_large(self.request)}

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.show_again(form, status=TOO_LARGE) if form.was_too_large else super().form_invalid(form)

    def perform(self, form: InstrumentFileForm) -> HttpResponse:
        said = form.cleaned_data
        return redirect(
            receive_instrument_file(
                content=said["file"].read(),
                file_name=said["file"].name,
                serves=said["serves"],
                value_cycle=said["value_cycle"],
                by=self.user,
                now=clock.now(),
            )
        )

    def get_cancel_url(self) -> str:
        return reverse("evaluations:instrument-list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = InstrumentFile.objects.visible_to(self.user).select_related("by").prefetch_related("drafts")
        return super().get_context_data(before=before.newest_first()[:SHOWN_BEFORE], **kwargs)


class _OfFile(ForWriters):
    """A page of one file: `self.file`, or 404."""

    permission: ClassVar[str] = Permission.PUBLISH_INSTRUMENTS
    file: InstrumentFile

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.file = get_object_or_404(InstrumentFile.objects.visible_to(self.user), pk=kwargs["pk"])

    def trail(self) -> Trail:
        return [*super().trail(), {"href": reverse("evaluations:import-instruments"), "text": "Import"}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(file=self.file, **kwargs)


@dataclass(frozen=True)
class PlanOnPage:
    """One questionnaire of a file, and what would become of it."""

    plan: Plan
    becomes: str
    seen: Foreseen


class InstrumentFilePage(_OfFile, ServiceFormView):
    """What a file holds, what of it did not fit, and what it would become. The button makes the drafts."""

    template_name = "evaluations/instruments/file.html"
    form_class = NothingForm

    def perform(self, form: NothingForm) -> HttpResponse:
        drafts = make_drafts(file=self.file, by=self.user, now=clock.now())
        made = "The draft is made" if len(drafts) == 1 else f"{len(drafts)} drafts are made"
        messages.success(self.request, f"{made}. Nobody is asked anything before it is published.")
        return redirect(drafts[0].get_draft_url() if len(drafts) == 1 else reverse("evaluations:instrument-list"))

    def get_heading(self) -> str:
        return self.file.file_name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drafts = list(self.file.drafts.select_related("instrument").order_by("pk"))
        plans = [] if drafts else plans_of(self.file)
        to_make = [plan for plan in plans if plan.same_as is None]
        self.submit_label = "Make a draft of it" if len(to_make) == 1 else f"Make {len(to_make)} drafts"
        return super().get_context_data(
            drafts=drafts,
            can_make=bool(to_make) and not any(plan.draft for plan in to_make),
            plans=[PlanOnPage(plan, becomes(plan), foreseen(plan)) for plan in plans],
            **kwargs,
        )


class DiscardInstrumentFile(_OfFile, ServiceFormView):
    template_name = "evaluations/instruments/form.html"
    form_class = NothingForm
    submit_label = "Throw it away"

    def get_heading(self) -> str:
        return f"Throw away “{self.file.file_name}”"

    def get_cancel_url(self) -> str:
        return self.file.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = "What was read from the file is deleted, with what did not fit. You can upload it again."
        return super().get_context_data(about=about, **kwargs)

    def perform(self, form: NothingForm) -> HttpResponse:
        discard_instrument_file(file=self.file, by=self.user, now=clock.now())
        messages.success(self.request, "The file is thrown away.")
        return redirect("evaluations:import-instruments")


class OfVersion(ForWriters):
    """A page of one version, draft or published: `self.version`, or 404."""

    permission: ClassVar[str] = Permission.SEE_INSTRUMENTS
    version: InstrumentVersion

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        versions = InstrumentVersion.objects.visible_to(self.user).select_related("instrument")
        self.version = get_object_or_404(versions, instrument__code=kwargs["code"], number=kwargs["number"])

    def trail(self) -> Trail:
        version = self.version
        address = version.get_draft_url() if version.is_draft else version.get_absolute_url()
        return [*super().trail(), {"href": address, "text": version.title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(version=self.version, **kwargs)


class InstrumentAsFiles(OfVersion, TemplateView):
    """The files in which a questionnaire can be taken away, and what REDCap would not do as the portal does."""

    template_name = "evaluations/instruments/as_files.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(notes=dictionary_of(self.version).notes, **kwargs)


class _Download(OfVersion, View):
    ending: ClassVar[str]
    content_type: ClassVar[str]

    def content(self) -> bytes:
        raise NotImplementedError

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        name = f"{self.version.instrument.code}-{self.version.number}{self.ending}"
        return HttpResponse(self.content(), content_type=self.content_type, headers=as_attachment(name))


class InstrumentJson(_Download):
    """The questionnaire in our own JSON: the same version gives the same bytes."""

    ending = ".json"
    content_type = "application/json"

    def content(self) -> bytes:
        return written(self.version)


class InstrumentForRedcap(_Download):
    """The questionnaire as a REDCap data dictionary."""

    ending = "-redcap.csv"
    content_type = "text/csv; charset=utf-8"

    def content(self) -> bytes:
        return dictionary_of(self.version).content

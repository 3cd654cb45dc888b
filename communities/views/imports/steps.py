"""The steps of an import after the upload: columns, rows, decisions, importing, undoing."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView, View

from communities.exports.rejected import rejected_rows
from communities.forms.imports import ColumnsForm, DecisionsForm, VersionForm, initial_columns
from communities.models import ImportBatch, ImportRow
from communities.services.imports.about import erased_words
from communities.services.imports.batches import ColumnsMissing, discard_import, earlier_import_of
from communities.services.imports.fields import values_of
from communities.services.imports.hindrances import hindrances
from communities.services.imports.preview import (
    StartsInTheFuture,
    counts_of,
    decide_rows,
    forget_decisions,
    preview_import,
)
from communities.services.imports.progress import progress_of
from communities.services.imports.questions import Question, open_questions
from communities.services.imports.running import ask_for_import, nothing_to_import
from communities.services.imports.undoing import ask_for_undo
from communities.views.community.downloads import download
from communities.views.imports.in_import import InImport
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

Kind, State = ImportRow.Kind, ImportBatch.State
# The order in which classes are shown: what will happen, what needs someone, what stays out.
ORDER = (
    Kind.NEW,
    Kind.RETURNS,
    Kind.CHANGES,
    Kind.UNDECIDED,
    Kind.MALFORMED,
    Kind.DUPLICATE,
    Kind.LEFT_OUT,
    Kind.ALREADY,
)
HTMX_RELOAD = {"HX-Refresh": "true"}


class ImportPage(InImport, ListView[ImportRow]):
    """What will happen, or has happened, to every row?"""

    template_name = "communities/import.html"
    paginate_by = settings.PAGE_SIZE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.batch.state == State.UPLOADED:
            return redirect("communities:import-columns", self.batch.pk)
        return super().get(request, *args, **kwargs)

    @cached_property
    def counts(self) -> dict[str, int]:
        return counts_of(self.batch)

    @property
    def shown(self) -> str:
        """The class that was asked for, or the first that has any rows."""
        asked = self.request.GET.get("show", "")
        return asked if asked in Kind.values else next((kind for kind in ORDER if self.counts[kind]), Kind.NEW)

    def get_queryset(self) -> QuerySet[ImportRow]:
        return ImportRow.objects.filter(batch=self.batch).of_kind(self.shown).in_order()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        waiting = sum(self.counts[kind] for kind in ImportRow.WRITTEN)
        return context | {
            "rows": [(row, _who(self.batch, row)) for row in context["object_list"]],
            "classes": [(kind, kind.label, self.counts[kind]) for kind in ORDER if self.counts[kind]],
            "shown": Kind(self.shown),
            "waiting": waiting,
            "import_label": "Import this row" if waiting == 1 else f"Import these {waiting:,} rows",
            "mailed": self.counts[Kind.NEW] + self.counts[Kind.RETURNS],
            "staying_out": sum(self.counts[kind] for kind in ImportRow.STAYING_OUT),
            "undecided": self.counts[Kind.UNDECIDED],
            "nothing": "" if waiting or self.batch.state != State.PREVIEWED else nothing_to_import(self.batch),
            "earlier": earlier_import_of(self.batch),
            "may_undo": self.batch.may_be_undone(clock.now()),
            "erased_words": erased_words(self.batch) if self.batch.undone_at else "",
            "progress": progress_of(self.batch.pk),
        }


def _who(batch: ImportBatch, row: ImportRow) -> str:
    """Whom, or what, a row is about, in the words of the file."""
    said = values_of(row.cells, batch.mapping)
    name = said.get("name") or " ".join(filter(None, (said.get("first_name"), said.get("last_name"))))
    more = said.get("email") if batch.kind == ImportBatch.Kind.MEMBERS else said.get("ods_code")
    return ", ".join(filter(None, (name, more))) or "–"


class ImportProgress(InImport, TemplateView):
    """How far the worker has come: a piece of the page, asked for every second. Once it is done, the page is new."""

    template_name = "communities/import_progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.batch.is_with_worker:
            return HttpResponse(headers=HTMX_RELOAD)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(progress=progress_of(self.batch.pk), **kwargs)


class _Step(InImport, ServiceFormView):
    """A form about one import, which says which version of it was looked at."""

    form_class: type[VersionForm] = VersionForm

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.batch.version}

    def get_cancel_url(self) -> str:
        return self.batch.get_absolute_url()

    def again(self) -> HttpResponse:
        return redirect(self.batch)


class ImportColumns(_Step):
    """Which column holds what."""

    template_name = "communities/import_columns.html"
    form_class = ColumnsForm
    heading = "What is in the columns?"
    submit_label = "Sort the rows"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {StartsInTheFuture: "starts_on"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "batch": self.batch}

    def get_initial(self) -> dict[str, Any]:
        return initial_columns(self.batch)

    def field_for(self, refusal: Refusal) -> str | None:
        return "column_name" if isinstance(refusal, ColumnsMissing) else super().field_for(refusal)

    def perform(self, form: ColumnsForm) -> HttpResponse:
        preview_import(
            batch=self.batch,
            version=form.cleaned_data["version"],
            has_headings=form.cleaned_data["has_headings"],
            mapping=form.mapping,
            default_group=form.cleaned_data.get("professional_group"),
            default_starts_on=form.cleaned_data.get("starts_on"),
            by=self.user,
            now=clock.now(),
        )
        return self.again()

    def get_cancel_url(self) -> str:
        return self.start_again_url() if self.batch.state == State.UPLOADED else self.batch.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(rows_in_file=len(self.batch.body), **kwargs)


class ImportDecisions(_Step):
    """What only a person can decide, some at a time."""

    template_name = "communities/import_decisions.html"
    form_class = DecisionsForm
    heading = "Decide about these rows"
    submit_label = "Sort the rows again"

    @cached_property
    def questions(self) -> list[Question]:
        return open_questions(self.batch, limit=settings.PAGE_SIZE)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "questions": self.questions}

    def perform(self, form: DecisionsForm) -> HttpResponse:
        decide_rows(
            batch=self.batch,
            version=form.cleaned_data["version"],
            decisions=form.decisions,
            by=self.user,
            now=clock.now(),
        )
        return self.again()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(questions=self.questions, has_decided=bool(self.batch.decisions), **kwargs)


class ForgetDecisions(_Step):
    template_name = "communities/import_step.html"
    heading = "Take your decisions back"
    submit_label = "Ask me all of it again"

    def perform(self, form: VersionForm) -> HttpResponse:
        forget_decisions(batch=self.batch, version=form.cleaned_data["version"], by=self.user, now=clock.now())
        return self.again()


class RunImport(_Step):
    """Import, said once more with what will happen. The worker does it."""

    template_name = "communities/import_step.html"
    heading = "Import these rows"
    submit_label = "Import"

    def perform(self, form: VersionForm) -> HttpResponse:
        ask_for_import(batch=self.batch, version=form.cleaned_data["version"], by=self.user, now=clock.now())
        return self.again()


class UndoImport(_Step):
    """What will be taken back; or why it cannot be. The worker does it."""

    template_name = "communities/import_undo.html"
    heading = "Undo this import"
    submit_label = "Undo the whole import"

    def perform(self, form: VersionForm) -> HttpResponse:
        ask_for_undo(batch=self.batch, version=form.cleaned_data["version"], by=self.user, now=clock.now())
        return self.again()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_undo = self.batch.may_be_undone(clock.now())
        found = hindrances(self.batch) if may_undo else []
        return super().get_context_data(
            may_undo=may_undo and not found, hindrances=found, erased_words=erased_words(self.batch), **kwargs
        )


class DiscardImport(_Step):
    template_name = "communities/import_step.html"
    heading = "Throw this file away"
    submit_label = "Throw it away"

    def perform(self, form: VersionForm) -> HttpResponse:
        discard_import(batch=self.batch, version=form.cleaned_data["version"], by=self.user, now=clock.now())
        messages.success(self.request, f"{self.batch.file_name} has been thrown away. Nothing was imported from it.")
        return redirect(self.start_again_url())


class RejectedRows(InImport, View):
    """The rows that were not imported, as a file, with the reason in each."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return download(rejected_rows(self.batch, now=clock.now()))

"""The questions of a draft: chosen by kind or taken from those asked before, written, moved, removed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import FormView, View

from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.instruments import KindForm, KnownQuestionForm, NothingForm, QuestionForm, suggested_code
from evaluations.forms.option_rows import OptionRows
from evaluations.models import InstrumentVersion, Question
from evaluations.services.instruments.codes import QuestionThere
from evaluations.services.instruments.content import QuestionNotValid
from evaluations.services.instruments.questions import (
    NotTheSame,
    add_known_question,
    add_question,
    edit_question,
    move_question,
    remove_question,
)
from evaluations.views.instruments.drafting import OfDraft, OfQuestion, OfSection, questions_of, trend_words
from evaluations.views.instruments.drafts import show_theirs
from evaluations.wordings import baseline_of

FIELDS = (
    "code", "text", "hint", "evaluation_question", "value_cycle", "scale", "options", "max_length", "minimum",
    "maximum", "is_required", "is_ordered", "is_two_sided", "change",
)  # fmt: skip
DEFAULT_LENGTHS = {Question.Kind.SHORT_TEXT: 200, Question.Kind.LONG_TEXT: 1000}


class ChooseKind(OfSection, FormView[KindForm]):
    """First step of a new question: its kind decides what else is asked. Nothing is stored."""

    template_name = "evaluations/instruments/choose_kind.html"
    form_class = KindForm

    def form_valid(self, form: KindForm) -> HttpResponse:
        args = [self.draft.pk, self.section.pk, form.cleaned_data["kind"]]
        return redirect("evaluations:draft-add-question", *args)

    def form_invalid(self, form: KindForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            heading=f"Add a question to “{self.section.title}”",
            submit_label="Continue",
            cancel_url=self.get_cancel_url(),
            section=self.section,
            **kwargs,
        )


class WriteQuestion(OfDraft, ServiceFormView):
    """A question of one kind. Buttons beside its answers move, add and take out rows; only Save keeps anything."""

    template_name = "evaluations/instruments/question.html"
    form_class = QuestionForm
    keeps_draft = True
    kind: str

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "kind": self.kind}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if do := request.POST.get("do"):
            return self.render_to_response(self.get_context_data(form=self.rearranged(do)))
        return super().post(request, *args, **kwargs)

    def rearranged(self, do: str) -> QuestionForm:
        """What was typed, unchecked, with its rows as the button wants them."""
        about = {name: value for name, value in self.get_form_kwargs().items() if name not in ("data", "files")}
        form = QuestionForm(**{**about, "initial": self.request.POST.dict()})
        form.rows = OptionRows.rearranged(self.request.POST, do, is_multiple=form.is_multiple)
        return form

    def field_for(self, refusal: Refusal) -> str | None:
        fields = {NotTheSame: "change", QuestionThere: "code"}
        name = refusal.field if isinstance(refusal, QuestionNotValid) else fields.get(type(refusal), "")
        return name if name in self.get_form().fields else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(kind_label=Question.Kind(self.kind).label, **kwargs)
        if fields := context["draft"].fields:
            # The rows that were there when the draft was kept: what was typed into them is put back.
            context["form"].rows.make_room(dict(fields))
        return context


class AddQuestion(OfSection, WriteQuestion):
    submit_label = "Add the question"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["kind"] not in Question.Kind.values:
            raise Http404
        self.kind = kwargs["kind"]

    def get_heading(self) -> str:
        return f"Add a question to “{self.section.title}”"

    def get_initial(self) -> dict[str, Any]:
        return {"code": suggested_code(self.section), "max_length": DEFAULT_LENGTHS.get(Question.Kind(self.kind))}

    def perform(self, form: QuestionForm) -> HttpResponse:
        question = add_question(section=self.section, content=form.content, by=self.user, now=clock.now())
        messages.success(self.request, f"{question.item.code} is added.")
        return redirect(f"{self.draft.get_draft_url()}#question-{question.item.code}")


class EditQuestion(OfQuestion, WriteQuestion):
    heading = "Change this question"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        wanted = request.GET.get("kind", "")
        self.kind = wanted if wanted in Question.Kind.values else self.question.kind

    def get_form_kwargs(self) -> dict[str, Any]:
        baseline = baseline_of(self.question)
        return {**super().get_form_kwargs(), "asked_before": str(baseline.section.version) if baseline else ""}

    def get_initial(self) -> dict[str, Any]:
        return self.initial_of(self.draft)

    def initial_of(self, draft: InstrumentVersion) -> dict[str, Any]:
        """What stands now."""
        found = questions_of(draft).get(pk=self.question.pk)
        said = {name: getattr(found, name) for name in FIELDS if name != "code"}
        return {
            **said,
            "code": found.item.code,
            "evaluation_question": found.evaluation_question_id,
            # The answers of a scale are the scale's: nothing to change here.
            "options": [] if found.scale else found.options,
            "revision": draft.revision,
        }

    def perform(self, form: QuestionForm) -> HttpResponse:
        revision = form.cleaned_data["revision"] or self.draft.revision
        changed = edit_question(
            question=self.question, revision=revision, content=form.content, by=self.user, now=clock.now()
        )
        messages.success(self.request, f"{changed.item.code} is saved.{trend_words(changed)}")
        return redirect(f"{self.draft.get_draft_url()}#question-{changed.item.code}")

    def refused(self, form: Any, refusal: Refusal) -> HttpResponse:
        return super().refused(show_theirs(self, form, refusal, self.initial_of), refusal)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = [kind for kind in Question.Kind if kind != self.kind]
        return super().get_context_data(question=self.question, other_kinds=kinds, **kwargs)


class AddKnownQuestion(OfSection, ServiceFormView):
    """A question asked before, in the words in which it was asked last; its trend goes on."""

    template_name = "evaluations/instruments/form.html"
    form_class = KnownQuestionForm
    submit_label = "Add this question"

    def get_heading(self) -> str:
        return f"Add a question asked before to “{self.section.title}”"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "known": self.known()}

    def known(self) -> QuerySet[Question]:
        """The newest published wording of every item that this draft does not have."""
        published = Question.objects.filter(section__version__published_at__isnull=False)
        newest = published.order_by("item", "-section__version__published_at", "-wording", "pk")
        seen: dict[int, int] = {}
        for item, pk in newest.values_list("item", "pk"):
            seen.setdefault(item, pk)
        here = Question.objects.filter(section__version=self.draft).values("item")
        found = Question.objects.filter(pk__in=seen.values()).exclude(item__in=here)
        return found.select_related("item").order_by("item__code")

    def perform(self, form: KnownQuestionForm) -> HttpResponse:
        known = form.cleaned_data["question"]
        taken = add_known_question(section=self.section, question=known, by=self.user, now=clock.now())
        messages.success(self.request, f"{taken.item.code} is added.{trend_words(taken)}")
        return redirect(f"{self.draft.get_draft_url()}#question-{taken.item.code}")


class MoveQuestion(OfQuestion, View):
    """One place up or down, by a button."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        try:
            move_question(question=self.question, up=request.POST.get("to") == "up", by=self.user, now=clock.now())
        except Refusal as refusal:
            messages.warning(request, " ".join(refusal.messages))
        return redirect(f"{self.draft.get_draft_url()}#question-{self.question.item.code}")


class RemoveQuestion(OfQuestion, ServiceFormView):
    template_name = "evaluations/instruments/remove.html"
    form_class = NothingForm
    submit_label = "Remove this question"

    def get_heading(self) -> str:
        return f"Remove {self.question.item.code} from this draft"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(about=self.question.text, can_be_put_back=True, **kwargs)

    def perform(self, form: NothingForm) -> HttpResponse:
        remove_question(question=self.question, by=self.user, now=clock.now())
        messages.success(self.request, f"{self.question.item.code} is removed.")
        return redirect(reverse("evaluations:draft", args=[self.draft.pk]))

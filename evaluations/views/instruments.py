"""What is asked, for HIN staff: the questionnaires, question by question, and the framework behind them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Count, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import ListView, TemplateView

from cop_portal.accounts.access import PermissionRequired
from evaluations.forms.surveys import newest_versions
from evaluations.models import (
    EvaluationQuestion,
    Framework,
    InstrumentVersion,
    MaturityDimension,
    MaturityLevel,
    Question,
    Section,
)
from evaluations.permissions import Permission


class InstrumentList(PermissionRequired, ListView[InstrumentVersion]):
    """The questionnaires, in their newest published version."""

    permission: ClassVar[str] = Permission.SEE_INSTRUMENTS
    template_name = "evaluations/instrument_list.html"
    context_object_name = "versions"

    def get_queryset(self) -> QuerySet[InstrumentVersion]:
        versions: QuerySet[InstrumentVersion] = newest_versions().select_related("instrument")
        return versions.annotate(question_count=Count("sections__questions"))


@dataclass(frozen=True)
class QuestionRow:
    """A question as staff read it: what it is for, and when it is shown, in words."""

    question: Question
    options: str
    shown_if: str


class InstrumentPage(PermissionRequired, TemplateView):
    """Every question of a questionnaire: what it serves, what can be answered, and who is asked it."""

    permission: ClassVar[str] = Permission.SEE_INSTRUMENTS
    template_name = "evaluations/instrument.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = get_object_or_404(
            newest_versions().select_related("instrument"), instrument__code=self.kwargs["code"]
        )
        asked = Question.objects.select_related("item", "evaluation_question").order_by("position")
        sections = list(
            Section.objects.filter(version=version)
            .order_by("position")
            .prefetch_related(Prefetch("questions", queryset=asked))
        )
        by_code = {question.item.code: question for section in sections for question in section.questions.all()}
        shown = [(section, [question_row(q, by_code) for q in section.questions.all()]) for section in sections]
        trail = [{"href": reverse("evaluations:instrument-list"), "text": "Questionnaires"}]
        return super().get_context_data(
            trail=trail, version=version, sections=shown, question_count=len(by_code), **kwargs
        )


def question_row(question: Question, by_code: dict[str, Question]) -> QuestionRow:
    return QuestionRow(question, "; ".join(map(option_words, question.options)), show_if_words(question, by_code))


def option_words(option: dict[str, Any]) -> str:
    """Does not apply to me (left out of the base)"""
    notes = [
        words
        for key, words in (("excluded", "left out of the base"), ("exclusive", "goes with no other"))
        if option.get(key)
    ]
    return f"{option['label']} ({', '.join(notes)})" if notes else str(option["label"])


def show_if_words(question: Question, by_code: dict[str, Question]) -> str:
    """Everyone; or: those who answered V4 with “Being tried” or “In use in one place”"""
    rule = question.show_if
    if not rule:
        return "Everyone"
    labels = {option["code"]: option["label"] for option in by_code[rule["question"]].options}
    chosen = [f"“{labels[code]}”" for code in rule["in"]]
    answers = chosen[0] if len(chosen) == 1 else f"{', '.join(chosen[:-1])} or {chosen[-1]}"
    return f"Those who answered {rule['question']} with {answers}"


class FrameworkPage(PermissionRequired, TemplateView):
    """The four overarching questions, quoted with credit; our own below them, and the maturity levels."""

    permission: ClassVar[str] = Permission.SEE_FRAMEWORK
    template_name = "evaluations/framework.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        subsidiary = Prefetch("subsidiary", queryset=EvaluationQuestion.objects.in_order())
        return super().get_context_data(
            framework=Framework.objects.first(),
            overarching=EvaluationQuestion.objects.overarching().in_order().prefetch_related(subsidiary),
            dimensions=MaturityDimension.objects.order_by("position"),
            levels=MaturityLevel.objects.order_by("level").prefetch_related("statements__dimension"),
            **kwargs,
        )

"""Who is asked a question: everyone, or those who gave certain answers to an earlier one. Two steps, no JavaScript."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from evaluations.forms.instruments import AskedOfForm, AskedOnlyForm
from evaluations.models import Question
from evaluations.services.instruments.holding import DECIDING
from evaluations.services.instruments.questions import ask_only
from evaluations.views.instruments.drafting import OfQuestion, questions_of, trend_words
from evaluations.views.instruments.rows import answers_to


class AskedOf(OfQuestion, ServiceFormView):
    """First step: everyone, or by the answer to which earlier question."""

    template_name = "evaluations/instruments/asked_of.html"
    form_class = AskedOfForm
    submit_label = "Continue"

    def get_heading(self) -> str:
        return f"Who is asked {self.question.item.code}?"

    def earlier(self) -> list[tuple[str, str]]:
        """The choices that stand before this question."""
        found: list[tuple[str, str]] = []
        for other in questions_of(self.draft):
            if other.pk == self.question.pk:
                break
            if other.kind in DECIDING:
                found.append((other.item.code, f"{other.item.code}: {other.text}"))
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "earlier": self.earlier()}

    def get_initial(self) -> dict[str, Any]:
        rule = self.question.show_if
        return {"of": rule["question"] if rule else "everyone"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(question=self.question, **kwargs)

    def perform(self, form: AskedOfForm) -> HttpResponse:
        code, of = self.question.item.code, form.cleaned_data["of"]
        if of != "everyone":
            return redirect("evaluations:draft-asked-only", self.draft.pk, code, of)
        asked = ask_only(
            question=self.question, revision=self.draft.revision, of="", codes=[], by=self.user, now=clock.now()
        )
        messages.success(self.request, f"Everyone is asked {code}.{trend_words(asked)}")
        return redirect(f"{self.draft.get_draft_url()}#question-{code}")


class AskedOnly(OfQuestion, ServiceFormView):
    """Second step: which answers."""

    template_name = "evaluations/instruments/asked_of.html"
    form_class = AskedOnlyForm
    other: Question

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.other = get_object_or_404(questions_of(self.draft), item__code=kwargs["of"], kind__in=DECIDING)

    def get_heading(self) -> str:
        return f"Who is asked {self.question.item.code}, by the answer to {self.other.item.code}?"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "answers": answers_to(self.other)}

    def get_initial(self) -> dict[str, Any]:
        rule = self.question.show_if or {}
        chosen = set(rule.get("in", ())) if rule.get("question") == self.other.item.code else set()
        codes = [code for code, _ in answers_to(self.other) if set(code.split(",")) <= chosen]
        return {"codes": codes, "revision": self.draft.revision}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(question=self.question, other=self.other, **kwargs)

    def perform(self, form: AskedOnlyForm) -> HttpResponse:
        # A group of a 0 to 10 stands for all the codes in it.
        codes = [code for chosen in form.cleaned_data["codes"] for code in chosen.split(",")]
        asked = ask_only(
            question=self.question,
            revision=form.cleaned_data["revision"],
            of=self.other.item.code,
            codes=codes,
            by=self.user,
            now=clock.now(),
        )
        code = asked.item.code
        messages.success(self.request, f"Who is asked {code} is saved.{trend_words(asked)}")
        return redirect(f"{self.draft.get_draft_url()}#question-{code}")

    def get_cancel_url(self) -> str:
        return reverse("evaluations:draft-asked-of", args=[self.draft.pk, self.question.item.code])

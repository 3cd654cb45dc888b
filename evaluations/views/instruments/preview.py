"""A questionnaire as members will meet it, on a phone and on a wide screen. Nothing is stored, whatever is pressed.

The questions are those of the pages behind a link, in the same templates. Only answers that decide what is asked next
go along, in the address; the others are checked and forgotten.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.generic import TemplateView, View

from evaluations.forms.answering import StepForm
from evaluations.paging import Pace, Step, step_of, steps
from evaluations.questionnaire import AnswerRefused, Answers, Questionnaire, parsed, questionnaire_of
from evaluations.views.instruments.files import OfVersion

PHONE, WIDE = Pace.QUESTION, Pace.SECTION
# No question has so long a code.
END = "after-the-last-question"
BY_TEXTS = "Here it will say by when nobody reads what is written. Write no patient data."


@method_decorator(csp_update({"frame-src": [SELF]}), name="dispatch")
class InstrumentPreview(OfVersion, TemplateView):
    """Both widths beside each other, each in a frame of its own; and each as a page of its own."""

    template_name = "evaluations/instruments/preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = next(iter(questionnaire_of(self.version).questions), None)
        return super().get_context_data(
            phone=step_url(self, PHONE, first.code) if first else "",
            wide=step_url(self, WIDE, first.code) if first else "",
            **kwargs,
        )


@method_decorator(xframe_options_sameorigin, name="dispatch")
@method_decorator(csp_replace({"frame-ancestors": [SELF]}), name="dispatch")
class PreviewStep(OfVersion, View):
    """One step of the preview."""

    questionnaire: Questionnaire
    answers: Answers
    pace: Pace

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["pace"] not in set(Pace):
            raise Http404
        self.pace = Pace(kwargs["pace"])
        self.questionnaire = questionnaire_of(self.version)
        self.answers = deciding_answers(self.questionnaire, request)

    def get(self, request: HttpRequest, step: str, **_: Any) -> HttpResponse:
        found = step_of(self.questionnaire, step, self.answers, self.pace)
        return self.show(found, self.form(found)) if found else self.end()

    def post(self, request: HttpRequest, step: str, **_: Any) -> HttpResponse:
        found = step_of(self.questionnaire, step, self.answers, self.pace)
        if found is None:
            return self.end()
        go = request.POST.get("go", "continue")
        if go == "back":
            return self.lead_to(found.previous or found.code)
        form = self.form(found, data=request.POST)
        if go != "skip" and not form.is_valid():
            return self.show(found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if go != "skip":
            self.answers = decided(self.questionnaire, form.merged(self.answers))
        here = step_of(self.questionnaire, step, self.answers, self.pace)
        return self.lead_to(here.next if here and here.next else END)

    def form(self, step: Step, data: Any = None) -> StepForm:
        numbers = {} if step.is_single else step.numbers
        return StepForm(step.questions, self.answers, data=data, numbers=numbers, by_texts=BY_TEXTS)

    def show(self, step: Step, form: StepForm, *, status: int = 200) -> HttpResponse:
        context = {"place": step, "form": form, "can_skip": step.is_single and not step.is_needed and bool(form.fields)}
        return self.page("preview_step", context, status)

    def end(self) -> HttpResponse:
        all_steps = steps(self.questionnaire, self.answers, self.pace)
        again = step_url(self, self.pace, all_steps[0].code) if all_steps else ""
        return self.page("preview_end", {"again": again}, 200)

    def page(self, template: str, context: dict[str, Any], status: int) -> HttpResponse:
        context["version"] = self.version
        return render(self.request, f"evaluations/instruments/{template}.html", context, status=status)

    def lead_to(self, code: str) -> HttpResponse:
        return HttpResponseRedirect(step_url(self, self.pace, code, self.answers))


def step_url(view: OfVersion, pace: Pace, code: str, answers: Answers | None = None) -> str:
    of = [view.version.instrument.code, view.version.number, str(pace), code]
    query = f"?{urlencode(answers, doseq=True)}" if answers else ""
    return reverse("evaluations:preview-step", args=of) + query


def decided(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """The answers that decide what is asked next."""
    deciding = {question.show_if.question for question in questionnaire.questions if question.show_if}
    return {code: answer for code, answer in answers.items() if code in deciding}


def deciding_answers(questionnaire: Questionnaire, request: HttpRequest) -> Answers:
    """Those in the address, as far as they are answers."""
    found: Answers = {}
    for question in questionnaire.questions:
        given = request.GET.getlist(question.code)
        try:
            answer = parsed(question, given if question.kind == "multiple" else given[0]) if given else None
        except AnswerRefused:
            continue
        if answer:
            found[question.code] = answer
    return decided(questionnaire, found)

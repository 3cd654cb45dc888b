"""The steps of answering: one question, or a section, a page. Saved, encrypted under the link, as one goes."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from evaluations.forms.answering import StepForm
from evaluations.paging import Pace, Step, follow_up, step_of
from evaluations.services.answers.answering import save_draft
from evaluations.views.answers.answering import AnsweringPage
from evaluations.views.answers.link_pages import remember
from evaluations.views.surveys import words

# What the buttons of a step ask for; the page's script asks to keep what stands there while one goes on answering.
CONTINUE, SKIP, BACK, REMOVE, KEEP = "continue", "skip", "back", "remove", "keep"
# These leave a question that is marked as needed for later.
LEAVING = {BACK, KEEP, Pace.QUESTION, Pace.SECTION}


class AnswerStep(AnsweringPage):
    """A step, addressed by any question of it. Come to from the page that checks the answers it asks that one only."""

    step: Step
    code: str
    is_change: bool

    def enter(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.code, self.is_change = kwargs["step"], request.GET.get("then") == "check"
        return super().enter(request, *args, **kwargs)

    def find_step(self) -> bool:
        """Whether these answers show the question; its step is then in `step`."""
        found = step_of(self.questionnaire, self.code, self.draft, Pace.QUESTION if self.is_change else self.pace)
        if found:
            self.step = found
        return found is not None

    def get(self, request: HttpRequest, step: str) -> HttpResponse:
        return self.show(self.form()) if self.find_step() else redirect("evaluations:answer-check")

    def post(self, request: HttpRequest, step: str) -> HttpResponse:
        if not self.find_step():
            return redirect("evaluations:answer-check")
        asked_for = request.POST.get("go", CONTINUE)
        if asked_for == SKIP and not self.step.is_needed:
            return self.onward()
        form = self.form(data=request.POST, is_leaving=asked_for in LEAVING)
        if asked_for == REMOVE:
            self.keep(form.without(self.draft))
            return self.onward()
        is_valid = form.is_valid()
        # What can be kept is, also when something else on the page needs another look.
        self.keep(form.merged(self.draft))
        if asked_for == KEEP:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return self.go(asked_for) if is_valid else self.show(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def go(self, where: str) -> HttpResponse:
        if where in set(Pace):
            response = redirect("evaluations:answer-step", self.step.code)
            remember(response, token=self.token, pace=where)
            return response
        return redirect(self.back_url()) if where == BACK else self.onward()

    def form(self, data: Any = None, *, is_leaving: bool = False) -> StepForm:
        return StepForm(
            self.step.questions,
            self.draft,
            data=data,
            numbers={} if self.step.is_single else self.step.numbers,
            by_texts=f"{words.nobody_reads(self.door.survey)} Write no patient data.",
            is_leaving=is_leaving,
        )

    def keep(self, answers: Any) -> None:
        """Stores the draft if this page changed it: a lone button press changes nothing."""
        if answers != self.draft:
            save_draft(token=self.token, answers=answers)
            self.draft = answers

    def back_url(self) -> str:
        if self.is_change:
            return reverse("evaluations:answer-check")
        previous = self.step.previous
        return reverse("evaluations:answer-step", args=[previous]) if previous else reverse("evaluations:answer-first")

    def onward(self) -> HttpResponse:
        """To the next step; after a change to what is asked because of it, and back to the page that checks all."""
        if self.is_change:
            code, query = follow_up(self.questionnaire, self.code, self.draft), f"?{urlencode({'then': 'check'})}"
        else:
            # Looked up again: the answers just given may show other questions than before.
            here = step_of(self.questionnaire, self.code, self.draft, self.pace)
            code, query = here.next if here else None, ""
        if code is None:
            return redirect("evaluations:answer-check")
        return redirect(reverse("evaluations:answer-step", args=[code]) + query)

    def show(self, form: StepForm, *, status: int = 200) -> HttpResponse:
        is_answered = any(question.code in self.draft for question in self.step.questions)
        return self.page(
            "answer_step",
            status=status,
            place=self.step,
            form=form,
            can_skip=self.step.is_single and not self.step.is_needed and not is_answered and bool(form.fields),
            can_remove=self.step.is_single and is_answered,
            other_pace=None if self.is_change else other_pace(self.pace),
        )


def other_pace(pace: Pace) -> tuple[str, str]:
    """The other way of going through the questions, and the words of its button."""
    if pace == Pace.QUESTION:
        return Pace.SECTION, "Show a section at a time"
    return Pace.QUESTION, "Show one question at a time"

"""Answering behind a personal link: first page, one question a page, check, send, done.

No page here asks who is signed in. A GET changes nothing; Start and Skip change nothing either; Continue stores a draft
only when something was answered, and sending needs an explicit choice.
"""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from cop_portal.accounts.link_pages import link_notice
from cop_portal.design.refusals import add_refusal
from cop_portal.installation import clock
from evaluations.forms.answering import ClearForm, FinishForm, StepForm
from evaluations.models import PrivacyMode, Survey
from evaluations.questionnaire import Answers, Page, Questionnaire, questionnaire_of
from evaluations.services.answering import (
    AlreadyAnswered,
    AnswersNotValid,
    Door,
    LinkNotKnown,
    NothingAnswered,
    clear_draft,
    door,
    load_draft,
    save_draft,
    submit_answers,
)
from evaluations.views import answer_words, words
from evaluations.views.link_pages import AnswerPage, is_page_of, page_mark, remember, remembered

NO_LINK_HERE = "Open the link in your mail again: this browser does not hold it, or no longer."
OTHER_LINK = (
    "Another link was opened in this browser meanwhile, so what you just sent was not stored. "
    "Open the link in your mail for this one again: what you had saved before is still there."
)
ALREADY = "You have already answered"


class FirstPage(AnswerPage):
    """Who asks and why, what will be stored, who will see what. Opening it counts and stores nothing."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        opened = door(token, clock.now())
        if opened.is_answered:
            return done_page(request, opened.survey, heading=ALREADY)
        return first_page(request, token, opened, questionnaire_of(opened.version), load_draft(token))


class Start(AnswerPage):
    """Puts the link into this browser's cookie, so that the address is free of it. Nothing is stored."""

    def post(self, request: HttpRequest) -> HttpResponse:
        token = request.POST.get("token", "")
        opened = door(token, clock.now())
        if opened.is_answered:
            return done_page(request, opened.survey, heading=ALREADY)
        draft = load_draft(token)
        response = redirect(next_unanswered(questionnaire_of(opened.version), draft))
        remember(response, token=token)
        return response


class AnsweringPage(AnswerPage):
    """A page after Start: the token is in the cookie, the door is open, and not yet answered."""

    token: str
    door: Door
    questionnaire: Questionnaire
    draft: Answers

    def enter(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.token = remembered(request).get("token", "")
        if not self.token:
            raise LinkNotKnown(NO_LINK_HERE, code="no_link_here")
        self.door = door(self.token, clock.now())
        if self.door.is_answered:
            return done_page(request, self.door.survey, heading=ALREADY)
        if request.method == "POST" and not is_page_of(request.POST.get("page_mark", ""), self.token):
            return link_notice(
                request, status=HTTPStatus.CONFLICT, heading="This is another link’s page", words=OTHER_LINK
            )
        self.draft = load_draft(self.token)
        self.questionnaire = questionnaire_of(self.door.version)
        return super().enter(request, *args, **kwargs)

    def page(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        context |= {
            "page_mark": page_mark(self.token),
            "version": self.door.version,
            "community": self.door.survey.community,
        }
        return render(self.request, f"evaluations/{template}.html", context, status=status)


class FirstPageAgain(AnsweringPage):
    """The first page, come back to: its address does not hold the token."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return first_page(request, self.token, self.door, self.questionnaire, self.draft)


class AnswerStep(AnsweringPage):
    """One question. Saved, encrypted under the link, at each Continue."""

    def get(self, request: HttpRequest, step: str) -> HttpResponse:
        page = self.questionnaire.page(step, self.draft)
        return self.show(page, StepForm([page.question], self.draft)) if page else redirect("evaluations:answer-check")

    def post(self, request: HttpRequest, step: str) -> HttpResponse:
        page = self.questionnaire.page(step, self.draft)
        if page is None:
            return redirect("evaluations:answer-check")
        if request.POST.get("go") == "skip" and not page.question.is_required:
            return self.onward(step)
        form = StepForm([page.question], self.draft, data=request.POST)
        if not form.is_valid():
            return self.show(page, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        self.keep(form)
        return self.onward(step)

    def keep(self, form: StepForm) -> None:
        """Stores the draft if this page changed it: a lone button press changes nothing."""
        others = {code: answer for code, answer in self.draft.items() if code not in form.fields}
        answers = {**others, **form.answered}
        if answers != self.draft:
            save_draft(token=self.token, answers=answers)
            self.draft = answers

    def onward(self, step: str) -> HttpResponse:
        page = self.questionnaire.page(step, self.draft)
        if page is None or page.next is None or self.request.GET.get("then") == "check":
            return redirect("evaluations:answer-check")
        return redirect("evaluations:answer-step", page.next)

    def show(self, page: Page, form: StepForm, *, status: int = 200) -> HttpResponse:
        back = ["evaluations:answer-step", page.previous] if page.previous else ["evaluations:answer-first"]
        return self.page(
            "answer_step",
            status=status,
            place=page,
            form=form,
            back_url=reverse(back[0], args=back[1:]),
            nobody_reads=words.nobody_reads(self.door.survey) if page.question.is_text else "",
        )


class CheckAnswers(AnsweringPage):
    """Everything answered, the very record, and an explicit "I have finished"."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(FinishForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = FinishForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if form.cleaned_data["finished"] == "no":
            return redirect(next_unanswered(self.questionnaire, self.draft))
        try:
            submit_answers(token=self.token, answers=self.draft, now=clock.now())
        except AlreadyAnswered:
            return done_page(request, self.door.survey, heading=ALREADY, status=HTTPStatus.CONFLICT)
        except AnswersNotValid as refusal:
            for code, error in refusal.errors.items():
                form.add_error(None, answer_words.error_words(self.questionnaire, code, error))
            return self.show(form, status=refusal.status)
        except NothingAnswered as refusal:
            add_refusal(form, refusal)
            return self.show(form, status=refusal.status)
        response = redirect("evaluations:answer-done")
        # The link is not kept in the browser a moment longer than it is of use.
        remember(response, done=self.door.survey.pk)
        return response

    def show(self, form: FinishForm, *, status: int = 200) -> HttpResponse:
        return self.page(
            "answer_check",
            status=status,
            form=form,
            summary=answer_words.answer_rows(self.questionnaire, self.draft),
            record=as_stored(self.questionnaire, self.draft),
        )


class ClearAnswers(AnsweringPage):
    """Wipes the draft, by a choice without a default."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("answer_clear", form=ClearForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ClearForm(request.POST)
        if not form.is_valid():
            return self.page("answer_clear", form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if form.cleaned_data["clear"] == "no":
            return redirect("evaluations:answer-check")
        clear_draft(token=self.token)
        cleared = "What you had answered is wiped. Your link goes on working until this closes: open it to begin again."
        return link_notice(request, status=HTTPStatus.OK, heading="Your answers are cleared", words=cleared)


class Done(AnswerPage):
    """Thank you, and when results come."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = Survey.objects.select_related("version", "community").filter(pk=remembered(request).get("done", 0))
        survey = found.first()
        if survey is None:
            raise LinkNotKnown(NO_LINK_HERE, code="no_link_here")
        return done_page(request, survey, heading="Thank you: your answers are in")


def first_page(
    request: HttpRequest, token: str, opened: Door, questionnaire: Questionnaire, draft: Answers
) -> HttpResponse:
    survey = opened.survey
    context = {
        "token": token,
        "version": opened.version,
        "community": survey.community,
        "length_words": answer_words.length_words(questionnaire),
        "closes_words": words.day_words(survey.closes_at),
        "has_draft": bool(draft),
        "start_label": "Go on" if draft else "Start",
        "record": as_stored(questionnaire, draft),
        "record_state": "your answers so far" if draft else "nothing answered yet",
        "promise": words.PROMISES[PrivacyMode(survey.mode)],
        "who_sees": words.who_sees(),
        "reminders": words.reminder_words(survey.reminder_days, opens_at=survey.opened_at, closes_at=survey.closes_at),
        "nobody_reads": words.nobody_reads(survey) if any(q.is_text for q in questionnaire.questions) else "",
    }
    return render(request, "evaluations/answer_first_page.html", context)


def done_page(request: HttpRequest, survey: Survey, *, heading: str, status: int = 200) -> HttpResponse:
    context = {
        "heading": heading,
        "words": f"{survey.version.title}, {survey.community.name} community",
        "results_words": answer_words.results_words(survey),
    }
    return render(request, "evaluations/answer_done.html", context, status=status)


def next_unanswered(questionnaire: Questionnaire, draft: Answers) -> str:
    """Where to go on: the first question without an answer, or the page that checks them all."""
    waiting = (question.code for question in questionnaire.shown(draft) if question.code not in draft)
    code = next(waiting, None)
    return reverse("evaluations:answer-step", args=[code]) if code else reverse("evaluations:answer-check")


def as_stored(questionnaire: Questionnaire, answers: Answers) -> str:
    """The very record that would be sealed and stored, made by the rule that makes it when it is sent."""
    return json.dumps(questionnaire.check(answers).answers, indent=2, ensure_ascii=False)

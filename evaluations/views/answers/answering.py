"""Answering behind a personal link: first page, check, send, done. The steps between are in steps.py.

No page here asks who is signed in. A GET changes nothing; Start and Skip change nothing either; Continue stores a draft
only when something was answered, and sending needs an explicit choice.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from cop_portal.accounts.link_pages import link_notice
from cop_portal.design.refusals import add_refusal
from cop_portal.installation import clock
from evaluations.forms.answering import ClearForm, FinishForm
from evaluations.models import Survey
from evaluations.paging import Pace, where_to_go_on
from evaluations.questionnaire import Answers, Questionnaire, fielded
from evaluations.services.answers.answering import (
    AlreadyAnswered,
    AnswersNotValid,
    Door,
    LinkNotKnown,
    NothingAnswered,
    clear_draft,
    door,
    load_draft,
    record_preview,
    submit_answers,
)
from evaluations.services.answers.named import AnswersSentMeanwhile
from evaluations.views.answers import answer_words
from evaluations.views.answers.link_pages import (
    AnswerPage,
    is_remembered,
    page_mark,
    read_mark,
    remember,
    remembered,
)
from evaluations.views.answers.mode_words import mode_words, who_sees
from evaluations.views.surveys import words

NO_LINK_HERE = (
    "Open the link in your mail again, or scan the code in the room: this browser does not hold a link, or no longer."
)
NOT_FROM_HERE = (
    "What you just sent did not come from a page of ours, so it was not stored. "
    "Open the link in your mail again: what you had saved before is still there."
)
ALREADY = "You have already answered"
CLEARED = (
    "Your answers are cleared",
    "What you had answered is wiped. Your link goes on working until this closes: open it to begin again.",
)
CHANGES_CLEARED = (
    "Your changes are cleared",
    "The changes that you had not sent are wiped. What you sent before is kept: open your link again to change it.",
)
MOST_DIGITS = 9


class FirstPage(AnswerPage):
    """Who asks and why, what will be stored, who will see what. Opening it counts and stores nothing."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        opened = door(token, clock.now())
        if opened.is_over:
            return done_page(request, opened.survey, heading=ALREADY)
        return first_page(request, token, opened, fielded(opened.version), load_draft(token))


class Start(AnswerPage):
    """Puts the link into this browser's cookie, so that the address is free of it. Nothing is stored."""

    def post(self, request: HttpRequest) -> HttpResponse:
        token = request.POST.get("token", "")
        opened = door(token, clock.now())
        if opened.is_over:
            return done_page(request, opened.survey, heading=ALREADY)
        response = redirect(next_unanswered(fielded(opened.version), load_draft(token)))
        # Two buttons, of which the width of the screen shows one.
        chosen = request.POST.get("pace")
        remember(response, token=token, pace=Pace.SECTION if chosen == Pace.SECTION else Pace.QUESTION)
        return response


class AnsweringPage(AnswerPage):
    """A page after Start: the door is open, and not yet answered.

    A GET finds its link in the cookie. A form carries its own, so that it is answered also when the cookie is gone or
    holds another link by now; the cookie then follows the form.
    """

    token: str
    pace: Pace
    door: Door
    questionnaire: Questionnaire
    draft: Answers

    def enter(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        in_cookie = remembered(request)
        held = read_mark(request.POST.get("page_mark", "")) if request.method == "POST" else in_cookie
        if "token" not in held:
            return no_page_here(request, held)
        self.token, self.pace = held["token"], Pace(held.get("pace", Pace.QUESTION))
        self.door = door(self.token, clock.now())
        if self.door.is_over:
            return done_page(request, self.door.survey, heading=ALREADY)
        self.draft = load_draft(self.token)
        self.questionnaire = fielded(self.door.version)
        try:
            response = super().enter(request, *args, **kwargs)
        except AlreadyAnswered:
            return done_page(request, self.door.survey, heading=ALREADY, status=HTTPStatus.CONFLICT)
        if isinstance(response, HttpResponse) and held != in_cookie and not is_remembered(response):
            remember(response, **held)
        return response

    def page(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        context |= {
            "page_mark": page_mark(self.token, self.pace),
            "version": self.door.version,
            "community": self.door.survey.community,
            "is_place": self.door.is_place,
        }
        return render(self.request, f"evaluations/{template}.html", context, status=status)


class FirstPageAgain(AnsweringPage):
    """The first page, come back to: its address does not hold the token."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return first_page(request, self.token, self.door, self.questionnaire, self.draft)


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
            seen = seen_version(request)
            submit_answers(token=self.token, answers=self.draft, now=clock.now(), sent_version=seen)
        except AnswersNotValid as refusal:
            for code, error in refusal.errors.items():
                form.add_error(None, answer_words.error_words(self.questionnaire, code, error))
            return self.show(form, status=refusal.status)
        except (NothingAnswered, AnswersSentMeanwhile) as refusal:
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
            record=as_stored(self.door, self.questionnaire, self.draft),
            said=mode_words(self.door.survey, is_place=self.door.is_place),
            sent_version=self.door.sent_version,
        )


class ClearAnswers(AnsweringPage):
    """Wipes the draft, by a choice without a default."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(ClearForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ClearForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if form.cleaned_data["clear"] == "no":
            return redirect("evaluations:answer-check")
        clear_draft(token=self.token)
        heading, cleared = CHANGES_CLEARED if self.has_sent else CLEARED
        return link_notice(request, status=HTTPStatus.OK, heading=heading, words=cleared)

    @property
    def has_sent(self) -> bool:
        """In a named survey: what was sent is no draft, and stays."""
        return bool(self.door.sent_version)

    def show(self, form: ClearForm, *, status: int = 200) -> HttpResponse:
        return self.page("answer_clear", status=status, form=form, has_sent=self.has_sent)


class Done(AnswerPage):
    """Thank you, and when results come."""

    def get(self, request: HttpRequest) -> HttpResponse:
        surveys = Survey.objects.select_related("version", "community", "session", "pseudonym_key")
        survey = surveys.filter(pk=remembered(request).get("done", 0)).first()
        if survey is None:
            no_link_here()
        return done_page(request, survey, heading="Thank you: your answers are in")


def first_page(
    request: HttpRequest, token: str, opened: Door, questionnaire: Questionnaire, draft: Answers
) -> HttpResponse:
    survey = opened.survey
    context = {
        "token": token,
        "is_personal": not opened.is_place,
        "version": opened.version,
        "community": survey.community,
        "session": survey.session,
        "length_words": answer_words.length_words(questionnaire),
        "closes_words": words.day_words(survey.closes_at),
        "has_draft": bool(draft),
        "start_label": "Go on" if draft else "Start",
        "record": as_stored(opened, questionnaire, draft),
        "record_example": "" if draft else answer_words.record_example(questionnaire),
        "record_state": "your answers so far" if draft else "nothing answered yet",
        "has_sent": opened.is_answered,
        "said": mode_words(survey, is_place=opened.is_place),
        "who_sees": who_sees(survey.mode, survey.shared_with),
        "by_group": answer_words.by_group(opened),
        "is_place": opened.is_place,
        "reminders": words.reminders_of(survey),
        "nobody_reads": words.nobody_reads(survey) if any(q.is_text for q in questionnaire.questions) else "",
    }
    return render(request, "evaluations/answer_first_page.html", context)


def done_page(request: HttpRequest, survey: Survey, *, heading: str, status: int = 200) -> HttpResponse:
    context = {
        "heading": heading,
        "words": f"{survey.asked_about}, {survey.community.name} community",
        "is_pulse": survey.is_pulse,
        "said": mode_words(survey),
        "results_words": answer_words.results_words(survey),
    }
    return render(request, "evaluations/answer_done.html", context, status=status)


def next_unanswered(questionnaire: Questionnaire, draft: Answers) -> str:
    """Where to go on: the first question without an answer, or the page that checks them all."""
    code = where_to_go_on(questionnaire, draft)
    return reverse("evaluations:answer-step", args=[code]) if code else reverse("evaluations:answer-check")


def seen_version(request: HttpRequest) -> int:
    """Which of what was sent before the page showed, where it can be changed; 0 where nothing had been sent."""
    seen = request.POST.get("sent_version", "")
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < MOST_DIGITS else 0


def no_page_here(request: HttpRequest, held: Mapping[str, Any]) -> HttpResponse:
    """Without a link. Who goes back after sending is told again that it is done."""
    if request.method == "POST":
        return not_from_here(request)
    return redirect("evaluations:answer-done") if "done" in held else no_link_here()


def not_from_here(request: HttpRequest) -> HttpResponse:
    heading = "This did not come from our page"
    return link_notice(request, status=HTTPStatus.CONFLICT, heading=heading, words=NOT_FROM_HERE)


def no_link_here() -> NoReturn:
    raise LinkNotKnown(NO_LINK_HERE, code="no_link_here")


def as_stored(opened: Door, questionnaire: Questionnaire, answers: Answers) -> str:
    """The very record that would be stored, made by the rule that makes it when it is sent."""
    return json.dumps(record_preview(opened, questionnaire, answers), indent=2, ensure_ascii=False)

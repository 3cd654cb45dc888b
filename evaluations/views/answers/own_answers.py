"""My answers: those that can be told to be mine, to see, to correct and to erase."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from communities.models import Person
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.views.own import OwnPage, SavesVersions, signed_in_user
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations.forms.own_answers import CorrectionForm
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.questionnaire import INFORMATION, Answers, AskedQuestion, Questionnaire, questionnaire_of
from evaluations.services.answers.answering import AnswersNotValid
from evaluations.services.answers.own_answers import (
    AnswersNotFound,
    OwnAnswers,
    answered_by_name,
    correct_own_answers,
    erase_own_answers,
    found_in,
    own_answers,
    own_named_answers,
)
from evaluations.services.retention.dates import destroyed_words
from evaluations.views.answers.answer_words import answer_text, error_words

NONE_FOUND = "None of yours are there: you erased them, or the key to them cannot be read at the moment"
WITHHELD = "Not shown, because two records were made one"


class Line(NamedTuple):
    """One survey in the list, what became of the answers to it, and where they can be read, if they can."""

    survey: Survey
    state: str
    url: str


def lines_for(person: Person) -> list[Line]:
    """Every confidential or named survey that someone answered, the newest first. The same queries for any number."""
    surveys, answers = answered_by_name(person)
    found = {mine.survey.pk: mine for mine in answers}
    rows = surveys.select_related("community", "version", "session", "pseudonym_key")
    return [line_of(survey, found.get(survey.pk)) for survey in rows]


def line_of(survey: Survey, mine: OwnAnswers | None) -> Line:
    """`mine`: confidential answers that can still be told to be this person's."""
    address = address_of(survey)
    if address and survey.mode == PrivacyMode.CONFIDENTIAL and mine is None:
        return Line(survey, NONE_FOUND, "")
    return Line(survey, WITHHELD if mine and mine.is_withheld else state_of(survey), address)


def state_of(survey: Survey) -> str:
    if gone := destroyed_words(survey):
        return gone.rstrip(".")
    if survey.state != Survey.State.CLOSED:
        is_named = survey.mode == PrivacyMode.NAMED
        return "You can change them through your link" if is_named else "Sealed until it has closed"
    if survey.pseudonym_key is None:
        return "Kept with your name"
    if not survey.pseudonym_key.is_living:
        return "The key has been destroyed: nobody can tell which are yours"
    ends_on = date_format(survey.pseudonym_key.ends_on)
    if survey.pseudonym_key.delayed_since:
        return f"Yours to see, correct and erase. The key to them was to end on {ends_on}; a legal hold delays it"
    return f"Yours to see, correct and erase until the key to them is destroyed on {ends_on}"


def address_of(survey: Survey) -> str:
    is_ended = survey.pseudonym_key is not None and not survey.pseudonym_key.is_living
    is_ended = is_ended or survey.answers_destroyed_at is not None
    is_sealed = survey.mode == PrivacyMode.CONFIDENTIAL and survey.state != Survey.State.CLOSED
    return "" if is_ended or is_sealed else reverse("evaluations:own-answers-to", args=[survey.pk])


class OwnAnswersList(TemplateView):
    """Which of my answers can be told to be mine?"""

    signed_in = True
    template_name = "evaluations/own_answers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = Person.objects.filter(user=signed_in_user(self.request)).first()
        return super().get_context_data(lines=lines_for(person) if person else [], **kwargs)


class OfOwnAnswers:
    """A page about what I sent in one survey, or 404."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def person(self) -> Person:
        return get_object_or_404(Person, user=signed_in_user(self.request))

    @cached_property
    def mine(self) -> OwnAnswers:
        """Confidential answers of mine; without their content where it is withheld."""
        try:
            return found_in(self.person, self.kwargs["pk"])
        except AnswersNotFound:
            raise Http404 from None

    @cached_property
    def questionnaire(self) -> Questionnaire:
        return questionnaire_of(self.mine.survey.version)

    def get_cancel_url(self) -> str:
        return reverse("evaluations:own-answers-to", args=[self.kwargs["pk"]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(survey=self.mine.survey, **kwargs)  # type: ignore[misc]
        return context


class OwnAnswersTo(OfOwnAnswers, TemplateView):
    """What did I say?"""

    signed_in = True
    template_name = "evaluations/own_answers_to.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if gone := self.destroyed():
            return TemplateView.get_context_data(self, survey=gone, destroyed=destroyed_words(gone), **kwargs)
        named = next((one for one in own_named_answers(self.person) if one[0].pk == self.kwargs["pk"]), None)
        survey, answers = named or (self.mine.survey, self.mine.answers)
        rows = answer_rows(questionnaire_of(survey.version), answers, None if named else survey)
        about = {"is_mine_to_change": not named, "withheld": None if named else self.withheld()}
        return TemplateView.get_context_data(self, survey=survey, rows=rows, state=state_of(survey), **about, **kwargs)

    def withheld(self) -> dict[str, Any] | None:
        """Where it is not shown: whether it can be erased by now, and otherwise from when on."""
        mine = self.mine
        if not mine.is_withheld:
            return None
        return {"can_be_erased": mine.can_be_erased(clock.now()), "erasable_from": mine.erasable_from}

    def destroyed(self) -> Survey | None:
        """A survey that this person answered, and whose single answers have been destroyed since."""
        mine = Invitation.objects.filter(person=self.person, survey=self.kwargs["pk"], is_answered=True)
        asked = Survey.objects.filter(pk__in=mine.values("survey"), answers_destroyed_at__isnull=False)
        return asked.exclude(mode=PrivacyMode.ANONYMOUS).select_related("community", "version").first()


def answer_rows(questionnaire: Questionnaire, answers: Answers, survey: Survey | None) -> list[dict[str, Any]]:
    """Every question that these answers show, with a way to correct it where there is a survey to correct it in."""
    return [
        {
            "key": {"text": question.text},
            "value": {"text": answer_text(question, answers.get(question.code))},
            **({"actions": {"items": [way_to_correct(survey, question)]}} if survey else {}),
        }
        for question in questionnaire.shown(answers)
        if question.kind != INFORMATION
    ]


def way_to_correct(survey: Survey, question: AskedQuestion) -> dict[str, str]:
    address = reverse("evaluations:correct-own-answer", args=[survey.pk, question.code])
    return {"href": address, "text": "Correct", "visuallyHiddenText": question.text}


class CorrectOwnAnswer(SavesVersions, OfOwnAnswers, OwnPage):
    """What should it say instead? Nothing notes who corrected what, so a write is not kept under a key either."""

    runs_own_transactions = True
    submit_label = "Correct it"
    heading = "Correct an answer"
    template_name = "evaluations/correct_own_answer.html"

    @cached_property
    def question(self) -> AskedQuestion:
        shown = self.questionnaire.shown(self.mine.answers)
        found = next((one for one in shown if one.code == self.kwargs["code"] and one.kind != INFORMATION), None)
        if found is None or self.mine.is_withheld:
            raise Http404
        return found

    def get_form(self, form_class: Any = None) -> CorrectionForm:
        data = self.request.POST if self.request.method == "POST" else None
        return CorrectionForm(self.question, self.mine.answers, version=self.mine.version, data=data)

    def current_version(self) -> int:
        return own_answers(self.person, self.kwargs["pk"]).version

    def perform(self, form: CorrectionForm) -> HttpResponse:
        try:
            correct_own_answers(
                survey=self.mine.survey,
                answers={**form.without(self.mine.answers), **form.answered},
                seen=form.cleaned_data["version"],
                by=self.me,
            )
        except AnswersNotValid as refused:
            words = " ".join(error_words(self.questionnaire, code, error) for code, error in refused.errors.items())
            raise Refusal(words, code="answers_not_valid") from None
        return self.done("Your answer has been corrected.")


class EraseOwnAnswers(OfOwnAnswers, OwnPage):
    """Do I want what I sent to be destroyed?"""

    runs_own_transactions = True
    form_class = ConfirmForm
    heading = "Erase your answers"
    submit_label = "Erase my answers"
    template_name = "evaluations/erase_own_answers.html"

    def perform(self, form: Any) -> HttpResponse:
        erase_own_answers(survey=self.mine.survey, by=self.me, now=clock.now())
        messages.success(self.request, "Your answers have been erased.")
        return HttpResponseRedirect(reverse("evaluations:own-answers"))

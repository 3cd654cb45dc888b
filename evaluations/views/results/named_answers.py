"""Named surveys: who has answered, and what each person said. Other surveys have no such pages."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.views.generic import TemplateView

from cop_portal.accounts.access import require
from evaluations.models import Invitation, PrivacyMode, Survey
from evaluations.permissions import Permission
from evaluations.questionnaire import INFORMATION, Answer, AskedQuestion, questionnaire_of
from evaluations.services.answers.rows import NamedRow, named_rows
from evaluations.services.retention.dates import destroyed_words
from evaluations.views.in_community import OfSurvey

NOTHING = "Not answered"


class OfNamedSurvey(OfSurvey):
    """A page of a named survey, or 404."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.survey.mode != PrivacyMode.NAMED:
            raise Http404


class WhoAnswered(OfNamedSurvey, TemplateView):
    """Who has answered, and who has not? Once it has closed each name leads to what they said."""

    permission: ClassVar[str] = Permission.SEE_WHO_ANSWERED
    template_name = "evaluations/who_answered.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = Invitation.objects.filter(survey=self.survey).select_related("person__user")
        in_order = asked.order_by("is_answered", "person__user__name", "person")
        page = Paginator(in_order, settings.PAGE_SIZE).get_page(self.request.GET.get("page"))
        may_read = self.user.has_perm(Permission.SEE_ANSWERS, self.survey)
        return super().get_context_data(
            page_obj=page,
            paginator=page.paginator,
            is_paginated=page.has_other_pages(),
            rows=[(one.person, one.is_answered) for one in page],
            has_answers=may_read and self.survey.state == Survey.State.CLOSED and not destroyed_words(self.survey),
            destroyed=destroyed_words(self.survey),
            **kwargs,
        )


class AnswersOf(OfNamedSurvey, TemplateView):
    """What one person said, in their words and in the order in which it was asked."""

    permission: ClassVar[str] = Permission.SEE_ANSWERS
    template_name = "evaluations/answers_of.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        require(self.user, self.permission, self.survey)
        if destroyed := destroyed_words(self.survey):
            return super().get_context_data(destroyed=destroyed, **kwargs)
        rows = named_rows(self.survey) if self.survey.state == Survey.State.CLOSED else []
        place = next((number for number, row in enumerate(rows) if row.person.pk == self.kwargs["person"]), None)
        if place is None:
            raise Http404
        return super().get_context_data(
            row=rows[place],
            said=answers_in_words(self.survey, rows[place]),
            back=self._address_of(rows[place - 1]) if place else None,
            on=self._address_of(rows[place + 1]) if place + 1 < len(rows) else None,
            **kwargs,
        )

    def _address_of(self, row: NamedRow) -> tuple[str, str]:
        where = reverse("evaluations:answers-of", args=[self.community.slug, self.survey.pk, row.person.pk])
        return where, row.person.name


def answers_in_words(survey: Survey, row: NamedRow) -> list[tuple[str, str]]:
    """Each question this person was shown, and what they answered."""
    shown = questionnaire_of(survey.version).shown(row.answers)
    return [
        (question.text, answer_words(question, row.answers.get(question.code)))
        for question in shown
        if question.kind != INFORMATION
    ]


def answer_words(question: AskedQuestion, answer: Answer | None) -> str:
    """An answer as it was read: the labels of what was chosen, a text, a number, or a day."""
    if not answer:
        return NOTHING
    labels = {option.code: option.label for option in question.options}
    if isinstance(answer, list):
        return "; ".join(labels.get(code, code) for code in answer)
    if question.kind == "date":
        return date_format(date.fromisoformat(answer))
    return labels.get(answer, answer)

"""/network/texts/: what members wrote, read by someone who is not in their community before anybody sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.models import User
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal
from evaluations import results
from evaluations.forms.texts import REDACT, RELEASE, DecideTextForm
from evaluations.models import Survey
from evaluations.permissions import Permission
from evaluations.services.results import text_review
from evaluations.services.results.text_review import ReadText, RedactionAdds, RedactionEmpty
from evaluations.services.results.texts import needed
from evaluations.services.retention.dates import destroyed_words
from evaluations.text_flags import Flag, suggested

STATES = {"waiting": "Waits to be read", "released": "Released", "withheld": "Withheld"}


class SecondReader(PermissionRequired):
    """A page for whoever may read texts before they are shown."""

    permission: ClassVar[str] = Permission.REVIEW_TEXTS
    request: HttpRequest

    @property
    def user(self) -> User:
        return cast("User", self.request.user)


class TextPiles(SecondReader, TemplateView):
    """Whose words wait to be read? Those that have waited longest on top."""

    template_name = "evaluations/text_piles.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today, piles = clock.today(), text_review.piles(by=self.user)
        late = {pile.survey.pk for pile in piles if pile.waiting and pile.late_from <= today}
        return super().get_context_data(piles=piles, late=late, **kwargs)


class OfTexts(SecondReader):
    """The texts of one survey, for a second reader: `self.survey`, or 404; 403 for who is in the community."""

    kwargs: dict[str, Any]

    @cached_property
    def survey(self) -> Survey:
        surveys = Survey.objects.visible_to(self.user).closed()
        related = surveys.select_related("community", "version", "release", "pseudonym_key")
        return get_object_or_404(related, pk=self.kwargs["pk"])

    @cached_property
    def texts(self) -> list[ReadText]:
        return text_review.texts_to_read(survey=self.survey, by=self.user)

    @cached_property
    def questions(self) -> dict[str, str]:
        return {question.code: question.text for question in results.of(self.survey).questions}

    def pile_url(self) -> str:
        return reverse("evaluations:read-texts", args=[self.survey.pk])

    def get_cancel_url(self) -> str:
        return self.pile_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {"survey": self.survey, "pile_url": self.pile_url(), **context}


class ReadTexts(OfTexts, TemplateView):
    """What has been read of it, what has not, and can it be shown?"""

    template_name = "evaluations/read_texts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = [text for text in self.texts if text.state == "waiting"]
        unshown = [text for text in self.texts if text.state == "released" and not text.is_shown]
        return super().get_context_data(
            rows=[(self.questions[text.item_code], text, state_words(text)) for text in self.texts],
            first_waiting=waiting[0] if waiting else None,
            waiting=len(waiting),
            can_show=bool(unshown) and not waiting,
            needed=needed(self.survey) if self.texts else 0,
            originals_go_on=text_review.originals_go_on(self.survey),
            destroyed=destroyed_words(self.survey),
            **kwargs,
        )


class OfText(OfTexts):
    """One text: `self.text`, or 404."""

    @cached_property
    def text(self) -> ReadText:
        found = next((text for text in self.texts if text.pk == self.kwargs["text"]), None)
        if found is None:
            raise Http404
        return found

    @property
    def actor(self) -> dict[str, Any]:
        return {"survey": self.survey, "text": self.text.pk, "by": self.user, "now": clock.now()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.text
        return super().get_context_data(
            text=text,
            question=self.questions[text.item_code],
            parts=list(parts_of(text.text, list(text.flags))),
            kinds=sorted({flag.kind for flag in text.flags}),
            **kwargs,
        )


class DecideText(OfText, ServiceFormView):
    """May this be shown as it is?"""

    template_name = "evaluations/decide_text.html"
    form_class = DecideTextForm
    submit_label = "Save and read the next"
    refusal_fields: ClassVar[dict[type[Refusal], str]] = {RedactionAdds: "redacted", RedactionEmpty: "redacted"}

    def get_heading(self) -> str:
        return f"Text {self.text.number} of {len(self.texts)}"

    def get_initial(self) -> dict[str, Any]:
        return {"redacted": suggested(self.text.text, self.text.flags)}

    def perform(self, form: DecideTextForm) -> HttpResponse:
        decision, redacted = form.cleaned_data["decision"], form.cleaned_data["redacted"]
        if decision in {RELEASE, REDACT}:
            text_review.release_text(redacted=redacted if decision == REDACT else "", **self.actor)
        else:
            text_review.withhold_text(**self.actor)
        messages.success(
            self.request, f"Text {self.text.number} is decided on. It can be taken back until it is shown."
        )
        left = [text for text in self.texts if text.state == "waiting" and text.pk != self.text.pk]
        return redirect("evaluations:read-text", self.survey.pk, left[0].pk) if left else redirect(self.pile_url())


class TakeDecisionBack(OfText, View):
    """A decision made by mistake: a button beside it."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        try:
            text_review.take_decision_back(**self.actor)
            messages.success(request, f"Text {self.text.number} waits to be read again.")
        except Refusal as refusal:
            messages.warning(request, " ".join(refusal.messages))
        return redirect(self.pile_url())


class ShowTexts(OfTexts, ServiceFormView):
    """Is all of it read, and right?"""

    template_name = "evaluations/show_texts.html"
    form_class = ConfirmForm
    heading = "Show these texts"
    submit_label = "Show them"

    def perform(self, form: ConfirmForm) -> HttpResponse:
        text_review.show_texts(survey=self.survey, by=self.user, now=clock.now())
        messages.success(self.request, "The texts are shown on the results page.")
        return redirect(self.pile_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        released = [text for text in self.texts if text.state == "released" and not text.is_shown]
        return super().get_context_data(
            rows=[(self.questions[text.item_code], text.redacted or text.text) for text in released],
            needed=needed(self.survey),
            **kwargs,
        )


class WithdrawText(OfText, ServiceFormView):
    """Something in a text that is shown was overlooked."""

    template_name = "evaluations/withdraw_text.html"
    form_class = ConfirmForm
    submit_label = "Withdraw it"

    def get_heading(self) -> str:
        return f"Withdraw text {self.text.number}"

    def perform(self, form: ConfirmForm) -> HttpResponse:
        text_review.withdraw_text(**self.actor)
        messages.success(self.request, f"Text {self.text.number} is not shown any more.")
        return redirect(self.pile_url())


def state_words(text: ReadText) -> str:
    if text.is_shown:
        return "Shown, with words taken out" if text.redacted else "Shown"
    return f"{STATES[text.state]}, with words taken out" if text.redacted else STATES[text.state]


def parts_of(text: str, flags: list[Flag]) -> Iterator[tuple[str, str]]:
    """The text in pieces: each with what it is flagged as, or with nothing."""
    at = 0
    for flag in flags:
        yield text[at : flag.start], ""
        yield text[flag.start : flag.end], flag.kind
        at = flag.end
    yield text[at:], ""

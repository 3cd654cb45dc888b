"""One step of answering: the questions of a page as form fields, with nothing chosen beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from cop_portal.design.forms import DateField
from evaluations.questionnaire import (
    DATE,
    INFORMATION,
    LIKERT,
    LONG_TEXT,
    MULTIPLE,
    NUMBER,
    TEXTS,
    ZERO_TO_TEN,
    Answer,
    AnswerRefused,
    Answers,
    AskedQuestion,
    parsed,
)

FROM_THE_LIST = {
    "invalid_choice": "Choose one of the answers in the list.",
    "invalid_list": "Choose from the answers in the list.",
}
NEEDED = "Answer this question, or choose the answer closest to yours."
# Longer than any number that is asked for: what is too long is then refused by the rule, in words.
MOST_DIGITS = 40


class AnswerText(forms.CharField):
    """A text whose line breaks count as one character, as they do while typing and when stored."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


def field_for(question: AskedQuestion, *, number: int | None = None, by_texts: str = "") -> forms.Field:
    """The form field of a question. No question is required here: that is for the questionnaire to say.

    Its `number` stands before it where a page asks several. `by_texts` stands by every box for a person's own words,
    and is read out with it.
    """
    hint = " ".join(filter(None, [question.hint, by_texts if question.is_text else ""]))
    about: dict[str, Any] = {
        "label": f"{number}. {question.text}" if number else question.text,
        "help_text": hint,
        "required": False,
    }
    choices = [(option.code, option.label) for option in question.options]
    not_listed = {code: _numbered(number, sentence) for code, sentence in FROM_THE_LIST.items()}
    if question.kind == MULTIPLE:
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(choices=choices, widget=widget, error_messages=not_listed, **about)
    if question.kind in TEXTS:
        text_widget = forms.Textarea if question.kind == LONG_TEXT else forms.TextInput
        return AnswerText(max_length=question.max_length, widget=text_widget, **about)
    if question.kind == NUMBER:
        # A text box that brings up a keyboard of figures: a number box changes by scrolling.
        box = forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-10"})
        return forms.CharField(max_length=MOST_DIGITS, widget=box, **about)
    if question.kind == DATE:
        return DateField(**about)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages=not_listed, **about)


class StepForm(forms.Form):
    """The questions of one page. `answered` holds what was answered: the codes with an answer, in stored form.

    `numbers` stand before the questions where a page asks several. Who leaves a page for now (`is_leaving`) need not
    have answered what is marked as needed.
    """

    marks_optional = False

    def __init__(
        self,
        questions: Sequence[AskedQuestion],
        saved: Mapping[str, Answer],
        data: Any = None,
        *,
        numbers: Mapping[str, int] | None = None,
        by_texts: str = "",
        is_leaving: bool = False,
    ) -> None:
        self.asked, self.numbers, self.is_leaving = questions, numbers or {}, is_leaving
        self.questions = [question for question in questions if question.kind != INFORMATION]
        codes = [question.code for question in self.questions]
        super().__init__(data=data, initial={code: saved[code] for code in codes if code in saved})
        for question in self.questions:
            number = self.numbers.get(question.code)
            self.fields[question.code] = field_for(question, number=number, by_texts=by_texts)
        self.answered: Answers = {}

    @property
    def rows(self) -> Iterator[tuple[AskedQuestion, BoundField | None, bool]]:
        """Each question with its field (information has none), and whether it is a scale that may lie on its side."""
        for question in self.asked:
            field = self[question.code] if question.code in self.fields else None
            yield question, field, question.kind in (LIKERT, ZERO_TO_TEN)

    def clean(self) -> dict[str, Any]:
        for question in self.questions:
            if question.code in self.errors:
                continue
            try:
                answer = parsed(question, _as_typed(self.cleaned_data.get(question.code)))
            except AnswerRefused as refused:
                self._refuse(question, str(refused))
                continue
            if answer:
                self.answered[question.code] = answer
            elif question.is_required and not self.is_leaving:
                self._refuse(question, NEEDED)
        return self.cleaned_data

    def _refuse(self, question: AskedQuestion, sentence: str) -> None:
        self.add_error(question.code, _numbered(self.numbers.get(question.code), sentence))

    def merged(self, before: Answers) -> Answers:
        """The answers there were, with what this page says now. What it says wrongly stays as it was before."""
        kept = {code: answer for code, answer in before.items() if code not in self.fields or self._stays(code)}
        return {**kept, **self.answered}

    def _stays(self, code: str) -> bool:
        """A browser cannot take back one choice of several that exclude each other: there, nothing is not an answer."""
        field = self.fields[code]
        is_one_of_several = isinstance(field, forms.ChoiceField) and not isinstance(field, forms.MultipleChoiceField)
        return code in self.errors or is_one_of_several

    def without(self, before: Answers) -> Answers:
        """The answers there were, but for those of this page."""
        return {code: answer for code, answer in before.items() if code not in self.fields}


def _numbered(number: int | None, sentence: str) -> str:
    return f"Question {number}: {sentence}" if number else sentence


def _as_typed(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


class FinishForm(forms.Form):
    """Sending needs a choice that nothing makes for the person: mail scanners press every button they find."""

    finished = forms.ChoiceField(
        label="Have you finished?",
        choices=[("yes", "I have finished: send my answers"), ("no", "Not yet: keep them as they are")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose whether you have finished",
            "invalid_choice": "Choose whether you have finished",
        },
    )


class ClearForm(forms.Form):
    """Wiping a draft, by a choice without a default."""

    clear = forms.ChoiceField(
        label="Do you want to clear your answers?",
        choices=[("yes", "Yes, wipe them"), ("no", "No, keep them")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether to clear your answers", "invalid_choice": "Choose yes or no"},
    )

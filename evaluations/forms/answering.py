"""One step of answering: the questions of a page as form fields, with nothing chosen beforehand."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from evaluations.questionnaire import (
    INFORMATION,
    LONG_TEXT,
    MULTIPLE,
    TEXTS,
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


class AnswerText(forms.CharField):
    """A text whose line breaks count as one character, as they do while typing and when stored."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


def field_for(question: AskedQuestion) -> forms.Field:
    """The form field of a question. No question is required here: that is for the questionnaire to say."""
    about: dict[str, Any] = {"label": question.text, "help_text": question.hint, "required": False}
    choices = [(option.code, option.label) for option in question.options]
    if question.kind == MULTIPLE:
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(choices=choices, widget=widget, error_messages=FROM_THE_LIST, **about)
    if question.kind in TEXTS:
        text_widget = forms.Textarea if question.kind == LONG_TEXT else forms.TextInput
        return AnswerText(max_length=question.max_length, widget=text_widget, **about)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages=FROM_THE_LIST, **about)


class StepForm(forms.Form):
    """The questions of one page. `answered` holds what was answered: the codes with an answer, in stored form."""

    marks_optional = False

    def __init__(self, questions: Sequence[AskedQuestion], saved: Mapping[str, Answer], data: Any = None) -> None:
        self.questions = [question for question in questions if question.kind != INFORMATION]
        codes = [question.code for question in self.questions]
        super().__init__(data=data, initial={code: saved[code] for code in codes if code in saved})
        self.fields.update({question.code: field_for(question) for question in self.questions})
        self.answered: Answers = {}

    def clean(self) -> dict[str, Any]:
        for question in self.questions:
            if question.code in self.errors:
                continue
            try:
                answer = parsed(question, self.cleaned_data.get(question.code))
            except AnswerRefused as refused:
                self.add_error(question.code, str(refused))
                continue
            if answer:
                self.answered[question.code] = answer
            elif question.is_required:
                self.add_error(question.code, "Answer this question, or choose the answer closest to yours.")
        return self.cleaned_data


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
        choices=[("yes", "Yes, wipe what I have answered"), ("no", "No, keep it")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether to clear your answers", "invalid_choice": "Choose yes or no"},
    )

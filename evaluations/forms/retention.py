"""Saying that single answers are to be destroyed."""

from django import forms

from cop_portal.design.forms import Radios

DESTROY, KEEP = "destroy", "keep"
MOST = 50


class DestroyAnswersForm(forms.Form):
    """A choice without a default: there is no way back."""

    decision = forms.ChoiceField(
        label="What is to happen?",
        choices=[(DESTROY, "Destroy them for good"), (KEEP, "Keep them for now")],
        widget=Radios(),
        error_messages={"required": "Choose whether they are destroyed or kept"},
    )

    @property
    def is_to_destroy(self) -> bool:
        return bool(self.cleaned_data["decision"] == DESTROY)


class DestroyAllAnswersForm(DestroyAnswersForm):
    """The same for the surveys that stood on the page, and for no other that has become due since."""

    surveys = forms.RegexField(regex=r"^\d{1,18}(,\d{1,18})*$", widget=forms.HiddenInput, max_length=MOST * 20)

    def clean_surveys(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["surveys"].split(",")]

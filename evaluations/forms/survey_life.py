"""Changing what becomes of a survey that is open."""

from django import forms

from cop_portal.design.forms import LongTextField


class MoreTimeForm(forms.Form):
    closes_on = forms.DateField(label="The new last day", widget=forms.DateInput())


class CancelSurveyForm(forms.Form):
    because = LongTextField(
        max_length=500,
        label="Why is it cancelled?",
        help_text="Everyone who was asked reads this. Do not include any patient’s details.",
    )
    sure = forms.ChoiceField(
        label="Cancel it, and destroy what was sent?",
        choices=[("yes", "Yes, cancel it"), ("no", "No, leave it open")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether to cancel it"},
    )

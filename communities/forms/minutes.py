"""Writing on top of minutes, and sharing them."""

from django import forms

from communities.forms.fields import NO_PATIENT_DATA
from cop_portal.design.forms import LongTextField


class MinutesForm(forms.Form):
    """The words on top of what is made from the record."""

    version = forms.IntegerField(widget=forms.HiddenInput(), min_value=1, max_value=2**31 - 1)
    summary = LongTextField(
        label="In a few words",
        max_length=5000,
        required=False,
        help_text=f"Stands above what was learned and agreed. {NO_PATIENT_DATA}",
    )


class ShareMinutesForm(forms.Form):
    """Sharing, with or without a mail."""

    tells_members = forms.BooleanField(label="Send every member a mail that says so, with a link", required=False)

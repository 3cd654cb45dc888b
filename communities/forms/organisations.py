"""An organisation's name and code."""

from django import forms

from communities.forms.imports import VersionForm


class OrganisationForm(VersionForm):
    name = forms.CharField(max_length=200)
    ods_code = forms.CharField(
        max_length=10,
        required=False,
        label="Organisation code (ODS)",
        help_text="Two to ten letters and digits, like RJ1. Leave it empty if there is none.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

"""Choosing what to take away, and as what."""

from django import forms

from communities.exports.all_tables import TABLES
from communities.exports.formats import FORMAT_WORDS, Format
from cop_portal.design.forms import Radios


class ExportForm(forms.Form):
    table = forms.ChoiceField(
        choices=[(table.slug, table.title) for table in TABLES.values()], widget=Radios(is_small=True), label="Table"
    )
    format = forms.ChoiceField(
        choices=[(format_.value, words) for format_, (words, _) in FORMAT_WORDS.items()],
        widget=Radios(is_small=True, hints={format_.value: hint for format_, (_, hint) in FORMAT_WORDS.items()}),
        label="File",
        initial=Format.EXCEL_CSV,
    )

"""Which days the rhythm card looks at."""

from typing import Any

from django import forms


class WindowForm(forms.Form):
    """Two days, both included. Either may be left out."""

    first = forms.DateField(label="From", required=False, widget=forms.DateInput())
    last = forms.DateField(label="To", required=False, widget=forms.DateInput())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("first") and data.get("last") and data["first"] > data["last"]:
            self.add_error("last", "“To” must be the same day as “From”, or later.")
        return data

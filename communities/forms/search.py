"""What someone looks for."""

from django import forms

from communities.search import LONGEST


class SearchForm(forms.Form):
    """One box. Its name is short because it stands in the address."""

    q = forms.CharField(
        max_length=LONGEST,
        label="Words to look for",
        help_text="In learning points, decisions, problems, resources, minutes and what sessions were about.",
    )

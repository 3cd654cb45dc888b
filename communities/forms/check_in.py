"""Checking in by the code on the screen, and deciding about those who did."""

from collections.abc import Iterable
from typing import Any

from django import forms

from communities.models import CheckInClaim
from cop_portal.design.forms import Radios

CONFIRM, REFUSE = "confirm", "refuse"
ALL = "all"
MOST_AT_ONCE = 500


class TypeCheckInCodeForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        label="The code on the screen",
        help_text="8 letters and figures, like K7QP-2M9X.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class FindNameForm(forms.Form):
    name = forms.CharField(
        max_length=150,
        label="Your name",
        help_text="At least 3 letters of your first or last name.",
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
    )


class _HowField(forms.Form):
    """A choice without a default."""

    how = forms.ChoiceField(choices=CheckInClaim.How.choices, widget=Radios(), label="How are you here?")


class ClaimPresenceForm(_HowField):
    """Two choices without a default: who, and how. What was typed comes along with the mark that it was counted."""

    who = forms.ChoiceField(widget=Radios(), label="Which one is you?")
    typed = forms.CharField(max_length=150, widget=forms.HiddenInput)
    typed_mark = forms.CharField(max_length=40, widget=forms.HiddenInput)
    field_order = ("who", "how", "typed", "typed_mark")

    def __init__(self, *args: Any, names: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = [(mark, f"This is me: {name}") for mark, name in names]  # type: ignore[attr-defined]


class ClaimAsGuestForm(_HowField):
    name = forms.CharField(
        max_length=150, label="Your name", widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"})
    )
    organisation = forms.CharField(
        max_length=200,
        required=False,
        label="Where you work",
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    field_order = ("name", "organisation", "how")


class DecideClaimsForm(forms.Form):
    """For each claim a choice without a default; those without one go on waiting. Or all that were on the page."""

    marks_optional = False

    def __init__(self, *args: Any, claims: Iterable[CheckInClaim], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.claims = list(claims)
        for claim in self.claims:
            self.fields[f"claim_{claim.pk}"] = forms.ChoiceField(
                choices=[(CONFIRM, "Confirm"), (REFUSE, "Refuse")],
                widget=Radios(is_inline=True, is_small=True),
                required=False,
                label=claim.who,
                help_text=said_of(claim),
            )

    def chosen(self, answer: str) -> list[int]:
        return [claim.pk for claim in self.claims if self.cleaned_data.get(f"claim_{claim.pk}") == answer]


def said_of(claim: CheckInClaim) -> str:
    """What they said, and what to know before it is confirmed."""
    kind = "" if claim.membership_id else "A guest, who is not on the list. "
    twice = f" Said {claim.times} times: perhaps by two people." if claim.times > 1 else ""
    return f"{kind}{claim.get_how_display()}.{twice}"

"""Forms about people: where they work, what they took part in, what is held about them."""

from datetime import date
from typing import Any

from django import forms

from communities.models import Organisation, Person, ProfessionalGroup
from cop_portal.design.forms import LongTextField, Radios

MOVED, WRONG = "moved", "wrong"


class AffiliationForm(forms.Form):
    """Where someone works and as what: since when, or put right."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    why = forms.ChoiceField(
        label="What has happened?",
        choices=[(MOVED, "A move"), (WRONG, "It was entered wrongly")],
        widget=Radios(hints={MOVED: "What was before stays as it was.", WRONG: "It is put right from its beginning."}),
        error_messages={"required": "Say whether this is a move, or puts right what was entered wrongly."},
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, label="Organisation", empty_label="No organisation, or not listed"
    )
    professional_group = forms.ModelChoiceField(ProfessionalGroup.objects.none(), label="Professional group")
    starts_on = forms.DateField(
        label="First day there", required=False, widget=forms.DateInput(), help_text="Only for a move."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.order_by("name")  # type: ignore[attr-defined]
        groups = ProfessionalGroup.objects.order_by("position", "name")
        self.fields["professional_group"].queryset = groups  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("why") == MOVED and not cleaned.get("starts_on") and "starts_on" not in self.errors:
            self.add_error("starts_on", "Enter the first day there.")
        return cleaned


class PeriodForm(forms.Form):
    """From one day to another, both included."""

    since = forms.DateField(label="From", widget=forms.DateInput())
    until = forms.DateField(label="To", widget=forms.DateInput())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if isinstance(since, date) and isinstance(until, date) and until < since:
            self.add_error("until", "Choose the same day or a later one.")
        return cleaned


class AskForErasureForm(forms.Form):
    """A choice without a default: nothing is asked for by pressing one button."""

    sure = forms.ChoiceField(
        label="Do you want to ask for this?",
        choices=[("yes", "Yes, erase my data"), ("no", "No, keep it as it is")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )


class LeaveForm(forms.Form):
    """A choice without a default."""

    sure = forms.ChoiceField(
        label="Do you want to leave?",
        choices=[("yes", "Yes, leave"), ("no", "No, stay")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )


class DecideErasureForm(forms.Form):
    """What staff decide about a request."""

    decision = forms.ChoiceField(
        label="What do you decide?",
        choices=[("carry_out", "Carry it out. This cannot be undone"), ("decline", "Decline")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to do."},
    )
    because = LongTextField(
        label="If you decline: why?",
        help_text="The person reads this, and is told where to complain.",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HoldForm(forms.Form):
    """Why nothing may be deleted."""

    reason = forms.CharField(
        label="Why must nothing be deleted?", help_text="The person can read this.", max_length=300
    )


class OtherRecordForm(forms.Form):
    """The second record of the same person, by an address of theirs."""

    email = forms.EmailField(
        label="An address of the other record",
        help_text="Its addresses and memberships move to the record you came from, which is kept.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class MergeForm(forms.Form):
    """A choice without a default, about two records that are both shown."""

    sure = forms.ChoiceField(
        label="Are these two records of one person?",
        choices=[("yes", "Yes, merge them"), ("no", "No, leave them as they are")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )


class PeopleSearchForm(forms.Form):
    """Who is looked for."""

    q = forms.CharField(label="Name or mail address", required=False, max_length=150)


def affiliation_to_start_with(person: Person) -> dict[str, Any]:
    """What stands now, as the form begins with it."""
    present = person.affiliations.current().first()
    return {
        "version": person.user.version,
        "organisation": present.organisation_id if present else None,
        "professional_group": present.professional_group_id if present else None,
    }

"""Adding a member, and ending a membership."""

from typing import Any

from django import forms

from communities.models import Organisation, ProfessionalGroup


class AddMemberForm(forms.Form):
    """A person as a facilitator knows them. Nothing is asked that the portal need not hold."""

    name = forms.CharField(max_length=150, label="Full name", widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(
        label="Mail address",
        help_text="We will write to this address to say that you added them, what we hold and what their rights are.",
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, label="Organisation", empty_label="No organisation, or not listed"
    )
    professional_group = forms.ModelChoiceField(ProfessionalGroup.objects.none(), label="Professional group")
    starts_on = forms.DateField(label="Member since", widget=forms.DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.order_by("name")  # type: ignore[attr-defined]
        groups = ProfessionalGroup.objects.order_by("position", "name")
        self.fields["professional_group"].queryset = groups  # type: ignore[attr-defined]


class EndMembershipForm(forms.Form):
    ends_on = forms.DateField(
        label="First day on which they are no longer a member", widget=forms.DateInput(), help_text="Today or earlier."
    )

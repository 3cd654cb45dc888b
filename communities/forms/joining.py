"""Inviting, asking to join, deciding, and what someone says of themselves on the way in."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from communities.models import Organisation, ProfessionalGroup, RoleTerm
from cop_portal.design.forms import LongTextField, Radios

YES, NO = "yes", "no"
LONGEST_LIST = 10_000


class InviteMembersForm(forms.Form):
    addresses = LongTextField(
        max_length=LONGEST_LIST,
        label="Mail addresses",
        help_text="One on each line, up to 50. Each person gets a mail with a link of their own.",
        widget=forms.Textarea({"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_addresses(self) -> list[str]:
        lines = [line.strip(" \t,;") for line in self.cleaned_data["addresses"].splitlines()]
        addresses = [line for line in lines if line]
        wrong = [address for address in addresses if not _is_address(address)]
        if wrong:
            raise ValidationError(f"Not a mail address: {', '.join(wrong[:5])}", code="not_an_address")
        return addresses


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


class AboutMeFields(forms.Form):
    """Who someone is and what they do: asked only of people whom the portal does not know."""

    name = forms.CharField(
        max_length=150, required=False, label="Your full name", widget=forms.TextInput({"autocomplete": "name"})
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        required=False,
        label="Where you work",
        empty_label="No organisation, or not listed",
    )
    professional_group = forms.ModelChoiceField(
        ProfessionalGroup.objects.none(),
        required=False,
        label="Your professional group",
        empty_label="Choose from the list",
        help_text="People with lived experience find a group of their own in the list.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "organisation" in self.fields:
            self.fields["organisation"].queryset = Organisation.objects.order_by("name")  # type: ignore[attr-defined]
        if "professional_group" in self.fields:
            groups = ProfessionalGroup.objects.order_by("position", "name")
            self.fields["professional_group"].queryset = groups  # type: ignore[attr-defined]

    def _leave_out(self, *names: str) -> None:
        for name in names:
            self.fields.pop(name, None)

    @property
    def about_me(self) -> dict[str, Any]:
        asked = ("name", "organisation", "professional_group")
        return {name: self.cleaned_data[name] for name in asked if name in self.fields}


class AnswerInvitationForm(AboutMeFields):
    """A choice without a default; and, with a yes from someone new, who they are."""

    marks_optional = False
    # With a yes; with a no nobody needs to say who they are.
    needed: ClassVar[dict[str, str]] = {
        "name": "Enter your full name",
        "email": "Enter your mail address",
        "professional_group": "Choose your professional group",
    }
    answer = forms.ChoiceField(
        choices=[(YES, "Yes, I would like to join"), (NO, "No, thank you")],
        widget=Radios(),
        label="Would you like to join?",
    )
    field_order: tuple[str, ...] = ("answer", "name", "organisation", "professional_group")

    def __init__(self, *args: Any, is_known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_known:
            self._leave_out("name", "organisation", "professional_group")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("answer") == YES:
            for name, words in self.needed.items():
                if name in self.fields and not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return data

    @property
    def is_yes(self) -> bool:
        return bool(self.cleaned_data["answer"] == YES)


class AskByLinkForm(AnswerInvitationForm):
    """The same at a session, where nobody has been written to: so an address too, and a word to the facilitators."""

    email = forms.EmailField(
        required=False,
        label="Your mail address",
        help_text="We write to you once a facilitator has said yes.",
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    words = forms.CharField(max_length=300, required=False, label="Anything the facilitators should know (optional)")
    field_order = ("answer", "name", "email", "organisation", "professional_group", "words")


class TypeCodeForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        label="The code on the screen",
        help_text="12 letters and figures, like K7QP-2M9X-4TRW.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class AskToJoinForm(AboutMeFields):
    words = forms.CharField(
        max_length=300,
        required=False,
        label="Why would you like to join?",
        help_text="The facilitators read this.",
    )
    field_order = ("words", "organisation", "professional_group")

    def __init__(self, *args: Any, is_known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._leave_out("name", *(("organisation", "professional_group") if is_known else ()))


class DecideRequestForm(forms.Form):
    """A choice without a default, and a reason where the answer is no."""

    answer = forms.ChoiceField(
        choices=[(YES, "Accept: they become a member today"), (NO, "Decline")], widget=Radios(), label="Your decision"
    )
    because = forms.CharField(
        max_length=300,
        required=False,
        label="If you decline: why?",
        help_text="They read this, if they asked while they were signed in.",
    )

    @property
    def is_yes(self) -> bool:
        return bool(self.cleaned_data["answer"] == YES)


class AppointForm(AboutMeFields):
    """A member, chosen from the list; or someone else, by their mail address."""

    role = forms.ChoiceField(choices=RoleTerm.Role.choices, widget=Radios(), label="Role")
    member = forms.ChoiceField(required=False, label="A member of this community")
    email = forms.EmailField(
        required=False,
        label="Or someone else, by their mail address",
        help_text="A sponsor is often not a member. If the network knows this address, no more is needed.",
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    starts_on = forms.DateField(label="From", widget=forms.DateInput(), help_text="Today or earlier.")
    field_order = ("role", "member", "email", "name", "organisation", "professional_group", "starts_on")

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = [("", "Nobody from this list"), *members]  # type: ignore[attr-defined]
        self.fields["name"].label = "Their full name"
        self.fields["organisation"].label = "Where they work"
        self.fields["professional_group"].label = "Their professional group"
        self.fields["professional_group"].help_text = ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("member") and data.get("email"):
            self.add_error("email", "Choose a member or enter a mail address, not both")
        elif not data.get("member") and not data.get("email") and "email" not in self.errors:
            self.add_error("member", "Choose a member, or enter a mail address")
        return data


class EndTermForm(forms.Form):
    ends_on = forms.DateField(
        label="First day on which they no longer hold this role",
        widget=forms.DateInput(),
        help_text="Today or earlier.",
    )

"""Asking after a session: how many are in the room, the code on the screen, and taking a place."""

from django import forms

from evaluations.models.pulse import MOST_HEADS


class StateHeadsForm(forms.Form):
    """How many there are. Whether so many places can be made is for the service to say."""

    heads = forms.IntegerField(
        min_value=1,
        max_value=MOST_HEADS,
        label="How many people are in the room?",
        help_text="Count everyone who is to answer, guests too. Each of them can take one place, on a phone.",
        widget=forms.NumberInput({"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
        error_messages={
            "required": "Say how many people are in the room",
            "invalid": "Say how many people are in the room, as a number",
            "min_value": f"Say how many people are in the room: from 1 to {MOST_HEADS}",
            "max_value": f"Say how many people are in the room: from 1 to {MOST_HEADS}",
        },
    )


class TypeRoomCodeForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        label="The code on the screen",
        help_text="8 letters and figures, like K7QP-2M9X.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class TakePlaceForm(forms.Form):
    """A choice without a default: cameras and scanners open what they read, and some press what they find."""

    take = forms.ChoiceField(
        label="Do you want to answer?",
        choices=[("yes", "Yes, I am in the room and have not answered yet"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you want to answer", "invalid_choice": "Choose yes or no"},
    )
    room_pass = forms.CharField(max_length=500, widget=forms.HiddenInput, required=False)

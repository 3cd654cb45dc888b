"""What a second reader decides about one text."""

from django import forms

from cop_portal.design.forms import LongTextField, Radios

RELEASE, REDACT, WITHHOLD = "release", "redact", "withhold"
HINTS = {
    RELEASE: "Nothing in it says who wrote it, and it names nobody who has not chosen to be named.",
    REDACT: "As it stands in the box below.",
    WITHHOLD: "Nobody sees it. For texts that cannot be understood without what would have to go.",
}


class DecideTextForm(forms.Form):
    """A choice without a default."""

    decision = forms.ChoiceField(
        choices=[
            (RELEASE, "Release it as it was written"),
            (REDACT, "Release it with words taken out"),
            (WITHHOLD, "Withhold it"),
        ],
        widget=Radios(hints=HINTS),
        label="What may be shown of it?",
        error_messages={"required": "Choose what may be shown of it."},
    )
    redacted = LongTextField(
        required=False,
        strip=True,
        label="With words taken out",
        help_text="Take out what may say who wrote it. A note in square brackets, such as [name], may stand instead; "
        "nothing else can be added. What was written is kept apart, and destroyed on its date.",
    )

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("decision") == REDACT and not said.get("redacted"):
            self.add_error("redacted", "Type what may be shown, or choose to withhold the text.")

"""Agreeing an action, correcting it, handing it over, and saying how it went."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from communities.forms.fields import NO_PATIENT_DATA, PRIVATE_MEANS
from communities.models import Action, Person
from cop_portal.design.forms import LongTextField, Radios

HELP, NOT_MINE = "help", "not_mine"
# The three that an owner is asked, in the words that a mail, Home and the pages share.
OWNERS_ANSWERS: dict[str, tuple[str, str]] = {
    Action.State.DONE: ("Done", "It has been done."),
    HELP: ("I need help", "It stays open, goes on the register of problems, and the facilitators are told."),
    NOT_MINE: ("Not mine", "It stays open until the facilitators, who are told, have found someone else."),
}
OTHER_ANSWERS: dict[str, tuple[str, str]] = {
    Action.State.DROPPED: ("Dropped", "It will not be done, and that is all right."),
    Action.State.HANDED_OVER: ("Handed over", "Someone who is not a member has taken it on."),
}


class AnswerActionForm(forms.Form):
    """A choice without a default. `is_behind_link` offers the three that a mail asks; pages offer two more."""

    state = forms.ChoiceField(label="How did it go?")
    words = LongTextField(
        max_length=1000,
        required=False,
        label="If you need help: with what?",
        help_text=f"Members read this on the register of problems. {NO_PATIENT_DATA}",
    )

    def __init__(self, *args: Any, is_behind_link: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = OWNERS_ANSWERS if is_behind_link else {**OWNERS_ANSWERS, **OTHER_ANSWERS}
        field = self.fields["state"]
        field.widget = Radios(hints={str(state): hint for state, (_, hint) in offered.items()})
        field.choices = [(str(state), label) for state, (label, _) in offered.items()]  # type: ignore[attr-defined]


class ReopenActionForm(forms.Form):
    """Behind a link: one choice, not yet made."""

    state = forms.ChoiceField(
        choices=[("open", "It is not done after all")], widget=Radios(), label="Was that a mistake?"
    )


class ActionForm(forms.Form):
    """What, who, by when. `owners` are membership ids and names; without them it is the writer's own."""

    text = forms.CharField(max_length=300, label="What will be done?", help_text=NO_PATIENT_DATA)
    owner = forms.ChoiceField(label="Who will do it?")
    due_on = forms.DateField(label="By when?", widget=forms.DateInput())
    is_private = forms.BooleanField(
        required=False,
        label="Private",
        help_text=PRIVATE_MEANS,
    )

    def __init__(
        self,
        *args: Any,
        owners: Sequence[tuple[str, str]] | None,
        people: Mapping[str, Person],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        if owners is None:
            del self.fields["owner"], self.fields["is_private"]
        else:
            choices = [("", "Choose from the list"), *owners]
            self.fields["owner"].choices = choices  # type: ignore[attr-defined]

    @property
    def facts(self) -> dict[str, Any]:
        """What the services ask for, once the form is valid. Without a choice of owners the caller names one."""
        said = dict(self.cleaned_data)
        return {**said, "owner": self.people[said["owner"]]} if "owner" in said else said


class EditActionForm(ActionForm):
    version = forms.IntegerField(widget=forms.HiddenInput())


class HandOverActionForm(forms.Form):
    owner = forms.ChoiceField(label="Who takes it on?", help_text="A mail tells them.")
    due_on = forms.DateField(label="By when?", widget=forms.DateInput())

    def __init__(
        self, *args: Any, owners: Sequence[tuple[str, str]], people: Mapping[str, Person], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["owner"].choices = [("", "Choose from the list"), *owners]  # type: ignore[attr-defined]

"""The rows of "next steps" in the record of a session: what, who, by when."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from communities.models import Membership
from communities.services.actions import NewAction

FIELDS = {
    "text": ("what", "Enter what will be done"),
    "owner": ("who", "Choose who will do it"),
    "due_on": ("by when", "Enter by when"),
}
# As many as a session usually leaves behind; more are added by opening the record again.
ROWS = 5


class NewActionForm(forms.Form):
    """One row. An empty row is no action; one that has been begun must be finished."""

    marks_optional = False
    text = forms.CharField(max_length=300, required=False)
    owner = forms.ChoiceField(required=False)
    due_on = forms.DateField(required=False, widget=forms.DateInput())

    def __init__(
        self,
        *args: Any,
        owners: Mapping[str, Membership],
        names: Mapping[str, str],
        number: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.owners = owners
        choices = [("", "Choose from the list"), *((pk, names[pk]) for pk in owners)]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]
        self.title = f"Action {number}"
        for name, (label, _) in FIELDS.items():
            self.fields[name].label = f"{self.title}: {label}"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if any(data.get(name) or name in self.errors for name in FIELDS):
            for name, (_, missing) in FIELDS.items():
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, f"{self.title}: {missing[0].lower()}{missing[1:]}")
        return data

    @property
    def agreed(self) -> NewAction | None:
        said = self.cleaned_data
        if not said.get("text"):
            return None
        return NewAction(text=said["text"], owner=self.owners[said["owner"]].person, due_on=said["due_on"])


class NewActionFormSet(forms.BaseFormSet[NewActionForm]):
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"number": (index or 0) + 1}


def new_action_formset(data: QueryDict | None, *, form_kwargs: dict[str, Any]) -> NewActionFormSet:
    """Empty rows. A script shows them one by one; without it all stand there."""
    made: Any = forms.formset_factory(NewActionForm, NewActionFormSet, extra=ROWS, max_num=ROWS, absolute_max=ROWS)
    formset: NewActionFormSet = made(data, prefix="new", form_kwargs=form_kwargs)
    return formset

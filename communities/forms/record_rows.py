"""The lists in the record of a session, row by row: learned, decided, promised, in the way, who else came, links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.core.validators import URLValidator
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.html import format_html

from communities.models import Membership, Person
from communities.services.promises.actions import NewAction
from communities.services.records.content import Item, Path
from communities.services.records.said import NewCommitment, NewDecision, NewGuest, NewLink, NewPoint, NewProblem
from cop_portal.design.forms import Radios

# More than any session leaves behind; a bound for what is sent by something that is no browser.
MOST_ROWS = 100
NOTHING = "nothing"
WEB_ONLY = URLValidator(schemes=["http", "https"])


class Roster:
    """Those who can be named in a row: members then or now, by membership; with names that tell them apart."""

    def __init__(self, members: Iterable[Membership], names: Mapping[str, str]) -> None:
        self.people: dict[str, Person] = {str(member.pk): member.person for member in members}
        self.choices = [("", "Choose from the list"), *((pk, names[pk]) for pk in self.people)]
        self._by_person = {person.pk: pk for pk, person in self.people.items()}

    def shown(self, item: Item) -> dict[str, Any]:
        """What stands in the record as a row's initial values: people are chosen by their membership."""
        people: dict[str, Any] = {box: self._by_person.get(item[box], "") for box in ("owner", "person") if box in item}
        return item | people


class Row(forms.Form):
    """One row. An empty row is nothing; one that has been begun must be finished.

    `boxes` names what stands in it: its label after the row's own ("" where the row has only one), and what to say
    where it is missing ("" where it may be).
    """

    marks_optional = False
    noun: ClassVar[str]
    boxes: ClassVar[Mapping[str, tuple[str, str]]]
    key = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, number: int, roster: Roster, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roster = roster
        self.called = f"{self.noun} {number}"
        # From the start, so that sending the same page twice does not make two of it.
        self.fields["key"].initial = uuid4
        for box, (label, _) in self.boxes.items():
            self.fields[box].label = f"{self.called}: {label}" if label else self.called
        for box in {"owner", "person"} & self.fields.keys():
            self.fields[box].choices = roster.choices  # type: ignore[attr-defined]
        if "is_private" in self.fields:
            whose = format_html('<span class="nhsuk-u-visually-hidden">: {}</span>', self.called)
            self.fields["is_private"].label = format_html("Private{}", whose)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if any(data.get(box) or box in self.errors for box in self.boxes):
            for box, (_, missing) in self.boxes.items():
                if missing and not data.get(box) and box not in self.errors:
                    self.add_error(box, f"{self.called}: {missing}")
        return data

    @property
    def box_fields(self) -> list[BoundField]:
        return [self[box] for box in self.boxes]

    @property
    def private_field(self) -> BoundField | None:
        return self["is_private"] if "is_private" in self.fields else None

    @property
    def said(self) -> Any:
        """What the row says, for the service; None for an empty one."""
        return self.as_said(self.cleaned_data) if any(self.cleaned_data.get(box) for box in self.boxes) else None

    def as_said(self, data: dict[str, Any]) -> Any:
        raise NotImplementedError


class LearnedRow(Row):
    noun, boxes = "Learning point", {"text": ("", "")}
    text = forms.CharField(max_length=500, required=False)
    is_private = forms.BooleanField(required=False)

    def as_said(self, data: dict[str, Any]) -> NewPoint:
        return NewPoint(data["text"], data["is_private"], data["key"])


class ActionRow(Row):
    noun = "Action"
    boxes: ClassVar = {
        "text": ("what", "enter what will be done"),
        "owner": ("who", "choose who will do it"),
        "due_on": ("by when", "enter by when"),
    }
    text = forms.CharField(max_length=300, required=False)
    owner = forms.ChoiceField(required=False)
    due_on = forms.DateField(required=False, widget=forms.DateInput())
    is_private = forms.BooleanField(required=False)

    def as_said(self, data: dict[str, Any]) -> NewAction:
        owner = self.roster.people[data["owner"]]
        return NewAction(data["text"], owner, data["due_on"], data["is_private"], data["key"])


class CommitmentRow(Row):
    noun = "“I will try”"
    boxes: ClassVar = {"person": ("who", "choose who will try it"), "text": ("what", "enter what they will try")}
    person = forms.ChoiceField(required=False)
    text = forms.CharField(max_length=300, required=False)
    is_private = forms.BooleanField(required=False)

    def as_said(self, data: dict[str, Any]) -> NewCommitment:
        return NewCommitment(data["text"], self.roster.people[data["person"]], data["is_private"], data["key"])


class DecisionRow(Row):
    noun = "Decision"
    boxes: ClassVar = {"text": ("what", "enter what was decided"), "review_on": ("look at it again on", "")}
    text = forms.CharField(max_length=500, required=False)
    review_on = forms.DateField(required=False, widget=forms.DateInput())
    is_private = forms.BooleanField(required=False)

    def as_said(self, data: dict[str, Any]) -> NewDecision:
        return NewDecision(data["text"], data["review_on"], data["is_private"], data["key"])


class ProblemRow(Row):
    noun, boxes = "Problem", {"title": ("what is in the way", "")}
    title = forms.CharField(max_length=200, required=False)
    is_private = forms.BooleanField(required=False)

    def as_said(self, data: dict[str, Any]) -> NewProblem:
        return NewProblem(data["title"], data["is_private"], data["key"])


class GuestRow(Row):
    noun, boxes = "Guest", {"name": ("name", "enter the name"), "organisation": ("organisation", "")}
    name = forms.CharField(max_length=150, required=False)
    organisation = forms.CharField(max_length=200, required=False)

    def as_said(self, data: dict[str, Any]) -> NewGuest:
        return NewGuest(data["name"], data["organisation"], data["key"])


class LinkRow(Row):
    noun = "Link"
    boxes: ClassVar = {"title": ("what it is", "enter what it is"), "url": ("address", "enter its address")}
    title = forms.CharField(max_length=200, required=False)
    url = forms.URLField(max_length=500, required=False, assume_scheme="https", validators=[WEB_ONLY])
    is_private = forms.BooleanField(required=False)

    def as_said(self, data: dict[str, Any]) -> NewLink:
        return NewLink(data["title"], data["url"], data["is_private"], data["key"])


class ClashRow(forms.Form):
    """One place that two people have changed differently: both texts, and the question which should stand."""

    marks_optional = False
    path = forms.RegexField(r"^[a-z_]{1,30}:[\w-]{0,40}$", widget=forms.HiddenInput())
    what = forms.CharField(widget=forms.HiddenInput())
    theirs = forms.CharField(required=False, widget=forms.HiddenInput())
    mine = forms.CharField(required=False, widget=forms.HiddenInput())
    keep = forms.ChoiceField(widget=Radios())

    def __init__(self, *args: Any, number: int, roster: Roster, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep"].label = f"{self['what'].value()}: which should stand?"
        self.fields["keep"].choices = [  # type: ignore[attr-defined]
            ("theirs", f"Theirs: {self['theirs'].value() or NOTHING}"),
            ("mine", f"Yours, as it stands below: {self['mine'].value() or NOTHING}"),
        ]

    @property
    def place(self) -> Path:
        section, _, key = self.cleaned_data["path"].partition(":")
        return section, key


class Rows(forms.BaseFormSet[Any]):
    """The rows of one list. Where a page is sent without them, nothing is said of that list."""

    default_error_messages: ClassVar = {
        "missing_management_form": "A part of this page did not arrive. Send it again; what you typed is still here."
    }

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"number": (index or 0) + 1}

    @property
    def is_right(self) -> bool:
        return not self.is_bound or self.is_valid()

    @property
    def said(self) -> list[Any]:
        return [said for row in self.forms if (said := row.said) is not None]

    @property
    def has_words(self) -> bool:
        """Whether there is something in it to see, or to put right."""
        return any(row.errors or any(box.value() for box in row.box_fields) for row in self.forms)

    @property
    def noun(self) -> str:
        return str(self.form.noun).lower() if self.form.noun[0].isalpha() else str(self.form.noun)


# The rows of each list, and how many empty ones a page offers; more are there when it is opened again.
ROWS: Mapping[str, tuple[type[forms.Form], int]] = {
    "learning_points": (LearnedRow, 3),
    "actions": (ActionRow, 5),
    "commitments": (CommitmentRow, 3),
    "decisions": (DecisionRow, 3),
    "problems": (ProblemRow, 3),
    "guests": (GuestRow, 5),
    "resources": (LinkRow, 3),
    "clashes": (ClashRow, 0),
}


def rows_of(section: str, data: QueryDict | None, *, roster: Roster, stands: Sequence[dict[str, Any]] = ()) -> Rows:
    """The rows of a list as they were sent, or those that stand and some empty ones."""
    row, blanks = ROWS[section]
    is_sent = data is not None and f"{section}-TOTAL_FORMS" in data
    if section == "learning_points":
        blanks = max(blanks - len(stands), 0)
    made: Any = forms.formset_factory(row, Rows, extra=blanks, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
    initial = None if is_sent else list(stands)
    rows: Rows = made(data if is_sent else None, prefix=section, initial=initial, form_kwargs={"roster": roster})
    return rows

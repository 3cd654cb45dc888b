"""Recording a session: what was said last time, who came, one line, what was learned, what was promised, and more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from communities.forms.fields import NO_PATIENT_DATA, members_as_choices
from communities.forms.record_rows import Roster, Rows, rows_of
from communities.models import Action, Attendance, Commitment, Decision, Membership, Session
from communities.services.records.content import ATTENDANCE, LISTS, Content, Path, part
from communities.services.records.said import Said
from cop_portal.design.forms import LongTextField, Radios

UNKNOWN = Attendance.Status.UNKNOWN.value
STATUSES = [
    (Attendance.Status.ROOM.value, "Room"),
    (Attendance.Status.ONLINE.value, "Online"),
    (Attendance.Status.APOLOGIES.value, "Sorry"),
    (Attendance.Status.ABSENT.value, "Absent"),
    (UNKNOWN, "Not known"),
]
STILL_OPEN = ("", "Still open")
MOST_HEADS = 2_000


@dataclass(frozen=True)
class Earlier:
    """What was said before and is still open, or due to be looked at again: with owners and people."""

    actions: Sequence[Action] = ()
    commitments: Sequence[Commitment] = ()
    decisions: Sequence[Decision] = ()

    def questions(self) -> Iterable[tuple[str, Any, list[tuple[str, str]]]]:
        """Each with the name of its field and its answers, the first of which changes nothing."""
        for action in self.actions:
            yield f"action_{action.pk}", action, [STILL_OPEN, *((s.value, s.label) for s in Action.ANSWERS)]
        for one in self.commitments:
            yield f"commitment_{one.pk}", one, [STILL_OPEN, *((s.value, s.label) for s in Commitment.ANSWERS)]
        for decision in self.decisions:
            verdicts = [(v.value, v.label) for v in Decision.Verdict]
            yield f"decision_{decision.pk}", decision, [("", "Not looked at yet"), *verdicts]


@dataclass(frozen=True)
class Stands:
    """What stands in the record: the version it is, its content, and the places of it that stay as they are."""

    version: int = 1
    content: Content = field(default_factory=dict)
    settled: Collection[Path] = ()


class RecordSessionForm(forms.Form):
    """The whole record on one page. Everyone begins as "not known"; nothing but a save is needed.

    `members` are all who were members on the day or are now (with names); `clashes` the places to be asked about.
    """

    marks_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput())
    # For a browser without scripts: one answer for all who have none yet.
    rest = forms.ChoiceField(
        label="Everyone who is still “not known” below",
        choices=[(UNKNOWN, "Leave as not known"), *STATUSES[:2]],
        required=False,
        widget=Radios(is_inline=True, is_small=True),
    )
    focus = forms.CharField(
        max_length=200, required=False, label="What was it about?", help_text=f"One line. {NO_PATIENT_DATA}"
    )
    head_count = forms.IntegerField(
        min_value=0,
        max_value=MOST_HEADS,
        required=False,
        label="How many were there in all?",
        help_text="A plain count of heads, guests included, if you made one.",
    )
    notes = LongTextField(
        max_length=20_000, required=False, label="Notes", help_text=f"Members can read them. {NO_PATIENT_DATA}"
    )
    private_note = LongTextField(
        max_length=20_000, required=False, label="Private note", help_text=f"Members do not see it. {NO_PATIENT_DATA}"
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        session: Session,
        members: Iterable[Membership],
        earlier: Earlier = Earlier(),
        stands: Stands = Stands(),
        clashes: Sequence[dict[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        lines = {name: value for (name, key), value in stands.content.items() if not key}
        super().__init__(data, initial={"version": stands.version, "rest": UNKNOWN, **lines}, **kwargs)
        members = list(members)
        names = dict(members_as_choices(members))
        self.members = [member for member in members if member.starts_on <= session.day]
        self.earlier = earlier
        marks = dict(part(stands.content, ATTENDANCE))
        for member in self.members:
            self.fields[f"member_{member.pk}"] = _choice(
                names[str(member.pk)], STATUSES, marks.get(str(member.pk), UNKNOWN)
            )
        for name, what, answers in earlier.questions():
            self.fields[name] = _choice(str(what), answers, "")
        self.rows = self._rows(data, Roster(members, names), stands, clashes)

    def _rows(
        self, data: QueryDict | None, roster: Roster, stands: Stands, clashes: Sequence[dict[str, str]]
    ) -> dict[str, Rows]:
        found = {}
        for section in LISTS:
            open_ones = [
                (key, item) for key, item in part(stands.content, section) if (section, key) not in stands.settled
            ]
            shown = [{"key": key, **roster.shown(item)} for key, item in open_ones]
            found[section] = rows_of(section, data, roster=roster, stands=shown)
        return found | {"clashes": rows_of("clashes", data, roster=roster, stands=clashes)}

    def is_valid(self) -> bool:
        # All of them, so that all that is wrong is said at once.
        return all([super().is_valid(), *(rows.is_right for rows in self.rows.values())])

    @property
    def roster_fields(self) -> list[BoundField]:
        return [self[f"member_{member.pk}"] for member in self.members]

    @property
    def earlier_fields(self) -> list[tuple[Any, BoundField]]:
        """What can still be answered. What was answered meanwhile is not asked again."""
        asked = [(what, self[name]) for name, what, _ in self.earlier.questions()]
        return [(what, box) for what, box in asked if getattr(what, "state", "open") == "open"]

    @property
    def is_more_begun(self) -> bool:
        """Whether there is something in what can wait, to be seen or put right."""
        lines = any(self[name].value() for name in ("head_count", "notes", "private_note"))
        wrong = {"head_count", "notes", "private_note"} & self.errors.keys()
        return bool(lines or wrong) or any(self.rows[section].has_words for section in ("guests", "resources"))

    @property
    def said(self) -> Said:
        """What is said of the session. Sections that the page did not send are left out."""
        said: dict[str, Any] = {
            name: self.cleaned_data[name]
            for name in ("focus", "head_count", "notes", "private_note")
            if name in self.data
        }
        if any(name.startswith("member_") for name in self.data):
            said["attendance"] = self.attendance
        lists = {name: self.rows[name].said for name in LISTS if self.rows[name].is_bound}
        return cast("Said", said | lists)

    @property
    def attendance(self) -> dict[int, str]:
        rest = self.cleaned_data.get("rest") or UNKNOWN
        # Someone added to the roster since the page was loaded has no mark yet.
        marks = {member.pk: self.cleaned_data.get(f"member_{member.pk}") or UNKNOWN for member in self.members}
        return {pk: rest if mark == UNKNOWN else mark for pk, mark in marks.items()}

    def answered(self, kind: str) -> dict[int, str]:
        """How earlier promises of a kind ("action", "commitment", "decision") went, by their ids."""
        names = {name: what.pk for name, what, _ in self.earlier.questions() if name.startswith(f"{kind}_")}
        return {pk: self.cleaned_data[name] for name, pk in names.items() if self.cleaned_data.get(name)}

    @property
    def give_way(self) -> list[Path]:
        """The places where the writer, asked, takes what the other one wrote."""
        clashes = self.rows["clashes"]
        return [row.place for row in clashes.forms if row.cleaned_data["keep"] == "theirs"] if clashes.is_bound else []


def _choice(label: str, choices: Sequence[tuple[str, str]], initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        initial=initial,
        required=False,
        widget=Radios(is_inline=True, is_small=True),
    )

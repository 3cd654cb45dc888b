"""Recording a session: what was said last time, who came, one line, what was learned, what was promised."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from communities.forms.fields import NO_PATIENT_DATA, members_as_choices
from communities.forms.new_actions import NewActionFormSet, new_action_formset
from communities.models import Action, Attendance, Membership, Session
from communities.services.actions import NewAction
from communities.services.sessions import MOST_LEARNING_POINTS
from cop_portal.design.forms import Radios

STATUSES = [
    (Attendance.Status.ROOM.value, "Room"),
    (Attendance.Status.ONLINE.value, "Online"),
    (Attendance.Status.APOLOGIES.value, "Sorry"),
    (Attendance.Status.ABSENT.value, "Absent"),
    (Attendance.Status.UNKNOWN.value, "Not known"),
]
ANSWERS = [("", "Still open"), *((state.value, state.label) for state in Action.ANSWERS)]


class RecordSessionForm(forms.Form):
    """The whole record on one page. Everyone begins as "not known"; nothing but a save is needed.

    `members` are all who were members on the day or are now (with names); `earlier` the actions still open from before.
    """

    marks_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput())
    focus = forms.CharField(
        max_length=200, required=False, label="What was it about?", help_text=f"One line. {NO_PATIENT_DATA}"
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        session: Session,
        members: Iterable[Membership],
        earlier: Sequence[Action] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        members = list(members)
        names = dict(members_as_choices(members))
        self.roster = [member for member in members if member.starts_on <= session.day]
        self.earlier = earlier
        for member in self.roster:
            self.fields[f"member_{member.pk}"] = _choice(names[str(member.pk)], STATUSES, Attendance.Status.UNKNOWN)
        for action in earlier:
            self.fields[f"action_{action.pk}"] = _choice(action.text, ANSWERS, "")
        for number in range(1, MOST_LEARNING_POINTS + 1):
            self.fields[f"learned_{number}"] = forms.CharField(
                max_length=500, required=False, label=f"Learning point {number}"
            )
        self.new_actions: NewActionFormSet = new_action_formset(
            data,
            form_kwargs={"owners": {str(m.pk): m for m in members}, "names": names},
        )

    def is_valid(self) -> bool:
        # Both, so that all that is wrong is said at once.
        own, rows = super().is_valid(), self.new_actions.is_valid()
        return own and rows

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        # Someone added to the roster since the page was loaded has no mark yet.
        unmarked = [field.name for field in self.roster_fields if not data.get(field.name)]
        return data | dict.fromkeys(unmarked, Attendance.Status.UNKNOWN.value)

    @property
    def roster_fields(self) -> list[BoundField]:
        return [self[f"member_{member.pk}"] for member in self.roster]

    @property
    def earlier_fields(self) -> list[tuple[Action, BoundField]]:
        return [(action, self[f"action_{action.pk}"]) for action in self.earlier]

    @property
    def learned_fields(self) -> list[BoundField]:
        return [self[f"learned_{number}"] for number in range(1, MOST_LEARNING_POINTS + 1)]

    @property
    def attendance(self) -> dict[int, str]:
        return {member.pk: self.cleaned_data[f"member_{member.pk}"] for member in self.roster}

    @property
    def learning_points(self) -> list[str]:
        return [said for field in self.learned_fields if (said := self.cleaned_data.get(field.name, "").strip())]

    @property
    def agreed(self) -> list[NewAction]:
        return [action for row in self.new_actions if (action := row.agreed) is not None]

    @property
    def answers(self) -> dict[int, str]:
        said = {action.pk: self.cleaned_data.get(f"action_{action.pk}", "") for action in self.earlier}
        return {pk: state for pk, state in said.items() if state}


def _choice(label: str, choices: Sequence[tuple[str, str]], initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        initial=initial,
        required=False,
        widget=Radios(is_inline=True, is_small=True),
    )


def as_recorded(session: Session) -> dict[str, Any]:
    """A session's record as the initial values of its form; two queries."""
    attendance = session.attendances.values_list("membership_id", "status")
    points = session.learning_points.order_by("position").values_list("text", flat=True)
    return {
        "version": session.version,
        "focus": session.focus,
        **{f"member_{pk}": status for pk, status in attendance},
        **{f"learned_{number}": text for number, text in enumerate(points, start=1)},
    }

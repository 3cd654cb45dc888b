"""Logging a test of change, its measures, and where it was adopted."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from communities.forms.fields import NO_PATIENT_DATA
from communities.models import Adoption, Community, Organisation, TestOfChange
from communities.services.promises.tests_of_change import Cycle, NewMeasure
from cop_portal.design.forms import LongTextField, Radios

OUTCOME_HINTS = {
    TestOfChange.Outcome.RUNNING: "Begun, or planned.",
    TestOfChange.Outcome.ADOPTED: "It works, and we keep it.",
    TestOfChange.Outcome.ADAPTED: "It half works: the next cycle is different.",
    TestOfChange.Outcome.ABANDONED: "It does not work, and we have learned that.",
}
# The rest of the form stands behind "More": one line and an outcome are enough.
FIRST = ("title", "outcome", "started_on", "what_happened")


class TestOfChangeForm(forms.Form):
    """Four boxes, and more for those who want to say more."""

    __test__ = False

    title = forms.CharField(max_length=200, label="What do you try, or have you tried?", help_text=NO_PATIENT_DATA)
    outcome = forms.ChoiceField(
        choices=TestOfChange.Outcome.choices,
        widget=Radios(hints={str(outcome): words for outcome, words in OUTCOME_HINTS.items()}),
        label="What became of it?",
    )
    started_on = forms.DateField(label="Began, or begins, on", widget=forms.DateInput())
    what_happened = LongTextField(max_length=2000, required=False, label="What happened, and what did you learn?")
    ended_on = forms.DateField(
        required=False, label="Day of the outcome", widget=forms.DateInput(), help_text="Left empty, it is today."
    )
    aim = forms.CharField(
        max_length=300, required=False, label="Aim", help_text="For example: every form is filled in within 3 minutes."
    )
    aim_value = forms.DecimalField(max_digits=12, decimal_places=3, required=False, label="The aim as a number")
    aim_on = forms.DateField(required=False, label="To be reached by", widget=forms.DateInput())
    prediction = forms.CharField(
        max_length=500, required=False, label="Prediction", help_text="What do you think will happen?"
    )
    scale = forms.CharField(
        max_length=200, required=False, label="Scale", help_text="For example: one ward, two weeks."
    )
    measure = forms.CharField(
        max_length=100,
        required=False,
        label="What do you measure?",
        help_text="For example: median time to fill it in.",
    )
    unit = forms.CharField(
        max_length=30, required=False, label="In what unit?", help_text="For example: minutes, or %."
    )
    better = forms.ChoiceField(
        choices=[("", "Neither, or not known"), *TestOfChange.Better.choices],
        required=False,
        widget=Radios(is_small=True),
        label="Which way is better?",
    )

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in FIRST]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in (*FIRST, "version")]

    @property
    def has_more(self) -> bool:
        """Whether something behind "More" has been filled in, or is wrong: it then stands open."""
        return any(field.errors or field.value() for field in self.more_fields)

    @property
    def cycle(self) -> Cycle:
        return Cycle(**{name: value for name, value in self.cleaned_data.items() if name != "version"})


class EditTestOfChangeForm(TestOfChangeForm):
    version = forms.IntegerField(widget=forms.HiddenInput())


class MeasureForm(forms.Form):
    """One row. An empty row is no value; one that has been begun must be finished."""

    marks_optional = False
    on = forms.DateField(required=False, widget=forms.DateInput())
    value = forms.DecimalField(max_digits=12, decimal_places=3, required=False)
    note = forms.CharField(max_length=100, required=False)

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Value {number}"
        for name, label in (("on", "day"), ("value", "what was measured"), ("note", "note, if there is one")):
            self.fields[name].label = f"{self.title}: {label}"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        given = [name for name in self.fields if data.get(name) not in (None, "") or name in self.errors]
        for name, missing in (("on", "enter the day"), ("value", "enter what was measured")):
            if given and name not in given:
                self.add_error(name, f"{self.title}: {missing}")
        return data


class MeasureFormSet(forms.BaseFormSet[MeasureForm]):
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"number": (index or 0) + 1}


ROWS = 5


class MeasuresForm(forms.Form):
    """Five rows: more are added by coming back."""

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        made: Any = forms.formset_factory(MeasureForm, MeasureFormSet, extra=ROWS, max_num=ROWS, absolute_max=ROWS)
        self.rows: MeasureFormSet = made(data, prefix="measure")

    def is_valid(self) -> bool:
        # Both, so that all that is wrong is said at once.
        own, rows = super().is_valid(), self.rows.is_valid()
        return own and rows

    @property
    def measures(self) -> list[NewMeasure]:
        said = (row.cleaned_data for row in self.rows)
        return [NewMeasure(on=row["on"], value=row["value"], note=row["note"]) for row in said if row.get("on")]


class AdoptionForm(forms.Form):
    """Where a change was taken up. One of the first three is needed; the service says so. `communities` are those
    that the writer sees; another can be typed in as a place."""

    place = forms.CharField(max_length=150, required=False, label="Ward, team or site")
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, label="Organisation", empty_label="None, or not listed"
    )
    community = forms.ModelChoiceField(
        Community.objects.none(), required=False, label="Community of practice", empty_label="None"
    )
    adopted_on = forms.DateField(label="Since when?", widget=forms.DateInput(), help_text="Roughly is fine.")
    came_from = forms.ModelChoiceField(
        Adoption.objects.none(), required=False, label="Whom did they have it from?", empty_label="From us"
    )
    note = forms.CharField(max_length=300, required=False, label="Note", help_text=NO_PATIENT_DATA)

    def __init__(self, *args: Any, test: TestOfChange, communities: QuerySet[Community], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organisation"].queryset = Organisation.objects.order_by("name")
        fields["community"].queryset = communities.exclude(pk=test.community_id).order_by("name")
        fields["came_from"].queryset = (
            Adoption.objects.filter(test=test).select_related("organisation", "community").oldest_first()
        )

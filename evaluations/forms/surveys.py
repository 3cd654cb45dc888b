"""What a facilitator fills in to put a questionnaire to a community."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from evaluations.models import InstrumentVersion


def newest_versions() -> QuerySet[InstrumentVersion]:
    """The newest published version of every questionnaire, by title."""
    newest = (
        InstrumentVersion.objects.published()
        .filter(instrument=OuterRef("instrument"))
        .order_by()
        .values("instrument")
        .annotate(newest=Max("number"))
        .values("newest")
    )
    return InstrumentVersion.objects.published().filter(number=Subquery(newest)).order_by("title")


def end_of(day: date) -> datetime:
    """A survey closes at the end of its closing day, on the wall in Europe/London."""
    return timezone.make_aware(datetime.combine(day, time(23, 59)))


class OpenSurveyForm(forms.Form):
    """Which questionnaire, and its last day. Whether it may be opened is for the service to say."""

    version = forms.ModelChoiceField(
        label="Questionnaire",
        queryset=InstrumentVersion.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": "Choose a questionnaire",
            "invalid_choice": "Choose one of the questionnaires in the list",
        },
    )
    closes_on = forms.DateField(
        label="Last day to answer",
        widget=forms.DateInput(),
        help_text="It closes at the end of this day. Three weeks is usual.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = newest_versions()  # type: ignore[attr-defined]


class ConfirmSurveyForm(OpenSurveyForm):
    """The same two answers, carried through the page that says who will be asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.HiddenInput()


class CloseSurveyForm(forms.Form):
    """Nothing to fill in: the page around it says what closing means, and its button does it."""

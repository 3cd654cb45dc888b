"""What a facilitator fills in to put a questionnaire to a community."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from cop_portal.design.forms import Radios
from evaluations.breakdowns import ASKED_FROM
from evaluations.models import InstrumentVersion, PrivacyMode, Survey
from evaluations.questionnaire import questionnaire_of
from evaluations.services.surveys import grouping

MODE_HINTS = {
    PrivacyMode.ANONYMOUS: "Nothing that is stored links a person to an answer. The usual choice.",
    PrivacyMode.CONFIDENTIAL: (
        "Answers are kept under a pseudonym, so that one survey can be set beside the next. The key to it is destroyed "
        "on a date that members are told."
    ),
    PrivacyMode.NAMED: "Answers are kept with names, and the facilitators read them. The first line says so.",
}
LONGEST_DAY = 999


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


def days_written(days: Iterable[int]) -> str:
    """4, 9, 14"""
    return ", ".join(str(day) for day in days)


class DaysField(forms.CharField):
    """Days after the first mail, with commas between them. Gives a list of whole numbers, in order, each once."""

    default_error_messages = {"invalid": "Reminders must be numbers of days with commas between, such as 4, 9, 14"}

    def to_python(self, value: Any) -> Any:
        parts = [part.strip() for part in (super().to_python(value) or "").split(",")]
        parts = [part for part in parts if part]
        if not all(part.isascii() and part.isdigit() and int(part) <= LONGEST_DAY for part in parts):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return sorted({int(part) for part in parts})

    def prepare_value(self, value: Any) -> Any:
        return days_written(value) if isinstance(value, list) else value


class ChooseQuestionnaireForm(forms.Form):
    """Which questionnaire: what else there is to choose depends on it."""

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

    def __init__(self, *args: Any, open_here: Collection[int] = (), **kwargs: Any) -> None:
        """`open_here`: versions that are not offered. Whoever chooses one all the same is told why by the service."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["version"]
        field.queryset = newest_versions()
        if open_here:
            field.choices = [(one.pk, str(one)) for one in newest_versions() if one.pk not in open_here]


class SetUpSurveyForm(forms.Form):
    """How one questionnaire is put to people. Whether it may be is for the service to say."""

    mode = forms.ChoiceField(
        label="How answers are kept",
        choices=PrivacyMode.choices,
        widget=Radios(hints={str(mode): words for mode, words in MODE_HINTS.items()}),
        help_text="Once the survey is open this cannot be changed.",
        error_messages={"required": "Choose how answers are kept"},
    )
    closes_on = forms.DateField(
        label="Last day to answer", widget=forms.DateInput(), help_text="It closes at the end of this day."
    )
    reminders = DaysField(
        label="Reminders",
        required=False,
        help_text="So many days after the first mail, with commas between, such as 4, 9, 14. Only those who have not "
        "answered are reminded. Leave it empty for none.",
    )
    breakdown = forms.ChoiceField(
        label="Show results by group",
        required=False,
        widget=Radios(),
        help_text=f"From {ASKED_FROM} people asked. Members are told, the group is kept with each answer, and only "
        "groups that give nobody away are shown.",
        error_messages={"invalid_choice": "Choose one of the breakdowns in the list"},
    )
    shared_with = forms.ChoiceField(
        label="Who may see the results",
        choices=Survey.SharedWith.choices,
        widget=Radios(),
        initial=Survey.SharedWith.MEMBERS,
        help_text="Members are told before they answer.",
        error_messages={"required": "Choose who may see the results"},
    )

    def __init__(self, *args: Any, version: InstrumentVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        items = grouping.choices(questionnaire_of(version))
        self.fields["breakdown"].choices = [(code, breakdown_label(code, label)) for code, label in items]  # type: ignore[attr-defined]


def breakdown_label(code: str, label: str) -> str:
    return f"By the answer to “{label}”" if code.startswith("item:") else label


class ConfirmSurveyForm(SetUpSurveyForm):
    """The same answers, carried through the page that says who will be asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.HiddenInput()


class CloseSurveyForm(forms.Form):
    """Nothing to fill in: the page around it says what closing means, and its button does it.

    Sent twice, the second time finds a survey that the first one may have extended, and does not close that.
    """

    although_extended = forms.BooleanField(required=False, widget=forms.HiddenInput)

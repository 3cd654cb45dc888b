"""A date in three boxes (day, month, year), as the NHS design system asks: no picker, no guessing of formats."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

PARTS = ("day", "month", "year")
YEAR_DIGITS = 4


@dataclass(frozen=True)
class TypedDate:
    """What was typed, kept as it was so that it can be shown again."""

    day: str
    month: str
    year: str

    def missing(self) -> list[str]:
        return [part for part in PARTS if not getattr(self, part)]

    def __str__(self) -> str:
        return f"{self.day} {self.month} {self.year}".strip()


class DateWidget(forms.Widget):
    """Three text boxes. A single ISO date under the field's own name is understood too."""

    use_fieldset = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> TypedDate | str | None:
        typed = TypedDate(*(str(data.get(f"{name}_{part}", "")).strip() for part in PARTS))
        if typed.missing() == list(PARTS):
            return str(data.get(name, "")).strip() or None
        return typed

    def value_omitted_from_data(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> bool:
        return name not in data and not any(f"{name}_{part}" in data for part in PARTS)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_day" if id_ else id_


class DateField(forms.DateField):
    """A date typed as day, month and year; cleans to a date.

    Codes of refusal: required, incomplete (with what is missing), short_year, invalid.
    """

    widget = DateWidget
    default_error_messages = {
        "incomplete": _("The date must include %(missing)s"),
        "short_year": _("The year must have 4 numbers"),
        "invalid": _("The date must be a real date, like 6 8 2026"),
    }

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, TypedDate):
            return super().to_python(value)
        if missing := value.missing():
            raise self._refusal("incomplete", missing=" and ".join(f"a {part}" for part in missing))
        if not all(getattr(value, part).isdecimal() for part in PARTS):
            raise self._refusal("invalid")
        if len(value.year) != YEAR_DIGITS:
            raise self._refusal("short_year")
        try:
            return date(int(value.year), int(value.month), int(value.day))
        except ValueError:
            raise self._refusal("invalid") from None

    def _refusal(self, code: str, **params: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True


def days_since(then: datetime, now: datetime) -> int:
    """Days as a calendar counts them in Europe/London: since yesterday evening it is one, however few the hours."""
    return (timezone.localdate(now) - timezone.localdate(then)).days


def parts_of(value: Any) -> dict[str, str]:
    """The three boxes' contents for a date, for what was typed, for an ISO date, or for nothing."""
    if isinstance(value, TypedDate):
        return {part: getattr(value, part) for part in PARTS}
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return dict.fromkeys(PARTS, "")
    if isinstance(value, date):
        return {part: str(getattr(value, part)) for part in PARTS}
    return dict.fromkeys(PARTS, "")

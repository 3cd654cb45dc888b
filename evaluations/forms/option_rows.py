"""The answers of a question or a scale, row by row. Rows are added, moved and taken out by buttons that only show the
page again: nothing is kept before Save, and nothing needs JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

# More than anybody can choose from; a bound for what is sent by something that is no browser.
MOST_ROWS = 50
NUMBER_OF_ROWS = "rows"
EMPTY_ROWS = 2
NARROW = {"class": "nhsuk-input--width-5"}
BOXES = ("label", "code", "score", "is_excluded", "is_exclusive")


class OptionRow(forms.Form):
    """One answer. A row without words and code is no answer."""

    marks_optional = False
    label = forms.CharField(max_length=200, required=False)
    code = forms.CharField(
        max_length=20, required=False, widget=forms.TextInput(attrs={"class": "nhsuk-input--width-5"})
    )
    score = forms.IntegerField(
        required=False, widget=forms.TextInput(attrs={"class": "nhsuk-input--width-2", "inputmode": "numeric"})
    )
    is_excluded = forms.BooleanField(required=False)
    is_exclusive = forms.BooleanField(required=False)

    def __init__(self, *args: Any, number: int, is_multiple: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        labels = ("words", "code", "score", "left out of the base", "goes with no other")
        for box, words in zip(BOXES, labels, strict=True):
            self.fields[box].label = f"Answer {number}: {words}"
        if not is_multiple:
            # Where one is chosen, none goes with another.
            del self.fields["is_exclusive"]
        self.fields["score"].error_messages = {"invalid": f"Answer {number}: the score is a whole number, such as 4"}

    @property
    def option(self) -> dict[str, Any] | None:
        """The answer as it is stored, or None for an empty row."""
        said = self.cleaned_data
        label, code = said.get("label", "").strip(), said.get("code", "").strip()
        if not label and not code:
            return None
        option: dict[str, Any] = {"code": code, "label": label}
        if said.get("score") is not None:
            option["score"] = said["score"]
        if said.get("is_excluded"):
            option["excluded"] = True
        if said.get("is_exclusive"):
            option["exclusive"] = True
        return option


class OptionRows:
    """The rows together, from what is stored or from what was sent."""

    def __init__(
        self,
        options: Iterable[Mapping[str, Any]] = (),
        data: Mapping[str, Any] | None = None,
        *,
        is_multiple: bool = True,
    ) -> None:
        self.is_multiple = is_multiple
        if data is None:
            self.initials = [_initial(option) for option in options]
            self.initials += [{} for _ in range(EMPTY_ROWS if self.initials else EMPTY_ROWS + 1)]
            self.rows = self._unbound()
        else:
            self.rows = [self._row(place, data=data) for place in range(_number(data))]

    @classmethod
    def rearranged(cls, data: Mapping[str, Any], do: str, *, is_multiple: bool = True) -> OptionRows:
        """The rows as sent, after one button was pressed: "up:3", "down:3", "remove:3" or "add"."""
        rows = cls(is_multiple=is_multiple)
        rows.initials = _moved([_sent(data, place) for place in range(_number(data))], do)
        rows.rows = rows._unbound()
        return rows

    def _unbound(self) -> list[OptionRow]:
        return [self._row(place, initial=initial) for place, initial in enumerate(self.initials)]

    def _row(self, place: int, **about: Any) -> OptionRow:
        return OptionRow(prefix=_prefix(place), number=place + 1, is_multiple=self.is_multiple, **about)

    def make_room(self, data: Mapping[str, Any]) -> None:
        """At least as many rows as a draft says that there were."""
        missing = range(len(self.rows), _number(data))
        self.rows += [self._row(place) for place in missing]

    def is_valid(self) -> bool:
        # All of them, so that each says what is wrong with it.
        return not [row for row in self.rows if not row.is_valid()]

    @property
    def options(self) -> list[dict[str, Any]]:
        return [row.option for row in self.rows if row.option]

    @property
    def errors(self) -> list[str]:
        return [str(error) for row in self.rows for errors in row.errors.values() for error in errors]


def _prefix(place: int) -> str:
    return f"option-{place}"


def _number(data: Mapping[str, Any]) -> int:
    sent = str(data.get(NUMBER_OF_ROWS, "0"))
    return min(int(sent), MOST_ROWS) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0


def _initial(option: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": option["label"],
        "code": option["code"],
        "score": option.get("score"),
        "is_excluded": bool(option.get("excluded")),
        "is_exclusive": bool(option.get("exclusive")),
    }


def _sent(data: Mapping[str, Any], place: int) -> dict[str, Any]:
    return {box: data.get(f"{_prefix(place)}-{box}", "") for box in BOXES}


def _moved(rows: list[dict[str, Any]], do: str) -> list[dict[str, Any]]:
    verb, _, number = do.partition(":")
    place = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 4 else -1
    if verb == "add" and len(rows) < MOST_ROWS:
        return [*rows, {}]
    if not 0 <= place < len(rows):
        return rows
    if verb == "remove":
        return rows[:place] + rows[place + 1 :]
    other = place - 1 if verb == "up" else place + 1
    if verb in ("up", "down") and 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    return rows

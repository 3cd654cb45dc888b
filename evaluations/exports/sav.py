"""A table as SPSS reads it: numbers with labels, what is left out of the base as missing values, no clock."""

from __future__ import annotations

import warnings
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone

from communities.exports.tables import Kind
from evaluations.exports.datasets import Dataset, Variable

# Where the header of the file says when it was made: nine bytes of date, eight of time.
MADE_ON = slice(92, 101)
MADE_AT = slice(101, 109)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_LABEL = 250
LONGEST_FILE_LABEL = 60
# What a text takes in bytes; SPSS has no longer one.
LONGEST_TEXT = 32_000
YES_NO = {0.0: "No", 1.0: "Yes"}
FORMATS = {Kind.NUMBER: "F12.4", Kind.YES_NO: "F1.0", Kind.DATE: "SDATE10"}


def sav_of(dataset: Dataset, *, at: datetime) -> bytes:
    """The bytes of a .sav file. `at` is the only moment in it."""
    # Both are heavy, and only the worker needs them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pyreadstat

    variables = dataset.variables
    table = {one.name: [_cell(one, row[place]) for row in dataset.rows] for place, one in enumerate(variables)}
    frame = pd.DataFrame({one.name: pd.Series(table[one.name], dtype=_dtype(one)) for one in variables})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.sav"
        pyreadstat.write_sav(
            frame,
            str(path),
            file_label=_cut(dataset.title, LONGEST_FILE_LABEL),
            column_labels={one.name: _cut(one.label, LONGEST_LABEL) for one in variables},
            variable_value_labels={one.name: labels for one in variables if (labels := _labels(one))},
            missing_ranges={one.name: missing for one in variables if (missing := _missing(one))},
            variable_measure={one.name: _measure(one) for one in variables},
            variable_format={one.name: form for one in variables if (form := _format(one))},
            row_compress=True,
        )
        return _dated(path.read_bytes(), at)


def _cell(variable: Variable, value: Any) -> Any:
    if value is None:
        return "" if _is_text(variable) else None
    if variable.values:
        return float(next(each.number for each in variable.values if each.code == value))
    if variable.kind in (Kind.NUMBER, Kind.YES_NO):
        return float(value)
    return _cut(str(value), LONGEST_TEXT) if _is_text(variable) else value


def _is_text(variable: Variable) -> bool:
    return variable.kind is Kind.TEXT and not variable.values


def _dtype(variable: Variable) -> str:
    return "object" if _is_text(variable) or variable.kind is Kind.DATE else "float64"


def _labels(variable: Variable) -> dict[float, str]:
    if variable.kind is Kind.YES_NO:
        return YES_NO
    return {float(value.number): _cut(value.label, 120) for value in variable.values}


def _missing(variable: Variable) -> list[Any]:
    """All that is left out of the base has a number below nought (datasets.values_of), so one range holds it."""
    numbers = [float(value.number) for value in variable.values if value.is_missing]
    return [{"lo": min(numbers), "hi": max(numbers)}] if numbers else []


def _measure(variable: Variable) -> str:
    if variable.values:
        return "ordinal" if variable.is_ordered else "nominal"
    return "scale" if variable.kind in (Kind.NUMBER, Kind.DATE) else "nominal"


def _format(variable: Variable) -> str:
    return "F4.0" if variable.values else FORMATS.get(variable.kind, "")


def _cut(text: str, longest: int) -> str:
    """No more bytes than SPSS takes, and no half of a letter."""
    clean = text.replace("\x00", "\ufffd").encode("utf-8", "replace")
    return clean[:longest].decode("utf-8", "ignore")


def _dated(content: bytes, at: datetime) -> bytes:
    """The file as if it had been written at that moment: the writer takes it from the clock."""
    moment = timezone.localtime(at)
    dated = bytearray(content)
    dated[MADE_ON] = f"{moment:%d} {MONTHS[moment.month - 1]} {moment:%y}".encode()
    dated[MADE_AT] = f"{moment:%H:%M:%S}".encode()
    return bytes(dated)

"""A file for SPSS, read again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyreadstat
import pytest
import time_machine

from evaluations.exports.answers import NamedAnswers, named
from evaluations.exports.datasets import Dataset
from evaluations.exports.figures import datasets_of
from evaluations.exports.sav import sav_of
from tests.evaluations.exports.parts import AT, EVERY_KIND, NASTY, RESULTS, TABLE


def read(content: bytes, folder: Path, *, user_missing: bool = True) -> tuple[dict[str, list[Any]], Any]:
    path = folder / "read.sav"
    path.write_bytes(content)
    return pyreadstat.read_sav(str(path), user_missing=user_missing, output_format="dict")


def test_values_labels_and_missing_values_come_back(tmp_path: Path) -> None:
    values, about = read(sav_of(TABLE, at=AT), tmp_path)
    assert {name: list(column) for name, column in values.items()} == {
        "who": ["Zoë", NASTY, ""],
        "L1": [2.0, -1.0, None],
        "miles": [12.0, None, 0.0],
        "day": [date(2026, 8, 6), None, None],
        "time": [1.0, 0.0, None],
    }
    assert about.column_names_to_labels["L1"] == NASTY
    assert about.variable_value_labels == {
        "L1": {1.0: "No", 2.0: "Yes", -1.0: "Does not apply"},
        "time": {0.0: "No", 1.0: "Yes"},
    }
    assert about.missing_ranges == {"L1": [{"lo": -1.0, "hi": -1.0}]}
    assert about.variable_measure == {
        "who": "nominal", "L1": "ordinal", "miles": "scale", "day": "scale", "time": "nominal",
    }  # fmt: skip


def test_what_is_left_out_of_the_base_counts_as_missing(tmp_path: Path) -> None:
    values, _ = read(sav_of(TABLE, at=AT), tmp_path, user_missing=False)
    assert list(values["L1"]) == [2.0, None, None]


def test_the_only_moment_in_the_file_is_the_one_it_was_given(tmp_path: Path) -> None:
    with time_machine.travel(AT, tick=False):
        first = sav_of(TABLE, at=AT)
    with time_machine.travel(AT + timedelta(days=33, seconds=3), tick=False):
        assert sav_of(TABLE, at=AT) == first
    _, about = read(first, tmp_path)
    assert about.creation_time == datetime(2026, 11, 24, 12, 30, 5, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    "dataset",
    [
        *datasets_of(RESULTS, EVERY_KIND, {}),
        named(EVERY_KIND, []),
        named(EVERY_KIND, [NamedAnswers("A", {"T1": "é" * 2000})]),
    ],
    ids=lambda dataset: dataset.name,
)
def test_every_table_can_be_written_also_an_empty_one_and_a_long_text(dataset: Dataset, tmp_path: Path) -> None:
    values, _ = read(sav_of(dataset, at=AT), tmp_path)
    assert list(values) == [variable.name for variable in dataset.variables]
    assert {len(column) for column in values.values()} == {len(dataset.rows)}
    if "T1" in values and dataset.rows:
        assert values["T1"][0] == "é" * 2000

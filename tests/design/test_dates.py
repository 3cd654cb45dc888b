"""A date typed in three boxes."""

from datetime import date

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from cop_portal.design.forms import DateField
from cop_portal.design.sentences import error_sentences

VALUES = (("day", 6), ("month", 8), ("year", 2026))


class DueForm(forms.Form):
    due_on = DateField(label="Due date")


def typed(day: str = "", month: str = "", year: str = "") -> DueForm:
    return DueForm({"due_on_day": day, "due_on_month": month, "due_on_year": year})


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_comes_back_as_it_was_typed(day: date) -> None:
    form = typed(str(day.day), str(day.month), str(day.year))
    assert form.is_valid()
    assert form.cleaned_data == {"due_on": day}


def test_zeros_in_front_and_spaces_do_no_harm() -> None:
    form = typed(" 06", "08 ", "2026")
    assert form.is_valid()
    assert form.cleaned_data == {"due_on": date(2026, 8, 6)}


def test_a_single_iso_date_is_understood() -> None:
    form = DueForm({"due_on": "2026-08-06"})
    assert form.is_valid()
    assert form.cleaned_data == {"due_on": date(2026, 8, 6)}


@pytest.mark.parametrize(
    ("boxes", "sentence"),
    [
        (("", "", ""), "Enter the due date"),
        (("6", "8", ""), "Due date must include a year"),
        (("6", "", ""), "Due date must include a month and a year"),
        (("31", "2", "2026"), "Due date must be a real date, like 6 8 2026"),
        (("six", "8", "2026"), "Due date must be a real date, like 6 8 2026"),
        (("1_0", "8", "2026"), "Due date must be a real date, like 6 8 2026"),
        (("-6", "8", "2026"), "Due date must be a real date, like 6 8 2026"),
        (("6", "8", "26"), "Due date must have a year with 4 numbers"),
        (("6", "8", "0000"), "Due date must be a real date, like 6 8 2026"),
    ],
)
def test_what_is_wrong_with_a_date_is_said(boxes: tuple[str, str, str], sentence: str) -> None:
    assert error_sentences(typed(*boxes)["due_on"]) == [sentence]


def test_what_was_typed_stays_in_the_boxes_and_only_the_wrong_one_is_marked() -> None:
    html = str(typed("31", "", "<2026>")["due_on"].as_field_group())
    assert 'name="due_on_day" type="text" value="31"' in html
    assert 'name="due_on_year" type="text" value="&lt;2026&gt;"' in html
    marked = [line for line in html.splitlines() if "nhsuk-input--error" in line]
    assert [line.partition('id="')[2].partition('"')[0] for line in marked] == ["id_due_on_month"]


def test_a_first_value_is_shown_in_the_boxes() -> None:
    html = str(DueForm(initial={"due_on": date(2026, 8, 6)}))
    boxes = {part: f'name="due_on_{part}" type="text" value="{value}"' for part, value in VALUES}
    assert [part for part, markup in boxes.items() if markup not in html] == []


@pytest.mark.parametrize(
    ("boxes", "has_changed"),
    [
        (("6", "8", "2026"), False),
        (("7", "8", "2026"), True),
        (("", "", ""), True),
        (("x", "8", "2026"), True),
    ],
)
def test_a_changed_date_is_noticed(boxes: tuple[str, str, str], has_changed: bool) -> None:
    day, month, year = boxes
    form = DueForm(
        {"due_on_day": day, "due_on_month": month, "due_on_year": year}, initial={"due_on": date(2026, 8, 6)}
    )
    assert form.has_changed() is has_changed

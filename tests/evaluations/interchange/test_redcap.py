"""REDCap's data dictionary: what goes out comes back, and what is made there is read as far as it fits."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings

from evaluations.interchange import redcap
from evaluations.interchange.content import Content, normal
from evaluations.interchange.dictionary_columns import COLUMNS
from evaluations.interchange.instrument_json import bytes_of
from tests.evaluations.interchange.documents import CODES, documents, shipped


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def read(content: bytes) -> redcap.Reading:
    return redcap.read(content, serves="1a", value_cycle="applied")


@pytest.mark.parametrize("code", CODES)
def test_a_shipped_questionnaire_comes_back_to_the_byte(code: str) -> None:
    document = shipped(code)

    back = read(redcap.dictionary(document).content)

    assert bytes_of(back.content) == bytes_of(document)
    assert back.notes == ()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_any_questionnaire_comes_back_to_the_byte(document: Content) -> None:
    written = redcap.dictionary(document).content

    assert bytes_of(read(written).content) == bytes_of(document)
    assert redcap.dictionary(read(written).content).content == written


HEADINGS = list(COLUMNS)


def made(*rows: dict[str, str], headings: list[str] = HEADINGS, delimiter: str = ",") -> bytes:
    """A dictionary as REDCap would write it: by row the cells that are not empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings, delimiter=delimiter, restval="")
    writer.writeheader()
    for row in rows:
        cells = {"form_name": "visit", "field_label": "Why?", **row}
        writer.writerow({heading: cells.get(COLUMNS.get(heading, heading), "") for heading in headings})
    return text.getvalue().encode()


def field(name: str, kind: str = "radio", choices: str = "1, Yes | 2, No", **cells: str) -> dict[str, str]:
    return {"field_name": name, "field_type": kind, "select_choices_or_calculations": choices, **cells}


def only(*rows: dict[str, str]) -> tuple[Content, list[str]]:
    """The last question of a dictionary, and everything that is noted but what is noted of all."""
    reading = read(made(*rows))
    about_all = ("The file does not say what these questions are for", "No limit of characters is given")
    return reading.content["instruments"][0]["questions"][-1], [
        str(note) for note in reading.notes if not note.words.startswith(about_all)
    ]


def test_the_file_has_the_eighteen_columns_of_redcap_in_their_order() -> None:
    first, *rows = csv.reader(io.StringIO(redcap.dictionary(shipped("cop-full")).content.decode(), newline=""))

    assert first == HEADINGS
    assert len(first) == 18
    assert {len(row) for row in rows} == {18}


def test_what_redcap_knows_stands_where_redcap_looks_for_it() -> None:
    rows = {row["Variable / Field Name"]: row for row in rows_of(redcap.dictionary(shipped("cop-full")).content)}

    assert next(iter(rows)) == "record_id"
    assert (
        rows["v5"]["Branching Logic (Show field only if...)"] == "[v4] = '3' or [v4] = '4' or [v4] = '5' or [v4] = '6'"
    )
    assert (rows["m5"]["Field Type"], "@NONEOFTHEABOVE='x1,x2'" in rows["m5"]["Field Annotation"]) == ("checkbox", True)
    assert (rows["v9"]["Field Type"], "@CHARLIMIT=1000" in rows["v9"]["Field Annotation"]) == ("notes", True)
    assert rows["m1"]["Choices, Calculations, OR Slider Labels"].startswith("1, Strongly disagree | 2, Disagree | ")
    assert [row["Section Header"] for row in rows.values() if row["Section Header"]] == [
        "Moving towards change", "What it has been worth", "How we meet", "How it feels",
    ]  # fmt: skip


def test_no_cell_begins_as_a_formula() -> None:
    document = shipped("session-pulse")
    document["instruments"][0]["questions"][0]["text"] = "=cmd|' /C calc'!A0"
    document["instruments"][0]["questions"][1]["hint"] = "@SUM(1+1)"
    document = normal(document)

    written = redcap.dictionary(document).content

    assert not [cell for row in rows_of(written) for cell in row.values() if cell[:1] in {"=", "+", "-", "@"}]
    assert bytes_of(read(written).content) == bytes_of(document)


@pytest.mark.parametrize(
    ("row", "kind", "part"),
    [
        (field("a", "radio"), "single", {}),
        (field("a", "checkbox"), "multiple", {}),
        (field("a", "yesno", ""), "single", {"options": [{"code": "1", "label": "Yes"}, {"code": "0", "label": "No"}]}),
        (
            field("a", "slider", "Low | Middle | High", text_validation_min="0", text_validation_max="10"),
            "zero_to_ten",
            {},
        ),
        (field("a", "slider", ""), "number", {"minimum": 0, "maximum": 100}),
        (field("a", "text", ""), "short_text", {"max_length": 200}),
        (field("a", "notes", "", field_annotation="@CHARLIMIT=500"), "long_text", {"max_length": 500}),
        (field("a", "descriptive", ""), "information", {}),
        (
            field(
                "a",
                "text",
                "",
                text_validation_type_or_show_slider_number="integer",
                text_validation_min="-5",
                text_validation_max="120",
            ),
            "number",
            {"minimum": -5, "maximum": 120},
        ),
        (
            field(
                "a", "text", "", text_validation_type_or_show_slider_number="date_dmy", text_validation_min="2020-01-01"
            ),
            "date",
            {"minimum": 2020},
        ),
    ],
)
def test_each_type_of_field_becomes_the_kind_that_asks_the_same(row: dict[str, str], kind: str, part: Content) -> None:
    question, _ = only(row)

    assert question["kind"] == kind
    assert part.items() <= question.items()


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (
            field("a", "calc", "[b] * 2"),
            (
                "Row 2, a: No question was made: REDCap works this field out; here nothing is worked "
                "out. Its calculation: “[b] * 2”. Its label: “Why?”."
            ),
        ),
        (
            field("a", "file", ""),
            ("Row 2, a: No question was made: files cannot be sent as an answer. Its label: “Why?”."),
        ),
        (field("a", "dropdown"), ("Row 2, a: its choices are shown as a list to choose from, not as a drop-down.")),
        (
            field("a", identifier="y"),
            ("Row 2, a: REDCap marks it as identifying a person. Ask for nothing here that does."),
        ),
        (
            field("a", field_label="<p>Hello <b>you</b></p>"),
            "Row 2, a: formatting was taken out of “<p>Hello <b>you</b></p>”.",
        ),
        (
            field("a", field_label="Dear [name]"),
            ("Row 2, a: “[name]” stands as it is: answers are not put into other questions."),
        ),
        (field("a", field_annotation="@HIDDEN"), "Row 2, a: its annotation, “@HIDDEN”, does nothing here."),
        (field("a", choices="1, Yes | No"), "Row 2, a: “No” is no choice: a code, a comma and a label are."),
        (field("a", choices="1.5, Half | 2, Two"), "Row 2, a: the code “1.5” of a choice became “1_5”."),
        (field("a", custom_alignment="RH"), "The column Custom Alignment is not kept: a (RH)."),
        (
            field("a", matrix_group_name="grid"),
            ("The column Matrix Group Name (each line is a question of its own here) is not kept: a (grid)."),
        ),
        (
            field("a", "text", "", text_validation_type_or_show_slider_number="email"),
            "Row 2, a: what is typed is not checked to be “email”.",
        ),
        (
            field("a", branching_logic="[z] = '1'"),
            (
                "Row 2, a: its branching logic does not fit because there is no field z. Everyone is "
                "asked it now. It was: “[z] = '1'”."
            ),
        ),
    ],
)
def test_what_does_not_fit_is_reported_with_what_it_was(row: dict[str, str], note: str) -> None:
    _, notes = only(row, field("other"))

    assert notes == [note]


def test_branching_on_a_later_question_is_reported_and_the_question_asked_of_all() -> None:
    reading = read(made(field("a", branching_logic="[b] = '1'"), field("b")))

    assert "show_if" not in reading.content["instruments"][0]["questions"][0]
    assert "because it depends on b, which is asked later" in str(reading.notes[-1])


def test_what_was_changed_in_redcap_wins_over_what_was_noted_here() -> None:
    document = shipped("session-pulse")
    document["instruments"][0]["questions"][0]["text"] = "<b>Useful</b> to me"
    written = redcap.dictionary(document).content.decode()

    changed = read(written.replace("<b>Useful</b> to me,", "Of use to me,").replace("3, No", "3, Not at all").encode())

    questions = changed.content["instruments"][0]["questions"]
    assert questions[0]["text"] == "Of use to me"
    assert questions[2]["options"][2]["label"] == "Not at all"


def test_forms_and_headings_become_sections_and_no_heading_is_lost_with_its_field() -> None:
    reading = read(
        made(
            field("visit_id", "text", ""),
            field("total", "calc", "1", section_header="About you"),
            field("a"),
            field("b", form_name="after_care"),
        )
    )

    assert reading.content["instruments"][0]["sections"] == [
        {"title": "About you", "questions": ["a"]},
        {"title": "After care", "questions": ["b"]},
    ]
    assert "it is the number of REDCap’s record, not a question, and was left out." in str(reading.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_common_encoding_delimiter_and_order_of_columns_is_read(encoding: str, delimiter: str) -> None:
    content = made(
        field("a", field_label="Café, or “tea”?"), headings=HEADINGS[:1] + HEADINGS[:0:-1], delimiter=delimiter
    )

    reading = read(content.decode().encode(encoding))

    assert reading.content["instruments"][0]["questions"][0]["text"] == "Café, or “tea”?"


def test_the_names_of_redcaps_api_are_known_and_other_columns_are_reported() -> None:
    reading = read(b"field_name,form_name,field_type,field_label,colour\na,visit,yesno,Why?,red\n")

    assert reading.content["instruments"][0]["code"] == "visit"
    assert str(reading.notes[-1]) == "Row 2, colour: this column is not one of REDCap’s. It says: “red”."


def test_a_name_that_redcap_would_refuse_is_changed_and_said() -> None:
    document = shipped("session-pulse")
    instrument = document["instruments"][0]
    for one, code in zip(instrument["questions"], ("1-a", "1_A", "P3", "P4"), strict=True):
        one["code"] = code
    instrument["sections"][0]["questions"] = ["1-a", "1_A", "P3", "P4"]

    out = redcap.dictionary(document)

    assert [row["Variable / Field Name"] for row in rows_of(out.content)][1:3] == ["q_1_a", "q_1_a_2"]
    assert "1-a: REDCap allows no such name for a variable; there it is q_1_a." in [str(note) for note in out.notes]
    assert bytes_of(read(out.content).content) == bytes_of(document)

"""Charts: their numbers, their words, and that they need nothing but themselves."""

import re
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_portal.design.charts import (
    BLUE,
    LINE_LENGTH,
    RUN_BOTTOM,
    RUN_TOP,
    DivergingBar,
    RhythmMark,
    RunLine,
    RunPoint,
    ShareBar,
    diverging_bars,
    rhythm_strip,
    run_chart,
    share_bars,
)

SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in drawn(svg).iter(f"{SVG}text")]


def bars(svg: str, *, fill: str) -> list[tuple[str, str]]:
    """Where bars of a colour begin, and how long they are."""
    return [
        (rect.attrib["x"], rect.attrib["width"])
        for rect in drawn(svg).iter(f"{SVG}rect")
        if rect.attrib["fill"].startswith(fill) and rect.attrib["width"].endswith("%")
    ]


CHARTS = {
    "shares": share_bars(
        [ShareBar("Open <b>", "62% (13 of 21)", 0.62, 0.41, 0.79), ShareBar("B", "half", None, 0.3, 0.6)]
    ),
    "answers": diverging_bars([DivergingBar("Open <b>", "4, 4, 13", 4 / 21, 4 / 21, 13 / 21)]),
    "rhythm": rhythm_strip([RhythmMark(date(2026, 1, 5), "held"), RhythmMark(date(2026, 3, 2), "cancelled")]),
    "run": run_chart(
        [RunPoint(date(2026, 1, 5), 3), RunPoint(date(2026, 3, 2), 4)],
        ends=("3", "4"),
        lines=[RunLine("aim", 3.5, "Open <b>")],
        began_on=date(2026, 2, 1),
        title="Run",
    ),
}
each_chart = pytest.mark.parametrize("svg", CHARTS.values(), ids=CHARTS.keys())


def test_a_share_is_as_long_as_it_is_large() -> None:
    assert bars(
        share_bars([ShareBar("A", "62%", 0.62), ShareBar("B", "0%", 0), ShareBar("C", "100%", 1)]), fill=BLUE
    ) == [
        ("0%", "62%"),
        ("0%", "0%"),
        ("0%", "100%"),
    ]


def test_a_band_is_a_hatched_range_and_gives_no_point_away() -> None:
    svg = share_bars([ShareBar("A", "over two thirds", low=2 / 3, high=1)])
    assert bars(svg, fill=BLUE) == []
    assert bars(svg, fill="url(#band-") == [("66.67%", "33.33%")]


def test_what_is_hidden_has_words_and_no_bar() -> None:
    svg = share_bars([ShareBar("A", "Hidden: fewer than 5 answers")])
    assert bars(svg, fill=BLUE) == []
    assert bars(svg, fill="url(") == []
    assert "Hidden: fewer than 5 answers" in texts(svg)


def test_an_interval_is_drawn_from_its_low_to_its_high_end() -> None:
    svg = share_bars([ShareBar("A", "62%", 0.62, 0.41, 0.79)])
    spans = {(line.attrib["x1"], line.attrib["x2"]) for line in drawn(svg).iter(f"{SVG}line")}
    assert spans == {("41%", "79%"), ("41%", "41%"), ("79%", "79%")}


def test_answers_against_and_in_favour_lie_on_either_side_of_the_middle() -> None:
    svg = diverging_bars([DivergingBar("A", "2, 4, 4", 0.2, 0.4, 0.4)])
    assert bars(svg, fill="url(#against-") == [("30%", "10%")]
    assert bars(svg, fill="#aeb7bd") == [("40%", "20%")]
    assert bars(svg, fill=BLUE) == [("60%", "20%")]


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda shares: sum(shares) > 0))
def test_no_bar_leaves_the_picture(shares: list[float]) -> None:
    against, between, for_it = (share / sum(shares) for share in shares)
    svg = diverging_bars([DivergingBar("A", "words", against, between, for_it)])
    for rect in drawn(svg).iter(f"{SVG}rect"):
        if rect.attrib["width"].endswith("%"):
            start, length = (float(rect.attrib[name].rstrip("%")) for name in ("x", "width"))
            assert start >= 0
            assert start + length <= 100.02


def test_sessions_stand_where_they_lie_in_time() -> None:
    marks = [
        RhythmMark(date(2026, 1, 1), "held"),
        RhythmMark(date(2026, 1, 11), "planned"),
        RhythmMark(date(2026, 1, 6), "held"),
    ]
    blocks = [
        rect.attrib["x"] for rect in drawn(rhythm_strip(marks)).iter(f"{SVG}rect") if rect.attrib["x"].endswith("%")
    ]
    assert blocks == ["3%", "50%", "97%"]


def test_the_strip_reaches_today_so_that_a_silence_shows() -> None:
    marks = [RhythmMark(date(2026, 1, 1), "held"), RhythmMark(date(2026, 1, 6), "held")]
    svg = rhythm_strip(marks, today=date(2026, 1, 21))

    placed = [rect.attrib["x"] for rect in drawn(svg).iter(f"{SVG}rect") if rect.attrib["x"].endswith("%")]
    lines = [line.attrib["x1"] for line in drawn(svg).iter(f"{SVG}line") if line.attrib["x1"].endswith("%")]
    assert placed == ["3%", "26.5%"]
    assert lines == ["97%"]
    assert "21 January 2026, today" in svg
    assert "Today" not in rhythm_strip(marks)


def test_held_planned_and_cancelled_differ_in_shape() -> None:
    held, planned, cancelled = (
        re.sub(r"#[0-9a-f]{6}", "", rhythm_strip([RhythmMark(date(2026, 1, 1), kind)])).count("<line")
        for kind in ("held", "planned", "cancelled")
    )
    assert (held, planned, cancelled) == (held, held, held + 2)
    hollow = 'fill="#ffffff"'
    strips = {kind: rhythm_strip([RhythmMark(date(2026, 1, 1), kind)]).count(hollow) for kind in ("held", "planned")}
    assert strips["planned"] == strips["held"] + 1


def test_no_sessions_are_no_strip() -> None:
    assert rhythm_strip([]) == ""


@each_chart
def test_a_chart_is_one_picture_with_a_name_that_says_its_numbers(svg: str) -> None:
    root = drawn(svg)
    assert root.attrib["role"] == "img"
    assert re.search(r"\d", root.attrib["aria-label"])


@each_chart
def test_a_chart_has_no_style_no_script_and_no_address(svg: str) -> None:
    for element in drawn(svg).iter():
        assert element.tag.removeprefix(SVG) in {"svg", "g", "rect", "line", "circle", "text", "defs", "pattern"}
        assert [name for name in element.attrib if name == "style" or name.startswith("on") or "href" in name] == []


@each_chart
def test_a_label_is_escaped(svg: str) -> None:
    assert "<b>" not in svg


def test_the_name_says_every_row() -> None:
    svg = share_bars([ShareBar("A", "62%", 0.62), ShareBar("B", "hidden")], title="Shares who agree")
    assert drawn(svg).attrib["aria-label"] == "Shares who agree: A, 62%; B, hidden"


def test_no_line_of_text_is_wider_than_the_smallest_phone() -> None:
    long = "Between us we have enough say in our own organisations to make the changes that we want to make"
    assert [
        text for text in texts(share_bars([ShareBar(long, "62% (13 of 21)", 0.62)])) if len(text) > LINE_LENGTH
    ] == []


def test_two_charts_of_a_page_have_different_ids_and_the_same_chart_always_the_same() -> None:
    rows = [ShareBar("A", "half", low=0.4, high=0.6)]
    first, again, other = share_bars(rows, title="One"), share_bars(rows, title="One"), share_bars(rows, title="Two")
    assert first == again
    ids = [drawn(svg).find(f".//{SVG}pattern").attrib["id"] for svg in (first, other)]  # type: ignore[union-attr]
    assert ids[0] != ids[1]


def run_of(*values: float, began_on: date | None = None, lines: tuple[RunLine, ...] = ()) -> str:
    points = [RunPoint(date(2026, 1, 1 + number), value) for number, value in enumerate(values)]
    return run_chart(points, ends=("lowest", "highest"), lines=lines, began_on=began_on, title="Minutes")


def dots(svg: str) -> list[tuple[str, int, str]]:
    return [(c.attrib["cx"], int(c.attrib["cy"]), c.attrib["fill"]) for c in drawn(svg).iter(f"{SVG}circle")]


def test_values_of_a_run_chart_stand_where_they_lie_in_time_and_height() -> None:
    svg = run_of(10, 0, 5)
    assert dots(svg) == [("3%", RUN_TOP, BLUE), ("50%", RUN_BOTTOM, BLUE), ("97%", (RUN_TOP + RUN_BOTTOM) // 2, BLUE)]
    assert {"lowest", "highest", "1 Jan 2026", "3 Jan 2026"} <= set(texts(svg))


def test_values_from_before_the_change_are_hollow_and_a_line_marks_its_day() -> None:
    svg = run_of(10, 0, 5, began_on=date(2026, 1, 2))
    assert [fill for _, _, fill in dots(svg)] == ["#ffffff", BLUE, BLUE]
    assert "The change began on" in " ".join(texts(svg))
    assert [line.attrib["x1"] for line in drawn(svg).iter(f"{SVG}line") if line.attrib["x1"] == "50%"] == ["50%", "50%"]
    assert "The change began" not in run_of(10, 0, 5, began_on=date(2025, 1, 1))


def test_a_level_line_is_drawn_at_its_height_and_worded_below() -> None:
    svg = run_of(10, 0, lines=(RunLine("median", 5, "Median: 5 minutes"), RunLine("aim", 20, "Aim: 20 minutes")))
    levels = {
        line.attrib["stroke-dasharray"]: int(line.attrib["y1"])
        for line in drawn(svg).iter(f"{SVG}line")
        if line.attrib["x2"] == "100%"
    }
    assert levels["2 4"] == RUN_TOP
    assert RUN_TOP < levels["8 4"] < RUN_BOTTOM
    assert {"Median: 5 minutes", "Aim: 20 minutes"} <= set(texts(svg))


@pytest.mark.parametrize("values", [(7,), (7, 7, 7)])
def test_values_that_are_all_the_same_are_drawn_in_the_middle(values: tuple[int, ...]) -> None:
    assert {y for _, y, _ in dots(run_of(*values))} == {(RUN_TOP + RUN_BOTTOM) // 2}


def test_no_values_are_no_chart() -> None:
    assert run_of() == ""


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=28))
def test_no_value_leaves_the_chart(values: list[float]) -> None:
    for x, y, _ in dots(run_of(*values)):
        assert 3 <= float(x.rstrip("%")) <= 97
        assert RUN_TOP <= y <= RUN_BOTTOM

"""Results as tables: what stands in a row of a figure, a band, something hidden, a group and a text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evaluations.disclosure import Count
from evaluations.exports.datasets import Dataset
from evaluations.exports.figures import datasets_of
from evaluations.results import BreakdownResult, GroupQuestionResult, GroupResult, OptionResult
from tests.evaluations.exports.parts import EVERY_KIND, HIDDEN, NASTY, RESULTS, SHARE


def rows_of(dataset: Dataset) -> list[dict[str, Any]]:
    names = [variable.name for variable in dataset.variables]
    return [{name: cell for name, cell in zip(names, row, strict=True) if cell is not None} for row in dataset.rows]


def test_a_figure_a_band_and_what_is_hidden_each_say_what_they_are() -> None:
    _, figures, _ = datasets_of(RESULTS, EVERY_KIND, {})
    share = {"shown_as": "figure", "words": SHARE.words, "share": 0.625, "count": 10, "base": 16, "base_words": "16",
             "low": 0.386, "high": 0.815}  # fmt: skip
    about = {"question": "L1", "wording": "L1?"}
    assert rows_of(figures) == [
        {**about, "part": "agreeing", **share},
        {**about, "part": "option", "option": "1", "option_label": "Option 1", "shown_as": "band",
         "words": "under a third", "base_words": "5 to 9"},
        {**about, "part": "option", "option": "2", "option_label": "Option 2", **share},
        {"question": "S1", "wording": "S1?", "part": "agreeing", "shown_as": "hidden", "words": HIDDEN.words,
         "why_hidden": HIDDEN.why},
    ]  # fmt: skip


def test_each_question_has_a_row_with_its_base_or_why_there_is_none() -> None:
    questions, _, _ = datasets_of(RESULTS, EVERY_KIND, {})
    rows = {row["question"]: row for row in rows_of(questions)}
    assert list(rows) == ["L1", "S1", "T1"]
    assert (rows["L1"]["base"], rows["L1"]["left_out_words"], "left_out" in rows["L1"]) == (16, "1 to 4", False)
    assert ("why_hidden" in rows["L1"], rows["S1"]["why_hidden"]) == (False, HIDDEN.why)


def test_a_hidden_group_is_one_row_that_says_why_and_no_more() -> None:
    shown = GroupResult(
        code="nursing",
        label="Nursing",
        base=Count("16", 16),
        questions=(GroupQuestionResult("L1", SHARE, (OptionResult("2", "Yes", SHARE),)),),
        hidden=None,
    )
    hidden = replace(shown, code="pharmacy", label="Pharmacy", questions=(), hidden=HIDDEN, base=Count("hidden"))
    results = replace(RESULTS, breakdown=BreakdownResult("Profession", "", (shown, hidden)))
    tables = {dataset.name: dataset for dataset in datasets_of(results, EVERY_KIND, {})}
    assert list(tables) == ["questions", "figures", "figures_by_group", "texts"]
    rows = rows_of(tables["figures_by_group"])
    assert [(row["group"], row.get("question"), row.get("count")) for row in rows] == [
        ("nursing", "L1", 10),
        ("nursing", "L1", 10),
        ("pharmacy", None, None),
    ]
    assert rows[2] == {
        "group": "pharmacy", "group_label": "Pharmacy", "shown_as": "hidden", "words": HIDDEN.words,
        "why_hidden": HIDDEN.why,
    }  # fmt: skip


def test_texts_stand_by_question_in_the_order_they_were_given_and_not_at_all_where_they_have_no_table() -> None:
    given = {"T1": ["second", NASTY, "first"]}
    *_, texts = datasets_of(RESULTS, EVERY_KIND, given)
    assert [row["text"] for row in rows_of(texts)] == ["second", NASTY, "first"]
    assert [dataset.name for dataset in datasets_of(RESULTS, EVERY_KIND, None)] == ["questions", "figures"]

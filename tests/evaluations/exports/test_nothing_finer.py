"""Random surveys: no file of an export holds a figure that the release does not show."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from defusedxml.ElementTree import fromstring

from evaluations import results
from evaluations.exports.datasets import Dataset
from evaluations.exports.ddi import NAMESPACE, ddi_of
from evaluations.exports.figures import datasets_of, shares_of
from evaluations.models import Release, Survey
from tests.evaluations.exports.parts import study
from tests.evaluations.test_disclosure_attack import Asking, random_survey, shipped_questionnaires

SURVEYS = 400
SEED = 4
NUMBERS = ("share", "count", "base", "low", "high")


def results_of(asking: Asking) -> results.SurveyResults:
    survey = Survey(community_id=1)
    Release(survey=survey, content=asking.content, minimum_base=asking.rules.minimum)
    return results.of(survey)


def rows_of(dataset: Dataset) -> list[dict[str, Any]]:
    names = [variable.name for variable in dataset.variables]
    return [dict(zip(names, row, strict=True)) for row in dataset.rows]


def released(content: Mapping[str, Any]) -> dict[tuple[str, str | None], Mapping[str, Any]]:
    """Every figure of a release as it lies in the database, by question and answer; None: agreeing."""
    found: dict[tuple[str, str | None], Mapping[str, Any]] = {}
    for question in content["questions"]:
        if question["headline"]:
            found[question["code"], None] = question["headline"]
        found |= {(question["code"], option["code"]): option["figure"] for option in question["options"]}
    return found


def test_every_number_in_a_table_or_codebook_is_one_that_the_release_shows() -> None:
    dice, questionnaires = random.Random(SEED), shipped_questionnaires()
    shown_as = {"share": 0, "band": 0, "suppressed": 0}
    for _ in range(SURVEYS):
        asking = random_survey(dice, questionnaires)
        content, found = asking.content, results_of(asking)
        figures = released(content)
        tables = datasets_of(found, asking.questionnaire, {})
        by_name = {dataset.name: rows_of(dataset) for dataset in tables}
        texts = {one["code"] for one in content["questions"] if one["kind"] in ("short_text", "long_text")}
        rows = {(row["question"], row["option"]): row for row in by_name["figures"]}
        assert rows.keys() == {place for place in figures if place[0] not in texts}
        for place, row in rows.items():
            figure = figures[place]
            shown_as[figure["type"]] += 1
            numbers = [row[name] for name in NUMBERS]
            if figure["type"] != "share":
                assert numbers == [None] * 5
            else:
                said = [figure[name] for name in ("value", "count", "base", "low", "high")]
                assert numbers == [one if one is None else round(one, 4) for one in said]
        bases = {one["code"]: (one["base"]["value"], one["left_out"]["value"]) for one in content["questions"]}
        assert {row["question"]: (row["base"], row["left_out"]) for row in by_name["questions"]} == bases
        assert by_name.get("texts", []) == []
        assert codebook_counts(asking, found, tables) == {
            (code, option): str(figure["count"])
            for (code, option), figure in figures.items()
            if figure["type"] == "share" and option is not None and code not in texts
        }
    # The dice have thrown all there is.
    assert min(shown_as.values()) > 100, json.dumps(shown_as)


def codebook_counts(asking: Asking, found: results.SurveyResults, tables: Any) -> dict[tuple[str, str], str]:
    """The counts that stand in the codebook, by question and answer."""
    written = ddi_of(study(questionnaire=asking.questionnaire), tables, shares_of(found))
    names = {"d": NAMESPACE}
    return {
        (str(var.get("name")), str(category.findtext("d:catValu", "", names))): str(stat.text)
        for var in fromstring(written).iterfind("d:dataDscr/d:var", names)
        if not var.get("files")
        for category in var.iterfind("d:catgry", names)
        for stat in category.iterfind("d:catStat[@type='freq']", names)
    }

"""Questionnaires as documents: the three that ship, and any that Hypothesis can think of."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from evaluations.imports.instruments import INSTRUMENTS_FILE
from evaluations.interchange.content import Content, normal
from evaluations.models import PrivacyMode, ValueCycle

SHIPPED: Content = json.loads(INSTRUMENTS_FILE.read_text())
CODES = ("cop-full", "cop-core", "session-pulse")
KINDS = ("information", "single", "multiple", "likert", "short_text", "long_text", "number", "date", "zero_to_ten")
EVALUATION_QUESTIONS = ("1a", "1b", "1c", "1d", "2a", "2b", "2c", "2d", "3a", "3b", "3c", "3d", "4a", "4b", "4c", "4d")


def shipped(code: str) -> Content:
    """One of the three as a document of its own."""
    (instrument,) = [one for one in SHIPPED["instruments"] if one["code"] == code]
    return normal({**SHIPPED, "instruments": [instrument]})


# Letters of many scripts and everything that means something to a CSV file, to HTML, to REDCap or to a spreadsheet.
letters = st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]) | st.sampled_from("|,\"'\\<>&=+-@%[]{}\n\t /b")
texts = st.text(letters, min_size=1, max_size=40)
lines = st.text(letters.filter(lambda letter: letter not in "\n\t"), min_size=1, max_size=40)
codes = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)


@st.composite
def answers(draw: st.DrawFn) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    chosen: list[str] = draw(st.lists(codes, min_size=1, max_size=6, unique=True))
    for code in chosen:
        option: dict[str, Any] = {"code": code, "label": draw(texts)}
        if draw(st.booleans()):
            option["score"] = draw(st.integers(-10, 10))
        option |= {"excluded": draw(st.booleans()), "exclusive": draw(st.booleans())}
        found.append(option)
    return found


@st.composite
def questions(draw: st.DrawFn, code: str, scales: dict[str, Any], earlier: list[Content]) -> Content:
    kind = draw(st.sampled_from(KINDS))
    question: Content = {
        "code": code,
        "kind": kind,
        "text": draw(texts),
        "hint": draw(st.just("") | texts),
        "evaluation_question": draw(st.sampled_from(EVALUATION_QUESTIONS)),
        "value_cycle": draw(st.sampled_from(ValueCycle.values)),
        "required": kind != "information" and draw(st.booleans()),
    }
    if kind in {"single", "multiple", "likert"}:
        if draw(st.booleans()):
            question["scale"] = draw(st.sampled_from(sorted(scales)))
        else:
            question["options"] = draw(answers())
        question["ordered"], question["two_sided"] = draw(st.booleans()), draw(st.booleans())
    if kind in {"short_text", "long_text"}:
        question["max_length"] = draw(st.integers(1, 10_000))
    if kind in {"number", "date"} and draw(st.booleans()):
        least, most = (-50, 1_000) if kind == "number" else (1900, 2100)
        question["minimum"] = draw(st.integers(least, most))
        question["maximum"] = draw(st.integers(question["minimum"], most))
    choices = [one for one in earlier if options_of(one, scales)]
    if draw(st.booleans()) and choices:
        asked = draw(st.sampled_from(choices))
        offered = [option["code"] for option in options_of(asked, scales)]
        # In the order of the answers, each once: as the pages write it. Of a 0 to 10 whole groups.
        groups = [["0", "1", "2", "3"], ["4", "5", "6"], ["7", "8", "9", "10"]]
        parts = groups if asked["kind"] == "zero_to_ten" else [[code] for code in offered]
        chosen = {code for part in draw(st.lists(st.sampled_from(parts), min_size=1)) for code in part}
        question["show_if"] = {"question": asked["code"], "in": [code for code in offered if code in chosen]}
    return question


def options_of(question: Content, scales: dict[str, Any]) -> list[dict[str, Any]]:
    if question["kind"] == "zero_to_ten":
        return [{"code": str(number)} for number in range(11)]
    found: list[dict[str, Any]] = scales[question["scale"]] if "scale" in question else question.get("options", [])
    return found


@st.composite
def documents(draw: st.DrawFn) -> Content:
    """Any questionnaire that the schema and the rules beside it allow, in its normal form."""
    scales = {code: draw(answers()) for code in draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True))}
    asked: list[Content] = []
    for code in draw(st.lists(codes, min_size=1, max_size=8, unique=True)):
        asked.append(draw(questions(code, scales, asked)))
    cut = draw(st.integers(0, len(asked) - 1))
    parts = [part for part in (asked[:cut], asked[cut:]) if part]
    instrument = {
        "code": draw(st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,4}", fullmatch=True)),
        "title": draw(lines),
        "version": draw(st.integers(1, 32_767)),
        "purpose": draw(st.just("") | texts),
        "default_privacy": draw(st.sampled_from(PrivacyMode.values)),
        "sections": [{"title": draw(lines), "questions": [one["code"] for one in part]} for part in parts],
        "questions": asked,
        "schedule": {
            "opens_for_days": draw(st.integers(1, 365)),
            "reminder_days": draw(st.lists(st.integers(1, 365), max_size=3)),
        },
        "notes": draw(st.lists(texts, max_size=2)),
    }
    return normal(
        {
            "attribution": draw(st.just("") | texts),
            "scales": [{"code": code, "options": options} for code, options in scales.items()],
            "instruments": [instrument],
        }
    )

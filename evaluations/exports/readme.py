"""README.txt: what is in the archive, how it was counted, and the digest of every file."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from textwrap import fill

from evaluations.exports.datasets import Dataset
from evaluations.exports.study import Study

WIDTH = 100
FILES = (
    (
        "excel/",
        "each table as CSV for Excel: accents come out right; a text that looks like a formula has a ' in front",
    ),
    ("code/", "the same for programs: UTF-8 without a mark, texts exactly as they are"),
    ("spss/", "the same for SPSS, with labels; what is left out of the base is a missing value"),
    ("workbook.xlsx", "all tables as sheets, with what the columns hold and with what this is"),
    ("codebook.html", "the codebook, to read: every question, every column, every code"),
    ("ddi-codebook.xml", "the codebook, for programs: DDI-Codebook 2.5"),
    ("instrument.json", "the questionnaire, to be used again in this portal"),
    ("redcap-data-dictionary.csv", "the questionnaire, to be used again in REDCap"),
)


def readme_of(
    study: Study, datasets: Sequence[Dataset], files: Sequence[tuple[str, bytes]], unfit: Sequence[str]
) -> bytes:
    """`unfit` says what of the questionnaire does not fit into REDCap's dictionary."""
    parts = [
        _headed(study.heading, "="),
        fill(study.summary, WIDTH),
        _headed("What this is"),
        *(fill(f"{what}: {found}", WIDTH, subsequent_indent="  ") for what, found in study.everything),
        _headed("How it was counted"),
        *(_item(rule) for rule in study.rules),
        _headed("The tables"),
        *(_item(f"{dataset.title} ({dataset.name}): {dataset.size_words}. {dataset.about}") for dataset in datasets),
        _headed("The files"),
        *(_item(f"{name}: {words}") for name, words in FILES),
    ]
    if unfit:
        parts += [_headed("What does not fit into REDCap’s dictionary"), *map(_item, unfit)]
    parts += [
        _headed("Digests (SHA-256)"),
        "The same data give the same bytes. To check the files:",
        "",
        "  grep -E '^[0-9a-f]{64}  ' README.txt | sha256sum --check",
        "",
        *(f"{sha256(content).hexdigest()}  {name}" for name, content in files),
    ]  # fmt: skip
    return "\n".join([*parts, ""]).encode()


def _headed(words: str, line: str = "-") -> str:
    before = "" if line == "=" else "\n"
    return f"{before}{words}\n{line * len(words)}"


def _item(words: str) -> str:
    return fill(words, WIDTH, initial_indent="- ", subsequent_indent="  ")

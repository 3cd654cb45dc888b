"""Choices as REDCap writes them: `1, Yes | 2, No`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluations.interchange.dictionary_columns import unguarded, without_markup

Choices = list[dict[str, Any]]


def written_choices(options: Sequence[dict[str, Any]]) -> str:
    return " | ".join(f"{option['code']}, {plain_label(option['label'], option['code'])}" for option in options)


def plain_label(label: str, code: str) -> str:
    """Without what ends a choice there; the code, where no words are left."""
    plain = " ".join(label.replace("|", "/").split())
    return plain if without_markup(plain).strip() else code


def labels_noted(options: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The labels that do not come back from a cell as they are, by code."""
    return {option["code"]: option["label"] for option in options if not reads_as(option, option["label"])}


def reads_as(option: dict[str, Any], label: str) -> bool:
    """Whether an answer with this label would be read from a cell as `label`."""
    return without_markup(plain_label(option["label"], option["code"])).strip() == label


@dataclass(frozen=True)
class Choice:
    """One choice of a cell: its code, its label as written there, and the label in words."""

    code: str
    written: str

    @property
    def label(self) -> str:
        return without_markup(self.written).strip()


def read_choices(cell: str) -> tuple[list[Choice], list[str]]:
    """The choices of a cell, and the parts that are none. Both `|` and a line break end a choice."""
    choices: list[Choice] = []
    others: list[str] = []
    for part in unguarded(cell).replace("\r", "\n").replace("\n", "|").split("|"):
        code, comma, label = part.partition(",")
        if comma and code.strip() and label.strip():
            choices.append(Choice(code.strip(), label.strip()))
        elif part.strip():
            others.append(part.strip())
    return choices, others

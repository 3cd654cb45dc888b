"""Questions that show one another in a circle: nobody would ever be asked them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Loop:
    """Each is shown by the next, the last by the first."""

    codes: tuple[str, ...]

    @property
    def words(self) -> str:
        if len(self.codes) == 1:
            return f"{self.codes[0]} is shown by its own answer, so nobody would ever be asked it."
        first, *others = self.codes
        chain = ", ".join(
            f"{code} is shown by the answer to {by}" for code, by in zip(self.codes, [*others, first], strict=True)
        )
        return f"This goes in a circle: {chain}. Nobody would ever be asked them."


def loops_of(shown_by: Mapping[str, str]) -> list[Loop]:
    """Every circle, in the order of its first question. `shown_by` gives for a question the one it depends on."""
    loops: list[Loop] = []
    settled: set[str] = set()
    for start in shown_by:
        way: list[str] = []
        code: str | None = start
        while code is not None and code not in settled and code not in way:
            way.append(code)
            code = shown_by.get(code)
        if code in way:
            loops.append(Loop(tuple(way[way.index(code) :])))
        settled.update(way)
    return loops

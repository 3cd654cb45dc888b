"""A table of an export: its variables, what their values mean, and its rows. Every format is written from these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from communities.exports.formats import Sheet
from communities.exports.tables import Cells, Column, Kind
from evaluations.questionnaire import AskedQuestion

# SPSS: 64 bytes at most, and no name that is a word of its language.
LONGEST_NAME = 60
WORDS_OF_SPSS = frozenset(["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"])
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_]")
WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Value:
    """One thing that can stand in a variable: its code, its words, and the number that stands for it in SPSS.

    `is_missing`: left out of the base, as “does not apply” is. In SPSS a missing value.
    """

    code: str
    label: str
    number: int
    is_missing: bool = False


@dataclass(frozen=True)
class Variable:
    """A column. `note` says what else one must know to read it; `question` is what was asked, where it was asked."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    values: tuple[Value, ...] = ()
    is_ordered: bool = False
    note: str = ""
    question: AskedQuestion | None = None

    @property
    def column(self) -> Column:
        return Column(self.name, self.label, self.kind)

    @property
    def kind_words(self) -> str:
        return "code" if self.values else str(self.kind.value)


@dataclass(frozen=True)
class Dataset:
    """A table called `name`, in every format, with the rows of each variable in their order."""

    name: str
    title: str
    about: str
    variables: tuple[Variable, ...]
    rows: Sequence[Cells] = field(repr=False)

    @cached_property
    def columns(self) -> list[Column]:
        return [variable.column for variable in self.variables]

    @property
    def sheet(self) -> Sheet:
        return Sheet(self.title, self.columns, self.rows)

    @property
    def size_words(self) -> str:
        rows = "1 row" if len(self.rows) == 1 else f"{len(self.rows):,} rows"
        return f"{rows}, {len(self.variables)} columns"


def values_of(question: AskedQuestion) -> tuple[Value, ...]:
    """The options of a question as values.

    What is left out of the base has a number below nought, in the order of the options. The others have the number
    that is their code, or, where one of them is no number, are numbered from 1.
    """
    counted = [option.code for option in question.options if not option.is_excluded]
    are_numbers = all(WHOLE_NUMBER.fullmatch(code) for code in counted)
    numbers = {code: int(code) if are_numbers else place for place, code in enumerate(counted, start=1)}
    missing = [option.code for option in question.options if option.is_excluded]
    numbers |= {code: -place for place, code in enumerate(missing, start=1)}
    return tuple(
        Value(option.code, option.label, numbers[option.code], option.is_excluded) for option in question.options
    )


def coded(*pairs: tuple[str, str]) -> tuple[Value, ...]:
    """Values that are numbered from 1 in their order."""
    return tuple(Value(code, label, number) for number, (code, label) in enumerate(pairs, start=1))


def names_for(wanted: Iterable[str]) -> Iterator[str]:
    """A name for each that programs take: letters, digits and underscores, none twice, not even in other capitals."""
    taken: set[str] = set(WORDS_OF_SPSS)
    for one in wanted:
        plain = NOT_IN_A_NAME.sub("_", one)[:LONGEST_NAME].rstrip("_") or "v"
        plain = plain if plain[0].isalpha() else f"v{plain}"
        name, number = plain, 2
        while name.upper() in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name.upper())
        yield name

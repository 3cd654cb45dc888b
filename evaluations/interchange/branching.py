"""REDCap's branching logic and our rule "shown to those who answered this question with one of these".

Ours holds one question and some of its answers. A logic is worked out for every answer of the one question it names:
so `[v4] > 2 and [v4] <> '6'` becomes the answers for which it holds. What names several questions, an event, a function
or what was typed does not fit, and says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

LONGEST = 5_000
DEEPEST = 40
# Of a question with several answers every combination of those named is tried.
MOST_NAMED = 10
TOKEN = re.compile(
    r"""\s*(?:
        \[(?P<field>[a-z][a-z0-9_]*)(?:\((?P<code>[^()\[\]]+)\))?\]
        | '(?P<single>[^']*)' | "(?P<double>[^"]*)"
        | (?P<number>-?\d+(?:\.\d+)?)
        | (?P<sign><>|!=|<=|>=|=|<|>)
        | (?P<word>and|or)\b
        | (?P<bracket>[()])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}

# The codes that are chosen. None chosen: not answered.
Chosen = frozenset[str]
Holds = Callable[[Chosen], bool]


def logic_of(variable: str, codes: Sequence[str], *, of_several: bool) -> str:
    """[v4] = '3' or [v4] = '4'; of a question with several answers [m5(1)] = '1' or …"""
    if of_several:
        return " or ".join(f"[{variable}({code})] = '1'" for code in codes)
    return " or ".join(f"[{variable}] = '{code}'" for code in codes)


class DoesNotFit(ValueError):
    """Why this logic cannot be a rule of ours; the message goes on after "because"."""


@dataclass(frozen=True)
class Asked:
    """What is known of the question that a logic names."""

    codes: tuple[str, ...]
    has_several: bool


@dataclass(frozen=True)
class Rule:
    """Shown where `variable` was answered with one of `codes`."""

    variable: str
    codes: tuple[str, ...]
    # REDCap shows it before the other is answered, too.
    holds_unanswered: bool


def rule_of(logic: str, asked: Mapping[str, Asked | None]) -> Rule:
    """The rule that says the same. `asked` knows every variable; None where it offers no answers to choose from.

    Raises DoesNotFit.
    """
    parsed = _Parser(logic)
    holds = parsed.whole()
    variable = _only(parsed.variables)
    if variable not in asked:
        raise DoesNotFit(f"there is no field {variable}")
    about = asked[variable]
    if about is None:
        raise DoesNotFit(f"{variable} has no answers to choose from")
    if not about.has_several and parsed.codes:
        raise DoesNotFit(f"{variable} takes one answer only, and ({min(parsed.codes)}) asks for one of several")
    if about.has_several and parsed.has_plain:
        raise DoesNotFit(f"{variable} takes several answers, and none of them is named")
    codes = tuple(code for code in about.codes if holds(frozenset({code})))
    if not codes:
        raise DoesNotFit(f"no answer to {variable} makes it so")
    if about.has_several:
        _require_any_of(holds, frozenset(codes), parsed.codes)
    return Rule(variable, codes, holds(frozenset()))


def _only(variables: set[str]) -> str:
    if not variables:
        raise DoesNotFit("it names no field")
    if len(variables) > 1:
        raise DoesNotFit(f"it depends on more than one question ({', '.join(sorted(variables))})")
    return next(iter(variables))


def _require_any_of(holds: Holds, codes: Chosen, named: set[str]) -> None:
    """Ours says "any of these was ticked"; a logic that says anything else of a set of answers does not fit."""
    if holds(frozenset()):
        raise DoesNotFit("it asks for an answer that was not ticked")
    if len(named) > MOST_NAMED:
        raise DoesNotFit(f"it names more than {MOST_NAMED} answers")
    named_in_order = sorted(named)
    sets = chain.from_iterable(combinations(named_in_order, size) for size in range(1, len(named) + 1))
    if any(holds(frozenset(chosen)) != bool(codes & set(chosen)) for chosen in sets):
        raise DoesNotFit("it asks for a combination of answers")


class _Parser:
    """Reads a logic once, from left to right."""

    def __init__(self, logic: str) -> None:
        if len(logic) > LONGEST:
            raise DoesNotFit("it is too long")
        self.variables: set[str] = set()
        self.codes: set[str] = set()
        self.has_plain = False
        self.depth = 0
        self.tokens = list(_tokens(logic))
        self.at = 0

    def whole(self) -> Holds:
        holds = self.either()
        if self.at != len(self.tokens):
            raise DoesNotFit("it is not understood")
        return holds

    def next(self, *kinds: str) -> re.Match[str] | None:
        if self.at < len(self.tokens) and self.tokens[self.at].lastgroup in kinds:
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def said(self, kind: str, word: str) -> bool:
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.lastgroup == kind and token[kind].lower() == word:
                self.at += 1
                return True
        return False

    def either(self) -> Holds:
        parts = [self.both()]
        while self.said("word", "or"):
            parts.append(self.both())
        return lambda chosen: any(part(chosen) for part in parts)

    def both(self) -> Holds:
        parts = [self.one()]
        while self.said("word", "and"):
            parts.append(self.one())
        return lambda chosen: all(part(chosen) for part in parts)

    def one(self) -> Holds:
        if not self.said("bracket", "("):
            return self.comparison()
        self.depth += 1
        if self.depth > DEEPEST:
            raise DoesNotFit("it has too many brackets")
        holds = self.either()
        if not self.said("bracket", ")"):
            raise DoesNotFit("a bracket is not closed")
        self.depth -= 1
        return holds

    def comparison(self) -> Holds:
        field, sign, value = self.next("field", "code"), self.next("sign"), self.next("single", "double", "number")
        if field is None or sign is None or value is None:
            raise DoesNotFit("it is not understood")
        variable, code = field["field"].lower(), field["code"]
        self.variables.add(variable)
        if code is None:
            self.has_plain = True
            return _compared(sign["sign"], value[value.lastgroup or ""], _one_of)
        self.codes.add(code.strip())
        return _compared(sign["sign"], value[value.lastgroup or ""], _ticked(code.strip()))


def _one_of(chosen: Chosen) -> str:
    return next(iter(chosen), "")


def _ticked(code: str) -> Callable[[Chosen], str]:
    return lambda chosen: "1" if code in chosen else "0"


def _compared(sign: str, value: str, answer: Callable[[Chosen], str]) -> Holds:
    if sign == "=":
        return lambda chosen: answer(chosen) == value
    if sign in {"<>", "!="}:
        return lambda chosen: answer(chosen) != value
    compare = COMPARE[sign]
    limit = _number(value)
    if limit is None:
        raise DoesNotFit(f"it compares with {value!r}, which is no number")

    def holds(chosen: Chosen) -> bool:
        number = _number(answer(chosen))
        return number is not None and compare(number, limit)

    return holds


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _tokens(logic: str) -> Iterator[re.Match[str]]:
    at, end = 0, len(logic.rstrip())
    while at < end:
        token = TOKEN.match(logic, at)
        if token is None:
            raise DoesNotFit("it is not understood")
        yield token
        at = token.end()

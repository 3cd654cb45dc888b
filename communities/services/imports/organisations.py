"""Sorting the rows of a list of organisations, such as the official ODS file. Pure, like the sorting of members."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format

from communities.models import ImportRow, Organisation
from communities.services.imports.fields import date_in, plain, readable, values_of
from communities.services.imports.people import LEAVE
from communities.services.imports.rows import NotTaken, is_storable, row_of

Kind = ImportRow.Kind
LONGEST_NAME = 200
CODE = re.compile(r"[A-Z0-9]{2,10}")
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class KnownOrganisation:
    pk: int
    name: str
    code: str


@dataclass
class OrganisationSorter:
    """Sorts rows one after the other; remembers what the rows before said."""

    today: date
    mapping: Mapping[str, int]
    decisions: Mapping[str, str]
    by_code: dict[str, KnownOrganisation] = field(default_factory=dict)
    by_name: dict[str, KnownOrganisation] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    def load(self) -> None:
        """One query."""
        for pk, name, code in Organisation.objects.order_by("pk").values_list("pk", "name", "ods_code"):
            one = KnownOrganisation(pk, name, code or "")
            self.by_name[plain(name)] = one
            if code:
                self.by_code[code.upper()] = one

    def sort(self, rows: Iterable[tuple[int, list[str]]]) -> list[ImportRow]:
        return [self._sorted(number, cells) for number, cells in rows]

    def _sorted(self, number: int, cells: list[str]) -> ImportRow:
        try:
            facts = self._facts(values_of(cells, self.mapping))
            self._refuse_twins(number, facts)
            return self._recognised(number, cells, facts)
        except NotTaken as fault:
            return row_of(number, fault.kind, cells, {}, str(fault), question=fault.question)

    def _refuse_twins(self, number: int, facts: Mapping[str, Any]) -> None:
        keys = [f"name:{plain(facts['name'])}", *([f"code:{facts['code']}"] if facts["code"] else [])]
        for key in keys:
            if (first := self.seen.setdefault(key, number)) != number:
                raise NotTaken(f"Row {first} has the same name or code already.", kind=Kind.DUPLICATE)

    def _facts(self, said: Mapping[str, str]) -> dict[str, Any]:
        if not all(is_storable(value) for value in said.values()):
            raise NotTaken("It contains a character that cannot be stored.")
        name, code = readable(said["name"]), said.get("ods_code", "").upper()
        if not name:
            raise NotTaken("The name is missing.")
        if name.startswith(FORMULA):
            raise NotTaken("A name cannot begin with =, +, - or @: a spreadsheet would take it for a formula.")
        if len(name) > LONGEST_NAME:
            raise NotTaken(f"The name is longer than {LONGEST_NAME} characters.")
        if code and not CODE.fullmatch(code):
            raise NotTaken(f"“{code}” is not an organisation code: those have 2 to 10 letters and digits.")
        closed = date_in(said.get("closed_on", ""))
        if closed and closed <= self.today:
            raise NotTaken(f"It closed on {date_format(closed)}.", kind=Kind.LEFT_OUT)
        return {"name": name, "code": code}

    def _recognised(self, number: int, cells: list[str], facts: dict[str, Any]) -> ImportRow:
        called, coded = self.by_name.get(plain(facts["name"])), self.by_code.get(facts["code"])
        if coded and called in (coded, None):
            if called:
                return row_of(number, Kind.ALREADY, cells, facts, "")
            return self._changed(number, cells, facts, coded, f"{coded.name} is now called {facts['name']}.")
        if coded and called:
            raise NotTaken(f"The code belongs to {coded.name}, but the name is that of another organisation here.")
        if called is None:
            return row_of(number, Kind.NEW, cells, facts, "")
        if not facts["code"] or facts["code"] == called.code.upper():
            return row_of(number, Kind.ALREADY, cells, facts, "")
        if not called.code:
            return self._changed(number, cells, facts, called, f"{called.name} gets the code {facts['code']}.")
        return self._other_code(number, cells, facts, called)

    def _other_code(self, number: int, cells: list[str], facts: dict[str, Any], called: KnownOrganisation) -> ImportRow:
        """The name is known with another code: a mistake, a merger, or two places of one name. Nobody guesses."""
        question, same = f"row:{number}", f"organisation:{called.pk}"
        decided = self.decisions.get(question)
        words = f"{called.name} has the code {called.code} here, and {facts['code']} in the file."
        if decided == LEAVE:
            raise NotTaken("You decided to leave this row out.", kind=Kind.LEFT_OUT)
        if decided != same:
            facts["choices"] = [[same, f"It is the same: its code becomes {facts['code']}"]]
            return row_of(number, Kind.UNDECIDED, cells, facts, words, question=question)
        return self._changed(number, cells, facts, called, words)

    def _changed(
        self, number: int, cells: list[str], facts: dict[str, Any], known: KnownOrganisation, words: str
    ) -> ImportRow:
        keeps = plain(facts["name"]) == plain(known.name)
        facts |= {
            "organisation": known.pk,
            "name": known.name if keeps else facts["name"],
            "code": facts["code"] or known.code,
            "before": {"name": known.name, "code": known.code},
        }
        return row_of(number, Kind.CHANGES, cells, facts, words)

"""Sorting the rows of a file of members. Pure: what is known is loaded before, and nothing is written.

Whoever is known by the address is that person. A person is never guessed: where the address is new but someone of that
name is known, or the address is known under another name, the row waits for a decision.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.formats import date_format

from communities.models import Community, ImportRow
from communities.services.imports.fields import date_in, plain, plain_person, readable, values_of
from communities.services.imports.known import Known, KnownPerson, is_to_be_added
from communities.services.imports.rows import NotTaken, choice_for, is_storable, row_of
from cop_portal.installation.fictional import is_fictional

Kind = ImportRow.Kind
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_ORGANISATION = 150, 254, 200
FORMULA = ("=", "+", "-", "@")
NEW, LEAVE, NONE = "new", "leave", "none"


@dataclass
class Sorter:
    """Sorts rows one after the other; remembers what the rows before said."""

    known: Known
    mapping: Mapping[str, int]
    decisions: Mapping[str, str]
    # None: a column names the community of each row.
    community: Community | None
    default_group: int | None
    default_starts_on: date
    seen: dict[tuple[str, int], int] = field(default_factory=dict)
    changed: dict[int, tuple[int, int | None, int]] = field(default_factory=dict)
    seen_now: list[tuple[str, int]] = field(default_factory=list)

    @cached_property
    def _community_names(self) -> dict[int, str]:
        return {community.pk: community.name for community in self.known.communities.values()}

    def sort(self, rows: Iterable[tuple[int, list[str]]]) -> list[ImportRow]:
        return [self._sorted(number, cells) for number, cells in rows]

    def _sorted(self, number: int, cells: list[str]) -> ImportRow:
        self.seen_now.clear()
        try:
            facts = self._facts(number, values_of(cells, self.mapping))
            first = self._first_with((facts["email"], facts["community"]), number)
            if first != number:
                words = f"The same address stands in row {first} already."
                return row_of(number, Kind.DUPLICATE, cells, facts, words)
            return self._recognised(number, cells, facts)
        except NotTaken as fault:
            # A row that cannot be taken stands in nobody's way.
            for key in self.seen_now:
                del self.seen[key]
            return row_of(number, fault.kind, cells, {}, str(fault), question=fault.question)

    def _first_with(self, key: tuple[str, int], number: int) -> int:
        """The first row with this key: an earlier one, or this one."""
        if key not in self.seen:
            self.seen[key] = number
            self.seen_now.append(key)
        return self.seen[key]

    def _facts(self, number: int, said: Mapping[str, str]) -> dict[str, Any]:
        """What the row says, understood. Raises NotTaken."""
        if not all(is_storable(value) for value in said.values()):
            raise NotTaken("It contains a character that cannot be stored.")
        community = self._community(said)
        facts: dict[str, Any] = {
            "community": community.pk,
            "email": _address(said.get("email", "")),
            "name": _name(said),
            "starts_on": self._starts_on(said.get("starts_on", "")).isoformat(),
            "organisation": self._listed("organisation", said, self.known.organisations),
            "group": self._listed("professional_group", said, self.known.groups) or self.default_group,
            "says_group": bool(said.get("professional_group")),
        }
        if is_to_be_added(facts["organisation"]):
            facts["new_organisation"] = self.known.organisation_names[facts["organisation"]]
        return facts

    def _community(self, said: Mapping[str, str]) -> Community:
        if self.community is not None:
            return self.community
        named = said.get("community", "")
        if not named:
            raise NotTaken("The community is missing.")
        if community := self.known.communities.get(plain(named)):
            if community.state == Community.State.CLOSED:
                raise NotTaken(f"{community.name} is closed, so nobody can be added to it.")
            return community
        raise NotTaken(f"There is no community called “{named}” here.")

    def _starts_on(self, text: str) -> date:
        if not text:
            return self.default_starts_on
        day = date_in(text)
        if day is None:
            raise NotTaken(f"“{text}” is not a date that can be read. Write it like 6/8/2026, the day first.")
        if day > self.known.today:
            raise NotTaken(f"{date_format(day)} lies ahead. People are added on the day they join, or later.")
        return day

    def _listed(self, what: str, said: Mapping[str, str], listed: Mapping[str, int]) -> int | None:
        """The id of an organisation or a professional group by its name or code; or by what was decided about it."""
        text = said.get(what, "")
        if not text:
            return None
        if plain(text) in listed:
            return listed[plain(text)]
        question = f"{what}:{plain(text)}"[:250]
        decided = self.decisions.get(question)
        if decided is None:
            words = f"“{text}” is not among the {WHAT[what]} known here."
            raise NotTaken(words, kind=Kind.UNDECIDED, question=question)
        if decided == LEAVE:
            raise NotTaken(f"You decided to leave out rows that say “{text}”.", kind=Kind.LEFT_OUT)
        if decided == NEW:
            return self.known.add_organisation(readable(text))
        return None if decided == NONE else int(decided)

    def _recognised(self, number: int, cells: list[str], facts: dict[str, Any]) -> ImportRow:
        """Who this is, and so which class the row belongs to."""
        decided, question = self.decisions.get(f"row:{number}"), f"row:{number}"
        if decided == LEAVE:
            return row_of(number, Kind.LEFT_OUT, cells, facts, "You decided to leave this row out.")
        who = self.known.by_email.get(facts["email"])
        if who is not None:
            if _is_called_otherwise(facts["name"], who) and decided != choice_for(who):
                facts["choices"] = self._choices([who])
                whose = (
                    f"belongs to {who.name}, not" if self._is_in_sight(who) else "is known here, but does not belong"
                )
                words = f"This address {whose} to “{facts['name']}”. Are they the same person?"
                return row_of(number, Kind.UNDECIDED, cells, facts, words, question=question)
            return self._known_person(number, cells, facts, who)
        namesakes = self.known.by_name.get(plain_person(facts["name"]), []) if facts["name"] else []
        if chosen := next((same for same in namesakes if choice_for(same) == decided), None):
            return self._known_person(number, cells, facts, chosen)
        if namesakes and decided != NEW:
            facts["choices"] = [*self._choices(namesakes), [NEW, "Someone else of the same name: add them"]]
            words = "Someone of this name is known here by another address. Are they the same person?"
            return row_of(number, Kind.UNDECIDED, cells, facts, words, question=question)
        return self._new_person(number, cells, facts)

    def _choices(self, people: list[KnownPerson]) -> list[list[str]]:
        return [[choice_for(each), self._described(each)] for each in people]

    def _is_in_sight(self, who: KnownPerson) -> bool:
        return who.person in self.known.in_sight

    def _described(self, who: KnownPerson) -> str:
        if not self._is_in_sight(who):
            return "The person known here by this address"
        place = self.known.works_at.get(who.person or 0)
        return f"{who.name}, {place}" if place else who.name

    def _new_person(self, number: int, cells: list[str], facts: dict[str, Any]) -> ImportRow:
        if not facts["name"]:
            raise NotTaken("The name is missing.")
        if facts["group"] is None:
            raise NotTaken("The professional group is missing. Name one on the page before, for rows without one.")
        since = date_format(date.fromisoformat(facts["starts_on"]))
        where = "" if self.community else f"{self._community_names[facts['community']]}: "
        words = f"{where}{self._words(facts['organisation'], facts['group'])}, member since {since}."
        return row_of(number, Kind.NEW, cells, facts, words)

    def _known_person(self, number: int, cells: list[str], facts: dict[str, Any], who: KnownPerson) -> ImportRow:
        facts |= {"user": who.user, "person": who.person}
        place = (who.person or 0, facts["community"])
        twin = self._first_with((choice_for(who), facts["community"]), number)
        if twin != number:
            return row_of(number, Kind.DUPLICATE, cells, facts, f"The same person stands in row {twin} already.")
        if place in self.known.members:
            return self._member(number, cells, facts, who)
        if who.person is None or who.person not in self.known.affiliations:
            # Nobody knows yet where they work, so the file says it.
            facts["needs_affiliation"] = True
            if facts["group"] is None:
                raise NotTaken("The professional group is missing. Name one on the page before.")
        left = self.known.left_on.get(place)
        if left is None:
            name = who.name if self._is_in_sight(who) else "This person"
            words = f"{name} is known here already and keeps the organisation and professional group they have."
            return row_of(number, Kind.NEW, cells, facts, words)
        if date.fromisoformat(facts["starts_on"]) < left:
            raise NotTaken(f"{who.name} was a member until {date_format(left)}. Give that date or a later one.")
        return row_of(number, Kind.RETURNS, cells, facts, f"Was a member until {date_format(left)}.")

    def _member(self, number: int, cells: list[str], facts: dict[str, Any], who: KnownPerson) -> ImportRow:
        """A member: as they are, or with another organisation or professional group than we have."""
        now = self.known.affiliations.get(who.person or 0)
        organisation = facts["organisation"] or (now.organisation if now else None)
        group = facts["group"] if facts["says_group"] or now is None else now.group
        if group is None or (now and (organisation, group) == (now.organisation, now.group)):
            return row_of(number, Kind.ALREADY, cells, facts, "")
        earlier = self.changed.setdefault(who.person or 0, (number, organisation, group))
        if earlier[0] != number:
            if earlier[1:] == (organisation, group):
                return row_of(number, Kind.ALREADY, cells, facts, f"Row {earlier[0]} says the same change already.")
            raise NotTaken(f"Row {earlier[0]} says something else about where {who.name} works. Correct one of them.")
        facts |= {"organisation": organisation, "group": group, "affiliation": now.pk if now else None}
        before = self._words(now.organisation, now.group) if now else "nothing"
        words = f"{before} becomes {self._words(organisation, group)}."
        return row_of(number, Kind.CHANGES, cells, facts, words)

    def _words(self, organisation: int | None, group: int) -> str:
        place = self.known.organisation_names.get(organisation or 0, "No organisation")
        if is_to_be_added(organisation):
            place = f"{place}, new here"
        return f"{place} ({self.known.group_names[group]})"


WHAT = {"organisation": "organisations", "professional_group": "professional groups"}


def can_be_added(organisation: str) -> bool:
    """Whether what a file calls an organisation can be the name of a new one."""
    return len(organisation) <= LONGEST_ORGANISATION and not organisation.startswith(FORMULA)


def _name(said: Mapping[str, str]) -> str:
    name = said.get("name") or " ".join(filter(None, (said.get("first_name"), said.get("last_name"))))
    if name.startswith(FORMULA):
        raise NotTaken("A name cannot begin with =, +, - or @: a spreadsheet would take it for a formula.")
    if len(name) > LONGEST_NAME:
        raise NotTaken(f"The name is longer than {LONGEST_NAME} characters.")
    # “Okafor, Amara” is how lists are sorted, not how a person is greeted.
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and "," not in first else name


def _address(text: str) -> str:
    address = text.removeprefix("mailto:").strip("<>;, ").lower()
    if not address:
        raise NotTaken("The mail address is missing.")
    try:
        validate_email(address)
    except ValidationError:
        raise NotTaken(f"“{text}” is not a mail address in full, like name@example.org.") from None
    if settings.IS_DEMO and not is_fictional(address):
        raise NotTaken("This is a demo: addresses end in example.org or .test, which no real person has.")
    if len(address) > LONGEST_ADDRESS:
        raise NotTaken(f"The mail address is longer than {LONGEST_ADDRESS} characters.")
    return address


def _is_called_otherwise(name: str, who: KnownPerson) -> bool:
    return bool(name) and plain_person(name) != plain_person(who.name)

"""Which column holds what: guessed by the headings, or by what stands in the columns. A person corrects the guess."""

from __future__ import annotations

import re
from collections.abc import Sequence

from communities.models import ImportBatch
from communities.services.imports.fields import Field, date_in, plain

# By field, what its column is called in files that people have. Compared without capitals and punctuation.
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "member", "member name", "person", "participant", "attendee", "contact",
             "contact name", "display name", "organisation name", "organisationname"),
    "first_name": ("first name", "firstname", "forename", "given name", "first"),
    "last_name": ("last name", "lastname", "surname", "family name", "second name", "last"),
    "email": ("email", "e mail", "mail", "email address", "e mail address", "mail address", "work email", "nhs email",
              "nhsnet email", "contact email", "user principal name", "primary email"),
    "organisation": ("organisation", "organization", "org", "trust", "employer", "organisation name", "company",
                     "workplace", "place of work", "works at", "site", "institution", "ods code", "organisation code"),
    "professional_group": ("professional group", "profession", "staff group", "professional background", "role group",
                           "occupation", "discipline", "group"),
    "starts_on": ("member since", "since", "joined", "joined on", "date joined", "start date", "started", "start",
                  "membership start", "join date"),
    "community": ("community", "communities", "community of practice", "cop", "community name"),
    "ods_code": ("ods code", "organisation code", "organization code", "code", "ods", "org code", "organisationid",
                 "organisation id", "orgid", "trust code"),
    "closed_on": ("close date", "closed", "closed on", "date closed", "legal end date", "end date"),
}  # fmt: skip
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+$")
CODE = re.compile(r"[A-Z0-9]{2,10}$")
# The files that NHS Digital publishes have no headings: 27 columns, always in this order.
OFFICIAL_WIDTH, OFFICIAL = 27, {"ods_code": 0, "name": 1, "closed_on": 11}
SAMPLE = 50
MOST_OF = 0.6


def has_headings(kind: str, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns, rather than being one like those below it."""
    first = rows[0]
    if any(_means(cell) for cell in first):
        return True
    if kind == ImportBatch.Kind.ORGANISATIONS:
        return not (len(first) > 1 and CODE.match(first[0]) and any(letter.isdigit() for letter in first[0]))
    return not any(ADDRESS.match(cell) or date_in(cell) for cell in first)


def guessed(fields: Sequence[Field], headings: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """By field, the position of the column that seems to hold it. `rows` are some of those below the headings."""
    wanted = [field.code for field in fields]
    found: dict[str, int] = {}
    # Wishes in order: the first name of a list is the surest, whichever field comes first.
    wishes = sorted((rank, code, words) for code in wanted for rank, words in enumerate(HEADINGS[code]))
    called = [plain(heading) for heading in headings]
    for _, code, words in wishes:
        free = [at for at, heading in enumerate(called) if heading == words and at not in found.values()]
        if code not in found and free:
            found[code] = free[0]
    return _without_double_names(found | _by_content(wanted, found, headings, rows))


def _means(heading: str) -> bool:
    return any(plain(heading) in words for words in HEADINGS.values())


def _by_content(
    wanted: Sequence[str], found: dict[str, int], headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> dict[str, int]:
    """What the headings did not say: the column of addresses, or the places of the official organisation file."""
    if "email" in wanted and "email" not in found:
        for at in range(len(headings)):
            cells = [row[at] for row in rows[:SAMPLE] if at < len(row) and row[at]]
            if at not in found.values() and cells and _share(cells) > MOST_OF:
                return {"email": at}
    if "ods_code" in wanted and not found and rows and max(len(row) for row in rows) <= OFFICIAL_WIDTH:
        width = max(len(row) for row in rows)
        sample = [row[0] for row in rows[:SAMPLE]]
        if sum(bool(CODE.match(cell)) for cell in sample) > MOST_OF * len(sample):
            return {code: at for code, at in OFFICIAL.items() if at < width}
    return {}


def _share(cells: Sequence[str]) -> float:
    return sum(bool(ADDRESS.match(cell)) for cell in cells) / len(cells)


def _without_double_names(found: dict[str, int]) -> dict[str, int]:
    """A full name needs no first and last name beside it."""
    parts = {"first_name", "last_name"} if "name" in found else set()
    return {code: at for code, at in found.items() if code not in parts}

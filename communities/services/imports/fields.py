"""What a row can say, and how its words are brought into one form so that two spellings of a thing are the same."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from communities.models import ImportBatch


@dataclass(frozen=True)
class Field:
    """One thing that a column can hold."""

    code: str
    label: str
    hint: str = ""


MEMBER_FIELDS = (
    Field("name", "Full name", "Or first name and last name, in two columns."),
    Field("first_name", "First name"),
    Field("last_name", "Last name"),
    Field("email", "Mail address"),
    Field("organisation", "Organisation", "Its name or its ODS code."),
    Field("professional_group", "Professional group"),
    Field("starts_on", "Member since", "A date such as 6/8/2026, day first, or 2026-08-06."),
)
COMMUNITY_FIELD = Field("community", "Community", "Its name, or the last part of its address here.")
ORGANISATION_FIELDS = (
    Field("name", "Name"),
    Field("ods_code", "Organisation code (ODS)"),
    Field("closed_on", "Close date", "Organisations that have closed are left out."),
)


def fields_of(batch: ImportBatch) -> tuple[Field, ...]:
    """What the columns of this batch can hold."""
    return fields_for(batch.kind, names_community=batch.community_id is None)


def fields_for(kind: str, *, names_community: bool) -> tuple[Field, ...]:
    if kind == ImportBatch.Kind.ORGANISATIONS:
        return ORGANISATION_FIELDS
    return (*MEMBER_FIELDS, COMMUNITY_FIELD) if names_community else MEMBER_FIELDS


def values_of(cells: Sequence[str], mapping: Mapping[str, int]) -> dict[str, str]:
    """What a row says, by field. A cell that is not there says nothing."""
    return {code: " ".join(cells[at].split()) if at < len(cells) else "" for code, at in mapping.items()}


TITLES = {"dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame"}


def plain(text: str) -> str:
    """A name without accents, capitals and punctuation: “St George’s” and “ST. GEORGES” are the same."""
    letters = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w\s]", "", re.sub(r"[-/_,.]", " ", letters)).split())


def plain_person(name: str) -> str:
    """A person's name without its title and in no order: “Okafor, Dr Amara” and “Amara Okafor” are the same."""
    return " ".join(sorted(word for word in plain(name).split() if word not in TITLES))


SMALL = {"and", "of", "the", "for", "in", "on", "with", "at", "to", "upon"}
INITIALS = {"NHS", "ICB", "UK", "CIC", "GP", "PCN", "CCG", "PLC", "LLP", "II", "III", "UCL", "KCL", "AHSN", "HIN"}


def readable(name: str) -> str:
    """A name as people write it: the official file shouts. “GUY'S AND ST THOMAS' NHS FOUNDATION TRUST” becomes
    “Guy's and St Thomas' NHS Foundation Trust”. A name that is not all in capitals stays as it is."""
    if name != name.upper() or not any(letter.isalpha() for letter in name):
        return name
    words = name.split(" ")
    return " ".join(_word(word, is_first=at == 0) for at, word in enumerate(words))


def _word(word: str, *, is_first: bool) -> str:
    if word.strip("()[],.") in INITIALS or any(sign.isdigit() for sign in word):
        return word
    if word.lower() in SMALL and not is_first:
        return word.lower()
    return "-".join(part[:1] + part[1:].lower() if not part.startswith("(") else part[:2] + part[2:].lower()
                    for part in word.split("-"))  # fmt: skip


MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[ T].*)?$")
DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$")
WITH_WORDS = re.compile(r"(\d{1,2})[ \-]([A-Za-z]+)[ \-,]+(\d{4})$")


def date_in(text: str) -> date | None:
    """The date that is written, the day before the month as in Britain; None when it is none that can be told."""
    try:
        if found := ISO.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := DAY_FIRST.match(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if (found := WITH_WORDS.match(text)) and found[2].lower() in MONTHS:
            return date(int(found[3]), MONTHS[found[2].lower()], int(found[1]))
    except ValueError:
        return None
    return None

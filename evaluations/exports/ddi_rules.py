"""Whether a document is DDI-Codebook 2.5: what may stand in which element, in what order, how often, with which
attributes.


Our own reading of the published schema, for the elements that we write. The schema itself is not ours to ship; an
element or attribute that is not listed here is a fault, so nothing can be written that was not looked up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, fromstring

NAMESPACE = "ddi:codebook:2_5"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ONE, MANY = 1, 10_000
# XML's own rule for an ID.
AN_ID = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
ANY = re.compile(r"(?s).*")


def one_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


@dataclass(frozen=True)
class Rule:
    """What an element holds: its children in their order, each (at least, at most); its attributes; whether text."""

    children: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    attributes: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_text: bool = False
    # Text that must look like this.
    text: re.Pattern[str] = ANY
    is_in_order: bool = True


def words(**attributes: re.Pattern[str]) -> Rule:
    return Rule(attributes=attributes, is_text=True)


DATED = words(date=ANY)
COUNT = Rule(is_text=True, text=re.compile(r"\d+"))
CITATION = {"titlStmt": (1, ONE), "rspStmt": (0, ONE), "prodStmt": (0, ONE)}
RULES: dict[str, Rule] = {
    "codeBook": Rule(
        {"docDscr": (0, ONE), "stdyDscr": (1, MANY), "fileDscr": (0, MANY), "dataDscr": (0, MANY)},
        {"version": one_of("2.5"), LANG: ANY},
    ),
    "docDscr": Rule({"citation": (0, ONE)}),
    "stdyDscr": Rule(
        {"citation": (1, MANY), "stdyInfo": (0, MANY), "method": (0, MANY), "dataAccs": (0, MANY), "notes": (0, MANY)}
    ),
    "citation": Rule(CITATION),
    "titlStmt": Rule({"titl": (1, ONE), "IDNo": (0, MANY)}),
    "titl": words(),
    "IDNo": words(agency=ANY),
    "rspStmt": Rule({"AuthEnty": (0, MANY)}),
    "AuthEnty": words(affiliation=ANY),
    "prodStmt": Rule({"producer": (0, MANY), "prodDate": (0, MANY)}),
    "producer": words(abbr=ANY, affiliation=ANY, role=ANY),
    "prodDate": DATED,
    "stdyInfo": Rule({"abstract": (0, MANY), "sumDscr": (0, MANY), "notes": (0, MANY)}),
    "abstract": DATED,
    "sumDscr": Rule({"anlyUnit": (0, MANY), "universe": (0, MANY), "dataKind": (0, MANY)}),
    "anlyUnit": words(unit=ANY),
    "universe": words(level=ANY, clusion=one_of("I", "E")),
    "dataKind": words(type=ANY),
    "notes": words(type=ANY, subject=ANY, level=ANY),
    "method": Rule({"dataColl": (0, MANY)}),
    "dataColl": Rule({"collMode": (0, MANY), "resInstru": (0, MANY)}),
    "collMode": words(),
    "resInstru": words(type=ANY),
    "dataAccs": Rule({"useStmt": (0, MANY)}),
    "useStmt": Rule({"confDec": (0, ONE)}),
    "confDec": words(required=one_of("yes", "no"), formNo=ANY, URI=ANY),
    "fileDscr": Rule({"fileTxt": (0, MANY)}, {"URI": ANY}),
    "fileTxt": Rule({"fileName": (0, ONE), "fileCont": (0, ONE), "dimensns": (0, ONE), "fileType": (0, ONE)}),
    "fileName": words(),
    "fileCont": words(),
    "dimensns": Rule({"caseQnty": (0, MANY), "varQnty": (0, MANY)}),
    "caseQnty": COUNT,
    "varQnty": COUNT,
    "fileType": words(charset=ANY),
    "dataDscr": Rule({"varGrp": (0, MANY), "var": (0, MANY), "notes": (0, MANY)}),
    "varGrp": Rule({"labl": (0, MANY)}, {"type": one_of("section", "multipleResp", "subject", "other"), "var": ANY}),
    "labl": words(level=ANY, vendor=ANY),
    "var": Rule(
        {
            "labl": (0, MANY), "qstn": (0, MANY), "invalrng": (0, MANY), "universe": (0, MANY), "txt": (0, MANY),
            "catgry": (0, MANY), "concept": (0, MANY), "varFormat": (0, ONE), "notes": (0, MANY),
        },
        {
            "name": re.compile(r".+"), "files": ANY, "intrvl": one_of("contin", "discrete"),
            "nature": one_of("nominal", "ordinal", "interval", "ratio", "percent", "other"),
        },
        required=frozenset({"name"}),
    ),
    "qstn": Rule({"qstnLit": (0, MANY), "ivuInstr": (0, MANY)}, is_text=True, is_in_order=False),
    "qstnLit": words(),
    "ivuInstr": words(),
    "invalrng": Rule({"item": (1, MANY)}),
    "item": Rule(attributes={"VALUE": ANY, "UNITS": one_of("INT", "REAL")}),
    "txt": words(level=ANY),
    "catgry": Rule({"catValu": (0, ONE), "labl": (0, MANY), "catStat": (0, MANY)}, {"missing": one_of("Y", "N")}),
    "catValu": words(),
    "catStat": words(type=one_of("freq", "percent", "crosstab", "other"), otherType=re.compile(r"\w+")),
    "concept": words(vocab=ANY),
    "varFormat": words(
        type=one_of("numeric", "character"), schema=one_of("SAS", "SPSS", "IBM", "ANSI", "ISO", "XML-Data", "other"),
        category=one_of("date", "time", "currency", "other"), formatname=ANY,
    ),
}  # fmt: skip
REFERENCES = ("var", "files")


def faults_of(content: bytes) -> list[str]:
    """What is wrong with the document, each in a sentence; empty when nothing is."""
    try:
        root = fromstring(content)
    except ParseError as error:
        return [f"It is not well-formed XML: {error}."]
    if root.tag != f"{{{NAMESPACE}}}codeBook":
        return ["It does not begin with the codeBook of DDI-Codebook 2.5."]
    ids = [key for node in root.iter() if (key := node.get("ID"))]
    faults = [f"The ID {key} is given twice." for key, times in Counter(ids).items() if times > 1]
    known = set(ids)
    for node in root.iter():
        faults += _faults_at(node, known)
    return faults


def _faults_at(node: Element, ids: set[str]) -> Iterator[str]:
    name = _name(node)
    rule = RULES.get(name)
    if rule is None:
        yield f"There is no element {name}."
        return
    yield from _faults_of_children(node, name, rule)
    yield from _faults_of_attributes(node, name, rule, ids)
    if (node.text or "").strip() and not rule.is_text:
        yield f"{name} holds text."
    if not rule.text.fullmatch((node.text or "").strip()):
        yield f"{name} says {node.text!r}."


def _faults_of_children(node: Element, name: str, rule: Rule) -> Iterator[str]:
    found = [_name(child) for child in node]
    for unknown in sorted(set(found) - rule.children.keys()):
        yield f"{unknown} does not belong in {name}."
    order = list(rule.children)
    places = [order.index(child) for child in found if child in rule.children]
    if rule.is_in_order and any(after < before for before, after in pairwise(places)):
        yield f"The elements in {name} are out of order: {', '.join(dict.fromkeys(found))}."
    for child, (least, most) in rule.children.items():
        if not least <= found.count(child) <= most:
            yield f"{name} has {found.count(child)} {child}."


def _faults_of_attributes(node: Element, name: str, rule: Rule, ids: set[str]) -> Iterator[str]:
    for missing in sorted(rule.required - node.attrib.keys()):
        yield f"{name} has no {missing}."
    for key, value in node.attrib.items():
        pattern = AN_ID if key == "ID" else rule.attributes.get(key)
        if pattern is None:
            yield f"{name} has no attribute {key}."
        elif not pattern.fullmatch(value):
            yield f"{key} of {name} is {value!r}."
        if key in REFERENCES:
            yield from (f"{key} of {name} names {one}, which is nowhere." for one in value.split() if one not in ids)


def _name(node: Element) -> str:
    return str(node.tag).removeprefix(f"{{{NAMESPACE}}}")

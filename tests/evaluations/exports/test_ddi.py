"""The codebook for programs is DDI-Codebook 2.5, and the rules that say so can say no."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring, tostring

from evaluations.exports.ddi import NAMESPACE, ddi_of
from evaluations.exports.ddi_rules import faults_of
from evaluations.exports.figures import datasets_of, shares_of
from tests.evaluations.exports.parts import EVERY_KIND, RESULTS, TABLE, study

NS = {"d": NAMESPACE}


@pytest.fixture(scope="module")
def written() -> bytes:
    return ddi_of(study(), (*datasets_of(RESULTS, EVERY_KIND, {}), TABLE), shares_of(RESULTS))


def texts(root: Element, path: str) -> list[str]:
    return [node.text or "" for node in root.findall(path, NS)]


def test_what_is_written_keeps_every_rule(written: bytes) -> None:
    assert faults_of(written) == []


def test_each_question_stands_with_its_answers_and_the_released_shares_and_nothing_that_is_hidden(
    written: bytes,
) -> None:
    root = fromstring(written)
    var = root.find("d:dataDscr/d:var[@ID='QC_L1']", NS)
    assert var is not None
    assert texts(var, "d:qstn/d:qstnLit") == ["L1?"]
    answers = {texts(one, "d:catValu")[0]: one for one in var.findall("d:catgry", NS)}
    assert {code: one.get("missing") for code, one in answers.items()} == {"1": "N", "2": "N", "na": "Y", "early": "Y"}
    stats = {
        code: [(stat.get("type"), stat.text) for stat in one.findall("d:catStat", NS)] for code, one in answers.items()
    }
    assert stats == {
        "1": [("other", "under a third")], "2": [("freq", "10"), ("percent", "62.5")], "na": [], "early": [],
    }  # fmt: skip
    hidden = root.find("d:dataDscr/d:var[@ID='QC_S1']", NS)
    assert hidden is not None
    assert hidden.findall(".//d:catStat", NS) == []


def test_every_file_is_described_with_its_size_and_every_column_belongs_to_one(written: bytes) -> None:
    root = fromstring(written)
    described = {
        node.get("ID"): (texts(node, "d:fileTxt/d:fileName"), texts(node, "d:fileTxt/d:dimensns/*"))
        for node in root.findall("d:fileDscr", NS)
    }
    assert described["F4"] == (["answers.csv"], ["3", "5"])
    columns = [node.get("name") for node in root.findall("d:dataDscr/d:var[@files='F4']", NS)]
    assert columns == ["who", "L1", "miles", "day", "time"]


def test_a_name_that_is_a_script_is_text_and_what_xml_cannot_hold_is_replaced(written: bytes) -> None:
    assert b"<script" not in written
    assert texts(fromstring(written), "d:stdyDscr/d:stdyInfo/d:abstract") == [
        "Results. <script>alert(1)</script> & =1+1 \ufffd ]]>"
    ]


def without_name(root: Element) -> None:
    del root.findall("d:dataDscr/d:var", NS)[0].attrib["name"]


def with_answers_before_the_label(root: Element) -> None:
    var = root.findall("d:dataDscr/d:var", NS)[0]
    var.insert(0, var.findall("d:catgry", NS)[0])


def with_an_element_of_ours(root: Element) -> None:
    root.findall("d:stdyDscr", NS)[0].append(Element(f"{{{NAMESPACE}}}community"))


def with_a_known_element_elsewhere(root: Element) -> None:
    root.append(Element(f"{{{NAMESPACE}}}qstnLit"))


def with_two_titles(root: Element) -> None:
    titles = root.findall("d:stdyDscr/d:citation/d:titlStmt", NS)[0]
    titles.insert(0, Element(f"{{{NAMESPACE}}}titl"))


def without_a_study(root: Element) -> None:
    root.remove(root.findall("d:stdyDscr", NS)[0])


def naming_a_file_that_is_not_there(root: Element) -> None:
    root.findall("d:dataDscr/d:var[@files]", NS)[0].set("files", "F99")


def with_an_id_twice(root: Element) -> None:
    for var in root.findall("d:dataDscr/d:var", NS)[:2]:
        var.set("ID", "same")


def with_an_id_that_begins_with_a_digit(root: Element) -> None:
    root.findall("d:fileDscr", NS)[-1].set("ID", "4F")


def with_another_kind_of_share(root: Element) -> None:
    root.findall(".//d:catStat", NS)[0].set("type", "mean")


def with_a_count_in_words(root: Element) -> None:
    root.findall(".//d:caseQnty", NS)[0].text = "5 to 9"


def with_text_between_elements(root: Element) -> None:
    root.findall("d:dataDscr", NS)[0].text = "Data"


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (without_name, "var has no name."),
        (with_answers_before_the_label, "The elements in var are out of order:"),
        (with_an_element_of_ours, "community does not belong in stdyDscr."),
        (with_a_known_element_elsewhere, "qstnLit does not belong in codeBook."),
        (with_two_titles, "titlStmt has 2 titl."),
        (without_a_study, "codeBook has 0 stdyDscr."),
        (naming_a_file_that_is_not_there, "files of var names F99, which is nowhere."),
        (with_an_id_twice, "The ID same is given twice."),
        (with_an_id_that_begins_with_a_digit, "ID of fileDscr is '4F'."),
        (with_another_kind_of_share, "type of catStat is 'mean'."),
        (with_a_count_in_words, "caseQnty says '5 to 9'."),
        (with_text_between_elements, "dataDscr holds text."),
    ],
)
def test_a_document_that_breaks_a_rule_is_told_which(written: bytes, spoil: object, fault: str) -> None:
    root = fromstring(written)
    assert callable(spoil)
    spoil(root)
    assert [one for one in faults_of(tostring(root)) if one.startswith(fault)], faults_of(tostring(root))


@pytest.mark.parametrize("content", [b"", b"<codeBook>", b"<codeBook xmlns='ddi:codebook:2_6'/>"])
def test_what_is_no_codebook_at_all_is_said_in_one_sentence(content: bytes) -> None:
    assert len(faults_of(content)) == 1

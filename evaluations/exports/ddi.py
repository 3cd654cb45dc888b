"""The codebook for programs: DDI-Codebook 2.5 (https://ddialliance.org). Archives of social science read it.

What was asked is described question by question, with the released shares beside the answers where there are any;
then each file, column by column. `ddi_rules` checks what comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from django.utils import timezone

from communities.exports.formats import NOT_IN_XML
from communities.exports.tables import Kind
from evaluations.exports.datasets import Dataset, Variable
from evaluations.exports.figures import answers_described
from evaluations.exports.study import Study, asked_of
from evaluations.questionnaire import MULTIPLE, AskedQuestion
from evaluations.results import Band, Figure, Share

NAMESPACE = "ddi:codebook:2_5"
VERSION = "2.5"
LANGUAGE = "en-GB"
ET.register_namespace("", NAMESPACE)


def ddi_of(study: Study, datasets: Sequence[Dataset], shares: Mapping[tuple[str, str], Figure]) -> bytes:
    """The XML document. `shares` are the figures that may be shown, by question and answer."""
    book = _Element(None, "codeBook", "", version=VERSION, ID=_id(study.name))
    book.node.set("{http://www.w3.org/XML/1998/namespace}lang", LANGUAGE)
    _describe_document(book, study)
    _describe_study(book, study)
    for place, dataset in enumerate(datasets, start=1):
        _describe_file(book, f"F{place}", dataset)
    data = book.child("dataDscr")
    _describe_sections(data, study)
    for question in study.questionnaire.questions:
        _describe_question(data, study, question, shares)
    for place, dataset in enumerate(datasets, start=1):
        for variable in dataset.variables:
            _describe_column(data, f"F{place}", dataset, variable)
    ET.indent(book.node)
    written: bytes = ET.tostring(book.node, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


class _Element:
    """An element of the codebook, in its namespace. `child` adds one below it and returns that."""

    def __init__(self, below: ET.Element | None, tag: str, text: str, /, **attributes: str) -> None:
        name = f"{{{NAMESPACE}}}{tag}"
        self.node = ET.Element(name) if below is None else ET.SubElement(below, name)
        for key, value in attributes.items():
            self.node.set(key, _clean(value))
        if text:
            self.node.text = _clean(text)

    def child(self, tag: str, text: str = "", /, **attributes: str) -> _Element:
        return _Element(self.node, tag, text, **attributes)


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return NOT_IN_XML.sub("\ufffd", text)


def _id(name: str) -> str:
    """A name as XML takes it for an ID."""
    return f"C_{''.join(letter if letter.isalnum() and letter.isascii() else '_' for letter in name)}"


def _title(above: _Element, study: Study, *, suffix: str = "") -> _Element:
    statement = above.child("citation")
    titles = statement.child("titlStmt")
    titles.child("titl", f"{study.heading}{suffix}")
    titles.child("IDNo", study.name)
    return statement


def _describe_document(book: _Element, study: Study) -> None:
    citation = _title(book.child("docDscr"), study, suffix=": codebook")
    producer = citation.child("prodStmt")
    producer.child("producer", study.portal)
    day = timezone.localtime(study.at).date().isoformat()
    producer.child("prodDate", day, date=day)


def _describe_study(book: _Element, study: Study) -> None:
    described = book.child("stdyDscr")
    citation = _title(described, study)
    if study.controller:
        citation.child("rspStmt").child("AuthEnty", study.controller)
    citation.child("prodStmt").child("producer", study.portal)
    info = described.child("stdyInfo")
    info.child("abstract", study.summary)
    about = info.child("sumDscr")
    about.child("anlyUnit", "Person")
    about.child("universe", "People who were members on the day the survey opened and who were asked")
    about.child("dataKind", "survey data" if study.is_rows else "aggregate data")
    for what, found in study.facts:
        info.child("notes", f"{what}: {found}")
    method = described.child("method").child("dataColl")
    method.child("collMode", "Self-administered questionnaire: web-based")
    method.child("resInstru", f"{study.title} ({study.instrument}, version {study.version}); see instrument.json")
    use = described.child("dataAccs").child("useStmt")
    use.child("confDec", " ".join(study.rules))


def _describe_file(book: _Element, key: str, dataset: Dataset) -> None:
    described = book.child("fileDscr", ID=key).child("fileTxt")
    described.child("fileName", f"{dataset.name}.csv")
    described.child("fileCont", dataset.about)
    size = described.child("dimensns")
    size.child("caseQnty", str(len(dataset.rows)))
    size.child("varQnty", str(len(dataset.variables)))
    described.child("fileType", "text/csv; charset=utf-8")


def _describe_sections(data: _Element, study: Study) -> None:
    sections: dict[str, list[str]] = {}
    for question in study.questionnaire.questions:
        sections.setdefault(question.section, []).append(_key_of(question))
    for title, keys in sections.items():
        data.child("varGrp", type="section", var=" ".join(keys)).child("labl", title)


def _key_of(question: AskedQuestion) -> str:
    return f"Q{_id(question.code)}"


def _describe_question(
    data: _Element, study: Study, question: AskedQuestion, shares: Mapping[tuple[str, str], Figure]
) -> None:
    nature = {"nature": "ordinal" if question.is_ordered else "nominal"} if question.options else {}
    var = data.child("var", ID=_key_of(question), name=question.code, intrvl="discrete", **nature)
    var.child("labl", question.text)
    asked = var.child("qstn")
    asked.child("qstnLit", question.text)
    if question.hint:
        asked.child("ivuInstr", question.hint)
    var.child("universe", asked_of(question, study.questionnaire), clusion="I")
    if question.kind == MULTIPLE:
        var.child("txt", "More than one answer could be chosen. Shares are of people, not of answers.")
    for one in answers_described(question, shares):
        figure = shares.get((question.code, one.code))
        _describe_answer(var, one.code, one.label, is_missing=one.is_excluded, figure=figure)
    var.child("concept", f"Evaluation question {question.evaluation_question}")
    var.child("notes", f"Kind of question: {question.kind.replace('_', ' ')}")


def _describe_answer(var: _Element, code: str, label: str, *, is_missing: bool, figure: Figure | None) -> None:
    category = var.child("catgry", missing="Y" if is_missing else "N")
    category.child("catValu", code)
    category.child("labl", label)
    match figure:
        case Share():
            category.child("catStat", str(figure.count), type="freq")
            category.child("catStat", f"{100 * figure.value:.1f}", type="percent")
        case Band():
            category.child("catStat", figure.words, type="other", otherType="band")


def _describe_column(data: _Element, key: str, dataset: Dataset, variable: Variable) -> None:
    measured = variable.kind in (Kind.NUMBER, Kind.DATE)
    var = data.child(
        "var",
        ID=f"{key}_{_id(variable.name)}",
        name=variable.name,
        files=key,
        intrvl="contin" if measured else "discrete",
    )
    var.child("labl", variable.label)
    if variable.question is not None:
        var.child("qstn").child("qstnLit", variable.question.text)
    missing = [value for value in variable.values if value.is_missing]
    if missing:
        left_out = var.child("invalrng")
        for value in missing:
            left_out.child("item", VALUE=value.code)
    if variable.note:
        var.child("txt", variable.note)
    for value in variable.values:
        _describe_answer(var, value.code, value.label, is_missing=value.is_missing, figure=None)
    is_number = variable.kind is Kind.NUMBER
    form = var.child("varFormat", type="numeric" if is_number else "character", schema="ISO")
    if variable.kind is Kind.DATE:
        form.node.set("category", "date")

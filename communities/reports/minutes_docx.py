"""Minutes as a Word file. The same minutes give the same bytes: the times it carries are those of the session."""

import io
import zipfile
from datetime import UTC, datetime

from docx import Document as WordDocument
from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from communities.reports.minutes import Document, Edition, Line

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# The first moment that a zip file can name.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def as_docx(minutes: Document, *, made_at: datetime) -> bytes:
    """The document as the bytes of a .docx. Text is only ever text: nothing in it can become markup or a field."""
    word = WordDocument()
    _set_up(word, minutes, made_at)
    word.add_heading(_printable(minutes.title), level=1)
    if minutes.edition == Edition.FULL:
        word.add_paragraph("In full, with what is marked private. Not for members.", style="Intense Quote")
    _add_facts(word, minutes.facts)
    for part in minutes.paragraphs:
        word.add_paragraph(_printable(part))
    for section in minutes.sections:
        word.add_heading(_printable(section.heading), level=2)
        for line in section.lines:
            _add_line(word.add_paragraph(style="List Bullet"), line)
    return _with_fixed_times(word)


def _set_up(word: Word, minutes: Document, made_at: datetime) -> None:
    moment = made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    about = word.core_properties
    about.title, about.author, about.last_modified_by = _printable(minutes.title)[:255], "", ""
    about.comments, about.language = "", "en-GB"
    about.created = about.modified = moment
    font = word.styles["Normal"].font
    font.name, font.size = "Arial", Pt(11)


def _add_facts(word: Word, facts: list[tuple[str, str]]) -> None:
    table = word.add_table(rows=0, cols=2, style="Table Grid")
    for label, value in facts:
        cells = table.add_row().cells
        cells[0].paragraphs[0].add_run(_printable(label)).bold = True
        cells[1].text = _printable(value)
    word.add_paragraph()


def _add_line(paragraph: Paragraph, line: Line) -> None:
    if line.is_private:
        paragraph.add_run("Private: ").bold = True
    if line.url:
        _add_link(paragraph, line)
    else:
        paragraph.add_run(_printable(line.text))


def _add_link(paragraph: Paragraph, line: Line) -> None:
    relation = paragraph.part.relate_to(line.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), relation)
    run = paragraph.add_run(_printable(line.text))
    run.underline = True
    link.append(run._r)  # noqa: SLF001 - the library offers no other way to make a link
    paragraph._p.append(link)  # noqa: SLF001


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")


def _with_fixed_times(word: Word) -> bytes:
    """Saved, and zipped again without the clock of the machine that did it."""
    saved, fixed = io.BytesIO(), io.BytesIO()
    word.save(saved)
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), before.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()

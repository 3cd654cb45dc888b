"""Small files of each kind, made here."""

import io
import zipfile

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 20
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 20


def zipped(**parts: str) -> bytes:
    """An archive; `__` in a part's name stands for a slash, `_dot_` for a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return packed.getvalue()


def office(main: str, *, has_macros: bool = False) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, "<document/>")
        if has_macros:
            archive.writestr("word/vbaProject.bin", "Sub AutoOpen()")
    return packed.getvalue()


DOCX, XLSX = office("word/document.xml"), office("xl/workbook.xml")
PPTX, DOCM = office("ppt/presentation.xml"), office("word/document.xml", has_macros=True)
ODT = zipped(mimetype="application/vnd.oasis.opendocument.text", content_dot_xml="<office/>")
ZIP = zipped(readme_dot_txt="Hello")
EXE = b"MZ\x90\x00\x03" + b"\x00" * 60

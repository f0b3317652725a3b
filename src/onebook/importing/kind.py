"""What a file is, judged by its first bytes; what the sender or the file's name says counts only after that."""

import codecs
import re
from typing import Literal

from onebook.errors import InvalidInput
from onebook.importing.source import Source

Kind = Literal["text", "workbook", "cards", "lines"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # MS-CFB, 2.2: old Excel files, and new ones under a password

_WORKBOOKS = (b"PK\x03\x04", b"PK\x05\x06", OLE)
# First bytes of what people send by mistake, and what to tell them. Source: each format's own specification.
_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "The file is packed with gzip; unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "The file is a 7z archive; unpack it first."),
    (b"Rar!", "The file is a RAR archive; unpack it first."),
    (b"%PDF", "The file is a PDF; save the table as CSV or Excel."),
    (b"{\\rtf", "The file is a text document; save the table as CSV or Excel."),
    (b"\x89PNG", "The file is a picture; save the table as CSV or Excel."),
    (b"\xff\xd8\xff", "The file is a picture; save the table as CSV or Excel."),
    (b"GIF8", "The file is a picture; save the table as CSV or Excel."),
    (b"SQLite format 3\x00", "The file is a database; save the table as CSV or Excel."),
    (b"PAR1", "The file is in Parquet; save the table as CSV or Excel."),
    (b"\x09\x08\x10\x00", "The workbook is of a very old Excel; save it as .xlsx."),
    (b"\x09\x04\x06\x00", "The workbook is of a very old Excel; save it as .xlsx."),
    (b"\x09\x02\x06\x00", "The workbook is of a very old Excel; save it as .xlsx."),
)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_MARKUP = re.compile(rb"<(?:!doctype|!--|\?xml|[a-z]+[\s>])", re.IGNORECASE)
_CARD = re.compile("begin:vcard", re.IGNORECASE)
_OBJECT = re.compile(r'\{\s*(?:"|\}\s*$)')
_SPREAD = re.compile(r"\{[ \t]*\r?\n\s*\"")
_OBJECTS = re.compile(r"\[\s*\{")
_WORKBOOK_NAME = re.compile(r"\.(?:xlsx|xlsm|xlsb|xls|ods)$", re.IGNORECASE)
_WORKBOOK_TYPES = frozenset(
    {
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


def kind_of(source: Source, *, field: str) -> Kind:
    """Whether a file is a workbook or text; of text in UTF-16 that it is text.

    Raises:
        InvalidInput: if it is empty, or a known format that holds no contacts for us.
    """
    head = source.head()
    if not head.strip():
        raise InvalidInput.of(field, "empty", "The file is empty.")
    if head.startswith(_WORKBOOKS):
        return "workbook"
    for signature, message in _STRANGERS:
        if head.startswith(signature):
            raise InvalidInput.of(field, "unreadable", message)
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if is_html(head):
        message = (
            "This is a web page under a workbook's name; open it in a spreadsheet, and save it as .xlsx or CSV."
            if claims_workbook(source)
            else "This is a web page, not a file of contacts."
        )
        raise InvalidInput.of(field, "web_page", message)
    if _MARKUP.match(text):
        raise InvalidInput.of(field, "unreadable", "The file is markup (XML); save the table as CSV or Excel.")
    return kind_of_text(text.decode("latin-1"), field=field)


def kind_of_text(text: str, *, field: str) -> Kind:
    """Whether a text is one of vCards, of JSON objects line by line, or of a table.

    Raises:
        InvalidInput: if it is JSON of another kind.
    """
    text = text.lstrip("\ufeff \t\r\n")
    if _CARD.match(text):
        return "cards"
    if _SPREAD.match(text):
        message = "The file is JSON over several lines; write each contact on one line."
        raise InvalidInput.of(field, "unreadable", message)
    if _OBJECT.match(text):
        return "lines"
    if _OBJECTS.match(text):
        message = "The file is one JSON array; write its objects one a line, without brackets and commas around them."
        raise InvalidInput.of(field, "unreadable", message)
    return "text"


def is_html(head: bytes) -> bool:
    """Whether the first bytes are those of a web page, after comments or a line that says it is XML."""
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    while text.startswith((b"<!--", b"<?xml")):
        text = text.partition(b"-->" if text.startswith(b"<!--") else b"?>")[2].lstrip()
    return _PAGE.match(text) is not None


def claims_workbook(source: Source) -> bool:
    """Whether sender or name say that it is a workbook; ``application/vnd.ms-excel`` also stands for CSV."""
    return source.media_type in _WORKBOOK_TYPES or _WORKBOOK_NAME.search(source.name or "") is not None

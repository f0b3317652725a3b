"""Hostile and odd files, made when they are needed: small here, large where they are unpacked."""

import io
import struct
import zipfile
from collections.abc import Iterable
from importlib import import_module
from typing import Any

# Published without types: named so, all that comes of it is Any.
openpyxl = import_module("openpyxl")

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROOT_RELATIONS = (
    f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_WORKBOOK = (
    f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
    '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_WORKBOOK_RELATIONS = (
    f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)


def workbook(rows: Iterable[Iterable[object]]) -> bytes:
    """An xlsx of one sheet, as a person's program would save it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: Any) -> bytes:
    """The bytes of a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def raw_workbook(sheet: str | bytes, strings: str = "", prolog: str = "") -> bytes:
    """An xlsx whose sheet's XML is written by hand.

    Args:
        sheet: what stands within ``worksheet``. strings: the shared strings' whole XML. prolog: before ``worksheet``.
    """
    inner = sheet.encode() if isinstance(sheet, str) else sheet
    xml = f'<?xml version="1.0"?>{prolog}<worksheet xmlns="{_MAIN}">'.encode() + inner + b"</worksheet>"
    return zipped(
        {
            "[Content_Types].xml": _TYPES.encode(),
            "_rels/.rels": _ROOT_RELATIONS.encode(),
            "xl/workbook.xml": _WORKBOOK.encode(),
            "xl/_rels/workbook.xml.rels": _WORKBOOK_RELATIONS.encode(),
            "xl/worksheets/sheet1.xml": xml,
            "xl/sharedStrings.xml": (strings or f'<sst xmlns="{_MAIN}"/>').encode(),
        }
    )


def cell(place: str, text: str) -> str:
    """A cell with its text within it."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def zipped(entries: dict[str, bytes]) -> bytes:
    """A zip of these entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def lying_zip(data: bytes, entry: str, size: int) -> bytes:
    """A zip whose directory claims another unpacked size for an entry."""
    patched = bytearray(data)
    name = entry.encode()
    at = patched.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", patched, at + 28)[0]
        if patched[at + 46 : at + 46 + length] == name:
            struct.pack_into("<I", patched, at + 24, size)
        at = patched.find(b"PK\x01\x02", at + 4)
    return bytes(patched)


def under_password() -> bytes:
    """What a workbook under a password looks like from outside: an old container with a stream of that name."""
    directory = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + directory + bytes(2048)


def old_workbook(rows: Iterable[Iterable[str | float]]) -> bytes:
    """An xls of one sheet, byte by byte: no library that is at hand still writes them.

    Source: MS-XLS, 2.4 (records BOF, BOUNDSHEET, LABEL, NUMBER, EOF); MS-CFB, 2.2 to 2.6 (its container).
    """
    cells = b"".join(
        _old_cell(row, column, value) for row, values in enumerate(rows) for column, value in enumerate(values)
    )
    end = _biff(0x0A, b"")
    book = _biff(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    sheet = _biff(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + cells + end
    start = len(book) + len(_biff(0x85, bytes(8) + b"People")) + len(end)
    bound = _biff(0x85, struct.pack("<IBBBB", start, 0, 0, 6, 0) + b"People")
    return _container("Workbook", (book + bound + end + sheet).ljust(4096, b"\0"))


def _biff(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _old_cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return _biff(0x204, place + struct.pack("<HB", len(value), 0) + value.encode("latin-1"))
    return _biff(0x203, place + struct.pack("<d", value))


def _container(stream: str, data: bytes) -> bytes:
    """A compound file with one stream of at least 4096 bytes."""
    sectors = -(-len(data) // 512)
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    chain = [table, end, *range(3, sectors + 2), end]
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    directory = _entry("Root Entry", 5, child=1, start=end, size=0) + _entry(
        stream, 2, child=free, start=2, size=len(data)
    )
    return header + fat + directory.ljust(512, b"\0") + data.ljust(sectors * 512, b"\0")


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    free = 0xFFFFFFFF
    label = name.encode("utf-16-le")
    head = label.ljust(64, b"\0") + struct.pack("<HBBIII", len(label) + 2, kind, 1, free, free, child)
    return head + bytes(16 + 4 + 16) + struct.pack("<IQ", start, size)


def open_document(rows: Iterable[Iterable[str]]) -> bytes:
    """An ods of one sheet. Source: OpenDocument 1.3, part 3, 9.1."""
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in row
        )
        + "</table:table-row>"
        for row in rows
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces} office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="People">{body}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = b'<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content.encode()})

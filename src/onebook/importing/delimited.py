"""Text with delimiters (CSV, TSV and their relatives) as records, streamed, with memory that stays flat.

Source: RFC 4180, and what spreadsheets write in truth: other delimiters, other line ends, quotes left open.
"""

import csv
import io
import itertools
import re
from collections.abc import Generator, Iterator
from typing import BinaryIO

from onebook.errors import InvalidInput
from onebook.importing.encoding import Encoding
from onebook.importing.record import Record

DELIMITERS = (",", ";", "\t", "|")

_BLOCK_BYTES = 256 * 1024
# A line of a contact is some hundred characters; an endless one must not fill the memory.
_LINE_CHARACTERS = 1 << 20
# A cell of more lines than this is a quotation mark left open that swallows the rest of the file.
_LINES_OF_RECORD = 1_000
_MENDED_AT_MOST = 100
_SNIFFED_RECORDS = 50
# Excel's own way to say which delimiter a file has, as its first line.
_SAYS_DELIMITER = re.compile(r'"?sep=([,;\t|:^~])"?')
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# More control characters than one in so many: a program or picture, not a text with a slip.
_CONTROL_SHARE = 100


class _OpenQuoteError(Exception):
    """A record goes on for so many lines that its quotation mark was surely left open."""


def records(reader: BinaryIO, encoding: Encoding, *, field: str) -> Generator[Record, None, None]:
    """The records of a text file, blank ones too.

    A record whose quotes are left open is a faulty one of one line, and reading goes on with the next line.

    Args:
        reader: the bytes. encoding: how to decode them. field: the caller's name of the file.

    Raises:
        InvalidInput: if it is no text, not in that encoding, or broken beyond a row.
    """
    chunks = _chunks(reader, encoding, field)
    first = next(chunks, "")
    if len(_CONTROL.findall(first)) * _CONTROL_SHARE > len(first):
        raise InvalidInput.of(field, "unreadable", "The file is neither text nor a workbook.")
    said = _SAYS_DELIMITER.fullmatch(first.partition("\n")[0])
    if said:
        first = first.partition("\n")[2]
    delimiter = said.group(1) if said else _delimiter(first)
    lines = _lines(itertools.chain([first], chunks), field)
    return _parsed(lines, delimiter, field)


def _chunks(reader: BinaryIO, encoding: Encoding, field: str) -> Iterator[str]:
    """The text in pieces, its lines ended by LF alone.

    A lone CR ends a line in a file that has no LF at its beginning (old Macs wrote so); elsewhere it is a slip
    within a cell, and becomes a blank.
    """
    lone, held = None, ""
    # Closed here: one that is merely forgotten warns that the file was left open.
    with io.TextIOWrapper(reader, encoding.name, encoding.errors, newline="") as text:
        while chunk := _decoded(text, field):
            chunk = held + chunk
            # A CR at the very end may have its LF in the next piece.
            held = "\r" if chunk.endswith("\r") else ""
            if lone is None:
                lone = " " if "\n" in chunk else "\n"
            yield chunk.removesuffix("\r").replace("\r\n", "\n").replace("\r", lone)
    if held:
        yield "\n"


def _decoded(text: io.TextIOWrapper, field: str) -> str:
    try:
        return text.read(_BLOCK_BYTES)
    except UnicodeError as error:
        message = "The file is not in the encoding that it claims; save it as CSV in UTF-8."
        raise InvalidInput.of(field, "encoding", message) from error


def _lines(chunks: Iterator[str], field: str) -> Iterator[str]:
    """The lines, each with its LF but perhaps the last."""
    tail = ""
    for chunk in chunks:
        # Not splitlines: it also splits at characters that are part of a cell.
        for line in io.StringIO(tail + chunk, newline="\n"):
            tail = line
            if line.endswith("\n"):
                tail = ""
                yield line
        if len(tail) > _LINE_CHARACTERS:
            raise InvalidInput.of(field, "unreadable", f"A line of the file is over {_LINE_CHARACTERS:,} characters.")
    if tail:
        yield tail


def _delimiter(text: str) -> str:
    """The delimiter that splits the headings into most columns, with rows that agree; a comma if none does."""
    best, found = (False, 1, 0.0), ","
    for delimiter in DELIMITERS:
        rows = _sniffed(text, delimiter)
        width = len(rows[0]) if rows else 0
        agreeing = sum(len(row) == width for row in rows) / len(rows) if rows else 0.0
        merit = (agreeing > 1 / 2 and width > 1, width, agreeing)
        if width > 1 and merit > best:
            best, found = merit, delimiter
    return found


def _sniffed(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter):
            if any(row):
                rows.append(row)
            if len(rows) == _SNIFFED_RECORDS:
                break
    except csv.Error:
        return rows
    # The last one may be cut off where the piece ends.
    return rows[:-1] if 1 < len(rows) < _SNIFFED_RECORDS else rows


def _parsed(lines: Iterator[str], delimiter: str, field: str) -> Generator[Record, None, None]:
    """Split lines into records; after a fault go on with the line behind the one where it began."""
    taken: list[str] = []
    row, mended = 1, 0
    while mended < _MENDED_AT_MOST:
        try:
            # Strict, since only so a quote left open is noticed; what is merely sloppy is read again below.
            for cells in csv.reader(_kept(lines, taken), delimiter=delimiter, strict=True):
                yield Record(row, cells)
                taken.clear()
                row += 1
            return
        except (csv.Error, _OpenQuoteError):
            yield _mended(row, taken, delimiter)
            row += 1
            if len(taken) > 1:
                lines = itertools.chain(taken[1:], lines)
                mended += 1
            taken = []
    message = f"The quotation marks of the file do not pair up, up to row {row} and beyond."
    raise InvalidInput.of(field, "unreadable", message)


def _kept(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    """Hand lines on and remember those of the record that is being read."""
    for line in lines:
        taken.append(line)
        if len(taken) > _LINES_OF_RECORD:
            raise _OpenQuoteError
        yield line


def _mended(row: int, taken: list[str], delimiter: str) -> Record:
    """Read the first line of a faulty record again, forgivingly: ``"Bob" Smith`` is sloppy, but clear."""
    loose = csv.reader([taken[0], "end\n"], delimiter=delimiter)
    try:
        cells = next(loose)
        closed = next(loose, None) == ["end"]
    except csv.Error:
        return Record(row, (), "too_long")
    return Record(row, cells) if closed else Record(row, (), "unclosed_quote")

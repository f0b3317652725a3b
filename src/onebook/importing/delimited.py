"""Text with delimiters (CSV, TSV and their relatives) as records, streamed, with memory that stays flat.

Source: RFC 4180, and what spreadsheets write in truth: other delimiters, other line ends, quotes left open.
"""

import csv
import io
import itertools
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from onebook.errors import InvalidInput
from onebook.importing.encoding import Encoding
from onebook.importing.headings import are_headings
from onebook.importing.record import CELL_CHARACTERS, COLUMNS, Record

if TYPE_CHECKING:
    import _csv

DELIMITERS = (",", ";", "\t", "|")

_BLOCK_BYTES = 256 * 1024
# A line of a contact is some hundred characters; an endless one must not fill the memory.
LINE_CHARACTERS = 1 << 20
# A cell of more lines than this is a quotation mark left open that swallows the rest of the file. Judgement: the
# longest cell that is taken, in lines of a dozen characters.
LINES_OF_RECORD = 10_000
_MENDED_AT_MOST = 100
# The reader's own limit is that of a cell; but the end of one that is too long is found only if it is read to its end.
csv.field_size_limit(2 * LINE_CHARACTERS)
_SNIFFED_RECORDS = 50
#: So many lines of words may stand above the headings.
PREAMBLE = 10
_MARK = "\ufeff"  # the byte order mark; within a text it means nothing (RFC 3629, 6)
# Excel's own way to say which delimiter a file has, as its first line.
_SAYS_DELIMITER = re.compile(r'"?sep=([,;\t|:^~])"?')
# Every heading in single quotes, as some databases write.
_SINGLE_QUOTED = re.compile(r"'[^'\n]*'(?:[,;\t|]'[^'\n]*')+\n")
_LONE_CR = re.compile(r"\r(?!\n)")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# More control characters than one in so many: a program or picture, not a text with a slip.
_CONTROL_SHARE = 100
_CONTROLS = 3  # judgement: so many are a slip in the shortest file, too


class OpenQuoteError(Exception):
    """A record goes on for so many lines that its quotation mark was surely left open."""


class Dialect(NamedTuple):
    """How the cells of a text stand side by side.

    Args:
        delimiter: between cells. quote: around those that hold a delimiter. skip: whether blanks after a delimiter
            are none of the cell's, so that a quotation mark behind them opens.
    """

    delimiter: str = ","
    quote: str = '"'
    skip: bool = False

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> "_csv.Reader":
        """The standard library's reader of such lines."""
        return csv.reader(
            lines, delimiter=self.delimiter, quotechar=self.quote, skipinitialspace=self.skip, strict=strict
        )

    def split(self, text: str) -> Iterable[list[str]]:
        """The cells of each record of a regular text, whose lines end with LF."""
        lines = self.lines(text)
        if lines is None:
            return self.reader(io.StringIO(text, newline="\n"))
        return map(str.split, lines, itertools.repeat(self.delimiter))

    def lines(self, text: str) -> list[str] | None:
        """The records of such a text if nothing is quoted: to split them takes a third of the reader's time."""
        return None if self.quote in text or self.skip else text.removesuffix("\n").split("\n")


COMMAS: Final = Dialect()


def records(
    reader: BinaryIO, encoding: Encoding, *, field: str, delimiter: str | None = None
) -> Generator[Record, None, None]:
    """The records of a text file, blank ones too.

    A record whose quotes are left open is a faulty one of one line, and reading goes on with the next line.

    Args:
        reader: the bytes. encoding: how to decode them. field: the caller's name of the file.
        delimiter: between cells; found out if None.

    Raises:
        InvalidInput: if it is no text, not in that encoding, or broken beyond a row.
    """
    dialect, pieces = opened(text_pieces(reader, encoding, field), delimiter)
    return Parser(dialect, field).records(lines_of(pieces))


def opened(pieces: Iterator[str], delimiter: str | None = None) -> tuple[Dialect, Iterator[str]]:
    """How the cells of a text stand, and the text again, without a first line that says so, and without endless lines.

    Args:
        pieces: of the text. delimiter: the caller's word; found out if None.
    """
    first = next(pieces, "")
    said = _SAYS_DELIMITER.fullmatch(first.partition("\n")[0])
    if said:
        first = first.partition("\n")[2]
    known = delimiter or (said.group(1) if said else None)
    dialect = _dialect(first, known)
    return dialect, without_endless(itertools.chain([first], pieces), dialect)


def text_pieces(reader: BinaryIO, encoding: Encoding, field: str) -> Iterator[str]:
    """The text of a file in pieces, its lines ended by LF alone, none with a byte order mark at its beginning.

    Raises:
        InvalidInput: if it is no text, or not in that encoding.
    """
    pieces = _unmarked(_chunks(reader, encoding, field))
    first = next(pieces, "")
    if len(_CONTROL.findall(first)) > max(_CONTROLS, len(first) // _CONTROL_SHARE):
        raise InvalidInput.of(field, "unreadable", "The file is neither text nor a workbook.")
    return itertools.chain([first], pieces)


def _unmarked(pieces: Iterable[str]) -> Iterator[str]:
    """The text without the marks that begin a line where files were joined into one."""
    begins = True
    for piece in pieces:
        text = piece.removeprefix(_MARK) if begins else piece
        if _MARK in text:  # to look for one character is quicker than to look for two
            text = text.replace("\n" + _MARK, "\n")
        begins = text.endswith("\n")
        yield text


def _chunks(reader: BinaryIO, encoding: Encoding, field: str) -> Iterator[str]:
    """The text in pieces, its lines ended by LF alone.

    A lone CR ends a line in a file whose beginning has more of them than of LF (old Macs wrote so, and some program may
    have put an LF behind the last line); elsewhere it is a slip within a cell, and becomes a blank.
    """
    lone, held = None, ""
    # Closed here: one that is merely forgotten warns that the file was left open.
    with io.TextIOWrapper(reader, encoding.name, encoding.errors, newline="") as text:
        while chunk := _decoded(text, field):
            chunk = held + chunk
            # A CR at the very end may have its LF in the next piece.
            held = "\r" if chunk.endswith("\r") else ""
            if lone is None:
                lone = "\n" if chunk.count("\r") - chunk.count("\r\n") > chunk.count("\n") else " "
            yield _LONE_CR.sub(lone, chunk.removesuffix("\r")).replace("\r", "") if "\r" in chunk else chunk
    if held:
        yield "\n"


def _decoded(text: io.TextIOWrapper, field: str) -> str:
    try:
        return text.read(_BLOCK_BYTES)
    except UnicodeError as error:
        message = "The file is not in the encoding that it claims; save it as CSV in UTF-8."
        raise InvalidInput.of(field, "encoding", message) from error


def without_endless(pieces: Iterable[str], dialect: Dialect = COMMAS) -> Iterator[str]:
    """The text, of which an endless line keeps only so much that it is seen to be too long: memory stays flat.

    Where the part that is left out opens or closes quotation marks, one that does the same stands for it, so that
    the record ends where it did.
    """
    length, quotes = 0, 0  # of the line that is not at its end; the quotation marks that were left out of it
    for piece in pieces:
        text = piece
        if length > LINE_CHARACTERS:
            end = piece.find("\n")
            quotes += piece.count(dialect.quote, 0, end if end >= 0 else len(piece))
            if end < 0:
                continue
            # Behind a delimiter it opens a cell; within quotation marks the delimiter is but a sign.
            text = (dialect.delimiter + dialect.quote if quotes % 2 else "") + piece[end:]
            length, quotes = 0, 0
        last = text.rfind("\n") + 1
        length = len(text) - last + (0 if last else length)
        yield text


def lines_of(chunks: Iterable[str]) -> Iterator[str]:
    """The lines, each with its LF but perhaps the last."""
    tail = ""
    for chunk in chunks:
        # Not splitlines: it also splits at characters that are part of a cell.
        for line in io.StringIO(tail + chunk, newline="\n"):
            tail = line
            if line.endswith("\n"):
                tail = ""
                yield line
    if tail:
        yield tail


def _dialect(text: str, delimiter: str | None) -> Dialect:
    quote = "'" if _SINGLE_QUOTED.match(text) else '"'
    found = delimiter or _delimiter(text, quote)
    return Dialect(found, quote, skip=found + " " + quote in text)


def _delimiter(text: str, quote: str) -> str:
    """The delimiter that splits the headings into most columns, with rows that agree; a comma if none does."""
    best, found = (False, 1, 0.0), ","
    tables = {delimiter: _sniffed(text, Dialect(delimiter, quote)) for delimiter in DELIMITERS}
    for delimiter, rows in tables.items():
        width = len(rows[0]) if rows else 0
        agreeing = sum(len(row) == width for row in rows) / len(rows) if rows else 0.0
        merit = (agreeing > 1 / 2 and width > 1, width, agreeing)
        if width > 1 and merit > best:
            best, found = merit, delimiter
    return found if best[0] else _below_words(tables) or found


def _below_words(tables: Mapping[str, list[list[str]]]) -> str | None:
    """The delimiter that makes well-known headings of one of the first rows, below words that no row agrees with."""
    for at in range(1, PREAMBLE + 1):
        for delimiter, rows in tables.items():
            if are_headings(rows[at] if at < len(rows) else ()):
                return delimiter
    return None


def _sniffed(text: str, dialect: Dialect) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in dialect.reader(io.StringIO(text, newline="\n")):
            if any(row):
                rows.append(row)
            if len(rows) == _SNIFFED_RECORDS:
                break
    except csv.Error:
        return rows
    # The last one may be cut off where the piece ends.
    return rows[:-1] if 1 < len(rows) < _SNIFFED_RECORDS else rows


class Parser:
    """Splits lines into records; after a fault it goes on with the line behind the one where that began.

    Args:
        dialect: of the lines. field: the caller's name of the file.
    """

    def __init__(self, dialect: Dialect, field: str) -> None:
        self._dialect = dialect
        self._field = field
        self._mended = 0
        self._unpaired = 0  # the row of the first that was mended
        self.row = 1
        self.used = 0

    def records(self, lines: Iterator[str]) -> Generator[Record, None, None]:
        """The records of lines; `row` is the number of the next one, `used` the characters of those given out.

        Raises:
            InvalidInput: if quotation marks were left open too often.
        """
        taken: list[str] = []
        while self._mended < _MENDED_AT_MOST:
            try:
                # Strict, since only so a quote left open is noticed; what is merely sloppy is read again below.
                for cells in self._dialect.reader(_kept(lines, taken), strict=True):
                    yield self._counted(_bounded(Record(self.row, cells), taken), taken)
                    taken.clear()
                return
            except (csv.Error, OpenQuoteError):
                if len(taken) > 1:
                    lines = itertools.chain(taken[1:], lines)
                    self._mended += 1
                    self._unpaired = self._unpaired or self.row
                yield self._counted(self._mend(taken[0]), taken[:1])
                taken = []
        message = (
            f"The quotation marks of the file do not pair up, from row {self._unpaired:,} to row {self.row:,} and "
            "beyond; double those that belong to the text."
        )
        raise InvalidInput.of(self._field, "unreadable", message)

    def _counted(self, record: Record, lines: list[str]) -> Record:
        self.row += 1
        self.used += sum(map(len, lines))
        return record

    def _mend(self, line: str) -> Record:
        """Read the first line of a faulty record again, forgivingly: ``"Bob" Smith`` is sloppy, but clear."""
        if len(line) > LINE_CHARACTERS:
            return Record(self.row, (), "too_long")
        loose = self._dialect.reader([line, "end\n"])
        try:
            cells = next(loose)
            closed = next(loose, None) == ["end"]
        except csv.Error:
            return Record(self.row, (), "too_long")
        if closed:
            return _bounded(Record(self.row, cells), [line])
        *whole, rest = cells
        # Nobody knows where the open cell was to end: what follows is told apart as if it were not quoted.
        open_ = (self._dialect.quote + rest.removesuffix("end\n").rstrip("\n")).split(self._dialect.delimiter, COLUMNS)
        return Record(self.row, [cell[:CELL_CHARACTERS] for cell in (*whole, *open_)], "unclosed_quote")


def _bounded(record: Record, lines: list[str]) -> Record:
    """The record, or a faulty one if a cell of it, or one of its lines, is too long."""
    if max(map(len, record.cells), default=0) <= CELL_CHARACTERS and max(map(len, lines)) <= LINE_CHARACTERS:
        return record
    return Record(record.row, (), "too_long")


def _kept(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    """Hand lines on and remember those of the record that is being read."""
    for line in lines:
        taken.append(line)
        if len(taken) > LINES_OF_RECORD:
            raise OpenQuoteError
        yield line

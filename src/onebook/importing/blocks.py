"""Blocks of a file, each with all that a process of its own needs to read it: memory is flat in the file's size."""

import contextlib
import csv
import io
import itertools
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from onebook.errors import InvalidInput
from onebook.importing.card_cutting import spans, unindented
from onebook.importing.cutting import Cut, cut
from onebook.importing.delimited import Dialect, Parser, lines_of, without_endless
from onebook.importing.record import Fault, Record, Stretch, records_in

# ``table``: delimited text. ``records``: cells already split. ``lines``: one JSON object a line. ``cards``: vCards.
Shape = Literal["table", "records", "lines", "cards"]

BLOCK_CHARACTERS = 512 * 1024
# A text that nowhere ends a record is looked at again when it has grown so many times.
_PATIENCE = 4
# The longest vCard: a picture of some megabytes may be in it.
_CARD_CHARACTERS = 16 << 20


class Block(Struct, frozen=True, array_like=True):
    """Records of a file that stand together.

    Args:
        index: position of the first one, from 0; headings do not count, blank records do.
        row: its number in the file: of the record in a table, of the line elsewhere.
        count: how many records there are, blank ones included.
        shape: what they are. text: of all of them. records: their cells, if they are already split.
        packed: the same as `Stretch` has them.
        dialect: of a table: delimiter, quotation mark, whether blanks behind delimiters are skipped.
    """

    index: int
    row: int
    count: int
    shape: Shape
    text: str = ""
    records: tuple[Record, ...] = ()
    dialect: Dialect = Dialect()
    packed: bytes = b""


class TableText:
    """A text with delimiters, read record by record or cut into blocks, from wherever one has come to.

    Args:
        pieces: of the text, its lines ended by LF. dialect: of its lines. field: the caller's name of the file.
    """

    def __init__(self, pieces: Iterator[str], dialect: Dialect, *, field: str) -> None:
        self._pieces = pieces
        self._dialect = dialect
        self._field = field
        self._parser = Parser(dialect, field)
        self._rest = ""
        self._before = ("", 1)

    def records(self) -> Generator[Record, None, None]:
        """All records that are left, blank ones too."""
        rest, self._rest = self._rest, ""
        return self._parser.records(lines_of(itertools.chain([rest], self._pieces)))

    def next(self) -> Record | None:
        """The next record; None at the end."""
        found = self._stretch(self._rest, most=1)
        return found[0] if found else None

    def back(self) -> None:
        """Take back the last `next`."""
        self._rest, self._parser.row = self._before

    def ahead(self, most: int) -> list[list[str]]:
        """The cells of records that come next, as far as they can be told without going on."""
        text = self._rest or next(self._pieces, "")
        self._rest = text
        found = list[list[str]]()
        with contextlib.suppress(csv.Error):
            found.extend(itertools.islice(self._dialect.reader(io.StringIO(text, newline="\n")), most))
        return found

    def blocks(self, first_row: int, characters: int = BLOCK_CHARACTERS, *, most: int = sys.maxsize) -> Iterator[Block]:
        """All records that are left, in blocks.

        Args:
            first_row: number of the record with index 0. characters: about so many a block. most: records of a block.

        Raises:
            InvalidInput: if the file is broken beyond a row.
        """
        text, self._rest, more = self._rest, "", True
        wanted = characters
        while more or text:
            while more and len(text) < wanted:
                piece = next(self._pieces, None)
                more = piece is not None
                text += piece or ""
            found = self._cut(text, more=more)
            if found is not None and found.end > 0 and found.records <= most:
                if text[: found.end].strip():
                    yield self._block(first_row, found.records, text[: found.end])
                self._parser.row += found.records
                text = text[found.end :]
            elif found is not None and not found.end and more and len(text) < characters * _PATIENCE:
                wanted = len(text) + characters
                continue
            elif text:
                row = self._parser.row
                records = self._stretch(text, most)
                yield Block(row - first_row, row, len(records), "records", records=tuple(records))
                text = self._rest
            wanted = characters

    def _cut(self, text: str, *, more: bool) -> Cut | None:
        if more or not text or text.endswith("\n"):
            found = cut(text, self._dialect) if text else Cut(0, 0)
            return None if found is not None and not more and found.end < len(text) else found
        # The last line needs no end; one that is given to it must not end up within an open quotation mark.
        found = cut(text + "\n", self._dialect)
        return found if found is not None and found.end > len(text) else None

    def _block(self, first_row: int, count: int, text: str) -> Block:
        row = self._parser.row
        return Block(row - first_row, row, count, "table", text, dialect=self._dialect)

    def _stretch(self, text: str, most: int | None = None) -> list[Record]:
        """Read record by record until the text is used up, or there are enough; more text is drawn as needed."""
        drawn, found, row = [text], list[Record](), self._parser.row
        self._parser.used = 0

        def pieces() -> Iterator[str]:
            yield text
            for piece in self._pieces:
                drawn.append(piece)
                yield piece

        records = self._parser.records(lines_of(pieces()))
        for record in records:
            found.append(record)
            if self._parser.used >= len(text) or len(found) == most:
                break
        records.close()
        whole = "".join(drawn)
        self._before = (whole, row)
        self._rest = whole[self._parser.used :]
        return found


def line_blocks(pieces: Iterator[str], *, characters: int = BLOCK_CHARACTERS) -> Iterator[Block]:
    """Blocks of a text in which each line is a record; of an endless one enough to see that it is too long."""
    row, text = 1, ""
    for piece in without_endless(pieces):
        text += piece
        end = text.rfind("\n") + 1
        if len(text) >= characters and end:
            count = text.count("\n")
            yield Block(row - 1, row, count, "lines", text[:end])
            row, text = row + count, text[end:]
    if text:
        yield Block(row - 1, row, text.count("\n") + (not text.endswith("\n")), "lines", text)


def card_blocks(pieces: Iterator[str], *, field: str, characters: int = BLOCK_CHARACTERS) -> Iterator[Block]:
    """Blocks of a text of vCards; what stands before and between them is passed over.

    Raises:
        InvalidInput: if a card is without end.
    """
    index, row, text, wanted = 0, 1, "", characters
    for piece in pieces:
        text += piece
        if len(text) < wanted:
            continue
        # A line that is not at its end may yet turn out to be another one.
        found = list(spans(text[: text.rfind("\n") + 1]))
        end = found[-1].start if found else 0
        if not end and len(text) > _CARD_CHARACTERS:
            message = (
                f"The card that begins in line {row:,} is longer than {_CARD_CHARACTERS:,} characters; it ends with a "
                "line END:VCARD, and needs no pictures."
            )
            raise InvalidInput.of(field, "unreadable", message)
        if end:
            block = Block(index, row, len(found) - 1, "cards", text[:end])
            yield block
            index, row, text = index + block.count, row + block.text.count("\n"), text[end:]
        # Looked at again only when it is twice as long, so that one long card costs no more than many.
        wanted = max(characters, min(len(text) * 2, _CARD_CHARACTERS + 1))
    if text.strip():
        yield Block(index, row, sum(1 for _ in spans(text)), "cards", text)


def stretch_blocks(taken: Sequence[Record], rest: Iterable[Stretch], *, first_row: int) -> Iterator[Block]:
    """Blocks of a workbook's records, without the blank ones.

    Args:
        taken: those that were looked at. rest: those behind them. first_row: number of the record with index 0.
    """
    if taken:
        first, last = taken[0].row, taken[-1].row
        yield Block(first - first_row, first, last - first + 1, "records", records=tuple(taken))
    for first, last, packed in rest:
        yield Block(first - first_row, first, last - first + 1, "records", packed=packed)


def records_of(block: Block) -> Iterable[tuple[int, Sequence[str], Fault | None]]:
    """What a `Record` of a table says, of each record of a block; blank ones too."""
    if block.packed:
        return records_in(block.packed)
    if block.shape == "records":
        return block.records
    cells = block.dialect.split(block.text)
    return zip(itertools.count(block.row), cells, itertools.repeat(None), strict=False)


def rows_of(block: Block) -> Iterator[Record]:
    """The records of a block, blank ones too; of lines and cards each is one cell with its text."""
    if block.shape in ("table", "records"):
        return itertools.starmap(Record, records_of(block))
    if block.shape == "lines":
        return map(Record, itertools.count(block.row), ((line,) for line in block.text.split("\n")))
    return _cards(block)


def _cards(block: Block) -> Iterator[Record]:
    row, before = block.row, 0
    for start, end in spans(block.text):
        row, before = row + block.text.count("\n", before, start), start
        yield Record(row, (unindented(block.text[start:end]),))

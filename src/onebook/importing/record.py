"""One record of a file, before anybody has looked at what its cells mean."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

# Why a record could not be read as one.
Fault = Literal["unclosed_quote", "too_long", "too_many_cells", "footer"]

# What to tell the person who will mend the file.
FAULTS: dict[Fault, str] = {
    "unclosed_quote": "A quotation mark is opened and never closed; close it, or double it if it belongs to the text.",
    "too_long": "A cell is longer than 131,072 characters, or its line than 1,048,576; shorten it.",
    "too_many_cells": "The row has more cells than there are headings; put a cell that holds the delimiter in "
    "quotation marks, or give the column a heading.",
    "footer": "This is the end of a report and no contact; nothing needs to be mended.",
}

# The longest cell in characters: four times that of Excel.
CELL_CHARACTERS = 131_072
# The most columns of a table; exports of contacts have some hundreds. Each row is as wide as the headings, so that a
# short file of wide headings and many short rows would cost much more than its size.
COLUMNS = 2_000


class Record(NamedTuple):
    """A record.

    Args:
        row: the sheet's own number, from 1, headings and blank lines counted.
        cells: as text; of a faulty one as far as they can be told.
        fault: why the record could not be read.
    """

    row: int
    cells: Sequence[str]
    fault: Fault | None = None


class Stretch(NamedTuple):
    """Records of a workbook that stand together, carried as they came until somebody looks at them.

    Args:
        first, last: the sheet's own numbers of the first and the last one. packed: number and cells of each, as
            MessagePack.
    """

    first: int
    last: int
    packed: bytes


_unpack = msgspec.msgpack.Decoder(list[tuple[int, list[str]]]).decode


def records_in(packed: bytes) -> Iterator[Record]:
    """The records of a stretch."""
    return itertools.starmap(Record, _unpack(packed))

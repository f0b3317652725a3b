"""One record of a file, before anybody has looked at what its cells mean."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

# Why a record could not be read as one.
Fault = Literal["unclosed_quote", "too_long"]

# What to tell the person who will mend the file.
FAULTS: dict[Fault, str] = {
    "unclosed_quote": "A quotation mark is opened and never closed; close it, or double it if it belongs to the text.",
    "too_long": "A cell is longer than 131,072 characters; shorten it.",
}

# The longest cell in characters: the csv module's own limit, four times that of Excel.
CELL_CHARACTERS = 131_072
# The most columns of a table; exports of contacts have some hundreds. Each row is as wide as the headings, so that a
# short file of wide headings and many short rows would cost much more than its size.
COLUMNS = 2_000


class Record(NamedTuple):
    """A record.

    Args:
        row: the sheet's own number, from 1, headings and blank lines counted.
        cells: as text; empty if there is a fault.
        fault: why the record could not be read.
    """

    row: int
    cells: Sequence[str]
    fault: Fault | None = None

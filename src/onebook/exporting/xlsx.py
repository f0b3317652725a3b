"""Workbooks (xlsx), written row by row in memory that stays flat: every cell is text, none is a formula or a link."""

import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from onebook.errors import LimitExceeded
from onebook.exporting.pieces import PIECE_BYTES

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Source: Excel specifications and limits. Characters are counted as UTF-16 does.
ROWS: Final = 1_048_575  # below the headings
CELL_CHARACTERS: Final = 32_767

_NOT_XML: Final = dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd")
_COLUMN_WIDTH: Final = 20


class Sheet:
    """The one sheet of a workbook that is being written.

    Args:
        book: of xlsxwriter, in constant memory: rows must come in their order.
    """

    def __init__(self, book: Any) -> None:
        self.book = book
        # Cells of the format "Text" stay text when a person edits them: a number keeps its plus, no formula runs.
        self.plain = book.add_format({"num_format": "@"})
        self.strong = book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        self.tab = book.add_worksheet("Contacts")
        self.tab.freeze_panes(1, 0)

    def head(self, headings: list[str]) -> None:
        """Write the headings."""
        self.tab.set_column(0, max(len(headings) - 1, 0), _COLUMN_WIDTH, self.plain)
        for column, heading in enumerate(headings):
            self.put(0, column, heading, self.strong)

    def put(self, row: int, column: int, text: str, style: Any = None) -> None:
        """Write one cell; an empty text is no cell.

        Raises: LimitExceeded for a text that no cell holds.
        """
        # The library gives a number below 0 for what it has not written.
        if (text or style is not None) and self.tab.write_string(
            row, column, text.translate(_NOT_XML), style or self.plain
        ):
            raise LimitExceeded("cell", CELL_CHARACTERS, "characters")


@contextmanager
def opened(path: Path) -> Iterator[Sheet]:
    """A workbook that is whole at ``path`` when this ends without an error."""
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    book = xlsxwriter.Workbook(str(path), options)
    sheet = Sheet(book)
    try:
        yield sheet
    except BaseException:
        _drop(book)
        raise
    book.close()


def _drop(book: Any) -> None:
    """Give up what was written: the files behind it are closed here, and lie in a folder that goes."""
    book.fileclosed = True
    for tab in book.worksheets():
        with suppress(OSError):
            tab._opt_close()  # noqa: SLF001 - the library has no other way to stop


def streamed(fill: Callable[[Sheet], Iterator[None]]) -> Generator[bytes, None, None]:
    """The bytes of a workbook that ``fill`` writes.

    A workbook is known only when it is whole: while it is written, each step of ``fill`` gives an empty piece.
    """
    with tempfile.TemporaryDirectory(prefix="onebook-") as folder:
        path = Path(folder) / "contacts.xlsx"
        with opened(path) as sheet:
            for _ in fill(sheet):
                yield b""
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

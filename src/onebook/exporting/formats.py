"""The formats that contacts go out in, by name."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct

from onebook.errors import InvalidInput
from onebook.exporting import delimited, json_lines, vcard, workbook, xlsx
from onebook.model import sheet
from onebook.model.exported import Exported

Write = Callable[[Iterable[Exported], sheet.Layout], Iterator[bytes]]


class Format(Struct, frozen=True):
    """A format.

    Args:
        extension: of the file's name. write: contacts and layout to the file's bytes.
        cell_characters: the most that one cell may hold; none where there are no cells.
        line_characters: the most that one row may. rows: the most that the file may have.
    """

    name: str
    media_type: str
    extension: str
    write: Write
    cell_characters: int | None = None
    line_characters: int = 0
    rows: int | None = None

    @property
    def surveyed(self) -> bool:
        """Whether the columns must be known before the first contact is written."""
        return self.cell_characters is not None

    def must_hold(self, row: Exported) -> None:
        """Raises: InvalidInput for a contact that no row of this format can hold, so that none is cut short."""
        limit = self.cell_characters
        # Nearly all are far below: no cell is longer than their JSON, were each sign of it escaped with six.
        if limit is None or len(msgspec.json.encode(row)) * 6 < limit:
            return
        texts = [text for _, text in sheet.cells_of(row)]
        # An apostrophe may come before a text; a workbook counts as UTF-16 does.
        sizes = [len(text.encode("utf-16-le")) // 2 + 1 for text in texts]
        if max(sizes) > limit or sum(sizes) > self.line_characters:
            raise InvalidInput.of(
                "format",
                "too_long",
                f"The contact {row.contact.uid} says more than a cell of this format holds ({limit:,} characters);"
                " export as JSON Lines.",
            )

    def must_have_room(self, rows: int) -> None:
        """Raises: InvalidInput for more contacts than a file of this format holds."""
        if self.rows is not None and rows > self.rows:
            message = f"A workbook holds {self.rows:,} contacts; these are more. Export as CSV."
            raise InvalidInput.of("format", "too_many", message)


FORMATS: Final = {
    one.name: one
    for one in (
        Format(
            "csv",
            delimited.MEDIA_TYPE,
            "csv",
            delimited.write,
            delimited.CELL_CHARACTERS,
            delimited.LINE_CHARACTERS,
        ),
        Format(
            "xlsx",
            xlsx.MEDIA_TYPE,
            "xlsx",
            workbook.write,
            xlsx.CELL_CHARACTERS,
            delimited.LINE_CHARACTERS,
            xlsx.ROWS,
        ),
        Format("vcard", vcard.MEDIA_TYPE, "vcf", vcard.write),
        Format("vcard3", vcard.MEDIA_TYPE, "vcf", partial(vcard.write, version="3.0")),
        Format("jsonl", json_lines.MEDIA_TYPE, "jsonl", json_lines.write),
    )
}

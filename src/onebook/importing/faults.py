"""What is wrong with a row, as it is found."""

import re

from onebook.errors import Issue
from onebook.model import email as emails

# What an issue shows of a cell; the person who mends the file has the rest of it.
_SHOWN_CHARACTERS = 200


_NO_NUMBER = "This is no possible phone number; with its country code it looks like +1 650 555 0134."
_NO_COUNTRY = (
    "This is no phone number without a country code; add it, as in +1 650 555 0134, or say for the whole import "
    "in which country its numbers are."
)
_CUT_SHORT = "A spreadsheet has cut this number short; make it a cell of text and enter the number again."
_NO_ADDRESS = "This is no e-mail address; one looks like ada@example.com."
_UNSEEN = "There is a character in this e-mail address that cannot be seen; enter the address again."
_POWER_OF_TEN = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)


class Faults:
    """The issues of one row.

    Args:
        index: of the row. any_nul: whether any of its cells may hold the character that no store takes.
    """

    def __init__(self, index: int, *, any_nul: bool) -> None:
        self.index = index
        self.issues: list[Issue] = []
        self.any_nul = any_nul

    def add(self, field: str, code: str, message: str, value: str | None = None) -> None:
        """Note one; of the value the beginning is shown."""
        shown = value[:_SHOWN_CHARACTERS] if value else None
        self.issues.append(Issue(field, code, message, self.index, shown))

    def no_number(self, field: str, cell: str, country: str | None) -> None:
        """Note that a text is no phone number. Args: ``country``: where it would be dialled, if that is known."""
        text = cell.strip()
        if _POWER_OF_TEN.fullmatch(text):
            message = _CUT_SHORT
        else:
            message = _NO_NUMBER if country or text[:1] == "+" or not any(map(str.isdigit, text)) else _NO_COUNTRY
        self.add(field, "invalid", message, cell)

    def no_address(self, field: str, cell: str) -> None:
        """Note that a text is no mail address."""
        self.add(field, "invalid", _UNSEEN if emails.has_unseen(cell) else _NO_ADDRESS, cell)

    def has_nul(self, field: str, *cells: str) -> bool:
        """Whether a cell holds the character of the code 0; noted if so."""
        found = self.any_nul and any("\0" in cell for cell in cells)
        if found:
            self.add(field, "nul", "The cell holds a character of the code 0; take it out.")
        return found

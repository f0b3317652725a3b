"""What is wrong with a row, as it is found."""

from onebook.errors import Issue

# What an issue shows of a cell; the person who mends the file has the rest of it.
_SHOWN_CHARACTERS = 200


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

    def has_nul(self, field: str, *cells: str) -> bool:
        """Whether a cell holds the character of the code 0; noted if so."""
        found = self.any_nul and any("\0" in cell for cell in cells)
        if found:
            self.add(field, "nul", "The cell holds a character of the code 0; take it out.")
        return found

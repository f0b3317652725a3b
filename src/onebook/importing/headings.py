"""What the headings of a file mean, as far as they and the cells below them tell."""

from collections.abc import Sequence

from onebook.model import email as emails
from onebook.model import phone as phones


def looks_like_data(cells: Sequence[str]) -> bool:
    """Whether a first row is one of data: nobody calls a column by a mail address or a whole number."""
    return any(
        emails.normalize(cell.strip()) is not None or phones.e164_of(phones.clean_cell(cell), None) is not None
        for cell in cells
        if cell
    )

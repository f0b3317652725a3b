"""The end of a report: lines below the table, as Salesforce writes them, that would be taken for contacts."""

import re
from collections.abc import Sequence
from typing import Final

# Source: the exports of Salesforce's reports. The lines around these are the report's and the company's name.
_SAYS_SO: Final = re.compile(
    r"Copyright (?:\(c\)|©) .*All rights reserved\.?|Confidential Information - Do Not Distribute", re.IGNORECASE
)
_LINES: Final = 10


def footer(numbers: Sequence[int], rows: Sequence[Sequence[str]]) -> list[int]:
    """The positions of the last rows if they are a report's end.

    Below a blank row, they have but one cell each, and one of them says so in words that are nobody's name.

    >>> footer([2, 3, 4, 5], [["Ada", "1"], [""], ["Acme"], ["Confidential Information - Do Not Distribute"]])
    [3, 2]

    Args:
        numbers: of the rows in the file; where one is missing, it is blank. rows: their cells.
    """
    found, says_so = list[int](), False
    for at in range(len(rows) - 1, max(len(rows) - _LINES, 0) - 1, -1):
        filled = [cell for cell in rows[at] if cell.strip()]
        if len(filled) > 1:
            break
        if filled:
            found.append(at)
            says_so = says_so or _SAYS_SO.fullmatch(filled[0].strip()) is not None
        if says_so and (not filled or (at and numbers[at] - numbers[at - 1] > 1)):
            return found
    return []

"""Where the vCards of a text begin and end, forgivingly.

Files are joined without a line end between them, indented, and have other lines between their cards.
Source: RFC 6350, 3.3; cards within cards (AGENT): vCard 2.1, and RFC 2426, 3.5.4.
"""

import re
import textwrap
from collections.abc import Iterator
from typing import Final, NamedTuple

# A line that begins a card or ends one; or both, where files were joined of which the first has no line end.
_BORDER: Final = re.compile(
    r"^(?P<blanks>[ \t]*+)(?:(?P<end>END:VCARD)[ \t]*+(?:\ufeff?(?P<joined>[ \t]*+)BEGIN:VCARD[ \t]*+)?"
    r"|\ufeff?BEGIN:VCARD[ \t]*+)$",
    re.IGNORECASE | re.MULTILINE,
)
_BEGINS: Final = re.compile(r"\s*+BEGIN:VCARD[ \t]*+$", re.IGNORECASE | re.MULTILINE)
_BEGIN: Final = "BEGIN:VCARD"
_END: Final = "END:VCARD"


class Span(NamedTuple):
    """Where a card begins and ends; one without its end goes on to the next card."""

    start: int
    end: int


class _Border(NamedTuple):
    """Where a card begins or ends.

    Args:
        at: position. blanks: before it. is_sure: whether it is no rest of a longer line (RFC 6350, 3.2), blanks or not.
    """

    at: int
    blanks: str
    is_end: bool
    is_sure: bool


def spans(text: str) -> Iterator[Span]:
    """The cards of a text, without what stands between them.

    What ends without having begun is one, too, so that somebody is told of it.

    Args:
        text: from the beginning of a file, or from that of a card.
    """
    start, indent, depth, done = 0, "", 0, 0  # depth: how many cards are open, one within the other
    for at, blanks, is_end, is_sure in _borders(text):
        if depth and not is_sure and blanks not in ("", indent):
            continue
        if is_end:
            if not depth and (rest := text[done:at].lstrip()).upper() != _END:
                start, depth = at - len(rest), 1
            if depth == 1:
                yield Span(start, at)
            depth, done = max(depth - 1, 0), at
        elif depth and text.startswith(":\n", at - 2):
            depth += 1
        else:
            if depth:
                yield Span(start, at)
            start, indent, depth = at, blanks, 1
    if depth:
        yield Span(start, len(text))


def _borders(text: str) -> Iterator[_Border]:
    for line in _BORDER.finditer(text):
        blanks, joined = line["blanks"], line["joined"]
        if line["end"] is None:
            yield _Border(line.start(), blanks, is_end=False, is_sure=False)
            continue
        is_sure = joined is not None or (blanks != "" and _BEGINS.match(text, line.end()) is not None)
        yield _Border(line.end("end"), blanks, is_end=True, is_sure=is_sure)
        if joined is not None:
            yield _Border(line.end("end"), joined, is_end=False, is_sure=True)


def is_card(text: str) -> bool:
    """Whether a record is a card, perhaps without its beginning or its end."""
    return text[: len(_BEGIN)].upper() == _BEGIN or text.rstrip()[-len(_END) :].upper() == _END


def unindented(text: str) -> str:
    """A card without what stands before all of its lines, and before the first and the last one."""
    if text[:1] not in ("B", "b"):
        text = textwrap.dedent(text).lstrip("\ufeff \t")
    rest, _, last = text.rstrip().rpartition("\n")
    return f"{rest}\n{last.strip()}" if last[:1] in (" ", "\t") and last.strip().upper() == _END else text

"""The text that PostgreSQL's COPY reads, made of whole columns.

A call for each value costs more than the server takes for it. So a column is escaped in one piece, which mostly changes
nothing, and only then cut into its values and laid beside the others.

Source: PostgreSQL, "COPY", text format.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, LargeBinary, Table, Text

from onebook.errors import InvalidInput

#: Characters that mean something to COPY, the first one first, as the others' escapes are made of it.
_ESCAPES: Final = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_NULL: Final = "\\N"
_BETWEEN: Final = "\0"  # no text that can be stored has one


def copied(table: Table, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]) -> bytes:
    """Rows as COPY reads them, the columns in the order of both mappings, the fixed ones first.

    Args:
        columns: by name, of one length. fixed: columns that have the same value in all rows.

    Raises:
        InvalidInput: for a NUL in a text. UnicodeEncodeError: for half a character.
    """
    same = "".join(f"{_values(table, name, (value,))[0]}\t" for name, value in fixed.items())
    rows = list(zip(*(_values(table, name, values) for name, values in columns.items()), strict=True))
    between = f"\n{same}"
    return (same + between.join(map("\t".join, rows)) + "\n").encode() if rows else b""


def _values(table: Table, name: str, column: Sequence[Any]) -> Sequence[str]:
    """The texts of a column's values."""
    write = _WRITERS[type(table.c[name].type)]
    if None not in column:
        return list(write(column))
    there = iter(list(write([value for value in column if value is not None])))
    return [_NULL if value is None else next(there) for value in column]


def _texts(column: Sequence[str]) -> Sequence[str]:
    whole = _BETWEEN.join(column)
    if whole.count(_BETWEEN) != max(len(column) - 1, 0):
        raise InvalidInput.of("text", "not_text", "A text holds a NUL, which cannot be stored.")
    escaped = whole
    for character, escape in _ESCAPES:
        escaped = escaped.replace(character, escape)
    return column if escaped == whole else escaped.split(_BETWEEN)


def _flags(column: Sequence[Any]) -> Iterator[str]:
    return ("t" if value else "f" for value in column)


def _octets(column: Sequence[bytes]) -> Iterator[str]:
    return map("\\\\x".__add__, map(bytes.hex, column))


_WRITERS: Final[Mapping[type, Callable[[Sequence[Any]], Any]]] = {
    BigInteger: lambda column: map(str, column),
    Boolean: _flags,
    LargeBinary: _octets,
    Text: _texts,
}

"""vCards as properties, whatever their version, forgivingly: programs write them in many ways.

Source: RFC 6350 (4.0), RFC 2426 (3.0), the vCard 2.1 specification of the versit consortium, RFC 6868 (signs in
parameters).
"""

import base64
import quopri
import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

# No line can be divided in two ways, so there is nothing to come back to. Groups are not possessive: see `email`.
_LINE: Final = re.compile(
    r"(?:(?P<group>[A-Za-z0-9_-]++)\.)?(?P<name>[A-Za-z0-9_-]++)(?P<params>(?:;(?:[^\":;]++|\"[^\"]*+\")*)*):(?P<value>.*)",
    re.DOTALL,
)
_PARAMETER: Final = re.compile(r";((?:[^\";]++|\"[^\"]*+\")+)")
_VALUE: Final = re.compile(r"\"([^\"]*+)\"|([^\",]++)")
_QUOTED: Final = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_HATS: Final = {"^n": "\n", "^'": '"', "^^": "^"}
_HAT: Final = re.compile(r"\^[n'^]")
_ENCODINGS: Final = frozenset({"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"})
# What another line behind them would spoil.
_SINGLE_LINE: Final = frozenset(
    {
        *("BEGIN", "END", "VERSION", "FN", "N", "ORG", "TEL", "EMAIL", "UID", "KIND", "MEMBER", "CATEGORIES"),
        *("X-ABLABEL", "X-ADDRESSBOOKSERVER-KIND", "X-ADDRESSBOOKSERVER-MEMBER", "X-ONEBOOK"),
    }
)


class Property(Struct, frozen=True):
    """One property of a card.

    Args:
        name: in upper case. group: what ties it to others, in lower case; empty for none.
        types: of its TYPE parameters, in lower case. params: the others, names in upper case.
        value: as it stands, but decoded.
    """

    name: str
    group: str
    types: frozenset[str]
    params: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as a text."""
        return unescaped(self.value).strip()

    def parts(self, sign: str = ";") -> list[str]:
        """The components of the value."""
        return [unescaped(part).strip() for part in _split(self.value, sign)]


def properties(text: str) -> Iterator[Property]:
    """The properties of a card, those of cards within it left out.

    A line that is none, as some programs write the second line of a note, belongs to the property before it; where
    that is one of a single line, it is a note of its own.
    """
    depth = 0
    for found, more in _with_more(_unfolded(text)):
        name = found["name"].upper()
        if name == "BEGIN":
            depth += 1
        elif name == "END":
            depth -= 1
        elif depth <= 1:
            yield _property(name, found, [] if name in _SINGLE_LINE else more)
        if depth <= 1 and name in _SINGLE_LINE and (note := "\n".join(more).strip()):
            yield Property("NOTE", "", frozenset(), {}, note)


def _with_more(lines: Iterable[str]) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Properties, each with the lines behind it that are none."""
    held: tuple[re.Match[str], list[str]] | None = None
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is not None:
            if held is not None:
                yield held
            held = found, []
        elif held is not None:
            held[1].append(line)
    if held is not None:
        yield held


def _unfolded(text: str) -> Iterator[str]:
    """Lines, with those that go on put together."""
    held: list[str] = []
    quoted = False
    for line in text.split("\n"):
        if line[:1] in (" ", "\t") and held and not quoted:
            held.append(line[1:])
        elif quoted and held[-1].endswith("="):
            held[-1] = held[-1][:-1]
            held.append(line)
        else:
            if held:
                yield "".join(held)
            held, quoted = [line], _QUOTED.search(line.partition(":")[0] + ":") is not None
    if held:
        yield "".join(held)


def _property(name: str, found: re.Match[str], more: Iterable[str]) -> Property:
    types: set[str] = set()
    params: dict[str, str] = {}
    for match in _PARAMETER.finditer(found["params"]):
        key, equals, value = match[1].partition("=")
        key = key.strip().upper()
        if not equals:  # as 2.1 writes them
            key, value = ("ENCODING" if key in _ENCODINGS else "TYPE"), key
        if key == "TYPE":
            types.update(word.strip().lower() for both in _VALUE.findall(value) for word in "".join(both).split(","))
        else:
            params.setdefault(key, _HAT.sub(lambda hat: _HATS[hat[0]], value.strip().strip('"')))
    value = "\n".join([found["value"], *more]).rstrip("\n")
    encoding, charset = params.get("ENCODING", "").upper(), params.get("CHARSET", "utf-8")
    if encoding in ("QUOTED-PRINTABLE", "Q"):
        value = _decoded(value, charset)
    elif encoding in ("BASE64", "B"):
        value = _unpacked(value, charset)
    return Property(name, (found["group"] or "").lower(), frozenset(types), params, value)


def _decoded(value: str, charset: str) -> str:
    data = quopri.decodestring(value.encode("utf-8", "surrogatepass"))
    for encoding in (charset, "utf-8"):
        try:
            return data.decode(encoding).replace("\r\n", "\n")
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _unpacked(value: str, charset: str) -> str:
    """A text in base64; what is no text, such as a picture, stays as it is."""
    try:
        text = base64.b64decode("".join(value.split()), validate=True).decode(charset).replace("\r\n", "\n")
    except (LookupError, ValueError):
        return value
    return value if "\0" in text else text


def _split(value: str, sign: str) -> list[str]:
    parts, start, at = [], 0, 0
    while at < len(value):
        if value[at] == "\\":
            at += 1
        elif value[at] == sign:
            parts.append(value[start:at])
            start = at + 1
        at += 1
    return [*parts, value[start:]]


def unescaped(value: str) -> str:
    r"""A value without its backslashes.

    >>> unescaped(r"Smith\, Ada\nEsq.")
    'Smith, Ada\nEsq.'
    """
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)

"""vCards as properties, whatever their version, forgivingly: programs write them in many ways.

Source: RFC 6350 (4.0), RFC 2426 (3.0), the vCard 2.1 specification of the versit consortium, RFC 6868 (signs in
parameters).
"""

import quopri
import re
from collections.abc import Iterator
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
    """The properties of a card, those of cards within it left out."""
    depth = 0
    for line in _unfolded(text):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        name = found["name"].upper()
        if name == "BEGIN":
            depth += 1
        elif name == "END":
            depth -= 1
        elif depth <= 1:
            yield _property(name, found)


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


def _property(name: str, found: re.Match[str]) -> Property:
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
    value = found["value"]
    if params.get("ENCODING", "").upper() in ("QUOTED-PRINTABLE", "Q"):
        value = _decoded(value, params.get("CHARSET", "utf-8"))
    return Property(name, (found["group"] or "").lower(), frozenset(types), params, value)


def _decoded(value: str, charset: str) -> str:
    data = quopri.decodestring(value.encode("utf-8", "surrogatepass"))
    for encoding in (charset, "utf-8"):
        try:
            return data.decode(encoding).replace("\r\n", "\n")
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


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

"""vCards, for address books: version 4.0, and 3.0 for those that know no newer one.

What a vCard has no property for stands in one of ours, ``X-ONEBOOK``, as JSON: other programs pass over it.

Source: RFC 6350 (4.0); RFC 2426 (3.0); how Apple's contacts write labels (X-ABLabel) and groups of 3.0.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final, Literal

from msgspec import Struct

from onebook.exporting.pieces import gathered
from onebook.model import email as mails
from onebook.model import name as names
from onebook.model import sheet
from onebook.model.contact import Address, Card
from onebook.model.exported import Exported
from onebook.model.moment import rfc3339

MEDIA_TYPE: Final = "text/vcard; charset=utf-8"
OWN: Final = "X-ONEBOOK"
LINE_OCTETS: Final = 75  # RFC 6350, 3.2

Version = Literal["4.0", "3.0"]

# Our words for types as those of vCard (RFC 6350, 6.4.1); any other word becomes a label.
_TYPES: Final[dict[str | None, tuple[str, ...]]] = {
    None: (),
    "home": ("home",),
    "work": ("work",),
    "mobile": ("cell",),
    "cell": ("cell",),
    "pager": ("pager",),
    "fax": ("fax",),
    "home fax": ("home", "fax"),
    "work fax": ("work", "fax"),
}
_ESCAPES: Final = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n", "\r": None})


class Line(Struct, frozen=True):
    """One property: its name, its value as it stands, its types, and the label that no type says."""

    name: str
    value: str
    types: tuple[str, ...] = ()
    label: str | None = None
    first: bool = False
    more: str = ""


def write(rows: Iterable[Exported], _layout: sheet.Layout, *, version: Version = "4.0") -> Iterator[bytes]:
    """The file of these contacts, one card after the other."""
    yield from gathered(map(partial(card_of, version=version), rows))


def card_of(row: Exported, *, version: Version = "4.0") -> bytes:
    """One card."""
    lines = ["BEGIN:VCARD", f"VERSION:{version}", "PRODID:-//onebook//EN"]
    for at, line in enumerate(_lines(row, version), 1):
        lines += _written(line, at, version)
    lines.append("END:VCARD")
    return b"".join(_folded(line) for line in lines)


def _lines(row: Exported, version: Version) -> Iterator[Line]:
    contact, card = row.contact, row.contact.card
    yield Line("UID", f"urn:uuid:{contact.uid}")
    yield from _kind(row, version)
    yield Line("FN", _text(names.display(card)))
    yield Line("N", ";".join((_text(card.family), _text(card.given), "", "", "")))
    yield from _reached(card)
    for address in card.addresses:
        yield _address(address, version, first=address is card.addresses[0])
    if row.organization:
        yield Line("ORG", _text(row.organization))
    if card.notes:
        yield Line("NOTE", _text(card.notes, lines=None))
    if row.tags:
        yield Line("CATEGORIES", ",".join(map(_text, row.tags)))
    yield Line("REV", rfc3339(contact.updated_at) if version == "3.0" else _basic(rfc3339(contact.updated_at)))
    if own := own_of(row):
        yield Line(OWN, sheet.written(own).translate(_ESCAPES))


def _kind(row: Exported, version: Version) -> Iterator[Line]:
    """What 4.0 has words for; in 3.0 Apple's, which others have taken over."""
    prefix = "" if version == "4.0" else "X-ADDRESSBOOKSERVER-"
    if version == "4.0" or row.contact.kind == "group":
        yield Line(f"{prefix}KIND", row.contact.kind)
    for member in row.members:
        yield Line(f"{prefix}MEMBER", f"urn:uuid:{member.uid}", first=member.primary and version == "4.0")


def _reached(card: Card) -> Iterator[Line]:
    """Numbers and mail addresses."""
    for phone in card.phones:
        yield Line("TEL", _text(phone.e164 or phone.raw), *_typed(phone.type), first=phone.primary)
    for email in card.emails:
        yield Line("EMAIL", _text(email.address), *_typed(email.type), first=email.primary)


def _typed(word: str | None) -> tuple[tuple[str, ...], str | None]:
    """The types that a word means, or the word as a label."""
    types = _TYPES.get(word.lower() if word else None)
    return (types, None) if types is not None else ((), word)


def _address(address: Address, version: Version, *, first: bool) -> Line:
    parts = (
        *(None, address.line2, address.line1 or address.text, address.city),
        *(address.state or address.subdivision, address.postal_code, address.country or address.country_code),
    )
    label = _parameter(address.text) if address.text and version == "4.0" else ""
    more = f";LABEL={label}" if label else ""
    return Line("ADR", ";".join(map(_text, parts)), *_typed(address.type), first=first, more=more)


def own_of(row: Exported) -> dict[str, Any]:
    """What the card's other properties do not say exactly, field by field."""
    contact, card = row.contact, row.contact.card
    own: dict[str, Any] = {"external_id": contact.external_id, "custom": card.custom, "lists": row.lists}
    own |= {"locations": card.locations, "addresses": card.addresses, "opted_out": row.opted_out}
    # A group names its members by uids, which are other ones after an import; a name is the same.
    own |= {"groups": row.groups, "places": row.places}
    if (card.given, card.family) != names.split(card.full or "") or card.full != _seen(card.full):
        own["name"] = {"full": card.full, "given": card.given, "family": card.family}
    if any(phone.raw != phone.e164 or not _says(phone.type) for phone in card.phones):
        own["phones"] = card.phones
    if any(mails.normalize(email.address) != email.address or not _says(email.type) for email in card.emails):
        own["emails"] = card.emails
    if card.notes != _seen(card.notes, lines=len(card.notes or "") + 1):
        own["notes"] = card.notes
    if row.organization != _seen(row.organization):
        own["organization"] = row.organization
    if any(tag != _seen(tag) for tag in row.tags):
        own["tags"] = row.tags
    own = {field: value for field, value in own.items() if value not in (None, (), {})}
    if (card.full, card.given, card.family) == (None, None, None):
        own["name"] = None  # what the card calls the contact is none of its name
    return own


def _says(word: str | None) -> bool:
    return word is None or word in ("home", "work", "mobile")


def _seen(text: str | None, *, lines: int = 1) -> str | None:
    return text and sheet.visible(text, lines=lines).strip()


# --- lines of text ---


def _text(text: str | None, *, lines: int | None = 1) -> str:
    shown = sheet.visible(text, lines=len(text or "") + 1 if lines is None else lines)
    return shown.translate(_ESCAPES)


def _parameter(text: str) -> str:
    """A text as the value of a parameter. Source: RFC 6868."""
    shown = sheet.visible(text, lines=len(text) + 1)
    return '"' + shown.replace("^", "^^").replace("\n", "^n").replace('"', "^'") + '"'


def _basic(time: str) -> str:
    """A time in the basic form that 4.0 wants: ``20260101T000000Z``."""
    return time[:19].replace("-", "").replace(":", "") + "Z"


def _written(line: Line, at: int, version: Version) -> list[str]:
    """A property as lines: two, if it has a label."""
    types = line.types
    if version == "3.0":
        types = (*(("INTERNET",) if line.name == "EMAIL" else ()), *types, *(("PREF",) if line.first else ()))
        types = tuple(word.upper() for word in types)
    # Commas within a list of types need no quotes in 3.0; one parameter for each is right in both.
    parameters = "".join(f";TYPE={word}" for word in types) + line.more
    if line.first and version == "4.0":
        parameters += ";PREF=1"
    if line.label is None:
        return [f"{line.name}{parameters}:{line.value}"]
    return [f"item{at}.{line.name}{parameters}:{line.value}", f"item{at}.X-ABLabel:{_text(line.label)}"]


def _folded(line: str) -> bytes:
    """The octets of a line, broken before 75 of them, never within a character."""
    data = line.encode()
    if len(data) <= LINE_OCTETS:
        return data + b"\r\n"
    parts, start, room = [], 0, LINE_OCTETS
    while len(data) - start > room:
        end = start + room
        while data[end] & 0xC0 == 0x80:  # noqa: PLR2004 - a byte that continues a character (RFC 3629, 3)
            end -= 1
        parts.append(data[start:end])
        start, room = end, LINE_OCTETS - 1  # the blank that says "goes on"
    parts.append(data[start:])
    return b"\r\n ".join(parts) + b"\r\n"

"""A contact said field by field in JSON: onebook's own words, in JSON Lines and where its other files need them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from onebook.importing.entries import country_of
from onebook.importing.faults import Faults
from onebook.model import email as emails
from onebook.model import merge
from onebook.model import name as names
from onebook.model import phone as phones
from onebook.model.contact import Address, Card, ContactDraft, Email, Kind, Phone
from onebook.model.converting import converting
from onebook.model.exported import Standing
from onebook.model.opt_out import Channel

# Words for the two kinds; those of vCard among them.
KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("", "individual", "person", "contact", "org", "organization", "location"), "individual"),
    "group": "group",
}


_address_of: Final = converting(Address)
_standing_of: Final = converting(Standing)
_NAME: Final = ("full", "given", "family")


class Said(Struct, frozen=True):
    """What a row says of a contact.

    Args:
        card: what goes into the contact. kind, external_id: its own.
        groups, tags, lists: names, whole. groups_cell: a cell that names groups, as it stands.
        places: where the contact stands in such groups, if onebook wrote it.
        members: uids or mail addresses of those who are in the group.
        opt_outs: what the person has opted out of.
        ours: whether onebook wrote it, which keeps contacts that nothing is known of too.
        parts: of the name, as of `columns.parts_said`.
    """

    card: Card = Card()
    kind: Kind = "individual"
    external_id: str | None = None
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    groups_cell: str = ""
    opt_outs: tuple[Channel, ...] = ()
    ours: bool = False
    members: tuple[str, ...] = ()
    places: tuple[Standing, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def draft(self) -> ContactDraft:
        """The contact to be written."""
        return ContactDraft(self.card, self.kind, self.external_id)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to know the contact by."""
        card = self.card
        known = card.full or card.phones or card.emails or card.organization or self.external_id
        return not (known or self.ours)


class Words(Struct, frozen=True):
    """How to take the words of a file.

    Args:
        country: where national numbers are dialled. exact: whether it is one of our own, so that also what no other
            file may bring (a number that is none) comes back as it went.
    """

    country: str | None = None
    exact: bool = False


def lay_over(said: Said, given: Mapping[str, Any], words: Words, faults: Faults) -> Said:
    """Lay fields over what is known; keys that are none of ours are passed over.

    Args:
        given: field to its JSON value; None takes a field away.
    """
    card: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    for field, read in _FIELDS.items():
        if field not in given:
            continue
        try:
            found = read(given[field], words, faults)
        except (msgspec.ValidationError, TypeError, ValueError):
            faults.add(field, "wrong_type", f"The field {field} is not of the form that it should have.")
            continue
        (card if field in _OF_CARD else beside).update(found)
    if "full" in card:
        beside["parts"] = () if words.exact else _parts(given["name"])
    if any(faults.has_nul(field, text) for field, text in _texts(card | beside)):
        return said
    return replace(said, card=replace(said.card, **card), **beside)


def _texts(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("name" if field in _NAME else field, msgspec.json.encode(value).decode().replace("\\u0000", "\0"))
        for field, value in found.items()
    ]


def _name(value: Any, _words: Words, _faults: Faults) -> dict[str, Any]:
    if value is None or isinstance(value, str):
        value = {"full": value}
    said = msgspec.convert(value, dict[str, str | None])
    full, given, family = (said.get(part) or None for part in ("full", "given", "family"))
    if full is None:
        full = names.join(given, family)
    elif not (given or family) and not said.keys() & {"given", "family"}:
        given, family = names.split(full)
    return {"full": full, "given": given, "family": family}


def _parts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, dict) or value.get("full"):
        return ()
    given, family = value.get("given") or "", value.get("family") or ""
    return ("", given, "", family, "") if given or family else ()


def _phones(value: Any, words: Words, faults: Faults) -> dict[str, Any]:
    found = []
    for one in _list(value):
        said = {"raw": one} if isinstance(one, str) else msgspec.convert(one, dict[str, Any])
        raw = msgspec.convert(next((said[key] for key in ("raw", "number", "value", "e164") if said.get(key)), ""), str)
        if not raw:
            continue
        e164 = said.get("e164")
        known = e164 if isinstance(e164, str) and phones.e164_of(e164, None) == e164 else None
        phone = Phone(raw, known or phones.e164_of(raw, words.country), _type(said), bool(said.get("primary")))
        if phone.e164 is None and not words.exact:
            faults.no_number("phones", raw, words.country)
        found.append(phone)
    return {"phones": tuple(found) if words.exact else merge.one_primary(merge.unique_phones(found))}


def _emails(value: Any, words: Words, faults: Faults) -> dict[str, Any]:
    found = []
    for one in _list(value):
        said = {"address": one} if isinstance(one, str) else msgspec.convert(one, dict[str, Any])
        sent = msgspec.convert(next((said[key] for key in ("address", "email", "value") if said.get(key)), ""), str)
        if not sent:
            continue
        address = sent if words.exact else emails.found_in(sent)
        if address is None:
            faults.no_address("emails", sent)
            continue
        found.append(Email(address, _type(said), bool(said.get("primary"))))
    return {"emails": tuple(found) if words.exact else merge.one_primary(merge.unique_emails(found))}


def _addresses(value: Any, words: Words, _faults: Faults) -> dict[str, Any]:
    found = []
    for one in _list(value):
        said = {"text": one, "line1": one} if isinstance(one, str) else one
        address = _address_of(said)
        if not words.exact and address.country and not address.country_code:
            address = replace(address, country_code=country_of(address.country))
        if words.exact or address != Address(type=address.type):
            found.append(address)
    return {"addresses": tuple(found)}


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _type(said: Mapping[str, Any]) -> str | None:
    return msgspec.convert(said.get("type"), str | None) or None


def _text(field: str) -> Callable[[Any, Words, Faults], dict[str, Any]]:
    def read(value: Any, _words: Words, _faults: Faults) -> dict[str, Any]:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return {field: msgspec.convert(value, str | None) or None}

    return read


def _several(field: str) -> Callable[[Any, Words, Faults], dict[str, Any]]:
    def read(value: Any, _words: Words, _faults: Faults) -> dict[str, Any]:
        return {field: tuple(dict.fromkeys(text for text in msgspec.convert(_list(value), list[str]) if text))}

    return read


def _places(value: Any, words: Words, _faults: Faults) -> dict[str, Any]:
    return {"places": tuple(map(_standing_of, _list(value))) if words.exact else ()}


def _custom(value: Any, _words: Words, _faults: Faults) -> dict[str, Any]:
    said = msgspec.convert(value or {}, dict[str, Any])
    return {"custom": {key: one for key, one in said.items() if one is not None}}


def _kind(value: Any, _words: Words, faults: Faults) -> dict[str, Any]:
    return {"kind": kind_of(msgspec.convert(value, str | None) or "", "kind", faults)}


def kind_of(word: str, field: str, faults: Faults) -> Kind:
    """The kind that a word means, in any letter case."""
    kind = KINDS.get(word.lower())
    if kind is None:
        faults.add(field, "invalid", "The type must be person or group, or empty for a person.", word)
    return kind or "individual"


_FIELDS: Final[dict[str, Callable[[Any, Words, Faults], dict[str, Any]]]] = {
    "kind": _kind,
    "name": _name,
    "phones": _phones,
    "emails": _emails,
    "addresses": _addresses,
    "notes": _text("notes"),
    "organization": _text("organization"),
    "external_id": _text("external_id"),
    "custom": _custom,
    "locations": _several("locations"),
    "groups": _several("groups"),
    "places": _places,
    "tags": _several("tags"),
    "lists": _several("lists"),
}
FIELDS: Final = frozenset(_FIELDS)
_OF_CARD: Final = FIELDS - {"kind", "external_id", "groups", "places", "tags", "lists"}

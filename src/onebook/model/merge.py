"""How a patch changes a card: pure decisions, no look at the store.

Numbers are equal by `phone.key_of`, mail addresses by `email.key_of`. Of the numbers of a card, and of its mail
addresses, exactly one is primary, if there are any; the first postal address is the primary one.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from onebook.model import email, name, phone
from onebook.model.contact import Address, Card, ContactPatch, CustomChange, Email, Phone

Entry = TypeVar("Entry", Phone, Email)


def one_primary(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The same entries with exactly one of them primary: the first that is marked, else the first."""
    return _elect(entries, next((at for at, entry in enumerate(entries) if entry.primary), 0))


def _elect(entries: Iterable[Entry], chosen: int) -> tuple[Entry, ...]:
    return tuple(
        entry if entry.primary is (at == chosen) else replace(entry, primary=at == chosen)
        for at, entry in enumerate(entries)
    )


def unique_phones(phones: Iterable[Phone]) -> tuple[Phone, ...]:
    """Of equal numbers only the first, which is primary if any of them is."""
    return _unique(phones, phone.key_of)


def unique_emails(emails: Iterable[Email]) -> tuple[Email, ...]:
    """Of equal mail addresses only the first, which is primary if any of them is."""
    return _unique(emails, _email_key)


def _email_key(entry: Email) -> str:
    return email.key_of(entry.address)


def _unique(entries: Iterable[Entry], key_of: Callable[[Entry], str]) -> tuple[Entry, ...]:
    kept: dict[str, Entry] = {}
    for entry in entries:
        earlier = kept.setdefault(key_of(entry), entry)
        if entry.primary and not earlier.primary:
            kept[key_of(entry)] = replace(earlier, primary=True)
    return tuple(kept.values())


def add_phones(existing: Sequence[Phone], added: Iterable[Phone]) -> tuple[Phone, ...]:
    """Append numbers that are not there yet; equal ones stay as they are. The primary one stays primary."""
    return _add(existing, added, phone.key_of)


def add_emails(existing: Sequence[Email], added: Iterable[Email]) -> tuple[Email, ...]:
    """Append mail addresses that are not there yet; equal ones stay as they are. The primary one stays primary."""
    return _add(existing, added, _email_key)


def _add(existing: Sequence[Entry], added: Iterable[Entry], key_of: Callable[[Entry], str]) -> tuple[Entry, ...]:
    known = {key_of(entry) for entry in existing}
    entries = list(existing)
    entries += [entry for entry in _unique(added, key_of) if key_of(entry) not in known]
    return one_primary(entries)


def _replaced(old: Sequence[Entry], new: Sequence[Entry], key_of: Callable[[Entry], str]) -> tuple[Entry, ...]:
    """A new list, in which an entry that was there before keeps its type unless it brings one.

    Primary is the first that the new list marks, else the one that was, if it is kept, else the first.
    """
    before: dict[str, Entry] = {}
    for entry in old:
        before.setdefault(key_of(entry), entry)
    kept = [before.get(key_of(entry)) for entry in new]
    chosen = next((at for at, entry in enumerate(new) if entry.primary), None)
    if chosen is None:
        chosen = next((at for at, entry in enumerate(kept) if entry is not None and entry.primary), 0)
    typed = (_typed(entry, earlier) if earlier else entry for entry, earlier in zip(new, kept, strict=True))
    return _elect(typed, chosen)


def _typed(entry: Entry, earlier: Entry) -> Entry:
    return replace(entry, type=earlier.type) if entry.type is None and earlier.type is not None else entry


def _slot(entries: Sequence[Entry], value: Entry | None, key_of: Callable[[Entry], str]) -> tuple[Entry, ...]:
    """Set or clear the primary entry.

    The others stay; only one that equals the new value goes, giving it its type, as it would be there twice.
    """
    if not entries:
        return () if value is None else one_primary([value])
    at = next((at for at, entry in enumerate(entries) if entry.primary), 0)
    rest = [entry for index, entry in enumerate(entries) if index != at]
    if value is None:
        return _elect(rest, at if at < len(rest) else 0)
    key = key_of(value)
    twin = next((entry for entry in rest if key_of(entry) == key), None)
    value = _typed(value, twin or entries[at])
    kept = [entry for entry in rest[:at] if key_of(entry) != key]
    chosen = len(kept)
    kept.append(value)
    kept += [entry for entry in rest[at:] if key_of(entry) != key]
    return _elect(kept, chosen)


def apply(card: Card, patch: ContactPatch) -> Card:
    """What the card says after the patch.

    Lists are replaced first, then the single slots are set, then entries are added. Kind, external id and the number
    of a stored organization lie outside the card: they are the caller's to change.
    """
    changes: dict[str, Any] = _name_changes(card, patch)
    if _touched(patch.phones, patch.phone) or patch.add_phones:
        phones = _renewed(card.phones, patch.phones, phone.key_of, afresh=patch.afresh)
        changes["phones"] = _entries(phones, patch.phone, patch.add_phones, phone.key_of)
    if _touched(patch.emails, patch.email) or patch.add_emails:
        emails = _renewed(card.emails, patch.emails, _email_key, afresh=patch.afresh)
        changes["emails"] = _entries(emails, patch.email, patch.add_emails, _email_key)
    if _touched(patch.addresses, patch.address):
        changes["addresses"] = _addresses(card.addresses, patch)
    if patch.organization is not UNSET:
        changes["organization"] = patch.organization if isinstance(patch.organization, str) else None
    if patch.custom is not UNSET:
        changes["custom"] = _custom(card.custom, patch.custom)
    for field in ("notes", "locations"):
        if getattr(patch, field) is not UNSET:
            changes[field] = getattr(patch, field)
    return replace(card, **changes) if changes else card


def news(card: Card, patch: ContactPatch) -> ContactPatch:
    """A patch without what only says again how the contact was shown.

    A name that comes back as `name.display` gave it would lose its parts, or become one where none is stored; a number
    in E.164 would lose how it was written.
    """
    same: dict[str, Any] = {}
    if patch.full is not UNSET and patch.full == name.display(card):
        same["full"] = UNSET
    primary = name.primary_phone(card)
    if isinstance(patch.phone, Phone) and primary is not None and patch.phone.raw == primary.e164:
        same["phone"] = UNSET
    return replace(patch, **same) if same else patch


def _touched(*values: object) -> bool:
    return any(value is not UNSET for value in values)


def _renewed(
    old: tuple[Entry, ...], new: tuple[Entry, ...] | UnsetType, key_of: Callable[[Entry], str], *, afresh: bool
) -> tuple[Entry, ...]:
    return old if new is UNSET else _replaced(() if afresh else old, new, key_of)


def _entries(
    entries: tuple[Entry, ...],
    slot: Entry | None | UnsetType,
    added: tuple[Entry, ...],
    key_of: Callable[[Entry], str],
) -> tuple[Entry, ...]:
    if slot is not UNSET:
        entries = _slot(entries, slot, key_of)
    return _add(entries, added, key_of) if added else entries


def _addresses(old: tuple[Address, ...], patch: ContactPatch) -> tuple[Address, ...]:
    addresses = old if patch.addresses is UNSET else patch.addresses
    if patch.address is UNSET:
        return addresses
    if patch.address is None:
        return addresses[1:]
    address = patch.address
    if address.type is None and addresses:
        address = replace(address, type=addresses[0].type)
    return (address, *addresses[1:])


def _custom(old: dict[str, Any], change: CustomChange) -> dict[str, Any]:
    kept = {
        key: value
        for key, value in old.items()
        if change.drop == "nothing" or (change.drop == "texts" and not isinstance(value, str))
    }
    return {key: value for key, value in (kept | change.merge).items() if value is not None}


def _name_changes(card: Card, patch: ContactPatch) -> dict[str, str | None]:
    """The three parts of the name, as far as the patch touches it.

    A full name is kept as sent and gives the parts; parts sent beside it win over those. Parts sent alone make a new
    full name, unless they are what they were.
    """
    if not _touched(patch.full, patch.given, patch.family):
        return {}
    if patch.full is not UNSET:
        given, family = name.split(patch.full or "")
        given, family = _text(patch.given, given), _text(patch.family, family)
        return _named(_text(patch.full) or name.join(given, family), given, family)
    old = (card.given, card.family)
    if old == (None, None):
        old = name.split(card.full or "")
    given, family = new = (_text(patch.given, old[0]), _text(patch.family, old[1]))
    return _named(card.full if new == old and card.full else name.join(given, family), given, family)


def _named(full: str | None, given: str | None, family: str | None) -> dict[str, str | None]:
    return {"full": full, "given": given, "family": family}


def _text(value: str | None | UnsetType, otherwise: str | None = None) -> str | None:
    """What was sent, a blank one as none; or the other value if nothing was sent."""
    if value is UNSET:
        return otherwise
    return value if value is not None and value.strip() else None

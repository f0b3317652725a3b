"""What a contact says after a row of a file has found it: pure decisions."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import structs

from onebook.model import email, merge, phone
from onebook.model.contact import Address, Card, Contact, ContactDraft, Email, Phone
from onebook.model.imports import Found

Entry = TypeVar("Entry", Phone, Email)


def merged(old: Contact, draft: ContactDraft, found: Found) -> Contact:
    """The contact with what the row brings; the very same one if that is nothing.

    An empty cell takes nothing away. An entry of a list (numbers, mail and postal addresses) that is there already
    stays as it is; another one takes the place of the one of its type; without a type, and alone, that of the
    primary one; else it is added.

    Args:
        found: ``update``: cells replace what is there; ``fill``: they only fill what is empty; ``keep``: nothing.
    """
    if found == "keep":
        return old
    card = _filled(old.card, draft.card) if found == "fill" else _updated(old.card, draft.card)
    external_id = draft.external_id if _wins(old.external_id, draft.external_id, found) else old.external_id
    if card == old.card and external_id == old.external_id:
        return old
    return structs.replace(old, card=card, external_id=external_id)


def _wins(old: str | None, new: str | None, found: Found) -> bool:
    return bool(new) and (found == "update" or not old)


def _updated(old: Card, new: Card) -> Card:
    card = structs.replace(
        old,
        phones=_laid_over(old.phones, new.phones, phone.key_of),
        emails=_laid_over(old.emails, new.emails, _email_key),
        addresses=_addresses(old.addresses, new.addresses),
        notes=new.notes or old.notes,
        organization=new.organization or old.organization,
        custom=old.custom | new.custom,
    )
    if new.full is None:
        return card
    return structs.replace(card, full=new.full, given=new.given, family=new.family)


def _filled(old: Card, new: Card) -> Card:
    card = structs.replace(
        old,
        phones=old.phones or new.phones,
        emails=old.emails or new.emails,
        addresses=old.addresses or new.addresses,
        notes=old.notes or new.notes,
        organization=old.organization or new.organization,
        custom=new.custom | old.custom,
    )
    if old.full is not None:
        return card
    return structs.replace(card, full=new.full, given=new.given, family=new.family)


def _email_key(entry: Email) -> str:
    return email.key_of(entry.address)


def _laid_over(old: Sequence[Entry], new: Sequence[Entry], key_of: Callable[[Entry], str]) -> tuple[Entry, ...]:
    if not new:
        return tuple(old)
    entries, known = list(old), {key_of(entry) for entry in old}
    for entry in new:
        if key_of(entry) in known:
            continue
        known.add(key_of(entry))
        at = _place(entries, entry, alone=len(new) == 1)
        if at is None:
            entries.append(structs.replace(entry, primary=False))
        else:
            there = entries[at]
            entries[at] = structs.replace(entry, primary=there.primary, type=entry.type or there.type)
    return merge.one_primary(entries)


def _place(entries: Sequence[Entry], entry: Entry, *, alone: bool) -> int | None:
    """Which entry a new one takes the place of."""
    if entry.type is not None:
        wanted = entry.type.casefold()
        return next((at for at, one in enumerate(entries) if (one.type or "").casefold() == wanted), None)
    return next((at for at, one in enumerate(entries) if one.primary), None) if alone else None


def _addresses(old: Sequence[Address], new: Sequence[Address]) -> tuple[Address, ...]:
    entries = list(old)
    for entry in new:
        if entry in entries:
            continue
        wanted = (entry.type or "").casefold()
        same = (at for at, one in enumerate(entries) if (one.type or "").casefold() == wanted)
        at = next(same, 0 if entry.type is None and len(new) == 1 and entries else None)
        if at is None:
            entries.append(entry)
        else:
            entries[at] = structs.replace(entry, type=entry.type or entries[at].type)
    return tuple(entries)

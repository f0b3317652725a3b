"""What a contact says after a row of a file has found it: pure decisions."""

import operator
from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar

from msgspec import UNSET, Struct, structs

from onebook.model import email, merge, phone
from onebook.model import name as names
from onebook.model.contact import Address, Card, Contact, ContactDraft, ContactPatch, Email, Phone
from onebook.model.imports import Found

Entry = TypeVar("Entry", Phone, Email)

# What an address says in two ways goes together: a new state takes the code of the old one away.
_PARTS: Final = (
    *(("line1",), ("line2",), ("city",), ("state", "subdivision"), ("postal_code",)),
    *(("country", "country_code"), ("text",)),
)


class Way(Struct, frozen=True):
    """How a row says what it says.

    Args:
        parts: of the name, as of `importing.columns.parts_said`: it says no more of it.
        numbered: ``phone``, ``email``, ``address``, where the file has several without a type: a lone one may be any.
        tied: the name of the stored organization that the contact found is tied to.
    """

    parts: tuple[str, ...] = ()
    numbered: Collection[str] = ()
    tied: str | None = None


_AS_A_WHOLE: Final = Way()


def merged(old: Contact, draft: ContactDraft, found: Found, way: Way = _AS_A_WHOLE) -> Contact:
    """The contact with what the row brings; the very same one if that is nothing.

    An empty cell takes nothing away, and nothing that the row says itself gives way to it. A number or mail address
    that is there already stays as it is; another one takes the place of one of its type; without a type, and alone,
    that of the primary one if that has none either; else it is added. A postal address likewise, but that one without
    a street, or with the same, only changes the parts that it has. Parts of a name change those, and the full name is
    built again. Another organization than the stored one that the contact is tied to unties it.

    Args:
        found: ``update``: cells replace what is there; ``fill``: they only fill what is empty; ``keep``: nothing.
    """
    if found == "keep":
        return old
    new, organization = draft.card, old.organization
    if way.tied is not None and (found == "fill" or new.organization == way.tied):
        new = structs.replace(new, organization=None)
    elif new.organization:
        organization = None
    card = _filled(old.card, new) if found == "fill" else _updated(old.card, new, way)
    external_id = draft.external_id if _wins(old.external_id, draft.external_id, found) else old.external_id
    if (card, external_id, organization) == (old.card, old.external_id, old.organization):
        return old
    return structs.replace(old, card=card, external_id=external_id, organization=organization)


def _wins(old: str | None, new: str | None, found: Found) -> bool:
    return bool(new) and (found == "update" or not old)


def _updated(old: Card, new: Card, way: Way) -> Card:
    return structs.replace(
        _named(old, new, way.parts),
        phones=_laid_over(old.phones, new.phones, phone.key_of, numbered="phone" in way.numbered),
        emails=_laid_over(old.emails, new.emails, _email_key, numbered="email" in way.numbered),
        addresses=_addresses(old.addresses, new.addresses, numbered="address" in way.numbered),
        notes=new.notes or old.notes,
        organization=new.organization or old.organization,
        custom=old.custom | new.custom,
    )


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
    return card if old.full is not None else _with_name(card, new)


# --- the name ---


def _named(old: Card, new: Card, parts: Sequence[str]) -> Card:
    if new.full is None:
        return old
    # One word, or parts that were only guessed from the full name, are no news of the same name.
    guessed = (new.given, new.family) == names.split(new.full) if not parts else not (new.given and new.family)
    if new.full == old.full and guessed:
        return old
    return _with_parts(old, *parts) if parts and old.full else _with_name(old, new)


def _with_name(card: Card, new: Card) -> Card:
    return structs.replace(card, full=new.full, given=new.given, family=new.family)


def _with_parts(old: Card, prefix: str, given: str, middle: str, family: str, suffix: str) -> Card:
    card = merge.apply(old, ContactPatch(given=given or UNSET, family=family or UNSET))
    if not (prefix or middle or suffix):
        return card
    first, last = (card.given, card.family) if card.given or card.family else names.split(card.full or "")
    full = " ".join(filter(None, (prefix, first, middle, last, suffix)))
    return structs.replace(card, full=full, given=first, family=last)


# --- numbers and mail addresses ---


def _email_key(entry: Email) -> str:
    return email.key_of(entry.address)


def _laid_over(
    old: tuple[Entry, ...], new: tuple[Entry, ...], key_of: Callable[[Entry], str], *, numbered: bool
) -> tuple[Entry, ...]:
    if not (old and new):
        return old or new
    entries, known, said = list(old), {key_of(entry) for entry in old}, {key_of(entry) for entry in new}
    free = [at for at, entry in enumerate(old) if key_of(entry) not in said]
    alone = not numbered and sum(entry.type is None for entry in new) == 1
    for entry in new:
        if key_of(entry) in known:
            continue
        at = next((at for at in free if _gives_way(old[at], entry, alone=alone)), None)
        if at is None:
            entries.append(structs.replace(entry, primary=False))
        else:
            free.remove(at)
            entries[at] = structs.replace(entry, primary=old[at].primary)
    return merge.one_primary(entries)


def _gives_way(there: Entry, entry: Entry, *, alone: bool) -> bool:
    if entry.type is None:
        return alone and there.primary and there.type is None
    return _is_of_type(there, entry)


def _is_of_type(there: Phone | Email | Address, entry: Phone | Email | Address) -> bool:
    return (there.type or "").casefold() == (entry.type or "").casefold()


# --- postal addresses ---


def _addresses(old: Sequence[Address], new: Sequence[Address], *, numbered: bool) -> tuple[Address, ...]:
    """Each new one goes where it fits best: it is there already, is in the same street, or of the same type."""
    entries, free, left = list(old), list(range(len(old))), list(dict.fromkeys(new))
    lost = numbered and sum(entry.type is None for entry in left) == 1

    def gives_way(there: Address, entry: Address) -> bool:
        return _is_of_type(there, entry) and not (lost and entry.type is None)

    for fits in (operator.eq, _is_said, _is_in_street, gives_way):
        for entry in tuple(left):
            at = next((at for at in free if fits(old[at], entry)), None)
            if at is not None:
                free.remove(at)
                left.remove(entry)
                entries[at] = _moved(old[at], entry)
    return (*entries, *left)


def _is_said(there: Address, entry: Address) -> bool:
    return _may_be(there, entry) and _moved(there, entry) == there


def _is_in_street(there: Address, entry: Address) -> bool:
    return _may_be(there, entry) and bool(_street(entry)) and _street(there) == _street(entry)


def _may_be(there: Address, entry: Address) -> bool:
    return entry.type is None or _is_of_type(there, entry)


def _moved(there: Address, entry: Address) -> Address:
    """The address with the parts of another one; the other one if it has a street of its own: that has its own city."""
    if _street(entry) and _street(entry) != _street(there):
        return structs.replace(entry, type=there.type)
    changes: dict[str, str | None] = {}
    for part in _PARTS:
        here = {field: getattr(entry, field) for field in part}
        if any(text and text != getattr(there, field) for field, text in here.items()):
            changes |= here
    if not changes:
        return there
    # The text that the parts were once read from does not say the new ones.
    text = entry.text or (None if there.line1 else there.text)
    return structs.replace(there, **{**changes, "text": text})


def _street(address: Address) -> str:
    return (address.line1 or address.text or "").casefold()

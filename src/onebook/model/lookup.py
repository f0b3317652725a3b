"""What a card is looked up by: the keys of its numbers, mail addresses, postal addresses and places."""

from onebook.model import address, email, phone
from onebook.model.contact import Card


def phones(card: Card) -> dict[str, bool]:
    """Key of each number, and whether it is the primary one."""
    keys: dict[str, bool] = {}
    for entry in card.phones:
        key = phone.key_of(entry)
        keys[key] = entry.primary or keys.get(key, False)
    return keys


def emails(card: Card) -> dict[str, bool]:
    """Key of each mail address, and whether it is the primary one."""
    keys: dict[str, bool] = {}
    for entry in card.emails:
        key = email.key_of(entry.address)
        keys[key] = entry.primary or keys.get(key, False)
    return keys


def addresses(card: Card) -> dict[str, str]:
    """Id of each postal address, and the hash of its building."""
    return {address.address_id(entry): address.building_hash(entry) for entry in card.addresses}


def places(card: Card) -> list[str]:
    """Uids of the places that the contact belongs to."""
    return list(dict.fromkeys(card.locations))

"""Where each value of a card came from, told by the cards that were there before."""

from collections.abc import Iterator, Sequence

import msgspec

from onebook.model import email, phone
from onebook.model.contact import Card

#: A value by what it stands in and what tells it apart there: ``("phones", "+33612345678")``, ``("notes", "")``.
Place = tuple[str, str]

_TEXTS = ("full", "organization", "notes")
_encode = msgspec.json.Encoder(order="sorted").encode


def values_of(card: Card) -> Iterator[tuple[Place, bytes]]:
    """Each value of a card: its place and, for telling whether it changed, what it says."""
    for name in _TEXTS:
        if getattr(card, name):
            yield (name, ""), _encode(getattr(card, name))
    for number in card.phones:
        yield ("phones", phone.key_of(number)), b""
    for mail in card.emails:
        yield ("emails", email.key_of(mail.address)), b""
    for address in card.addresses:
        yield ("addresses", _encode(address).decode()), b""
    for name, value in card.custom.items():
        yield ("custom", name), _encode(value)


def origins(now: Card, before: Sequence[Card | None]) -> dict[Place, int]:
    """Which step brought each value of a card.

    Args: ``before``: the card before each step, the newest step first; None before the first of all.

    Returns: place of a value → index of its step; without those older than all steps.

    >>> origins(Card(full="Ada", notes="x"), [Card(full="Ada"), None])
    {('full', ''): 1, ('notes', ''): 0}
    """
    wanted = dict(values_of(now))
    found: dict[Place, int] = {}
    for step, card in enumerate(before):
        there = dict(values_of(card)) if card is not None else {}
        found |= {place: step for place, said in wanted.items() if place not in found and there.get(place) != said}
    return {place: found[place] for place in wanted if place in found}

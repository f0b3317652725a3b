"""Folding: the form of a text in which it is compared, ordered and searched, whatever its script and letter case."""

import re
from collections.abc import Iterator
from typing import Final

from anyascii import anyascii

from onebook.model import name, phone
from onebook.model.contact import Card

# What a search column may take; beyond it a contact is found by its first words.
SEARCH_CHARACTERS: Final = 2000
SORT_CHARACTERS: Final = 200
# A longer custom value is prose, and would make every contact be found by common words.
CUSTOM_CHARACTERS: Final = 100

_WORD: Final = re.compile(r"[a-z0-9]+")
_NOT_DIGITS: Final = re.compile(r"[^0-9]+")


def fold(text: str) -> str:
    """A text in plain ASCII and lower case: ``Łódź`` is ``lodz``, ``北京`` is ``beijing``."""
    return text.lower() if text.isascii() else anyascii(text).lower()


def tokens(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order, split at everything but letters and digits."""
    return tuple(_WORD.findall(fold(text)))


def search_text(card: Card, external_id: str | None) -> str:
    """Everything that a contact is found by: distinct folded words, a blank between them.

    Names, both parts of mail addresses, numbers (whole, national, and as sent), organization, street, city and
    postal code of addresses, the external id, and short custom texts. Notes are left out.

    Args:
        card: what the contact says.
        external_id: the caller's id of the contact, if any.

    Returns:
        at most `SEARCH_CHARACTERS` characters of whole words.
    """
    # No text can fill more than the whole; cutting each bounds the work on hostile ones.
    text = " ".join(_bounded(piece) for piece in _pieces(card, external_id) if piece)
    return _bounded(" ".join(dict.fromkeys(_WORD.findall(fold(text)))))


def account_token(account_id: int) -> str:
    """The word by which the search index tells accounts apart: begun with a sign that no searched word has."""
    return f"§{account_id}"


def index_text(account_id: int, card: Card, external_id: str | None) -> str:
    """What the search index holds of a contact: its account's token and its words."""
    return f"{account_token(account_id)} {search_text(card, external_id)}"


def _bounded(text: str) -> str:
    if len(text) <= SEARCH_CHARACTERS:
        return text
    return text[: SEARCH_CHARACTERS + 1].rpartition(" ")[0] or text[:SEARCH_CHARACTERS]


def _pieces(card: Card, external_id: str | None) -> Iterator[str | None]:
    yield card.full
    yield card.given
    yield card.family
    for number in card.phones:
        if number.e164 is not None:
            yield number.e164
            yield phone.national(number.e164)
        # With its punctuation it would be words of two digits each.
        yield _NOT_DIGITS.sub("", number.raw[:SEARCH_CHARACTERS])
    for email in card.emails:
        yield email.address
    yield external_id
    yield card.organization
    for address in card.addresses:
        yield address.line1
        yield address.city
        yield address.postal_code
    for value in card.custom.values():
        if isinstance(value, str) and len(value) <= CUSTOM_CHARACTERS:
            yield value


def sort_key(card: Card) -> str:
    """What contacts are ordered by: the fold of what they are called, at most `SORT_CHARACTERS` characters."""
    return fold(name.display(card)[:SORT_CHARACTERS])[:SORT_CHARACTERS]

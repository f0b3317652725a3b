"""Folding: the form of a text in which it is compared, ordered and searched, whatever its script and letter case."""

import re
from functools import lru_cache
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
_BETWEEN_WORDS: Final = {code: " " for code in range(128) if not chr(code).isdecimal() and not "a" <= chr(code) <= "z"}
_NOT_DIGITS: Final = bytes(code for code in range(256) if chr(code) not in "0123456789")


def fold(text: str) -> str:
    """A text in plain ASCII and lower case: ``Łódź`` is ``lodz``, ``北京`` is ``beijing``."""
    return text.lower() if text.isascii() else _folded(text)


@lru_cache(maxsize=65_536)
def _folded(text: str) -> str:
    # Names come again and again, and going through them letter by letter is most of the work.
    return anyascii(text).lower()


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
    pieces = _pieces(card, external_id)
    if sum(map(len, pieces)) > SEARCH_CHARACTERS:
        # No text can fill more than the whole; cutting each bounds the work on hostile ones.
        pieces = list(map(_bounded, pieces))
    text = " ".join(pieces)
    folded = text.lower() if text.isascii() else " ".join(map(fold, pieces))
    # A folded text is ASCII, and splitting it so takes half as long as finding its words does.
    return _bounded(" ".join(dict.fromkeys(folded.translate(_BETWEEN_WORDS).split())))


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


def _pieces(card: Card, external_id: str | None) -> list[str]:
    pieces = [card.full or ""]
    # A full name made of its parts has their words; a check that is nearly always true and saves two pieces.
    if card.full != f"{card.given} {card.family}" or len(card.full) > SEARCH_CHARACTERS:
        pieces += [card.given or "", card.family or ""]
    for number in card.phones:
        # With its punctuation it would be words of two digits each.
        raw = number.raw[:SEARCH_CHARACTERS].encode(errors="ignore").translate(None, _NOT_DIGITS).decode()
        if number.e164 is not None:
            pieces += [number.e164, phone.national(number.e164)]
        pieces.append(raw)
    pieces += [email.address for email in card.emails]
    pieces += [external_id or "", card.organization or ""]
    for address in card.addresses:
        pieces += [address.line1 or "", address.city or "", address.postal_code or ""]
    pieces += [value for value in card.custom.values() if isinstance(value, str) and len(value) <= CUSTOM_CHARACTERS]
    return pieces


def sort_key(card: Card) -> str:
    """What contacts are ordered by: the fold of what they are called, at most `SORT_CHARACTERS` characters."""
    return fold(name.display(card)[:SORT_CHARACTERS])[:SORT_CHARACTERS]

"""Folding: the form of a text in which it is compared, ordered and searched, whatever its script and letter case."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
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
# Between texts that are folded together; no text that is kept has it.
_BETWEEN: Final = "\0"
# Folded words with one blank for whatever stands between them; what stands between texts stays.
_WORDS: Final = bytes(code if chr(code).isalnum() or not code else 0x20 for code in range(128)).lower() + bytes(128)
_NOT_DIGITS: Final = bytes(code for code in range(1, 256) if chr(code) not in "0123456789")
# The name by which Python's codecs know how to fold what is not ASCII. All that is ASCII they pass over in C.
_FOLDING: Final = "onebook.folding"

_folded = lru_cache(maxsize=16_384)(anyascii)


def _fold_between(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that are not ASCII; each folds by itself. Source: `codecs.register_error`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return _folded(error.object[error.start : error.end]), error.end


codecs.register_error(_FOLDING, _fold_between)


def fold(text: str) -> str:
    """A text in plain ASCII and lower case: ``Łódź`` is ``lodz``, ``北京`` is ``beijing``."""
    return text.lower() if text.isascii() else text.encode("ascii", _FOLDING).decode().lower()


def _together(texts: Sequence[str]) -> bytes | None:
    """Texts in ASCII, as one; None if they could not be told apart again."""
    text = _BETWEEN.join(texts)
    return text.encode("ascii", _FOLDING) if text.count(_BETWEEN) == len(texts) - 1 else None


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
    pieces = _pieces(card, external_id, iter(digits([number.raw for number in card.phones])))
    if sum(map(len, pieces)) > SEARCH_CHARACTERS:
        # No text can fill more than the whole; cutting each bounds the work on hostile ones.
        pieces = list(map(_bounded, pieces))
    folded = fold(" ".join(pieces).replace(_BETWEEN, " ")).encode()
    return _distinct(folded.translate(_WORDS).decode())


def _distinct(words: str) -> str:
    return _bounded(" ".join(dict.fromkeys(words.split())))


def account_token(account_id: int) -> str:
    """The word by which the search index tells accounts apart: begun with a sign that no searched word has."""
    return f"§{account_id}"


def index_text(account_id: int, card: Card, external_id: str | None) -> str:
    """What the search index holds of a contact: its account's token and its words."""
    return f"{account_token(account_id)} {search_text(card, external_id)}"


def found_by(cards: Iterable[Card], external_ids: Iterable[str | None]) -> list[str]:
    """What each contact is found by, not folded and with words twice: all that `search_text` names, a blank between."""
    pairs = list(zip(cards, external_ids, strict=True))
    sent = iter(digits([number.raw for card, _ in pairs for number in card.phones]))
    return [" ".join(_pieces(card, external_id, sent)) for card, external_id in pairs]


def index_texts(
    account_id: int, cards: Sequence[Card], external_ids: Sequence[str | None], texts: Sequence[str] | None = None
) -> list[str]:
    """As `index_text` for many contacts, but words may be there twice, and more blanks between them.

    It takes less than half the time, and a seventh with ``texts``, which are as of `found_by`.
    """
    texts = found_by(cards, external_ids) if texts is None else texts
    folded = _together(texts)
    if folded is None or max(map(len, texts)) > SEARCH_CHARACTERS:
        return [index_text(account_id, card, one) for card, one in zip(cards, external_ids, strict=True)]
    token = account_token(account_id)
    rows = folded.translate(_WORDS).decode().split(_BETWEEN)
    if max(map(len, rows)) > SEARCH_CHARACTERS:  # some letters fold to several
        rows = list(map(_distinct, rows))
    return [f"{token} {words}" for words in rows]


def same_words(text: str, other: str) -> bool:
    """Whether a contact with the one text of `index_text` is found by the same words as one with the other."""
    return text == other or set(text.split()) == set(other.split())


def _bounded(text: str) -> str:
    if len(text) <= SEARCH_CHARACTERS:
        return text
    return text[: SEARCH_CHARACTERS + 1].rpartition(" ")[0] or text[:SEARCH_CHARACTERS]


def digits(raws: Sequence[str]) -> list[str]:
    """The digits of numbers as sent: with their punctuation they would be words of two digits each."""
    text = _BETWEEN.join(raws)
    if text.count(_BETWEEN) >= len(raws):
        text = _BETWEEN.join([raw.replace(_BETWEEN, "") for raw in raws])
    return text.encode(errors="ignore").translate(None, _NOT_DIGITS).decode().split(_BETWEEN)


def _pieces(card: Card, external_id: str | None, sent: Iterator[str]) -> list[str]:
    """What a contact is found by, in its order; ``sent`` has the digits of its numbers next."""
    full = card.full or ""
    # A full name made of its parts has their words; a check that is nearly always true and saves two pieces.
    whole = full == f"{card.given} {card.family}" and len(full) <= SEARCH_CHARACTERS
    pieces = [full] if whole else [full, card.given or "", card.family or ""]
    for number in card.phones:
        if number.e164 is not None:
            pieces += (number.e164, phone.national(number.e164))
        pieces.append(next(sent))
    pieces += [email.address for email in card.emails]
    pieces += (external_id or "", card.organization or "")
    for address in card.addresses:
        pieces += (address.line1 or "", address.city or "", address.postal_code or "")
    if card.custom:
        pieces += [one for one in card.custom.values() if isinstance(one, str) and len(one) <= CUSTOM_CHARACTERS]
    return pieces


def sort_key(card: Card) -> str:
    """What contacts are ordered by: the fold of what they are called, at most `SORT_CHARACTERS` characters."""
    return fold(name.display(card)[:SORT_CHARACTERS])[:SORT_CHARACTERS]


def sort_keys(cards: Iterable[Card]) -> list[str]:
    """As `sort_key` for many contacts, at half its price."""
    names = [name.display(card)[:SORT_CHARACTERS] for card in cards]
    folded = _together(names)
    if folded is None:
        return [fold(one)[:SORT_CHARACTERS] for one in names]
    return [one[:SORT_CHARACTERS] for one in folded.decode().lower().split(_BETWEEN)]

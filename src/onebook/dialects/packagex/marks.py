"""PackageX: where a search hit, marked in what the contact says.

The marks are HTML, so the rest is escaped: a name cannot smuggle markup into the page that shows it.
"""

import html
import re
from collections.abc import Iterator, Sequence

from onebook.model import address as addresses
from onebook.model import fold, name
from onebook.model.contact import Card
from onebook.operations import search

_WORD = re.compile(r"[^\W_]+")


def marked(words: Sequence[str], card: Card) -> dict[str, str]:
    """The fields that a search hit, each with ``<mark>`` around its hits; fields without one are left out.

    Args:
        words: folded, as `search.words_of` gives them.
    """
    found = {field: _marked(words, text) for field, text in _fields(card) if text}
    return {field: text for field, text in found.items() if "<mark>" in text}


def _fields(card: Card) -> Iterator[tuple[str, str | None]]:
    email, phone = name.primary_email(card), name.primary_phone(card)
    yield "name", card.full
    yield "email", email.address if email else None
    yield "phone", (phone.e164 or phone.raw) if phone else None
    yield "address", addresses.formatted(card.addresses[0]) if card.addresses else None


def _marked(words: Sequence[str], text: str) -> str:
    written, after = [], 0
    for found in _WORD.finditer(text):
        written.append(html.escape(text[after : found.start()]))
        token = html.escape(found.group())
        hit = any(search.fits(word, part) for part in fold.tokens(found.group()) for word in words)
        written.append(f"<mark>{token}</mark>" if hit else token)
        after = found.end()
    return "".join([*written, html.escape(text[after:])])

"""Ids as others see them: a prefix, and a uid in base 58.

A uid is a UUID as text. In base 58 (the digits and letters without 0, O, I and l) its 16 bytes take
always 22 characters, so that such an id can be told from a name by its shape.
"""

from functools import lru_cache
from typing import Final

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH: Final = 22
BYTES: Final = 16

CONTACT_PREFIXES: Final = ("contact_", "ctct_")

# Two characters at a time: half as many divisions of a 128-bit number.
_PAIRS: Final = tuple(first + second for first in ALPHABET for second in ALPHABET)
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def encode58(data: bytes) -> str:
    """Write 16 bytes as 22 characters.

    Raises:
        ValueError: there are not exactly 16 bytes.
    """
    if len(data) != BYTES:
        message = f"{BYTES} bytes are needed, not {len(data)}"
        raise ValueError(message)
    return _encode(int.from_bytes(data))


def _encode(number: int) -> str:
    pairs = []
    for _ in range(LENGTH // 2):
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    return "".join(reversed(pairs))


def decode58(text: str) -> bytes | None:
    """Read back what `encode58` wrote.

    Returns:
        16 bytes; None if the text is not 22 characters of the alphabet or stands for a larger number.
    """
    return _decode(text) if len(text) == LENGTH else None


@lru_cache(maxsize=65_536)
def _decode(text: str) -> bytes | None:
    number = 0
    for character in text:
        value = _VALUES.get(character)
        if value is None:
            return None
        number = number * len(ALPHABET) + value
    return number.to_bytes(BYTES) if number.bit_length() <= BYTES * 8 else None


@lru_cache(maxsize=65_536)
def prefixed(prefix: str, uid: str) -> str:
    """The public id of a uid: the prefix (with its underscore), then 22 characters."""
    return prefix + _encode(int(uid.replace("-", ""), 16))


def unprefixed(prefixes: tuple[str, ...], text: str) -> str | None:
    """The uid of a public id.

    Args:
        prefixes: those that are accepted, each with its underscore.
        text: what a caller sent; may be anything.

    Returns:
        the uid, lower case with hyphens; None if the text is not such an id.
    """
    for prefix in prefixes:
        if text.startswith(prefix):
            data = decode58(text.removeprefix(prefix))
            return _hyphened(data.hex()) if data is not None else None
    return None


def _hyphened(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def contact_id(uid: str) -> str:
    """``contact_`` and the uid in base 58."""
    return prefixed(CONTACT_PREFIXES[0], uid)


def uid_of_contact_id(text: str) -> str | None:
    """The uid of a contact id, written with ``contact_`` or with the older ``ctct_``; else None."""
    return unprefixed(CONTACT_PREFIXES, text)

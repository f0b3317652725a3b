"""Ids made by us: UUIDv7 (RFC 9562, 5.7), in the order of their making."""

import secrets
import threading

_lock = threading.Lock()
_last = 0
_LENGTH = 37  # of an id and a blank behind it
_MILLISECOND = 4096  # ids of one millisecond before they run into the next one's
# The hexadecimal digits of the 12 bits that count up within a millisecond, one number after the other.
_TICKS = "".join(f"{tick:03x}" for tick in range(_MILLISECOND)).encode()
# Where the other 15 random digits go, behind the variant's.
_RANDOM = (20, 21, 22, *range(24, 36))
# A random hexadecimal digit with its first two bits set to the variant's, 10.
_VARIANTS = bytes.maketrans(b"0123456789abcdef", b"89ab" * 4)


def new_uids(now: int, count: int) -> list[str]:
    """Many ids of one time, each after the one before; one by one they would take ten times as long.

    All are one text, of which each place is written for all ids at once.

    Args:
        now: milliseconds since 1970.
    """
    global _last  # noqa: PLW0603 - as below
    with _lock:
        first = max((now << 12) | secrets.randbits(8), _last + 1)
        _last = first + count - 1
    text = bytearray(_LENGTH * count)
    # Ids of one millisecond begin alike.
    for start in range(first - first % _MILLISECOND, first + count, _MILLISECOND):
        since, until = max(start, first), min(start + _MILLISECOND, first + count)
        head = f"{start >> 28:08x}-{start >> 12 & 0xFFFF:04x}-7___-".encode()
        text[(since - first) * _LENGTH : (until - first) * _LENGTH] = (head + b"....-............ ") * (until - since)
    ticks = _ticks(first, count)
    for place in range(3):
        text[15 + place :: _LENGTH] = ticks[place::3]
    # 62 random bits an id, all drawn together: the variant's two bits are the first of 16 hexadecimal digits.
    random = secrets.token_bytes(8 * count).hex().encode()
    text[19::_LENGTH] = random[::16].translate(_VARIANTS)
    for place, to in enumerate(_RANDOM, 1):
        text[to::_LENGTH] = random[place::16]
    return text.decode().split()


def _ticks(first: int, count: int) -> bytes:
    """The digits of so many ticks from one on."""
    start = first % _MILLISECOND
    return (_TICKS * ((start + count) // _MILLISECOND + 1))[start * 3 : (start + count) * 3]


def new_uid(now: int) -> str:
    """A UUIDv7 as text: 48 bits of milliseconds, then 74 bits of which the first 12 count up within a millisecond.

    Args:
        now: milliseconds since 1970.
    """
    global _last  # noqa: PLW0603 - the last id made is what keeps the next one after it
    with _lock:
        tick = max((now << 12) | secrets.randbits(8), _last + 1)
        _last = tick
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

"""Ids made by us: UUIDv7 (RFC 9562, 5.7), in the order of their making."""

import secrets
import threading

_lock = threading.Lock()
_last = 0
# A random hexadecimal digit with its first two bits set to the variant's, 10.
_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def new_uids(now: int, count: int) -> list[str]:
    """Many ids of one time, each after the one before; faster than one by one.

    Args:
        now: milliseconds since 1970.
    """
    global _last  # noqa: PLW0603 - as below
    with _lock:
        first = max((now << 12) | secrets.randbits(8), _last + 1)
        _last = first + count - 1
    # 62 random bits an id, all drawn together: the variant's two bits are the first of 16 hexadecimal digits.
    tails = secrets.token_bytes(8 * count).hex()
    found: list[str] = []
    for start in range(first - first % 4096, first + count, 4096):  # ids of one millisecond begin alike
        head = f"{start >> 28:08x}-{start >> 12 & 0xFFFF:04x}-7"
        ticks = range(max(start, first), min(start + 4096, first + count))
        places = range((ticks[0] - first) * 16, (ticks[-1] - first) * 16 + 1, 16)
        found += [
            f"{head}{tick & 0xFFF:03x}-{_VARIANTS[tails[at]]}{tails[at + 1 : at + 4]}-{tails[at + 4 : at + 16]}"
            for tick, at in zip(ticks, places, strict=True)
        ]
    return found


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

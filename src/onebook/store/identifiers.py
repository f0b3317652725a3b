"""Ids made by us: UUIDv7 (RFC 9562, 5.7), in the order of their making."""

import secrets
import threading

_lock = threading.Lock()
_last = 0


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

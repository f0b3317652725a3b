"""Times as text."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@lru_cache(maxsize=4096)
def rfc3339(milliseconds: int) -> str:
    """Milliseconds since 1970 as RFC 3339, in UTC and to the millisecond.

    >>> rfc3339(1767225600123)
    '2026-01-01T00:00:00.123Z'
    """
    return (EPOCH + milliseconds * _MILLISECOND).isoformat(timespec="milliseconds")[:-6] + "Z"

"""Times as text."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_LOST_PLUS: Final = re.compile(r"(:\d\d(?:[.,]\d+)?) (\d\d:?\d\d)\Z", re.ASCII)


@lru_cache(maxsize=4096)
def rfc3339(milliseconds: int) -> str:
    """Milliseconds since 1970 as RFC 3339, in UTC and to the millisecond.

    >>> rfc3339(1767225600123)
    '2026-01-01T00:00:00.123Z'
    """
    return (EPOCH + milliseconds * _MILLISECOND).isoformat(timespec="milliseconds")[:-6] + "Z"


def from_query(text: str) -> str:
    """A time of ISO 8601 as it was meant: in a query, a plus before its zone that is not escaped arrives as a blank.

    >>> from_query("2026-01-01T00:00:00 02:00"), from_query("2026-01-01 00:00")
    ('2026-01-01T00:00:00+02:00', '2026-01-01 00:00')
    """
    return _LOST_PLUS.sub(r"\1+\2", text)

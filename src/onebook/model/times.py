"""Times as people and files read them."""

from datetime import UTC, datetime


def moment(milliseconds: int) -> str:
    """A time in RFC 3339, UTC, to the millisecond.

    >>> moment(1767225600123)
    '2026-01-01T00:00:00.123Z'
    """
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"

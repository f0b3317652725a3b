"""Times: written as UTC with milliseconds, read in any form of ISO 8601."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from onebook.dialects.base import REFUSED, Schema
from onebook.errors import Issue
from onebook.model.moment import EPOCH, from_query

LONGEST: Final = 64  # judgement: nanoseconds and a zone take 35 characters
MILLISECOND: Final = timedelta(milliseconds=1)
SCHEMA: Final[Schema] = {"type": "string", "format": "date-time", "examples": ["2026-01-01T00:00:00.000Z"]}


class _Instant(Struct, frozen=True):
    """A time as milliseconds since 1970; without a zone it is UTC."""

    @property
    def schema(self) -> Schema:
        """See `Converter`."""
        return {"type": "string", "maxLength": LONGEST, "description": "ISO 8601; without a zone it is UTC."}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """See `Converter`."""
        try:
            time = datetime.fromisoformat(from_query(value) if len(value) <= LONGEST else "")
            return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - EPOCH) // MILLISECOND
        except (TypeError, ValueError, OverflowError):
            issues.append(
                Issue(at, "wrong_type", f"{at} must be a time of ISO 8601, such as 2026-01-01T00:00:00.000Z.")
            )
            return REFUSED


INSTANT = _Instant()

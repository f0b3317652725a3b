"""Texts as clients of this vendor send them: null and blank both say that there is nothing."""

from typing import Any

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import REFUSED, Converter, Schema
from onebook.errors import Issue


class _Optional(Struct, frozen=True):
    """A text, or None for null and for a blank one."""

    of: Converter = strict.TextOrNull

    @property
    def schema(self) -> Schema:
        """See `Converter`."""
        return self.of.schema

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """See `Converter`."""
        text = self.of.read(value, at, issues)
        return None if isinstance(text, str) and not text.strip() else text


class _Needed(Struct, frozen=True):
    """A text with something in it."""

    @property
    def schema(self) -> Schema:
        """See `Converter`."""
        return {**strict.Text.schema, "minLength": 1, "pattern": r"\S"}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        """See `Converter`."""
        text = OPTIONAL.read(value, at, issues)
        if text is None:
            issues.append(Issue(at, "required", f"{at} must not be empty."))
            return REFUSED
        return text


OPTIONAL = _Optional()
ASKED = _Optional(strict.text(longest=250))  # in a query, all of which must fit into the request's first line
NEEDED = _Needed()

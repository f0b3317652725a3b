"""What the pages say, in one table for each language: ``words/en.toml`` and its sisters."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from onebook.web.sentences import translated

_FOLDER: Final = Path(__file__).parent / "words"
LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
FIRST: Final = "en"


class Words:
    """The sentences of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else FIRST
        self._said = _table(self.language)

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence of a key, with values in its braces. Raises: KeyError for an unknown key."""
        said = self._said[key]
        return said.format(**values) if values else said

    def count(self, key: str, number: int, **values: Any) -> str:
        """The sentence for a number of things: ``key.one`` for one, ``key.other`` for any other number."""
        return self(f"{key}.{'one' if number == 1 else 'other'}", number=self.number(number), **values)

    def number(self, number: int) -> str:
        """A whole number with its thousands parted as the language does."""
        return f"{number:,}".replace(",", "." if self.language == "de" else ",")

    def has(self, key: str) -> bool:
        """Whether there is a sentence of this key."""
        return key in self._said

    def issue(self, code: str, otherwise: str) -> str:
        """What an issue says: its own sentence in this language, else that for its code."""
        if self.language == FIRST:
            return otherwise
        return translated(self.language, otherwise) or self._said.get(f"issue.{code}", otherwise)


@cache
def words_of(language: str) -> Words:
    """The sentences of a language, or the first one's."""
    return Words(language)


@cache
def _table(language: str) -> dict[str, str]:
    """The table of a language, flat: section and name with a dot between them."""
    flat: dict[str, str] = {}
    _lay(flat, "", tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8")))
    return flat


def _lay(flat: dict[str, str], above: str, table: dict[str, Any]) -> None:
    for name, value in table.items():
        if isinstance(value, dict):
            _lay(flat, f"{above}{name}.", value)
        else:
            flat[above + name] = value


def chosen(accepted: str) -> str:
    """The first of our languages that a browser accepts.

    Args: ``accepted``: an ``Accept-Language`` header; RFC 9110, 12.5.4. Weights are nearly always in order, so the
        order is what counts.

    >>> chosen("fr-CH, de;q=0.9, en;q=0.8")
    'de'
    """
    for wanted in accepted.lower().split(","):
        language = wanted.split(";")[0].strip().split("-")[0]
        if language in LANGUAGES:
            return language
    return FIRST

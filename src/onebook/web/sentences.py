"""What operations and readers say in English, in other languages: by the sentence, since many share a code."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "words"
_HOLE: Final = "{}"
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+")


def translated(language: str, sentence: str) -> str | None:
    """A sentence in another language; what stands in its holes is translated too, if that is a sentence.

    Args: ``language``: one that has a table ``words/sentences.<language>.toml``.

    Returns: None if the table has no such sentence.
    """
    whole, holed = _table(language)
    if sentence in whole:
        return whole[sentence]
    for pattern, said in holed:
        found = pattern.fullmatch(sentence)
        if found is not None:
            parts = [translated(language, part) or _numbered(language, part) for part in found.groups()]
            return said.format(*parts)
    return None


def _numbered(language: str, part: str) -> str:
    return part.replace(",", ".") if language == "de" and _THOUSANDS.fullmatch(part) else part


@cache
def _table(language: str) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """The sentences without holes, and the patterns of those with; the longest first, as they say most."""
    path = _FOLDER / f"sentences.{language}.toml"
    known: dict[str, str] = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    whole = {english: said for english, said in known.items() if _HOLE not in english}
    holed = sorted((english for english in known if _HOLE in english), key=len, reverse=True)
    return whole, [
        (re.compile(re.escape(english).replace(re.escape(_HOLE), "(.+)")), known[english]) for english in holed
    ]

"""What the pages say: each sentence is said somewhere, in every language."""

import re
from pathlib import Path

import pytest

from onebook.web import words
from onebook.web.words import FIRST, LANGUAGES, _table

WEB = Path(words.__file__).parent
#: Keys in quotes; or their beginnings, where the rest stands in a variable.
QUOTED = re.compile(r"""["']([a-z_][\w-]*(?:\.[\w-]+)*)["']""")
BEGUN = re.compile(r"""["']([a-z_][\w-]*(?:\.[\w-]+)*\.)(?:["']|\{)""")


def test_every_sentence_is_said() -> None:
    sources = [path.read_text("utf-8") for kind in ("*.py", "*.html") for path in WEB.rglob(kind)]
    said = {key for text in sources for key in QUOTED.findall(text)}
    begun = tuple({key for text in sources for key in BEGUN.findall(text)})
    unsaid = [
        key for key in _table(FIRST)
        if key not in said and re.sub(r"\.(one|other)$", "", key) not in said and not key.startswith(begun)
    ]  # fmt: skip
    assert unsaid == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != FIRST])
def test_languages_have_the_same_words(language: str) -> None:
    english, other = _table(FIRST), _table(language)
    assert english.keys() == other.keys()
    for key, said in english.items():
        assert set(re.findall(r"\{(\w+)\}", said)) == set(re.findall(r"\{(\w+)\}", other[key])), key

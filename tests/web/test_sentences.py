"""What operations and readers say is wrong has its words in every language of the pages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from onebook.web import sentences
from onebook.web.words import FIRST, LANGUAGES, words_of

SOURCE = Path(sentences.__file__).parents[1]
#: Modules whose sentences are for those who run or program the service, not for those who use its pages.
FOR_OTHERS = {"integrity.py", "imports_rates.py", "settings.py"}
NOT_SAID = {"Imports that this process works on.", "A process that reads the file has no pipes."}
OTHERS = [language for language in LANGUAGES if language != FIRST]


def said() -> Iterator[str]:
    """Every text in the rooms below the pages that is a sentence, with braces where a value stands in it."""
    for room in ("importing", "operations", "model", "errors.py", "web"):
        place = SOURCE / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if path.name not in FOR_OTHERS:
                yield from _sentences(ast.parse(path.read_text("utf-8")))


def _sentences(tree: ast.AST) -> Iterator[str]:
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    apart |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            text = node.value
        else:
            continue
        if " " in text.strip() and text.strip()[-1] == "." and (text[0].isupper() or text[0] == "{"):
            yield text.strip()


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_its_words(language: str) -> None:
    found = set(said()) - NOT_SAID
    assert len(found) > 100
    without = [one for one in sorted(found) if sentences.translated(language, one) is None]
    assert without == [], f"give them their words in web/words/sentences.{language}.toml"


def test_what_stands_in_a_sentence_is_kept() -> None:
    assert (
        sentences.translated("de", "The file has more than 2,000 columns.") == "Die Datei hat mehr als 2.000 Spalten."
    )
    assert sentences.translated("de", "The field {0} is not of the form that it should have.") == (
        "Das Feld {0} hat nicht die Form, die es haben sollte."
    )


def test_a_sentence_of_two_is_translated_wholly() -> None:
    both = (
        "The line of headings cannot be read. "
        "A cell is longer than 131,072 characters, or its line than 1,048,576; shorten it."
    )
    german = (
        "Die Zeile mit den Überschriften ist nicht zu lesen. "
        "Eine Zelle ist länger als 131.072 Zeichen, oder ihre Zeile als 1.048.576; kürzen Sie sie."
    )
    assert sentences.translated("de", both) == german


def test_an_unknown_sentence_falls_back_to_its_code() -> None:
    assert words_of("de").issue("required", "No such sentence.") == "Das wird gebraucht."
    assert words_of("en").issue("required", "No such sentence.") == "No such sentence."

"""The words of headings, read from ``headings.toml``, and a heading taken apart by them."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from itertools import groupby
from operator import itemgetter
from typing import Final, Literal, NamedTuple

from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import OSA

from onebook.model.fold import tokens

Kind = Literal["subjects", "parts", "types", "other"]

# ``MobilePhone`` is two words, and so is ``E-mail2``.
_SEAMS: Final = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])|(?<=[^\W\d_])(?=\d)")
# A word that nobody knows is taken for one that it is so much like and that begins alike: ``Station`` is no ``Nation``.
# Short ones are like too many, such as ``Stage`` and ``State``: theirs must be the same letters in another order.
_ALIKE: Final = 0.79
_LEAST_LETTERS: Final = 5
_SHORT: Final = 5
# What a word counts that is only like a known one.
_ALIKE_COUNTS: Final = 0.85
# What a heading counts that only as a whole means what it means: cells may deny it.
_WHOLE_COUNTS: Final = 0.95


class Word(NamedTuple):
    """What a phrase means."""

    kind: Kind
    meaning: str


class Heading(Struct, frozen=True):
    """A heading taken apart.

    Args:
        subjects, parts, types: meanings, in order. number: which of several; 0 for none.
        other: whether it is about something else. known: the share of its words that are understood, 0 to 1.
    """

    subjects: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    number: int = 0
    other: bool = False
    known: float = 0.0


class _Lexicon(NamedTuple):
    whole: dict[tuple[str, ...], Word]
    phrases: dict[tuple[str, ...], tuple[Word, ...]]
    idle: frozenset[str]
    words: dict[str, tuple[str, ...]]
    longest: int


@cache
def _lexicon() -> _Lexicon:
    said = tomllib.loads(resources.files("onebook.importing").joinpath("headings.toml").read_text("utf-8"))
    idle = frozenset(word for phrase in said["idle"] for word in tokens(phrase))
    phrases: dict[tuple[str, ...], tuple[Word, ...]] = {}
    for phrase in said["other"]:
        phrases[_words(phrase, idle)] = (Word("other", phrase),)
    kinds: tuple[Kind, ...] = ("subjects", "parts", "types")
    for kind in kinds:
        for meaning, several in said[kind].items():
            for words in dict.fromkeys(_words(phrase, idle) for phrase in several):
                phrases[words] = (*phrases.get(words, ()), Word(kind, meaning))
    whole = {words_of(phrase): Word("subjects", meaning) for meaning, all_ in said["whole"].items() for phrase in all_}
    known = sorted({word for phrase in phrases for word in phrase if len(word) >= _LEAST_LETTERS})
    words_by_letter = {letter: tuple(several) for letter, several in groupby(known, itemgetter(0))}
    return _Lexicon(whole, phrases, idle, words_by_letter, max(map(len, phrases)))


def words_of(heading: str) -> tuple[str, ...]:
    """The words of a heading, all of them.

    >>> words_of("HasOptedOutOfE-mail")
    ('has', 'opted', 'out', 'of', 'email')
    """
    return _words(heading, frozenset())


def _words(text: str, idle: frozenset[str]) -> tuple[str, ...]:
    """The words of a heading or phrase; ``e-mail`` is one; only idle ones are not left out."""
    found = " ".join(tokens(_SEAMS.sub(" ", text))).replace("e mail", "email").split()
    return tuple(word for word in found if word not in idle) or tuple(found)


@lru_cache(maxsize=20_000)
def take_apart(heading: str) -> Heading:
    """Understand a heading, as far as its words are known."""
    lexicon = _lexicon()
    if (meant := lexicon.whole.get(words_of(heading))) is not None:
        return Heading((meant.meaning,), known=_WHOLE_COUNTS)
    words = _words(heading, lexicon.idle)
    found, known = list[tuple[Word, ...]](), 0.0
    numbers, at = list[int](), 0
    while at < len(words):
        count, meanings, worth = _next(words[at:], lexicon)
        if meanings:
            found.append(meanings)
            known += worth
        elif words[at].isdigit() and len(words[at]) <= 3:  # noqa: PLR2004 -- no more entries than that
            numbers.append(int(words[at]))
            known += 1
        at += count
    chosen = list(_chosen(found))
    of = {kind: tuple(dict.fromkeys(word.meaning for word in chosen if word.kind == kind)) for kind in _KINDS}
    return Heading(
        of["subjects"],
        of["parts"],
        of["types"],
        numbers[0] if numbers else 0,
        bool(of["other"]),
        known / len(words) if words else 0.0,
    )


_KINDS: Final[tuple[Kind, ...]] = ("subjects", "parts", "types", "other")


def _next(words: Sequence[str], lexicon: _Lexicon) -> tuple[int, tuple[Word, ...], float]:
    """The longest phrase with which words begin: how many words, what they mean, what they are worth."""
    for count in range(min(lexicon.longest, len(words)), 0, -1):
        # ``address 1`` is a line of an address only at the end of a heading; ``address 1 city`` is of the first one.
        ends = count == len(words) or count == 1 or not words[count - 1].isdigit()
        meanings = lexicon.phrases.get(tuple(words[:count])) if ends else None
        if meanings:
            return count, meanings, count
    alike = _alike(words[0], lexicon)
    if alike:
        count, meanings, worth = _next((alike, *words[1:]), lexicon)
        return count, meanings, worth * _ALIKE_COUNTS
    return 1, (), 0.0


def _alike(word: str, lexicon: _Lexicon) -> str | None:
    """The known word of which an unknown one is a slip."""
    known: Sequence[str] = lexicon.words.get(word[0], ())
    if len(word) <= _SHORT:
        known = [one for one in known if sorted(one) == sorted(word)]
    if len(word) < _LEAST_LETTERS or word.isdigit() or word in known:
        return None
    found = process.extractOne(word, known, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE)
    return found[0] if found else None


def _chosen(found: list[tuple[Word, ...]]) -> Iterator[Word]:
    """Of words with several meanings the one that fits: beside a subject, ``mobile`` is a type."""
    subjects = sum(meanings[0].kind == "subjects" and len(meanings) == 1 for meanings in found)
    parts = sum(any(word.kind == "parts" for word in meanings) for meanings in found)
    for meanings in found:
        kinds = {word.kind: word for word in meanings}
        if len(kinds) > 1 and "types" in kinds and "subjects" in kinds:
            yield kinds["types" if subjects or parts else "subjects"]
        else:
            yield meanings[0]

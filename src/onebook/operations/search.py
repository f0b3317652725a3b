"""Finding contacts by words: exact words and beginnings first, then words with one slip of the finger."""

from collections.abc import Sequence

from msgspec import Struct
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from onebook.model import fold
from onebook.model.contact import Contact
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session, Where

SHORTEST_WORD = 2
SHORTEST_MISSPELT = 4
SURE_LETTERS = 2  # a slip is looked for only after these first letters, which narrows the vocabulary
VOCABULARY = 20_000
CANDIDATES = 500  # judgement: more than anyone pages through, few enough to rank


class Hit(Struct, frozen=True):
    """A contact found, and how well it fits: 1 for all words exactly, towards 0 for less."""

    contact: Contact
    score: float


def words_of(text: str) -> tuple[str, ...]:
    """The words of a search text that are long enough to search for."""
    return tuple(word for word in dict.fromkeys(fold.tokens(text)) if len(word) >= SHORTEST_WORD)


def search(
    session: Session, actor: Actor, text: str, where: Where = (), *, enough: int, all_words: bool = False
) -> list[Hit]:
    """The contacts that have any (or all) of the words, best first; ties by number.

    Args:
        enough: when exact words and beginnings give as many hits, misspelt words are not looked for.
    """
    words = words_of(text)
    if not words:
        return []
    found = _having(session, actor, where, [words] if all_words else [(word,) for word in words])
    if len(found) < enough:
        wider = {word: (word, *_misspelt(session, word)) for word in words}
        if any(len(similar) > 1 for similar in wider.values()):
            alternatives = _combined(wider) if all_words else [(w,) for similar in wider.values() for w in similar]
            found = _having(session, actor, where, alternatives)
    hits = [Hit(contact, _score(words, contact)) for contact in found]
    return sorted(hits, key=lambda hit: (-hit.score, hit.contact.number))


def _combined(wider: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Every choice of one spelling a word, within reason."""
    combined: list[tuple[str, ...]] = [()]
    for similar in wider.values():
        combined = [(*chosen, word) for chosen in combined for word in similar][:64]
    return combined


def _having(session: Session, actor: Actor, where: Where, alternatives: Sequence[tuple[str, ...]]) -> list[Contact]:
    test = Condition("words", "eq", tuple(alternatives))
    return session.contacts.page((*actor.sees, *where, test), limit=CANDIDATES)


def _misspelt(session: Session, word: str) -> list[str]:
    """Words in use that differ from ``word`` by one letter more, less, other or swapped, after the first two."""
    if len(word) < SHORTEST_MISSPELT:
        return []
    known = session.contacts.vocabulary(word[:SURE_LETTERS], VOCABULARY)
    near = [similar for similar in known if _is_slip(word, similar)]
    return near[:16]


def _is_slip(word: str, other: str) -> bool:
    return abs(len(word) - len(other)) <= 1 and DamerauLevenshtein.distance(word, other, score_cutoff=1) == 1


def fits(word: str, token: str) -> bool:
    """Whether a search for ``word`` finds ``token``: by its beginning, or as a word with one slip."""
    if token.startswith(word):
        return True
    sure = len(word) >= SHORTEST_MISSPELT and token[:SURE_LETTERS] == word[:SURE_LETTERS]
    return sure and _is_slip(word, token)


def _score(words: tuple[str, ...], contact: Contact) -> float:
    tokens = fold.search_text(contact.card, contact.external_id).split()
    return round(sum(max((_fit(word, token) for token in tokens), default=0.0) for word in words) / len(words), 4)


def _fit(word: str, token: str) -> float:
    """1 for the word itself, at least 0.8 for a beginning, at most 0.75 for a similar word."""
    if token == word:
        return 1.0
    if token.startswith(word):
        return 0.8 + 0.15 * len(word) / len(token)
    return 0.75 * JaroWinkler.similarity(word, token)

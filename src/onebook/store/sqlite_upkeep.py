"""What only SQLite can say about its own file: whether it is whole, and whether its search index is of its contacts."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import apsw

# What the index takes for words: see `tokenize='ascii'`, to which everything beyond ASCII is part of a word.
_WORD = re.compile(r"[a-z0-9\x80-\U0010ffff]+")
_BUCKETS: Final = 1024


def faults_of(connection: apsw.Connection) -> list[str]:
    """Sentences about what is wrong with the file itself; nobody who writes waits for it.

    Args: ``connection``: one of its own, which may write.
    """
    connection.execute("BEGIN")  # one state, whatever is written meanwhile
    said = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
    faults = [] if said == ["ok"] else [f"The file is damaged: {sentence}" for sentence in said]
    if not faults:
        faults = _index_faults(connection)
    connection.execute("ROLLBACK")
    return faults


def _index_faults(connection: apsw.Connection) -> list[str]:
    """Compare the words of the index with those of the contacts, by sums over both."""
    connection.execute(
        "CREATE VIRTUAL TABLE temp.contacts_instances USING fts5vocab('main', 'contacts_words', 'instance')"
    )
    there = _sums(connection.execute("SELECT term, doc FROM temp.contacts_instances"))
    wanted = _sums(_words(connection.execute("SELECT row_id, search_text FROM contacts")))
    wrong = [bucket for bucket in range(_BUCKETS) if there[bucket] != wanted[bucket]]
    return [f"The search index differs from the contacts in {len(wrong)} of {_BUCKETS} parts."] if wrong else []


def _words(rows: Iterable[tuple[int, str]]) -> Iterator[tuple[str, int]]:
    for row_id, text in rows:
        for word in set(_WORD.findall(text)):
            yield word, row_id


def _sums(pairs: Iterable[tuple[str, int]]) -> list[int]:
    """A sum of hashes for each part of the contacts: equal for equal pairs, in whatever order they come."""
    sums = [0] * _BUCKETS
    for pair in pairs:
        sums[pair[1] % _BUCKETS] += hash(pair)
    return sums


def rebuild_words(connection: apsw.Connection) -> None:
    """Make the search index anew from the contacts."""
    connection.execute("INSERT INTO contacts_words(contacts_words) VALUES ('rebuild')")

"""Checking that what is stored agrees with itself, and mending what can be derived from the contacts.

The look-up tables are compared by sums over all their rows, in parts, so that memory stays flat however many contacts
there are; only parts that differ are looked at row by row.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeVar

import msgspec

from onebook.model import fold, lookup
from onebook.model.account import Account
from onebook.model.book import Book
from onebook.model.contact import Card
from onebook.store.base import Session, Store, Work
from onebook.store.upkeep_base import Counters, Entry, Stored

T = TypeVar("T")

LOOKUPS: Final = ("phone", "email", "address", "place")
_PARTS: Final = 64
_AT_A_TIME: Final = 2_000
_MENDED_AT_A_TIME: Final = 500
_read_card = msgspec.json.Decoder(Card).decode


class Fault(NamedTuple):
    """Something that does not agree.

    Args:
        account: its name; empty for the database as a whole. code: a short word. mendable: whether `repair` can.
    """

    account: str
    code: str
    sentence: str
    mendable: bool


class Differences(NamedTuple):
    """Rows of one look-up table that cards do not say (``surplus``), and what they say and is not there."""

    lookup: str
    surplus: frozenset[Entry]
    missing: frozenset[Entry]


def check(store: Store) -> Iterator[Fault]:
    """Everything that is wrong, account by account; whoever writes does not wait."""
    for sentence in store.faults():
        yield Fault("", "engine", sentence, mendable="search index" in sentence)
    for name, count in store.dangling().items():
        yield Fault("", "link", f"Links of the kind {name} that lead nowhere: {count}.", mendable=True)
    for account in store.accounts():
        yield from store.read(account, lambda session: list(check_account(session)))


def check_account(session: Session) -> Iterator[Fault]:
    """What is wrong in one account, as one transaction sees it."""
    fault = partial(Fault, session.account.name)
    upkeep = session.upkeep
    at, tops, entries = upkeep.counters(), upkeep.tops(), upkeep.log_length()
    for name, value, top in zip(Counters._fields, at, tops, strict=True):
        if value < top:
            yield fault("counter", f"The counter {name} is at {value}, but {top} is in use.", mendable=True)
    if not at.seq == tops.seq == entries:
        sentence = f"The log has {entries} entries up to {tops.seq}; the counter says {at.seq}."
        yield fault("log", sentence, mendable=entries == tops.seq > at.seq)
    for name, count in upkeep.dangling().items():
        yield fault("link", f"Links of the kind {name} that lead nowhere: {count}.", mendable=_is_loose(name))
    yield from (fault(code, sentence, mendable=True) for code, sentence in _books(session))
    wrong = _derived(session)
    if wrong:
        yield fault("derived", f"Contacts whose row differs from their card: {len(wrong)}.", mendable=True)
    for found in differences(session):
        counts = f"{len(found.surplus)} too many, {len(found.missing)} missing"
        yield fault("lookup", f"The look-up table of each {found.lookup}: {counts}.", mendable=True)


def _is_loose(link: str) -> bool:
    return not link.startswith(("contact to book", "contact to organization", "key", "credential"))


def _books(session: Session) -> Iterator[tuple[str, str]]:
    """Code and sentence of what is wrong with the numbers of contacts in books."""
    crowds, known = session.upkeep.crowds(), session.upkeep.generations()
    for book in session.all(Book):
        there = crowds.pop((book.number, book.generation), 0)
        if there != book.contacts:
            yield "book", f"Book {book.number} says that it has {book.contacts} contacts, and has {there}."
    for book_number, generation in crowds.keys() - known:
        yield "generation", f"Generation {generation} of book {book_number} has contacts, but nobody knows of it."


def _contacts(session: Session) -> Iterator[Stored]:
    after = 0
    while found := session.upkeep.contacts(after, _AT_A_TIME):
        yield from found
        after = found[-1].number


def _rederived(session: Session, stored: Stored) -> Stored:
    """The row as its card says."""
    card = _read_card(stored.card)
    text = fold.index_text(session.account.id, card, stored.external_id)
    if fold.same_words(text, stored.search_text):
        text = stored.search_text
    return stored._replace(given=card.given, family=card.family, sort_key=fold.sort_key(card), search_text=text)


def _derived(session: Session) -> list[int]:
    """Numbers of contacts whose row differs from their card."""
    return [stored.number for stored in _contacts(session) if _rederived(session, stored) != stored]


# --- look-up tables ---


def _wanted(card: Card) -> dict[str, dict[str, bool | str | None]]:
    """What each look-up table has of a card, by key."""
    return {
        "phone": {**lookup.phones(card)},
        "email": {**lookup.emails(card)},
        "address": {**lookup.addresses(card)},
        "place": dict.fromkeys(lookup.places(card)),
    }


def _all_wanted(session: Session) -> Iterator[tuple[str, Entry]]:
    for stored in _contacts(session):
        for name, keys in _wanted(_read_card(stored.card)).items():
            yield from ((name, Entry(key, stored.number, more)) for key, more in keys.items())


def _all_there(session: Session, name: str) -> Iterator[Entry]:
    after: Entry | None = None
    while found := session.upkeep.entries(name, after, _AT_A_TIME):
        yield from found
        after = found[-1]


def differences(session: Session) -> list[Differences]:
    """How the look-up tables differ from the cards."""
    sums = {name: [0] * _PARTS for name in LOOKUPS}
    for name, entry in _all_wanted(session):
        sums[name][entry.contact % _PARTS] += hash(entry)
    for name in LOOKUPS:
        for entry in _all_there(session, name):
            sums[name][entry.contact % _PARTS] -= hash(entry)
    wrong = {name: {part for part, total in enumerate(parts) if total} for name, parts in sums.items()}
    return [_differences(session, name, parts) for name, parts in wrong.items() if parts]


def _differences(session: Session, name: str, parts: set[int]) -> Differences:
    wanted = {e for other, e in _all_wanted(session) if other == name and e.contact % _PARTS in parts}
    there = {e for e in _all_there(session, name) if e.contact % _PARTS in parts}
    return Differences(name, frozenset(there - wanted), frozenset(wanted - there))


# --- mending ---


def repair(store: Store) -> None:
    """Mend what can be derived: look-up tables, counters, numbers of contacts, loose links, the search index.

    Long works are cut, and each looks again at what it mends: others may write meanwhile.
    """
    store.cut()
    for account in store.accounts():
        rewritten, wrong = store.read(account, lambda session: (_derived(session), differences(session)))
        _in_pieces(store, account, rewritten, _rewrite)
        for found in wrong:
            entries = sorted(found.surplus | found.missing, key=lambda entry: (entry.contact, entry.key))
            _in_pieces(store, account, entries, partial(_mend_entry, found.lookup))
        _alone(store, account, _mend_counts)
    store.rebuild_search()


def _alone(store: Store, account: Account, run: Callable[[Session], None]) -> None:
    store.write(Work(account, "", "command", run, alone=True))


def _in_pieces(store: Store, account: Account, items: Sequence[T], mend: Callable[[Session, T], None]) -> None:
    def mend_piece(piece: Sequence[T], session: Session) -> None:
        for item in piece:
            mend(session, item)

    for begin in range(0, len(items), _MENDED_AT_A_TIME):
        _alone(store, account, partial(mend_piece, items[begin : begin + _MENDED_AT_A_TIME]))


def _rewrite(session: Session, number: int) -> None:
    stored = session.upkeep.contact(number)
    if stored is not None:
        session.upkeep.rewrite(_rederived(session, stored))


def _mend_entry(name: str, session: Session, entry: Entry) -> None:
    """Make one row of a look-up table what the contact's card says now."""
    stored = session.upkeep.contact(entry.contact)
    keys = _wanted(_read_card(stored.card))[name] if stored is not None else {}
    session.upkeep.strike(name, entry.key, entry.contact)
    if entry.key in keys:
        session.upkeep.enter(name, entry._replace(more=keys[entry.key]))


def _mend_counts(session: Session) -> None:
    """Counters, numbers of contacts in books, loose links, forgotten generations."""
    upkeep = session.upkeep
    upkeep.cut()
    at = upkeep.counters()
    higher = Counters(*map(max, at, upkeep.tops()))
    if higher != at:
        upkeep.set_counters(higher)
    crowds, known = upkeep.crowds(), upkeep.generations()
    for book in session.all(Book):
        there = crowds.pop((book.number, book.generation), 0)
        if there != book.contacts:
            upkeep.set_contacts_of(book.number, there)
    for book_number, generation in crowds.keys() - known:
        upkeep.abandon(book_number, generation)

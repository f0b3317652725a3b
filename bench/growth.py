"""What one create, get, prefix search, first page and later page cost as an account grows; prints a table.

Contacts are put in without validation, as the rows of an import would be after it. Every search is for the beginning of
a name that twenty contacts bear, whatever the size, so that all searches have equally many hits. Each figure is the
processor time of this process and the median of the waiting time, both in milliseconds a call; on PostgreSQL the
server's own processor time is not in the first. The last lines are the ratios of the largest to the smallest size.
"""

import argparse
import itertools
import json
import resource
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg

from bench.fault_postgres import OwnPostgres
from bench.growth_plot import drawn
from onebook import bootstrap, settings
from onebook.model import fold, lookup
from onebook.model.account import Account
from onebook.model.contact import Card, Contact, ContactDraft, Email, Phone
from onebook.operations import accounts, contacts, search
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session, Store, Work
from onebook.store.bulk_base import Entries, NewContacts
from tests.store.engines import postgres_url

SHARING = 20  # contacts of one name
CHUNK = 10_000
PAGE = 50
CALLS = 300


class Cost(NamedTuple):
    """Milliseconds a call."""

    processor: float
    median: float


def name_of(number: int) -> str:
    """A family name that so many share, in letters: no name begins with another."""
    group, letters = number // SHARING, ""
    for _ in range(5):
        group, letter = divmod(group, 26)
        letters += chr(97 + letter)
    return f"Q{letters}"


def card_of(number: int) -> Card:
    """The card of a made-up person."""
    family, digits = name_of(number), f"{number:08d}"
    phone = Phone(f"+4479{digits}", f"+4479{digits}", primary=True)
    return Card(f"Ada {family}", "Ada", family, (phone,), (Email(f"{digits}@example.org", primary=True),))


def _entries(cards: list[Card], keys: Callable[[Card], dict[str, bool]]) -> Entries:
    rows = [(at, key, more) for at, card in enumerate(cards) for key, more in keys(card).items()]
    return Entries(*zip(*rows, strict=True))


def _made(account: Account, numbers: range) -> NewContacts:
    """Contacts as the store takes them."""
    cards = list(map(card_of, numbers))
    size = len(cards)
    ids = [None] * size
    return NewContacts(
        ["individual"] * size,
        ids,
        [card.given for card in cards],
        [card.family for card in cards],
        fold.sort_keys(cards),
        [msgspec.json.encode(card).decode() for card in cards],
        fold.index_texts(account.id, cards, ids),
        _entries(cards, lookup.phones),
        _entries(cards, lookup.emails),
        Entries((), (), ()),
    )


def fill(store: Store, account: Account, book: int, first: int, last: int) -> Iterator[int]:
    """Put contacts in, from one number up to another; gives how far it is, chunk by chunk.

    The next ones are made while the database takes the last ones.
    """
    chunks = [range(begin, min(begin + CHUNK, last)) for begin in range(first, last, CHUNK)]
    with ThreadPoolExecutor(1) as maker:
        coming = deque(maker.submit(_made, account, chunk) for chunk in chunks[:1])
        for chunk, after in itertools.zip_longest(chunks, chunks[1:]):
            new = coming.popleft().result()
            if after is not None:
                coming.append(maker.submit(_made, account, after))
            store.write(Work(account, "", "bench", partial(_insert, new, book), alone=True))
            yield chunk.stop


def _insert(new: NewContacts, book: int, session: Session) -> None:
    session.bulk.insert(new, book, 1, shown=True)


class Calls:
    """The calls that are measured, on one account."""

    def __init__(self, store: Store, actor: Actor, book: int) -> None:
        self._store, self._actor, self._book = store, actor, book
        self._made = 0

    def _read(self, run: Callable[[Session], object]) -> None:
        self._store.read(self._actor.account, run)

    def create(self, _: int) -> None:
        """One create, committed."""
        self._made += 1
        card = Card(f"New Person{self._made}", phones=(Phone(f"+33{self._made:09d}", None, primary=True),))
        placed = [contacts.Placed(ContactDraft(card), self._book)]
        work = Work(self._actor.account, "", "bench", lambda session: contacts.create(session, self._actor, placed))
        self._store.write(work)

    def get(self, number: int) -> None:
        """One contact by its number."""
        self._store.peek(self._actor.account, lambda session: session.contacts.by_number(number))

    def search(self, number: int) -> None:
        """The contacts of a name, by its beginning."""

        def run(session: Session) -> None:
            found = search.search(session, self._actor, name_of(number), enough=1)
            if len(found) != SHARING:
                sys.exit(f"{len(found)} found instead of {SHARING}")

        self._read(run)

    def first_page(self, _: int) -> None:
        """The first page of all."""
        self._page(0)

    def later_page(self, number: int) -> None:
        """The page after a cursor somewhere."""
        self._page(number - PAGE)

    def _page(self, after: int) -> None:
        where = (Condition("number", "gt", after),) if after else ()

        def run(session: Session) -> list[Contact]:
            return session.contacts.page(where, limit=PAGE)

        self._read(run)


def _numbers(size: int) -> Iterator[int]:
    """Numbers all over the account; the same share of it at each size."""
    step = size * 0.618
    yield from (int(at * step) % (size - 2 * PAGE) + PAGE + 1 for at in range(CALLS))


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(call: Callable[[int], None], size: int) -> Cost:
    """What a call costs at a size."""
    numbers = list(_numbers(size))
    for number in numbers[:20]:
        call(number)
    waits, began = [], _processor_seconds()
    for number in numbers:
        start = time.perf_counter()
        call(number)
        waits.append(time.perf_counter() - start)
    return Cost(1000 * (_processor_seconds() - began) / len(numbers), 1000 * statistics.median(waits))


class Kept:
    """What is known so far, in a file if there is one: how many were put in, and the costs at each size."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        known = json.loads(file.read_text()) if file is not None and file.is_file() else {}
        self.there: int = known.get("there", 0)
        self.sizes: list[int] = known.get("sizes", [])
        self.costs = {name: [Cost(*cost) for cost in row] for name, row in known.get("costs", {}).items()}

    def keep(self) -> None:
        """Write it down."""
        if self._file is not None:
            self._file.write_text(json.dumps({"there": self.there, "sizes": self.sizes, "costs": self.costs}))


def _begun(store: Store) -> tuple[Account, Actor]:
    """The account that grows; beside it a neighbour, as in life, whose contacts stand in the same index."""
    if store.account_named("growth@example.org") is None:
        accounts.create(store, "growth@example.org")
        accounts.create(store, "neighbour@example.org")
        deque(fill(store, accounts.named(store, "neighbour@example.org"), 1, 0, 1000))
    account = accounts.named(store, "growth@example.org")
    return account, accounts.owner(account)


def _settle(url: str) -> None:
    """Have PostgreSQL do at once what it does by itself within minutes: count, and tidy the index of words."""
    if url.startswith("postgres"):
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            connection.execute("VACUUM ANALYZE")


def grown(store: Store, url: str, sizes: list[int], kept: Kept) -> None:
    """Measure each call at each size that was not measured before."""
    account, actor = _begun(store)
    book = 1
    for size in sizes:
        if size in kept.sizes:
            continue
        for there in fill(store, account, book, kept.there, size):
            kept.there = there
            kept.keep()
        _settle(url)
        calls = Calls(store, actor, book)
        for call in (calls.get, calls.search, calls.first_page, calls.later_page, calls.create):
            cost = measured(call, size)
            kept.costs.setdefault(call.__name__, []).append(cost)
            print(f"{size:>9,} {call.__name__:<11}{cost}", file=sys.stderr, flush=True)
        kept.sizes.append(size)
        kept.keep()


def table(costs: dict[str, list[Cost]], sizes: list[int]) -> str:
    """The costs as a table in Markdown."""
    head = "| call | " + " | ".join(f"{size:,}" for size in sizes) + " | last / first |"
    lines = [head, "|---" * (len(sizes) + 2) + "|"]
    for name, row in costs.items():
        ratio = row[-1].processor / row[0].processor
        cells = " | ".join(f"{cost.processor:.3f} ({cost.median:.3f})" for cost in row)
        lines.append(f"| {name.replace('_', ' ')} | {cells} | {ratio:.2f} |")
    return "\n".join(lines)


@contextmanager
def _database(given: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The address of the database that grows."""
    if given.database or given.engine == "sqlite":
        yield given.database or f"sqlite:///{folder / 'onebook.db'}"
        return
    postgres = OwnPostgres()
    try:
        postgres.engine.create(folder)
        yield postgres_url(folder)
    finally:
        postgres.remove()


def main() -> None:
    """Grow an account, and print what its calls cost at each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="with commas; ascending")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--database", help="an empty database in place of a new one")
    parser.add_argument("--folder", type=Path, help="keeps figures and an SQLite file there: the same command goes on")
    parser.add_argument("--plot", type=Path, help="where a picture is drawn")
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        lasting = given.folder is not None and (given.engine == "sqlite" or given.database)
        kept = Kept(folder / f"growth-{given.engine}.json" if lasting else None)
        with _database(given, folder) as url:
            store = bootstrap.open_store(settings.load({"database": url, "data": str(folder)}), new=True)
            try:
                grown(store, url, sizes, kept)
            finally:
                store.close()
    print(table(kept.costs, kept.sizes))
    if given.plot:
        waits = {name: [cost.median for cost in row] for name, row in kept.costs.items()}
        title = f"Time of a call against that at {kept.sizes[0]:,} contacts, {given.engine}"
        given.plot.write_text(drawn(title, kept.sizes, waits))


if __name__ == "__main__":
    main()

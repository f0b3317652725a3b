"""How soon pages and searches of people in a browser are answered, with a book of a million contacts.

    python -m bench.pages --contacts 1000000 --folder /some/where

One page at a time through HTTP, each kind as often as asked for, with other words and places each time; prints the
median and the 99th percentile of each kind in milliseconds, the worst kinds first, and marks those that miss the goal.
With `--busy` it is the processor time of the server's threads that counts, which a busy machine does not change much.
The book is filled by the import engine, some two minutes for a million, and kept in the folder for the next time;
beside it are labels of several sizes, and opt-outs.
"""

import argparse
import base64
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx2

from bench import import_rows
from bench.imports import TARGETS, Bench
from onebook.model import fold
from onebook.model.imports import ImportOptions
from onebook.operations import contacts, labels, opt_outs, people
from onebook.operations.people import Caller, Wish
from onebook.store.base import Condition, Session, Work
from onebook.web import guard
from tests.harness import free_port

MEDIAN_GOAL, P99_GOAL = 100.0, 400.0  # milliseconds
#: Names of tags, and how many contacts have them.
TAGS = {"rare": 50, "some": 5_000, "many": 50_000, "most": 300_000}
OPTED_OUT = 10_000
CHUNK = 10_000


Ways = Callable[[random.Random], str]


class Kind(NamedTuple):
    """A kind of page. Args: ``path``: below the account's, of one of its places or words; ``swap``: as htmx asks."""

    name: str
    path: Ways
    swap: bool = False


class Book(NamedTuple):
    """What the paths are made of."""

    account: int
    token: str
    tags: dict[str, int]
    groups: list[tuple[int, str]]
    uids: list[str]


def _write(bench: Bench, run: Callable[[Session], object]) -> None:
    bench.store.write(Work(bench.actor.account, "bench", "bench", run, alone=True))


def filled(folder: Path, size: int) -> Book:
    """A book of at least this size, made if it is not there; and a person to look at it."""
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder)
    there = bench.store.read(bench.actor.account, lambda session: session.contacts.count(()))
    if there < size // 2:
        csv = folder / "rows.csv"
        import_rows.write(csv, size * 105 // 100, seed=5)
        taken, done = bench.run(csv, ImportOptions(match="external_id", targets=TARGETS))
        csv.unlink()
        print(f"filled in {taken.seconds:.0f} s: {done.created} contacts", file=sys.stderr)
    _mark(bench, size)
    account = bench.actor.account
    link = people.link(bench.store, account, "owner")
    wish = Wish(f"office-{time.time_ns()}@example.org", "Ada Office", "a long sentence nobody says")
    token = people.accept(bench.store, link, wish, Caller("127.0.0.1", "bench")).token
    found = bench.store.read(account, lambda session: _book(bench, session, token))
    bench.close()
    return found


def _mark(bench: Bench, size: int) -> None:
    """Tags and opt-outs, if they are not there."""
    if bench.store.read(bench.actor.account, lambda session: session.labels.numbered("tag", ["most"])):
        return
    numbers = list(range(1, size))
    random.Random(3).shuffle(numbers)
    for name, number in TAGS.items():
        for begin in range(0, min(number, size // 2), CHUNK):
            part = numbers[begin : min(begin + CHUNK, number)]
            _write(bench, partial(_tag, bench, name, part))
    _write(bench, lambda session: _opt_out(session, numbers[:: max(1, size // OPTED_OUT)]))


def _tag(bench: Bench, name: str, numbers: list[int], session: Session) -> None:
    there = list(session.contacts.by_numbers(numbers))
    labels.attach(session, labels.numbers_of(session, bench.actor, "tag", [name]), there)


def _opt_out(session: Session, numbers: list[int]) -> None:
    for one in session.contacts.by_numbers(numbers).values():
        opt_outs.mark_all(session, "phone", [phone.e164 for phone in one.card.phones if phone.e164], "bench")


def _book(bench: Bench, session: Session, token: str) -> Book:
    groups = contacts.find(session, bench.actor, (Condition("group", "eq", value=True),), limit=40)
    return Book(
        bench.actor.account.id,
        token,
        session.labels.numbered("tag", TAGS),
        [(group.number, group.uid) for group in groups],
        [one.uid for one in session.contacts.by_numbers(range(1, 900_000, 4_500)).values()],
    )


def kinds(book: Book) -> Iterator[Kind]:
    """All kinds of pages."""
    given, family = ([fold.fold(name).lower() for name in names] for names in (import_rows.GIVEN, import_rows.FAMILY))
    yield from _searches(given, family)
    yield from _filters(book, given)
    yield from _orders(given)
    yield Kind("contact", lambda dice: f"contacts/{dice.choice(book.uids)}")
    yield Kind("contact, to edit", lambda dice: f"contacts/{dice.choice(book.uids)}/edit")
    yield Kind("group of 12,000", lambda dice: f"contacts/{dice.choice(book.groups)[1]}")
    for name in ("labels", "imports", "imports/new", "contacts/new"):
        yield Kind(name, _fixed(name))
    for name in ("connect", "keys", "books", "opt-outs", "people", "figures"):
        yield Kind(f"running: {name}", _fixed(f"running/{name}"))


def _fixed(path: str) -> Ways:
    return lambda _: path


def _worded(words: list[str], query: str) -> Ways:
    return lambda dice: f"contacts?q={dice.choice(words)}&{query}"


def _later(order: str, words: list[str]) -> Ways:
    return lambda dice: f"contacts?q={dice.choice(words)}&order={order}&after={_place(order, dice)}"


def _searches(given: list[str], family: list[str]) -> Iterator[Kind]:
    def of(name: str, words: Callable[[random.Random], str]) -> Kind:
        return Kind(f"search: {name}", lambda dice: f"contacts?q={words(dice)}", swap=True)

    yield of("rare word", lambda dice: f"c-{dice.randrange(1_000_000):08d}".replace("c-", ""))
    yield of("common word", lambda dice: dice.choice(given))
    yield of("word of most", lambda dice: dice.choice(("com", "example")))
    yield of("word of a quarter", lambda dice: dice.choice(("works", "labs", "foods", "ltd")))
    yield of("two letters", lambda dice: dice.choice(given + family)[:2])
    yield of("three letters", lambda dice: dice.choice(given + family)[:3])
    yield of("two words", lambda dice: f"{dice.choice(given)}+{dice.choice(family)}")
    yield of("two beginnings", lambda dice: f"{dice.choice(given)[:2]}+{dice.choice(family)[:2]}")
    yield of("three words", lambda dice: f"{dice.choice(given)}+{dice.choice(family)}+{dice.choice(('works', 'labs'))}")
    yield of("two common, together rare", lambda dice: f"{dice.choice(given)}+example{dice.randrange(977)}")
    yield of("misspelt word", lambda dice: _slip(dice.choice(family), dice))
    yield of("number's beginning", lambda dice: f"%2B{dice.choice(('49', '4915', '3361', '1', '44'))}")
    yield of("nobody's word", lambda dice: f"zq{dice.randrange(1000)}xy")
    yield Kind("palette", lambda dice: f"contacts/palette?q={dice.choice(given)[:3]}", swap=True)


def _slip(word: str, dice: random.Random) -> str:
    at = dice.randrange(2, len(word)) if len(word) > 2 else 0  # noqa: PLR2004 - the first two are sure
    return f"{word[:at]}{word[at + 1 :]}x"


def _filters(book: Book, given: list[str]) -> Iterator[Kind]:
    today = time.strftime("%Y-%m-%d", time.gmtime())
    tags = [(f"tag of {TAGS[name]:,}", f"tag={number}") for name, number in book.tags.items()]
    simple = (
        ("book", "book=1"),
        ("people", "kind=individual"),
        ("groups", "kind=group"),
        ("opted out", "opt_out=yes"),
        ("not opted out", "opt_out=no"),
        ("since long ago", "since=2020-01-01"),
        ("since tomorrow", "since=2038-01-01"),
        ("since today", f"since={today}"),
        ("member of a group", f"group={book.groups[0][0] if book.groups else 1}"),
        *tags,
    )
    for name, query in simple:
        yield Kind(f"filter: {name}", _fixed(f"contacts?{query}"), swap=True)
        yield Kind(f"filter and common word: {name}", _worded(given, query), swap=True)
        yield Kind(f"filter, newest: {name}", _fixed(f"contacts?order=new&{query}"), swap=True)
    rare = next((number for name, number in book.tags.items() if name == "rare"), 1)
    yield Kind("filters: rare tag, opted out", lambda _: f"contacts?tag={rare}&opt_out=yes", swap=True)
    yield Kind(
        "filters: group, tag", lambda _: f"contacts?group={book.groups[0][0]}&tag={book.tags['many']}", swap=True
    )


def _orders(given: list[str]) -> Iterator[Kind]:
    for order in ("name", "name-down", "new", "old", "changed"):
        yield Kind(f"all: {order}", _fixed(f"contacts?order={order}"))
        yield Kind(f"later: {order}", _later(order, [""]))
        yield Kind(f"common word: {order}", _worded(given, f"order={order}"), swap=True)
        yield Kind(f"common word, later: {order}", _later(order, given), swap=True)


def _place(order: str, dice: random.Random) -> str:
    number = dice.randrange(1, 900_000)
    key = dice.choice("abcdefghijklmnopqrstuv") if order.startswith("name") else int(time.time() * 1000) - 60_000
    return base64.urlsafe_b64encode(json.dumps([key, number]).encode()).decode().rstrip("=")


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """A server over the folder; its URL, and its process."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "onebook", "serve", "--no-worker", "--port", str(port), "--data", str(folder)]
    command += ["--database", f"sqlite:///{folder / 'onebook.db'}"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"ONEBOOK_LOG": "warning"})
        try:
            _wait(url, process)
            yield url, process.pid
        finally:
            process.terminate()
            process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    with httpx2.Client(trust_env=False) as client:
        for _ in range(300):
            if process.poll() is not None:
                sys.exit("the server has ended")
            try:
                client.get(f"{url}/readyz")
            except httpx2.TransportError:
                time.sleep(0.1)
            else:
                return


def _busy_seconds(process: int) -> float:
    """Processor time that the threads of a process have had; Linux only."""
    stats = (path.read_text() for path in Path(f"/proc/{process}/task").glob("*/schedstat"))
    return sum(int(stat.split()[0]) for stat in stats) / 1e9


def measured(
    client: httpx2.Client, base: str, kind: Kind, times: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Milliseconds of each request of a kind."""
    dice = random.Random(kind.name)
    found = []
    headers = {"HX-Request": "true"} if kind.swap else {}
    for path in [kind.path(dice) for _ in range(times)]:
        began = clock()
        answer = client.get(f"{base}/{path}", headers=headers)
        found.append(1000 * (clock() - began))
        if answer.status_code != 200:  # noqa: PLR2004 - as HTTP has it
            sys.exit(f"{path}: {answer.status_code}")
    return found


def _p99(waits: list[float]) -> float:
    return sorted(waits)[min(len(waits) - 1, int(0.99 * len(waits)))]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, required=True, help="where the book is, or is made")
    parser.add_argument("--times", type=int, default=40, help="requests of each kind")
    parser.add_argument("--only", default="", help="kinds with this in their name")
    parser.add_argument("--busy", action="store_true", help="count the server's processor time")
    given = parser.parse_args()
    book = filled(given.folder, given.contacts)
    waits: dict[str, list[float]] = {}
    with served(given.folder) as (url, process), httpx2.Client(
        base_url=url, trust_env=False, timeout=120, cookies={guard.SESSION: book.token}
    ) as client:  # fmt: skip
        clock = partial(_busy_seconds, process) if given.busy else time.perf_counter
        for kind in kinds(book):
            if given.only in kind.name:
                waits[kind.name] = measured(client, f"/accounts/{book.account}", kind, given.times, clock)
                print(f"{kind.name}: {statistics.median(waits[kind.name]):.0f}", file=sys.stderr, flush=True)
    print("| page | median, ms | p99, ms | |\n|---|---:|---:|---|")
    for name, found in sorted(waits.items(), key=lambda item: -statistics.median(item[1])):
        median, p99 = statistics.median(found), _p99(found)
        print(f"| {name} | {median:.0f} | {p99:.0f} | {'missed' if median > MEDIAN_GOAL or p99 > P99_GOAL else ''} |")
    every = list(itertools.chain(*waits.values()))
    print(f"| all | {statistics.median(every):.0f} | {_p99(every):.0f} | |")


if __name__ == "__main__":
    main()

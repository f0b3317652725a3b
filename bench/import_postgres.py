"""How fast a file of contacts is imported into PostgreSQL, against a bare COPY of it into one table with live indexes.

The server is one of our own that flushes what it commits. The table has the columns of the file as they are and makes
up what else is indexed; it has as many index entries a row as a contact has with us, of the same kinds:

    contact               key, uid, external id, name, book, time of change, words for searching by trigrams
    number, mail address  one each; with us the key of a row of its own
    group                 two, for the half of the rows that name one

Another such table has four indexes only, on mail address, number, external id and family name, and that for searching.
Processor time is that of all processes: those that read, the one that writes, and the server's.

    python -m bench.import_postgres --rows 1000000
    python -m bench.import_postgres --rows 1000000 --hands      what one and two reading processes take
"""

import argparse
import json
import os
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psycopg

from bench import import_rows
from bench.fault_postgres import OwnPostgres
from bench.import_figures import cpu_seconds
from bench.imports import INDEXED, TARGETS
from onebook.importing.source import Source
from onebook.model.account import Key
from onebook.model.imports import ImportOptions
from onebook.operations import accounts
from onebook.operations.actor import Actor
from onebook.operations.imports_engine import Engine
from onebook.operations.imports_hand import Task
from onebook.operations.imports_hands import Hands
from onebook.operations.imports_prepare import Wish
from onebook.operations.imports_reading import open_file
from onebook.store.postgres import PostgresStore
from tests.store.engines import postgres_url

_TICKS = os.sysconf("SC_CLK_TCK")
_PIECE_BYTES = 1 << 20


class Spent(NamedTuple):
    """Seconds: on the clock, and of processors for us and for the server."""

    seconds: float
    ours: float
    servers: float


class Watch:
    """Counts what is spent from its making on."""

    def __init__(self, postgres: OwnPostgres) -> None:
        self._postgres = postgres
        self._began, self._ours, self._servers = time.perf_counter(), sum(cpu_seconds()), self._server_seconds()

    def _server_seconds(self) -> float:
        """Of all its processes, those that have ended too."""
        first, *others = self._postgres.own.processes()
        return _ticks(first, (11, 12, 13, 14)) + sum(_ticks(process, (11, 12)) for process in others)

    def spent(self) -> Spent:
        """What was spent."""
        servers = self._server_seconds() - self._servers
        return Spent(time.perf_counter() - self._began, sum(cpu_seconds()) - self._ours, servers)


def _ticks(process: int, fields: tuple[int, ...]) -> float:
    try:
        numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended
        return 0.0
    return sum(int(numbers[field]) for field in fields) / _TICKS


#: What the file does not say and is indexed all the same; uids ascend, as ours do.
_MADE_UP = (
    "account BIGINT NOT NULL DEFAULT 1, number BIGINT NOT NULL DEFAULT nextval('numbers'), book BIGINT DEFAULT 1, "
    "uid TEXT DEFAULT lpad(lastval()::TEXT, 36, '0'), generation BIGINT DEFAULT 1, changed BIGINT DEFAULT 1"
)
#: As many entries a row as ours, of the same kinds: see above.
SAME = (
    "(account, number)",
    "(account, uid)",
    "(account, c0, book, generation)",
    "(account, (c1 || ' ' || c2), number)",
    "(account, book, number)",
    "(account, changed, number)",
    "(account, c4, number)",
    "(account, c3, number)",
    "(account, c7, number) WHERE c7 <> ''",
    "(account, number, c7) WHERE c7 <> ''",
)
FOUR = tuple(f"(c{number})" for number in INDEXED)
#: What is searched: external id, names, mail address, number, company, title, city.
_SEARCHED = (0, 1, 2, 3, 4, 6, 8, 9)


def limit(postgres: OwnPostgres, url: str, csv: Path, indexes: tuple[str, ...]) -> Spent:
    """What a bare COPY into a table with these indexes and one for searching takes."""
    names = [f"c{number}" for number in range(len(import_rows.HEADINGS))]
    columns = ", ".join(f'{name} TEXT COLLATE "C"' for name in names)
    words = " || ' ' || ".join(f"coalesce(c{number}, '')" for number in _SEARCHED)
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("CREATE SEQUENCE numbers CACHE 1000")
        connection.execute(f"CREATE TABLE bare ({columns}, {_MADE_UP})".encode())
        for index in (*indexes, f"USING gin (({words}) gin_trgm_ops)"):
            connection.execute(f"CREATE INDEX ON bare {index}".encode())
        connection.execute("CHECKPOINT")
        watch = Watch(postgres)
        copy_in = f"COPY bare ({', '.join(names)}) FROM STDIN (FORMAT csv, HEADER)".encode()
        with csv.open("rb") as file, connection.cursor() as cursor, cursor.copy(copy_in) as copy:
            while piece := file.read(_PIECE_BYTES):
                copy.write(piece)
        spent = watch.spent()
        connection.execute("DROP TABLE bare")
        connection.execute("DROP SEQUENCE numbers")
    return spent


def imported(postgres: OwnPostgres, url: str, csv: Path, folder: Path) -> Spent:
    """What our import takes, into an empty book."""
    store = PostgresStore(url)
    name = accounts.create(store, f"bench{time.time_ns()}").account
    account = next(account for account in store.accounts() if account.name == name)
    actor = Actor(account, Key("bench", "admin", None, True, None, 0), "bench")  # noqa: FBT003 - a record
    engine = Engine(store, folder / "spool")
    watch = Watch(postgres)
    made = engine.begin(actor, Source.of_path(csv), ImportOptions(match="external_id", targets=TARGETS))
    done = engine.wait(actor, made.id, seconds=3600)
    spent = watch.spent()
    engine.stop()
    store.close()
    print(done.state, {name: getattr(done, name) for name in ("created", "refused", "skipped")}, flush=True)
    return spent


def prepared(csv: Path, hands: int) -> float:
    """Seconds that so many processes take to read and validate the file."""
    with open_file(Source.of_path(csv), ImportOptions(targets=TARGETS), None) as file:
        wish = Wish(1, phone=file.heading_of("phone"))
        helping = Hands(Task(file.plan, wish), hands)
        began = time.perf_counter()
        for _ in helping.prepare(file.blocks(0)):
            pass
        seconds = time.perf_counter() - began
        helping.close()
    return seconds


def main() -> None:
    """Measure, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--hands", action="store_true", help="only read and validate, with one process and with two")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        csv = folder / "rows.csv"
        import_rows.write(csv, given.rows)
        if given.hands:
            by_one, by_two = prepared(csv, 1), prepared(csv, 2)
            print(f"one process {by_one:.2f} seconds, two {by_two:.2f}: {by_one / by_two:.2f} times as fast")
            return
        postgres = OwnPostgres()
        try:
            postgres.engine.create(folder)
            url = postgres_url(folder)
            spent = {
                "import": imported(postgres, url, csv, folder),
                "copy, same indexes": limit(postgres, url, csv, SAME),
                "copy, four indexes": limit(postgres, url, csv, FOUR),
            }
        finally:
            postgres.remove()
    for what, one in spent.items():
        print(f"{what:22}", json.dumps({key: round(value, 2) for key, value in one._asdict().items()}))
    for what in ("copy, same indexes", "copy, four indexes"):
        ours, bare = spent["import"], spent[what]
        processor = (ours.ours + ours.servers) / (bare.ours + bare.servers)
        print(f"against {what}: {ours.seconds / bare.seconds:.2f} times the time, {processor:.2f} the processor's")


if __name__ == "__main__":
    main()

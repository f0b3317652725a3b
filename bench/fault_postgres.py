"""A PostgreSQL of the faults' own, that flushes what it commits, and may be stopped and killed."""

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.fault_hands import CREATED, READ, Hand, Hands
from bench.fault_kit import AWAY, faults_of, names
from tests.harness import Server
from tests.store.engines import POSTGRES, Engine, postgres_url
from tests.store.postgres_server import Own
from tests.store.postgres_server import Server as Databases

# What was acknowledged has to be on the disk, as in life.
_SAFE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=128MB")
RECOVERY_SECONDS = 5.0
CONNECTIONS = 16  # of one process, as is set
_OURS = "FROM pg_stat_activity WHERE application_name = 'onebook' AND datname = current_database()"


class OwnPostgres:
    """A server in a folder of its own; to be removed."""

    def __init__(self) -> None:
        # Short, and open to the user that the server runs as: the names of sockets are bounded.
        self._folder = Path(tempfile.mkdtemp(prefix="onebook-faults-"))
        self._folder.chmod(0o755)
        self.own = Own(self._folder / "own", *_SAFE)
        self._databases = Databases(self.own.url)
        self.engine: Engine = POSTGRES._replace(create=self._create, drop=self._drop)

    def _create(self, folder: Path) -> None:
        (folder / "url").write_text(self._databases.new(migrated=True))

    def _drop(self, folder: Path) -> None:
        self._databases.drop(postgres_url(folder))

    def engine_on(self, tables: Path) -> Engine:
        """An engine whose databases keep their tables in a folder, until `leave`."""
        tables.parents[1].chmod(0o755)  # a temporary folder, for its owner only: the server is another user
        tables.mkdir()
        self.own.give_to_user(tables)
        with psycopg.connect(self.own.url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{tables}'".encode())
        return self.engine._replace(create=self._create_small)

    def _create_small(self, folder: Path) -> None:
        self._create(folder)
        name = psycopg.conninfo.conninfo_to_dict(postgres_url(folder))["dbname"]
        with psycopg.connect(self.own.url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} SET TABLESPACE small".encode())

    def leave(self, tables: str) -> None:
        """Let go of the place of such tables, which must be empty."""
        with psycopg.connect(self.own.url, autocommit=True) as connection:
            connection.execute(f"DROP TABLESPACE {tables}".encode())

    def remove(self) -> None:
        """Stop it, and remove its files."""
        self.own.remove()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def engine_named(name: str) -> Iterator[OwnPostgres | None]:
    """A PostgreSQL of our own; None where the engine is SQLite."""
    if name == "sqlite":
        yield None
        return
    postgres = OwnPostgres()
    try:
        yield postgres
    finally:
        postgres.remove()


class Away(NamedTuple):
    """What was seen while the database was away, and afterwards."""

    acknowledged: int
    refused: int
    strange: tuple[str, ...]
    lost: int
    doubled: int
    away_told: bool
    recovered_seconds: float
    connections: int
    left_open: int
    faults: str

    @property
    def good(self) -> bool:
        """Whether all is as it must be."""
        whole = not (self.strange or self.lost or self.doubled or self.left_open or self.faults)
        recovered = self.recovered_seconds < RECOVERY_SECONDS and self.connections <= CONNECTIONS
        return whole and recovered and self.away_told and bool(self.acknowledged)


def database_away(server: Server, own: Own, *, killed: bool, seconds: float, writers: int = 16) -> Away:
    """Stop the database's processes, or kill them, for so many seconds, under load."""
    account = server.new_account()
    hands = Hands(server, account, writers)
    time.sleep(0.5)
    own.signal(signal.SIGKILL if killed else signal.SIGSTOP)
    until = time.monotonic() + seconds
    away_told = _is_told_away(server, seconds)
    time.sleep(max(until - time.monotonic(), 0))
    if killed:
        own.start()
    else:
        own.signal(signal.SIGCONT)
    back = time.monotonic()
    time.sleep(2)
    recovered = _recovered(hands, back)
    hands.stop()
    there, ledger, told = names(server, account), hands.ledger, [*hands.written, *hands.reader.told]
    connections, left_open = _connections(postgres_url(server.data))
    return Away(
        acknowledged=len(ledger),
        refused=sum(one.status in AWAY for one in told),
        strange=tuple(sorted({one.strange for one in told if one.strange})),
        lost=len(ledger - set(there)),
        doubled=len(there) - len(set(there)),
        away_told=away_told,
        recovered_seconds=recovered,
        connections=connections,
        left_open=left_open,
        faults=faults_of(server),
    )


def _is_told_away(server: Server, seconds: float) -> bool:
    """Whether /readyz says so within that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.ready() in AWAY:
            return True
        time.sleep(0.05)
    return False


def _recovered(hands: Hands, back: float, longest: float = 30.0) -> float:
    """Seconds until every hand was served, and after which nobody was refused."""
    everyone = (hands.reader, *hands.writers)
    while time.monotonic() < back + longest:
        served = [_first_served(hand, back) for hand in everyone]
        if all(served):
            refused = [told.at for hand in everyone for told in hand.told if told.status in AWAY]
            return max([*served, *refused]) - back
        time.sleep(0.1)
    return longest


def _first_served(hand: Hand, after: float) -> float:
    """When a hand was first served after that; 0 if it was not yet."""
    return next((told.at for told in hand.told if told.at > after and told.status in (READ, CREATED)), 0.0)


def _connections(url: str) -> tuple[int, int]:
    """How many connections the server holds, and how many of them were left in the middle of something."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        row = connection.execute(
            f"SELECT count(*), count(*) FILTER (WHERE state <> 'idle') {_OURS}".encode()
        ).fetchone()
    return (row[0], row[1]) if row else (0, 0)

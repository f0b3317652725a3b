"""Answers that are made while they are sent: whole, no faster than they are taken, and cut when they cannot end."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import httpx2
import openpyxl
import pytest

from onebook.dialects.base import Answer, Pieces
from onebook.server.listening import Listener
from onebook.server.streaming import stream
from onebook.server.wire import Head, Wire
from tests.harness import Account, Server, free_port, in_own_loop
from tests.patience import PATIENCE_SECONDS

T = TypeVar("T")
CONTACTS = 3_000
NOTES = "x" * 4_000


@pytest.fixture(scope="module")
def crowd(server: Server) -> Account:
    """An account of many contacts, some 12 MB of them."""
    made = server.new_account()
    for start in range(0, CONTACTS, 500):
        contacts = [{"name": f"Person {at}", "notes": NOTES} for at in range(start, start + 500)]
        made.apptoto.post(
            "/contacts", json={"contacts": [{"address_book": "Contacts", **one} for one in contacts]}
        ).raise_for_status()
    return made


def memory_kib(server: Server) -> int:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def test_a_long_answer_comes_whole(crowd: Account) -> None:
    answer = crowd.native.get("/contacts/export", params={"format": "jsonl"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    assert answer.headers["content-disposition"] == 'attachment; filename="contacts.jsonl"'
    assert "content-length" not in answer.headers
    names = [json.loads(line)["name"]["full"] for line in answer.content.splitlines()]
    assert names == [f"Person {at}" for at in range(CONTACTS)]


@pytest.mark.parametrize(
    ("format_name", "media_type"),
    [
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("vcard", "text/vcard; charset=utf-8"),
        ("vcard3", "text/vcard; charset=utf-8"),
    ],
)
def test_each_format_is_a_file_with_a_name(account: Account, format_name: str, media_type: str) -> None:
    account.native.post("/contacts", json={"name": {"full": "Ada Byron"}}).raise_for_status()
    answer = account.native.get("/contacts/export", params={"format": format_name})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    content = answer.content
    if format_name == "xlsx":
        content = str([cell.value for cell in openpyxl.load_workbook(BytesIO(content)).active[2]]).encode()
    assert b"Ada Byron" in content


def test_without_a_format_it_is_csv(account: Account) -> None:
    assert account.native.get("/contacts/export").headers["content-type"].startswith("text/csv")


def test_filters_are_those_of_finding(account: Account) -> None:
    account.native.post("/contacts", json={"name": {"full": "Ada"}, "tags": ["vip"]}).raise_for_status()
    account.native.post("/contacts", json={"name": {"full": "Bea"}}).raise_for_status()
    for query in ({"tag": "vip"}, {"q": "ada"}, {"tag": "vip", "kind": "individual"}):
        lines = account.native.get("/contacts/export", params={"format": "jsonl", **query}).content.splitlines()
        assert [json.loads(line)["name"]["full"] for line in lines] == ["Ada"]


@pytest.mark.parametrize("query", [{"format": "pdf"}, {"limit": "5"}, {"cursor": "x"}, {"tags": "vip"}, {"book": "x"}])
def test_a_query_that_makes_no_sense_is_refused(account: Account, query: dict[str, str]) -> None:
    assert account.native.get("/contacts/export", params=query).status_code == 400


def test_what_a_format_cannot_hold_is_an_error_and_no_broken_file(account: Account) -> None:
    account.native.post("/contacts", json={"name": {"full": "A"}, "notes": "x" * 40_000}).raise_for_status()
    answer = account.native.get("/contacts/export", params={"format": "xlsx"})
    assert answer.status_code == 400
    assert "JSON Lines" in answer.text


def test_a_reader_that_stalls_costs_no_memory_and_may_go(server: Server, crowd: Account) -> None:
    before = memory_kib(server)
    request = (
        f"GET /api/v1/contacts/export?format=jsonl HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {crowd.key}\r\n\r\n"
    )
    stalled = []
    for _ in range(5):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(request.encode())
        stalled.append(connection)
    time.sleep(2)
    assert memory_kib(server) - before < 30_000  # five answers are 60 MB
    for connection in stalled:
        connection.close()
    assert crowd.native.get("/contacts", params={"limit": 1}).status_code == 200
    assert server.log.count("fault") == 0


class Made:
    """A body of some pieces that remembers how far it was taken, and breaks where it is told to."""

    def __init__(self, *pieces: bytes, breaks: bool = False) -> None:
        self.taken = 0
        self.closed = False
        self._pieces = self._made(pieces, breaks=breaks)

    def _made(self, pieces: tuple[bytes, ...], *, breaks: bool) -> Iterator[bytes]:
        for piece in pieces:
            self.taken += 1
            yield piece
        if breaks:
            raise Odd

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        self.closed = True


class Odd(Exception):
    """What breaks a body."""


class App:
    """An application whose only answer is a body."""

    def __init__(self, made: Made) -> None:
        self._made = made
        self.broke = False

    async def serve(self, _head: Head, wire: Wire) -> None:
        """Answer with it."""
        pieces = Pieces(self._made)
        try:
            await stream(Answer(200, pieces, (("X-A", "b"),), "text/plain"), pieces, wire, in_thread)
        except Odd:
            self.broke = True


async def in_thread(call: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, call)


def served(made: Made, ask: Callable[[int], T]) -> tuple[T, App]:
    """What asking a server gives whose answer is this body."""
    app, port = App(made), free_port()

    async def run() -> T:
        listener = Listener(app.serve, "127.0.0.1", port)
        await listener.open()
        try:
            return await in_thread(lambda: ask(port))
        finally:
            await listener.close()

    return in_own_loop(run), app


def whole(port: int) -> httpx2.Response:
    return httpx2.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=PATIENCE_SECONDS)


def test_empty_pieces_do_not_end_the_body() -> None:
    made = Made(b"", b"a", b"", b"b" * 1_000_000, b"c")
    answer, _ = served(made, whole)
    assert (answer.status_code, answer.headers["x-a"], answer.headers["content-type"]) == (200, "b", "text/plain")
    assert answer.content == b"a" + b"b" * 1_000_000 + b"c"
    assert made.closed


def test_a_body_that_breaks_is_cut_and_never_taken_for_whole() -> None:
    made = Made(b"a" * 100_000, breaks=True)

    def ask(port: int) -> None:
        with pytest.raises(httpx2.TransportError):
            whole(port)

    _, app = served(made, ask)
    assert app.broke
    assert made.closed


def test_nothing_more_is_made_for_a_client_that_has_gone() -> None:
    made = Made(*[b"a" * 65_536] * 3_000)

    def ask(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(1_000).startswith(b"HTTP/1.1 200")
            time.sleep(0.5)

    served(made, ask)
    assert made.taken < 1_000
    assert made.closed

"""Answers that are made piece by piece: whole or an error, and no faster than they are taken."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TypeVar, cast

import openpyxl
import pytest

from onebook.dialects.base import Answer, Pieces
from onebook.server.asgi import Wire as RealWire
from onebook.server.streaming import gather, send_file
from tests.harness import Account, Server

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
    assert int(answer.headers["content-length"]) == len(answer.content)
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
            raise OSError

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        self.closed = True


async def at_once(call: Callable[[], T]) -> T:
    return call()


class Wire:
    """A wire that remembers what was sent; only what answers in pieces need."""

    def __init__(self) -> None:
        self.head: tuple[int, list[tuple[str, str]]] | None = None
        self.sent = b""

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> "Wire":
        self.head = (status, headers)
        return self

    async def send_bytes(self, data: bytes) -> None:
        self.sent += data


def send_all(made: Made) -> Wire:
    """What a client gets."""
    wire = Wire()

    async def run() -> None:
        pieces = Pieces(made)
        file = await gather(pieces, at_once)
        await send_file(Answer(200, pieces, (("X-A", "b"),), "text/plain"), file, cast("RealWire", wire), at_once)

    asyncio.run(run())
    return wire


def test_pieces_are_one_body_with_its_length() -> None:
    made = Made(b"", b"a", b"", b"b")
    wire = send_all(made)
    assert wire.head == (200, [("X-A", "b"), ("content-type", "text/plain"), ("content-length", "2")])
    assert wire.sent == b"ab"
    assert made.closed


def test_a_body_that_breaks_is_not_begun() -> None:
    made = Made(b"a", breaks=True)
    with pytest.raises(OSError):  # noqa: PT011 - it is our own, without words
        send_all(made)
    assert made.closed


def test_a_large_body_waits_on_disk() -> None:
    made = Made(*[b"x" * 65_536] * 64)
    assert len(send_all(made).sent) == 64 * 65_536

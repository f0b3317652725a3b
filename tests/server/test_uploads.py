"""Files that are sent: past the bound of other bodies, in flat memory, whole or not at all."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS, wait_until

IMPORT_BYTES, BODY_BYTES = 1 << 27, 4096
NO_ZIP = b"PK\x03\x04 but no workbook"  # is refused as soon as it has come
PEOPLE = b"Name\nAda Byron\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a small bound of bodies, and a larger one of files."""
    bounds = {"BODY_BYTES": BODY_BYTES, "IMPORT_BYTES": IMPORT_BYTES}
    environment = {f"ONEBOOK_{name}": str(value) for name, value in bounds.items()}
    server = Server(tmp_path_factory.mktemp("small") / "data", environment=environment)
    yield server
    server.stop()


@pytest.fixture
def account(small: Server) -> Iterator[Account]:
    """A fresh account of the small server."""
    made = small.new_account()
    yield made
    made.close()


def spooled(server: Server) -> set[str]:
    folder = server.data / "imports"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def memory_kib(server: Server, what: str) -> int:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(what))


def in_pieces(head: bytes, size: int) -> Iterator[bytes]:
    yield head
    for _ in range(size // 65_536):
        yield b"x" * 65_536


def sent(account: Account, content: bytes | Iterator[bytes], **headers: str) -> httpx2.Response:
    return account.native.post("/imports", content=content, headers={"Content-Type": "text/csv", **headers})


def imports(account: Account) -> list[object]:
    return list(account.native.get("/imports").json()["imports"])


def test_a_file_may_be_larger_than_other_bodies(account: Account) -> None:
    rows = "".join(f"Person {number}\n" for number in range(2_000)).encode()
    answer = sent(account, b"Name\n" + rows)
    assert answer.status_code == 202, answer.text
    uid, until = answer.json()["uid"], time.monotonic() + PATIENCE_SECONDS
    while (found := account.native.get(f"/imports/{uid}").json())["state"] != "done":
        assert time.monotonic() < until, found
        time.sleep(0.05)
    assert (found["created"], found["size"]) == (2_000, 5 + len(rows))


def test_a_large_file_takes_no_memory(small: Server, account: Account) -> None:
    sent(account, in_pieces(NO_ZIP, 1 << 20))
    before, files = memory_kib(small, "VmHWM"), spooled(small)
    answer = sent(account, in_pieces(NO_ZIP, 100 << 20))
    assert answer.status_code == 400, answer.text
    assert memory_kib(small, "VmHWM") - before < 24_000
    assert spooled(small) == files


@pytest.mark.parametrize("known", [True, False], ids=["told before", "not told"])
def test_a_file_past_the_bound_is_refused_and_leaves_nothing(small: Server, account: Account, *, known: bool) -> None:
    files = spooled(small)
    length = sum(map(len, in_pieces(PEOPLE, IMPORT_BYTES + 65_536)))
    headers = {"Content-Length": str(length)} if known else {}
    with suppress(httpx2.TransportError):  # the connection may be closed before all was sent
        assert sent(account, in_pieces(PEOPLE, IMPORT_BYTES + 65_536), **headers).status_code == 413
    assert imports(account) == []
    assert spooled(small) == files


HEAD = "POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: text/csv\r\n"
LENGTH, CHUNKED = "Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"


def begun(server: Server, account: Account, how: str, content: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
    connection.sendall((HEAD.format(account.key) + how + content).encode())
    return connection


@pytest.mark.parametrize(
    ("how", "content"),
    [
        (LENGTH, "Name\nAda\n"),
        (CHUNKED, "9\r\nName\nAda\n\r\n"),
        (CHUNKED, "90\r\nName\nAda\n"),
        (CHUNKED, "9\r\nName\nAda\n\r\nnonsense"),
    ],
    ids=["of known length", "between chunks", "in a chunk", "no chunk"],
)
def test_a_client_that_stops_in_the_middle_leaves_nothing(
    small: Server, account: Account, how: str, content: str
) -> None:
    files = spooled(small)
    with begun(small, account, how, content):
        time.sleep(0.2)
    wait_until(lambda: spooled(small) == files, "what came of the file is still there")
    assert imports(account) == []


def test_a_client_that_is_too_slow_is_told_so(tmp_path: Path) -> None:
    hasty = Server(tmp_path / "data", environment={"ONEBOOK_IMPORT_SECONDS": "1"})
    try:
        with begun(hasty, hasty.new_account(), LENGTH, "Name\n") as connection:
            answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 400")
        assert spooled(hasty) == set()
    finally:
        hasty.stop()


def test_slow_clients_keep_nobody_waiting(small: Server, account: Account) -> None:
    slow = [begun(small, account, LENGTH, "Name\n") for _ in range(30)]
    assert imports(account) == []
    assert account.native.get("/contacts/export").status_code == 200
    for connection in slow:
        connection.close()


def test_the_same_file_with_the_same_key_is_answered_alike(account: Account) -> None:
    pieces = iter([PEOPLE[:3], PEOPLE[3:]])
    first, second = (sent(account, content, **{"Idempotency-Key": "k"}) for content in (PEOPLE, pieces))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["uid"] == second.json()["uid"]
    assert sent(account, b"Name\nEve\n", **{"Idempotency-Key": "k"}).status_code == 409
    assert len(imports(account)) == 1


def test_a_body_in_json_keeps_its_bound(account: Account) -> None:
    long = b'{"url": "data:text/csv;base64,' + b"A" * BODY_BYTES + b'"}'
    assert sent(account, long, **{"Content-Type": "application/json"}).status_code == 413

"""One connection, without the application behind it: order, patience, half-closed clients, and what is not HTTP."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from onebook.server import connection
from onebook.server.listening import Listener
from onebook.server.wire import ClientGone, Head, Wire
from tests.harness import free_port, in_own_loop
from tests.patience import PATIENCE_SECONDS

Serve = Callable[[Head, Wire], Awaitable[None]]


async def echo(head: Head, wire: Wire) -> None:
    """Answers what it was asked; /slow after a while, /early before the body."""
    if head.path == "/early":
        wire.response_bytes(413, (), b"too much")
        return
    if head.path == "/slow":
        await asyncio.sleep(0.1)
    body = await wire()
    wire.response_bytes(200, (("x-path", head.path),), body)


def talk(serve: Serve, *pieces: bytes, shut: bool = False) -> bytes:
    """Send the pieces on one connection, a moment apart; all that came back by its end, which must come."""
    port = free_port()

    def ask() -> bytes:
        came = b""
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client,
            suppress(ConnectionError),
        ):
            for piece in pieces:
                client.sendall(piece)
                client.settimeout(0.1)
                with suppress(TimeoutError):
                    came += client.recv(1 << 20)
            if shut:
                client.shutdown(socket.SHUT_WR)
            client.settimeout(PATIENCE_SECONDS)
            while part := client.recv(1 << 20):
                came += part
        return came

    async def run() -> bytes:
        async def served(head: Head, wire: Wire) -> None:
            await serve(head, wire)

        listener = Listener(served, "127.0.0.1", port, grace_seconds=1)
        await listener.open()
        try:
            return await asyncio.get_running_loop().run_in_executor(None, ask)
        finally:
            await listener.close()

    return in_own_loop(run)


def request(path: str, body: bytes = b"", *headers: str, method: str = "POST", version: str = "1.1") -> bytes:
    lines = [f"{method} {path} HTTP/{version}", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


ENDS = "Connection: close"


def test_answers_come_in_the_order_of_the_requests() -> None:
    came = talk(echo, request("/slow", b"one") + request("/b", b"two") + request("/c", b"three", ENDS))
    assert [part for part in (b"one", b"two", b"three") if part in came] == [b"one", b"two", b"three"]
    assert came.index(b"one") < came.index(b"two") < came.index(b"three")
    assert came.count(b"connection: close") == 1


def test_more_requests_than_are_kept_waiting_are_all_answered() -> None:
    many = b"".join(request("/slow" if at == 0 else f"/{at}") for at in range(connection.QUEUED * 3))
    came = talk(echo, many + request("/last", b"", ENDS))
    assert came.count(b"HTTP/1.1 200 OK") == connection.QUEUED * 3 + 1


def test_a_client_that_closes_its_side_is_answered() -> None:
    assert b"x-path: /slow" in talk(echo, request("/slow", b"body"), shut=True)


def test_a_client_that_closes_its_side_within_a_body_has_gone() -> None:
    gone: list[bool] = []

    async def serve(_head: Head, wire: Wire) -> None:
        try:
            await wire()
        except ClientGone:
            gone.append(True)
            wire.response_bytes(400, (), b"")

    assert talk(serve, request("/", b"body")[:-1], shut=True).startswith(b"HTTP/1.1 400")
    assert gone == [True]


def test_an_answer_before_the_body_ends_the_connection_and_is_not_lost() -> None:
    came = talk(echo, request("/early", b"x" * 100)[:-1], b"x" + b"y" * 500_000)
    assert came.startswith(b"HTTP/1.1 413")
    assert came.count(b"HTTP/1.1") == 1
    assert b"connection: close" in came


def test_a_body_is_asked_for_where_the_client_waits_to_be_asked() -> None:
    whole = request("/", b"body", "Expect: 100-continue", ENDS)
    came = talk(echo, whole[:-4], whole[-4:])
    assert came.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_a_body_that_comes_whole_is_not_asked_for() -> None:
    assert b"100 Continue" not in talk(echo, request("/", b"body", "Expect: 100-continue", ENDS))


@pytest.mark.parametrize(
    ("headers", "kept"), [(("Connection: keep-alive",), True), ((), False)], ids=["kept", "not kept"]
)
def test_http_1_0(headers: tuple[str, ...], *, kept: bool) -> None:
    came = talk(echo, request("/", b"", *headers, version="1.0"), shut=kept)
    assert (b"connection: keep-alive" in came, b"connection: close" in came) == (kept, not kept)


def test_a_protocol_that_we_do_not_speak_is_not_taken_up() -> None:
    came = talk(echo, request("/", b"", "Upgrade: h2c", "Connection: Upgrade") + b"\0" * 100)
    assert came.startswith(b"HTTP/1.1 200 OK")
    assert came.count(b"HTTP/1.1") == 1


def test_a_whole_address_is_its_path() -> None:
    assert b"x-path: /a b?" in talk(echo, request("http://elsewhere/a%20b%3F?q", b"", ENDS))


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET nonsense\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * (connection.HEAD_BYTES + 1), 431),
        (b"GET /" + b"x" * (connection.HEAD_BYTES + 1), 431),
    ],
    ids=["nonsense", "no such method", "endless header", "endless target"],
)
def test_what_cannot_be_read_is_told_and_ends(raw: bytes, status: int) -> None:
    assert talk(echo, raw).startswith(b"HTTP/1.1 %d " % status)


def test_nonsense_after_a_request_does_not_take_its_answer() -> None:
    came = talk(echo, request("/slow", b"body") + b"nonsense\r\n\r\n")
    assert came.startswith(b"HTTP/1.1 200 OK")
    assert came.count(b"HTTP/1.1") == 1


def test_a_header_is_no_place_for_a_line_break() -> None:
    async def serve(_head: Head, wire: Wire) -> None:
        wire.response_bytes(200, (("x-name", "a\r\nset-cookie: b"),), b"")

    assert talk(serve, request("/")) == b""


def test_an_application_that_breaks_ends_the_connection() -> None:
    async def serve(_head: Head, _wire: Wire) -> None:
        raise ZeroDivisionError

    assert talk(serve, request("/")) == b""


@pytest.mark.parametrize(
    ("bound", "piece", "start"),
    [
        ("HEAD_SECONDS", b"GET / HTTP/1.1\r\nX: y", b"HTTP/1.1 408"),
        ("IDLE_SECONDS", b"", b""),
        ("STALL_SECONDS", request("/", b"body")[:-1], b""),
    ],
)
def test_nobody_is_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch, bound: str, piece: bytes, start: bytes
) -> None:
    monkeypatch.setattr(connection, bound, 0.2)
    ended: list[bool] = []

    async def serve(_head: Head, wire: Wire) -> None:
        with suppress(ClientGone):
            await wire()
        ended.append(True)

    came = talk(serve, piece)
    assert came.startswith(start)
    assert bool(came) == bool(start)
    assert ended == ([True] if bound == "STALL_SECONDS" else [])

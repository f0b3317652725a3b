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


async def misses_some(_head: Head, wire: Wire) -> None:
    """Says so if the body was cut short."""
    try:
        await wire()
    except ClientGone:
        wire.response_bytes(400, (), b"gone")


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


@pytest.mark.parametrize("size", [0, 100], ids=["heads", "bodies"])
def test_the_head_that_many_requests_end_with_is_not_as_long_as_all_of_them(size: int) -> None:
    count = 4 * connection.HEAD_BYTES // (len(request("/a")) + size)
    came = talk(echo, request("/a", b"x" * size) * count + request("/last", b"", ENDS))
    assert came.count(b"HTTP/1.1 200 OK") == count + 1


def test_a_client_that_closes_its_side_is_answered() -> None:
    assert b"x-path: /slow" in talk(echo, request("/slow", b"body"), shut=True)


def test_a_client_that_closes_its_side_within_a_body_has_gone() -> None:
    assert talk(misses_some, request("/", b"body")[:-1], shut=True).endswith(b"\r\n\r\ngone")


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


WISH = ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABk")


def test_a_protocol_that_we_do_not_speak_is_not_taken_up() -> None:
    came = talk(echo, request("/", b"", *WISH) + b"\0" * 100)
    assert came.startswith(b"HTTP/1.1 200 OK")
    assert came.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("cut", [0, 2, 6], ids=["whole", "within the body", "before the body"])
def test_a_wish_for_another_protocol_costs_neither_the_body_nor_the_connection(cut: int) -> None:
    """Some clients send one with their first request, whatever its method."""
    wishing = request("/a", b"first.", *WISH)
    at = len(wishing) - cut
    came = talk(echo, wishing[:at], wishing[at:] + request("/b", b"second", *WISH) + request("/c", b"third", ENDS))
    assert came.count(b"HTTP/1.1 200 OK") == 3
    assert [part for part in (b"first.", b"second", b"third") if part in came] == [b"first.", b"second", b"third"]


def test_a_wish_for_another_protocol_beside_a_body_in_chunks() -> None:
    came = talk(echo, chunked(b"3\r\none\r\n0\r\n\r\n", *WISH) + request("/b", b"two", ENDS))
    assert came.count(b"HTTP/1.1 200 OK") == 2
    assert b"one" in came


def test_many_wishes_at_once() -> None:
    came = talk(echo, request("/a", b"", *WISH) * 1500 + request("/last", b"", ENDS))
    assert came.count(b"HTTP/1.1 200 OK") == 1501


def test_a_wish_that_comes_with_each_request() -> None:
    wishing = request("/a", b"", *WISH, method="GET")
    came = talk(echo, wishing, wishing, request("/b", b"body", *WISH), wishing, request("/last", b"", ENDS))
    assert came.count(b"HTTP/1.1 200 OK") == 5
    assert came.count(b"body") == 1


def test_a_tunnel_is_not_made() -> None:
    came = talk(echo, b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n" + request("/b"))
    assert came.count(b"HTTP/1.1") == 1


def test_a_whole_address_is_its_path_and_its_host() -> None:
    async def serve(head: Head, wire: Wire) -> None:
        wire.response_bytes(200, (("x-path", head.path), ("x-host", head.headers["host"])), b"")

    came = talk(serve, request("http://elsewhere:80/a%20b%3F?q", b"", ENDS))
    assert b"x-path: /a b?\r\nx-host: elsewhere:80\r\n" in came


def chunked(body: bytes, *headers: str) -> bytes:
    """A request whose body is in chunks, as they stand."""
    lines = ["POST / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_what_comes_after_a_body_is_no_header() -> None:
    """Not of this request, nor of the next one on the connection."""
    seen: list[dict[str, str]] = []

    async def serve(head: Head, wire: Wire) -> None:
        seen.append(head.headers)
        wire.response_bytes(200, (), await wire())

    late = chunked(b"2\r\n{}\r\n0\r\nAuthorization: Bearer late\r\nX-Late: y\r\n\r\n")
    talk(serve, late + request("/next", b"", ENDS))
    talk(serve, late[:-4], late[-4:] + request("/next", b"", ENDS))
    assert len(seen) == 4
    assert not any({"authorization", "x-late"} & headers.keys() for headers in seen)


@pytest.mark.parametrize(
    "flood", [b"0\r\nX: " + b"x" * 3_000_000, b"0\r\n" + b"X: y\r\n" * 500_000, b"5;" + b"x" * 3_000_000]
)
def test_what_comes_around_a_body_is_bounded_too(flood: bytes) -> None:
    ended: list[bool] = []

    async def serve(_head: Head, wire: Wire) -> None:
        with suppress(ClientGone):
            await wire()
        ended.append(True)

    assert talk(serve, chunked(flood)) == b""
    assert ended == [True]


LINE = b"POST / HTTP/1.1\r\n"
HOST = b"Host: x\r\n"
BODY = b"Content-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (LINE + BODY, 400),
        (LINE + HOST + HOST + BODY, 400),
        (LINE + b"Host: a b\r\n" + BODY, 400),
        (LINE + b"Host: a/b\r\n" + BODY, 400),
        (LINE + b"Host: user@a\r\n" + BODY, 400),
        (b"POST http://user@a/ HTTP/1.1\r\n" + HOST + BODY, 400),
        (LINE + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 501),
        (LINE + HOST + b"Transfer-Encoding: identity\r\n\r\n", 501),
        (LINE + HOST + b"Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 501),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        (LINE + HOST + b"Transfer-Encoding: chunked\r\n" + BODY, 400),
        (LINE + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (LINE + HOST + b"Content-Length: 2\r\n" + BODY, 400),
        (LINE + HOST + b"Content-Length: 2, 2\r\n\r\n{}", 400),
        (LINE + HOST + b"Content-Length: +2\r\n\r\n{}", 400),
        (LINE + HOST + b"Content-Length: 0x2\r\n\r\n{}", 400),
        (LINE + HOST + b"Content-Length:\r\n\r\n{}", 400),
        (LINE + HOST + b"Content-Length : 2\r\n\r\n{}", 400),
        (LINE + HOST + b"X: a\r\n b\r\n" + BODY, 400),
        (LINE + b" Host: x\r\n" + BODY, 400),
        (LINE + HOST + b"X: a\rY: b\r\n" + BODY, 400),
        (LINE + HOST + b"X: a\x00b\r\n" + BODY, 400),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400),
        (b"GET /\r\n\r\n", 505),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    ],
    ids=lambda value: str(value) if isinstance(value, bytes) else None,
)
def test_a_head_that_others_could_read_otherwise_ends_the_connection(raw: bytes, status: int) -> None:
    """Where such a request ends, a proxy before us may see another place; so what is behind it is none."""
    came = talk(echo, raw + request("/b", b"", ENDS))
    assert came.startswith(b"HTTP/1.1 %d " % status)
    assert came.count(b"content-length") == 1


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


@pytest.mark.parametrize(
    "chunks",
    [b"2\n{}\n0\n\n", b"0x2\r\n{}\r\n", b"-2\r\n{}\r\n", b"2;a\nb\r\n{}\r\n", b"1\r\n{}\r\n", b"f" * 18 + b"\r\n{}"],
)
def test_chunks_that_cannot_be_read_are_a_body_cut_short(chunks: bytes) -> None:
    came = talk(misses_some, chunked(chunks) + request("/b", b"", ENDS))
    assert (came.count(b"HTTP/1.1 400"), came.count(b"HTTP/1.1 ")) == (1, 1)
    assert came.endswith(b"\r\n\r\ngone")


def test_who_speaks_http_1_0_is_not_told_to_continue() -> None:
    whole = request("/", b"body", "Expect: 100-continue", version="1.0")
    assert talk(echo, whole[:-4], whole[-4:]).startswith(b"HTTP/1.1 200 OK")


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

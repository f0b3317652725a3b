"""Oddities of HTTP: strange verbs, strange paths, broken framing. The server answers or hangs up, and lives on."""

import gzip
import json
import socket
import time
from contextlib import suppress

import httpx2
import pytest

from onebook.bootstrap import DIALECTS
from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS
from tests.server.refusals import refusal
from tests.server.world import CLIENTS

LISTS = {
    "native": "/contacts",
    "apptoto": "/contacts",
    "packagex": "/contacts",
    "alloy": "/crm/contacts",
    "octopush": "/contact/create",
}
DIALECT = pytest.mark.parametrize("dialect", sorted(LISTS))


def test_every_dialect_is_tried() -> None:
    assert set(LISTS) == {dialect.name for dialect in DIALECTS}


# --- verbs ---


@DIALECT
@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "LINK", "PROPFIND"])
def test_a_verb_that_the_path_does_not_answer(account: Account, dialect: str, method: str) -> None:
    answer = CLIENTS[dialect](account).request(method, LISTS[dialect])
    refusal(dialect, answer, 405)
    allowed = answer.headers["allow"].split(", ")
    assert allowed
    assert method not in allowed


def test_a_verb_that_nobody_knows(server: Server) -> None:
    assert httpx2.request("BREW", f"{server.url}/api/v1/contacts", trust_env=False).status_code == 501


@DIALECT
def test_head_has_no_body(server: Server, account: Account, dialect: str) -> None:
    """Nothing may follow the head: the next answer on the same connection is that of the next request."""
    client = CLIENTS[dialect](account)
    for path in (LISTS[dialect], "/nowhere"):
        answer, shown = client.head(path), client.get(path)
        assert (answer.status_code, answer.content) == (shown.status_code, b"")
        assert answer.headers["content-length"] == shown.headers["content-length"]
    refusal(dialect, client.get("/nowhere"), 404)


@DIALECT
def test_an_unknown_path(account: Account, dialect: str) -> None:
    client = CLIENTS[dialect](account)
    for path in (
        "/nowhere",
        "/",
        "/contacts/1/2/3/4",
        "//contacts",
        "/contacts%2F1",
        "/%2e%2e/%2e%2e/healthz",
        "/Contacts",
    ):
        refusal(dialect, client.get(path), 404)


def test_paths_beside_the_dialects(server: Server) -> None:
    with httpx2.Client(base_url=server.url, trust_env=False) as client:
        for path in (
            "/nowhere",
            "/apptoto",
            "/apptoto/v2/contacts",
            "/api/v10/contacts",
            "/api/v1x",
            "//api/v1/contacts",
        ):
            assert client.get(path).status_code == 404, path
        for path in ("/api/v1", "/api/v1/"):
            assert client.get(path).status_code == 401, "a stranger learns no routes"


@DIALECT
def test_long_paths_queries_and_headers(account: Account, dialect: str) -> None:
    client = CLIENTS[dialect](account)
    long = "x" * 7000
    for answer in (
        client.get(f"/{long}"),
        client.get(f"{LISTS[dialect]}?{long}"),
        client.get(LISTS[dialect], headers={"X-Long": long}),
        client.get(LISTS[dialect], headers={f"X-{n}": "y" for n in range(60)}),
    ):
        assert answer.status_code in (200, 400, 404, 405, 414, 431), answer.text


@DIALECT
def test_a_query_that_is_no_query(account: Account, dialect: str) -> None:
    for query in ("?&&&", "?=", "?a=b=c", "?%", "?%zz", "?%ff%fe", "?a;b", "?\ufffd", "?" + "a=1&" * 500):
        answer = CLIENTS[dialect](account).get(LISTS[dialect] + query)
        assert answer.status_code in (200, 400, 405), (query, answer.text)


@DIALECT
def test_no_cache_keeps_an_answer(account: Account, dialect: str) -> None:
    """Caches between client and service spare by themselves only what was asked with Authorization."""
    for path in (LISTS[dialect], "/nowhere", "/contacts/export"):
        assert CLIENTS[dialect](account).get(path).headers.get_list("cache-control") == ["no-store"], path


# --- bodies ---

CREATES = {
    "native": ("/contacts", {"name": {"full": "Zoë"}}),
    "apptoto": ("/contacts", {"contacts": [{"address_book": "Contacts", "name": "Zoë"}]}),
    "packagex": ("/contacts", {"name": "Zoë"}),
    "alloy": ("/crm/contacts", {"lastName": "Zoë"}),
    "octopush": ("/contact/create", {"contacts": [{"phone_number": "+33612345678", "last_name": "Zoë"}]}),
}


def names(account: Account) -> list[str]:
    return [contact["name"]["full"] for contact in account.native.get("/contacts").json()["contacts"]]


@DIALECT
@pytest.mark.parametrize(
    "media_type", ["application/json; charset=UTF-8", "text/plain", "application/vnd.api+json", ""]
)
def test_a_byte_order_mark_and_any_media_type_are_passed_over(account: Account, dialect: str, media_type: str) -> None:
    path, body = CREATES[dialect]
    content, headers = json.dumps(body, ensure_ascii=False).encode("utf-8-sig"), {"Content-Type": media_type}
    if dialect == "native" and media_type:
        headers = {}  # there a body of another type is a file
    assert CLIENTS[dialect](account).post(path, content=content, headers=headers).is_success
    assert names(account) == ["Zoë"]


@DIALECT
def test_a_compressed_body_is_told_to_be_one(account: Account, dialect: str) -> None:
    path, body = CREATES[dialect]
    packed, headers = gzip.compress(json.dumps(body).encode()), {"Content-Encoding": "gzip"}
    told = refusal(dialect, CLIENTS[dialect](account).post(path, content=packed, headers=headers), 400)
    assert "Content-Encoding" in str(told)
    assert names(account) == []
    headers["Content-Encoding"] = "identity"
    assert CLIENTS[dialect](account).post(path, json=body, headers=headers).is_success


# --- framing ---


def talk(server: Server, *pieces: bytes, patience: float = 0.2) -> bytes:
    """Send bytes as they are, take what comes back, hang up after a silence, and take the rest."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS) as wire:
        with suppress(OSError):  # it may hang up on us
            for piece in pieces:
                wire.sendall(piece)
                time.sleep(0.01)
        wire.settimeout(patience)
        came = _taken(wire)
        with suppress(OSError):
            wire.shutdown(socket.SHUT_WR)
        wire.settimeout(PATIENCE_SECONDS)
        return came + _taken(wire)


def _taken(wire: socket.socket) -> bytes:
    came = b""
    with suppress(OSError):
        while piece := wire.recv(65536):
            came += piece
    return came


def post(account: Account, body: bytes, *headers: str) -> bytes:
    """A request that would store a contact, with these headers beside the usual ones."""
    head = ["POST /packagex/v1/contacts HTTP/1.1", "Host: x", f"PX-API-KEY: {account.key}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


GOOD = b'{"name": "Ada"}'
BROKEN: tuple[tuple[str, ...], ...] = (
    ("Content-Length: -1",),
    ("Content-Length: abc",),
    ("Content-Length: 15, 3",),
    ("Content-Length: 15", "Content-Length: 3"),
    ("Content-Length: 99999999999999999999999",),
    ("Transfer-Encoding: chunked",),
    ("Transfer-Encoding: gzip",),
    ("Transfer-Encoding: chunked, identity",),
    ("Transfer-Encoding : chunked",),
    ("Content-Length: 15\r\n folded",),
    ("No colon here", "Content-Length: 15"),
    ("Bad\x00Name: x", "Content-Length: 15"),
)


@pytest.mark.parametrize("headers", BROKEN, ids=str)
def test_broken_framing_stores_nothing(server: Server, account: Account, headers: tuple[str, ...]) -> None:
    came = talk(server, post(account, GOOD, *headers))
    assert came == b"" or came.startswith((b"HTTP/1.1 4", b"HTTP/1.1 501")), came[:100]
    assert account.native.get("/contacts").json()["contacts"] == []


def test_a_body_cut_short_stores_nothing(server: Server, account: Account) -> None:
    for length in (16, 1000):
        came = talk(server, post(account, GOOD, f"Content-Length: {length}"))
        assert b" 201 " not in came.split(b"\r\n")[0]
    cut = b"%x\r\n" % len(GOOD) + GOOD[:-1]  # a body of unknown length tells its end by its JSON
    assert b" 201 " not in talk(server, post(account, cut, "Transfer-Encoding: chunked"))
    assert account.native.get("/contacts").json()["contacts"] == []


def test_length_and_chunks_at_once_are_no_two_requests(server: Server, account: Account) -> None:
    """The classic of request smuggling: whatever the server makes of it, the second request is not one."""
    inner = post(account, GOOD, "Content-Length: 15")
    outer = post(account, b"0\r\n\r\n" + inner, "Content-Length: 5", "Transfer-Encoding: chunked", "Connection: close")
    talk(server, outer)
    assert account.native.get("/contacts").json()["contacts"] == []


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/v1/contacts HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"\x00" * 1000,
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://elsewhere/api/v1/contacts HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=lambda raw: str(raw[:24]),
)
def test_what_is_no_request_harms_nobody(server: Server, account: Account, raw: bytes) -> None:
    came = talk(server, raw)
    assert b" 500 " not in came[:20]
    assert account.native.get("/account").status_code == 200


def test_bytes_that_come_slowly(server: Server, account: Account) -> None:
    whole = post(account, GOOD, "Content-Length: 15", "Connection: close")
    came = talk(server, *(whole[at : at + 16] for at in range(0, len(whole), 16)))
    assert came.startswith(b"HTTP/1.1 201")


@pytest.mark.parametrize("size", [16, 300_000])
def test_after_a_refusal_before_the_body_the_next_request_is_not_lost(account: Account, size: int) -> None:
    """What is left of the body is no request: either it was read, or the connection ends and the client is told."""
    wrong = account.client("/packagex/v1", headers={"PX-API-KEY": "wrong"})
    for _ in range(5):
        answer = wrong.post("/contacts", content=b" " * size)
        refusal("packagex", answer, 401)
        assert answer.headers.get("connection", "close") == "close"
        refusal("packagex", wrong.get("/contacts"), 401)


def test_two_requests_in_one_packet(server: Server, account: Account) -> None:
    first = post(account, GOOD, "Content-Length: 15")
    last = post(account, GOOD, "Content-Length: 15", "Connection: close")
    came = talk(server, first + last)
    assert came.count(b"HTTP/1.1 201") == 2
    assert len(account.native.get("/contacts").json()["contacts"]) == 2


def test_a_body_that_waits_to_be_asked_for(server: Server, account: Account) -> None:
    head = post(account, b"", "Content-Length: 15", "Expect: 100-continue", "Connection: close")
    assert b"HTTP/1.1 201" in talk(server, head, GOOD)


def test_http_1_0(server: Server, account: Account) -> None:
    whole = post(account, GOOD, "Content-Length: 15").replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    assert talk(server, whole).split(b"\r\n")[0].split(b" ")[1] == b"201"


def test_many_who_say_nothing_keep_nobody_waiting(server: Server, account: Account) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    try:
        assert account.native.get("/account").status_code == 200
    finally:
        for wire in silent:
            wire.close()


def test_the_log_knows_of_no_fault(server: Server) -> None:
    """After all that, and whatever ran before it on the same server."""
    assert "fault" not in server.log
    assert "Traceback" not in server.log
    assert "panic" not in server.log

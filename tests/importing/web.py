"""A web server on loopback that answers well, slowly, endlessly and falsely."""

import contextlib
import gzip
import http.server
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping

from onebook.importing.connect import Resolver, resolve
from onebook.importing.fetch import Terms, fetch
from onebook.importing.source import Source

CSV = b"Name,Email\r\nAda,ada@example.com\r\n"
LIMIT = 64 * 1024
UNREACHABLE = "The web address could not be fetched."

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: dict[str, Answer]
    seen: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        # The caller hangs up as soon as it has seen enough.
        with contextlib.suppress(OSError):
            self.answers[self.path.partition("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what the tests ask for is of no interest."""


def body(data: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def redirect(to: str, status: int = 302) -> Answer:
    return body(b"", status, Location=to)


def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 10_000)


def chunked(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for piece in (CSV[:5], CSV[5:]):
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    handler.wfile.write(b"0\r\n\r\n")


def slow_head(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def slow_body(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def cut_short(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(CSV)
    handler.close_connection = True


def cut_short_in_chunks(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"ffff\r\n" + CSV)
    handler.close_connection = True


def no_http(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    handler.close_connection = True


def many_headers(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\n")


def deflated(data: bytes, bits: int) -> bytes:
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(data) + packer.flush()


BOMB = gzip.compress(b"\0" * 50_000_000)
ANSWERS: dict[str, Answer] = {
    "/people.csv": body(CSV, Content_Type="text/csv; charset=utf-8"),
    "/named": body(CSV, Content_Disposition='attachment; filename="people.csv"'),
    "/chunked": chunked,
    "/gzip": body(gzip.compress(CSV), Content_Encoding="gzip"),
    "/gzip-twice": body(gzip.compress(CSV) + gzip.compress(b"Bob,\r\n"), Content_Encoding="x-gzip"),
    "/deflate": body(deflated(CSV, 15), Content_Encoding="deflate"),
    "/deflate-raw": body(deflated(CSV, -15), Content_Encoding="Deflate"),
    "/identity": body(CSV, Content_Encoding="identity"),
    "/gzip-cut": body(gzip.compress(CSV)[:-9], Content_Encoding="gzip"),
    "/gzip-false": body(CSV, Content_Encoding="gzip"),
    "/unknown-coding": body(CSV, Content_Encoding="br"),
    "/bomb": body(BOMB, Content_Encoding="gzip"),
    "/bomb-of-nothing": body(gzip.compress(b"") * 10_000, Content_Encoding="gzip"),
    "/endless": endless,
    "/large": body(b"x" * (LIMIT + 1)),
    "/full": body(b"x" * LIMIT),
    "/slow-head": slow_head,
    "/slow-body": slow_body,
    "/cut": cut_short,
    "/cut-chunks": cut_short_in_chunks,
    "/no-http": no_http,
    "/headers": many_headers,
    "/page": body(b"\n<!-- hi --><!DOCTYPE html><title>Sign in</title>", Content_Type="text/html"),
    "/page-as-csv": body(b"<html><body>Sign in</body></html>", Content_Type="text/csv"),
    "/csv-as-page": body(CSV, Content_Type="text/html"),
    "/missing": body(b"no", 404),
    "/broken": body(b"no", 503),
    "/busy": body(b"no", 429),
    "/not-modified": body(b"", 304),
    "/to-file": redirect("/people.csv"),
    "/to-moved": redirect("people.csv?x=%20y", 308),
    "/to-file-with-cookie": body(b"", 302, Location="/people.csv", Set_Cookie="a=b"),
    "/to-private": redirect("http://10.0.0.1/people.csv"),
    "/to-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
    "/to-mapped": redirect("http://[::ffff:127.0.0.1]/people.csv"),
    "/to-decimal": redirect("http://2130706433/people.csv"),
    "/to-file-scheme": redirect("file:///etc/passwd"),
    "/to-userinfo": redirect("http://a:b@example.com/"),
    "/to-nowhere": redirect("https:///people.csv"),
    "/loop": redirect("/loop"),
    **{f"/hop{count}": redirect(f"/hop{count - 1}") for count in range(2, 8)},
    "/hop1": redirect("/people.csv"),
}


class Server:
    """The server's port, and what it was asked."""

    def __init__(self, port: int, seen: list[tuple[str, dict[str, str]]]) -> None:
        self.port = port
        self.seen = seen

    def get(self, path: str, *, timeout_seconds: float = 10.0, resolver: Resolver = resolve) -> Source:
        terms = Terms(
            allow=frozenset({f"127.0.0.1:{self.port}"}),
            limit_bytes=LIMIT,
            field="csv_url",
            timeout_seconds=timeout_seconds,
            resolver=resolver,
        )
        return fetch(self.url(path), terms)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: refused handshakes are what the tests are about."""


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None, more: Mapping[str, Answer] | None = None) -> Iterator[Server]:
    """A server. Args: ``more``: what it answers besides, by path."""
    answers = {**ANSWERS, **(more or {})}
    seen: list[tuple[str, dict[str, str]]] = []
    handler = type("OneHandler", (Handler,), {"answers": answers, "seen": seen})
    with QuietServer(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Server(server.server_address[1], seen)
        finally:
            server.shutdown()
            thread.join()


def bytes_of(source: Source) -> bytes:
    with source, source.open() as reader:
        return reader.read()

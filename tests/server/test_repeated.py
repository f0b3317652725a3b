"""Header fields that a client repeats are read once, and nothing is taken that the parser would take otherwise."""

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onebook.server.repeated import FIELDS_BYTES, Repeated, path_of
from onebook.server.wire import Head, Wire
from tests.server.test_connection import ENDS, talk

FIELDS = b"Host: x\r\nAuthorization: Bearer ob_1\r\nAccept: */*\r\n\r\n"


class Parsed:
    """What the parser makes of some bytes: the heads of requests, how many began and how many are whole."""

    def __init__(self, data: bytes) -> None:
        self.heads: list[Head] = []
        self.began = self.whole = 0
        self.target = b""
        self.headers: dict[str, str] = {}
        self.parser = httptools.HttpRequestParser(self)
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.began = self.whole = 0

    def on_message_begin(self) -> None:
        self.began += 1
        self.target, self.headers = b"", {}

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        path, _, query = self.target.partition(b"?")
        self.heads.append(
            Head(
                self.parser.get_method().decode(),
                path_of(path),
                query.decode("latin-1"),
                "",
                self.parser.get_http_version(),
                self.headers,
                self.parser.should_keep_alive(),
            )
        )

    def on_message_complete(self) -> None:
        self.whole += 1


def get(target: str, fields: bytes = FIELDS) -> bytes:
    return f"GET {target} HTTP/1.1\r\n".encode() + fields


lines = st.sampled_from(
    [
        b"GET /a HTTP/1.1\r\n",
        b"GET /a?b=c&d HTTP/1.1\r\n",
        b"GET /%41?%42 HTTP/1.1\r\n",
        b"GET //x/y HTTP/1.1\r\n",
        b"GET http://x/a HTTP/1.1\r\n",
        b"GET * HTTP/1.1\r\n",
        b"GET /a HTTP/1.0\r\n",
        b"HEAD /a HTTP/1.1\r\n",
        b"POST /a HTTP/1.1\r\n",
        b"GET /a b HTTP/1.1\r\n",
        b"GET /a#b HTTP/1.1\r\n",
        b"\r\nGET /a HTTP/1.1\r\n",
        b"GET /a HTTP/1.1\n",
        b"GET /\xc3\xa4 HTTP/1.1\r\n",
    ]
)
fields = st.lists(
    st.sampled_from(
        [
            b"Host: x\r\n",
            b"A: b\r\n",
            b"A: c\r\n",
            b"Content-Length: 0\r\n",
            b"Content-Length: 4\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Connection: close\r\n",
            b"Connection: upgrade\r\nUpgrade: h2c\r\n",
            b"Expect: 100-continue\r\n",
            b" folded\r\n",
            b"Bare: line\n",
        ]
    ),
    max_size=4,
).map(b"".join)
rest = st.sampled_from([b"", b"", b"", b"abcd", b"0\r\n\r\n", b"GET /b HTTP/1.1\r\n\r\n", b"GET /b HT"])
requests = st.builds(lambda line, said, body: line + said + b"\r\n" + body, lines, fields, rest)


@given(requests, st.one_of(requests, lines))
@example(get("/a"), get("/b?c=d"))
def test_what_is_taken_is_what_the_parser_would_have_taken(first: bytes, second: bytes) -> None:
    repeated, before = Repeated(), Parsed(first)
    if before.began == before.whole == 1:
        repeated.learn(first, before.heads[0])
    for data in (second, second + FIELDS, second.partition(b"\r\n")[0] + b"\r\n" + first.partition(b"\r\n")[2]):
        head = repeated.head_of(data)
        if head is not None:
            parsed = Parsed(data)
            assert (parsed.began, parsed.whole) == (1, 1)
            assert parsed.heads == [head]


def test_fields_said_again_are_the_ones_that_were_read() -> None:
    repeated = Repeated()
    first = Head("GET", "/a", "", "client", "1.1", {"host": "x"}, keeps=True)
    repeated.learn(get("/a"), first)
    again = repeated.head_of(get("/b?c=d"))
    assert again is not None
    assert (again.path, again.query_string, again.client) == ("/b", "c=d", "client")
    assert again.headers is first.headers
    assert again.claims is first.claims


@pytest.mark.parametrize(
    "data",
    [
        get("/a", FIELDS.replace(b"ob_1", b"ob_2")),
        get("/a")[:-1],
        get("/a") + get("/b"),
        get("/a", b"X: y\r\n" + FIELDS),
        FIELDS,
        b"",
    ],
)
def test_other_bytes_are_for_the_parser(data: bytes) -> None:
    repeated = Repeated()
    repeated.learn(get("/a"), Head("GET", "/a", "", "", "1.1", {}, keeps=True))
    assert repeated.head_of(data) is None


def test_long_fields_are_not_kept() -> None:
    repeated = Repeated()
    long = b"X: " + b"y" * FIELDS_BYTES + b"\r\n\r\n"
    repeated.learn(get("/a", long), Head("GET", "/a", "", "", "1.1", {}, keeps=True))
    assert repeated.head_of(get("/a", long)) is None


async def says_who(head: Head, wire: Wire) -> None:
    await wire()
    wire.response_bytes(
        200, (), f"{head.method} {head.path}?{head.query_string} {head.headers['authorization']};".encode()
    )


def test_each_request_of_a_connection_has_its_own_fields() -> None:
    other = FIELDS.replace(b"ob_1", b"ob_2")
    posted = b"POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nAuthorization: Bearer ob_3\r\n\r\n{}"
    last = get("/e", FIELDS[:-2] + ENDS.encode() + b"\r\n\r\n")
    came = talk(says_who, get("/a"), get("/b?x=1"), get("/b", other), posted, get("/d", other), get("/d"), last)
    said = [part.partition(b";")[0].decode() for part in came.split(b"\r\n\r\n")[1:]]
    assert said == [
        "GET /a? Bearer ob_1",
        "GET /b?x=1 Bearer ob_1",
        "GET /b? Bearer ob_2",
        "POST /c? Bearer ob_3",
        "GET /d? Bearer ob_2",
        "GET /d? Bearer ob_1",
        "GET /e? Bearer ob_1",
    ]

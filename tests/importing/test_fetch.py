"""Fetching from a real server on loopback: what comes, and what is refused."""

import threading

import pytest

from onebook.errors import InvalidInput, LimitExceeded, RemoteFailed
from tests.importing.web import CSV, LIMIT, UNREACHABLE, Server, body, bytes_of, serving
from tests.patience import PATIENCE_SECONDS


@pytest.mark.parametrize(
    "path",
    [
        "/people.csv",
        "/people.csv?a=b c%20ü",
        "/named",
        "/chunked",
        "/gzip",
        "/deflate",
        "/deflate-raw",
        "/identity",
        "/csv-as-page",
        "/to-file",
        "/to-moved",
        "/hop5",
    ],
)
def test_file_comes_as_it_is(server: Server, path: str) -> None:
    path = path.replace(" ", "%20")
    assert bytes_of(server.get(path)) == CSV


def test_gzip_of_two_members_comes_whole(server: Server) -> None:
    assert bytes_of(server.get("/gzip-twice")) == CSV + b"Bob,\r\n"


def test_headers_of_the_answer_describe_the_file(server: Server) -> None:
    with server.get("/people.csv") as first, server.get("/named") as second:
        assert (first.media_type, first.charset) == ("text/csv", "utf-8")
        assert second.name == "people.csv"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/people.csv", "people.csv"),
        ("/people.csv?token=a.b", "people.csv"),
        ("/to-file", "people.csv"),
        ("/Bücher%20Freunde.CSV.gz", "Bücher Freunde.CSV.gz"),
        ("/named", "people.csv"),
        ("/chunked", None),
        ("/v1.2/export", None),
    ],
)
def test_a_file_is_called_as_its_answer_or_its_address_says(path: str, name: str | None) -> None:
    more = {"/B%C3%BCcher%20Freunde.CSV.gz": body(CSV), "/v1.2/export": body(CSV)}
    with serving(more=more) as server, server.get(path) as source:
        assert source.name == name


def test_request_says_who_and_nothing_more(server: Server) -> None:
    server.get("/to-file-with-cookie").close()
    assert [path for path, _ in server.seen] == ["/to-file-with-cookie", "/people.csv"]
    host = f"127.0.0.1:{server.port}"
    expected = {"host": host, "accept": "*/*", "accept-encoding": "gzip, deflate", "connection": "close"}
    assert [headers for _, headers in server.seen] == [{**expected, "user-agent": "onebook"}] * 2


def test_proxy_of_the_environment_is_not_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert bytes_of(server.get("/people.csv")) == CSV


@pytest.mark.parametrize("path", ["/large", "/endless", "/bomb", "/bomb-of-nothing"])
def test_too_large_is_a_limit(server: Server, path: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        server.get(path)
    assert (caught.value.what, caught.value.limit, caught.value.unit) == ("csv_url", LIMIT, "bytes")


def test_limit_itself_passes(server: Server) -> None:
    assert len(bytes_of(server.get("/full"))) == LIMIT


@pytest.mark.parametrize(
    "path",
    [
        "/cut",
        "/cut-chunks",
        "/gzip-cut",
        "/gzip-false",
        "/unknown-coding",
        "/no-http",
        "/headers",
        "/to-private",
        "/to-metadata",
        "/to-mapped",
        "/to-decimal",
        "/to-file-scheme",
        "/to-userinfo",
        "/to-nowhere",
    ],
)
def test_broken_answer_or_forbidden_redirect_is_unreachable(server: Server, path: str) -> None:
    with pytest.raises(RemoteFailed) as caught:
        server.get(path)
    assert (str(caught.value), caught.value.remote, caught.value.retryable) == (UNREACHABLE, "web address", True)


@pytest.mark.parametrize("path", ["/slow-head", "/slow-body"])
def test_drip_ends_at_the_deadline(server: Server, path: str) -> None:
    """Of bodies that never end, so that it ends at all is what is looked at."""
    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        server.get(path, timeout_seconds=0.5)


def test_slow_resolver_ends_at_the_deadline(server: Server) -> None:
    was_given_up = threading.Event()

    def resolver(host: str, port: int) -> list[str]:
        was_given_up.wait(PATIENCE_SECONDS)
        return ["127.0.0.1"]

    with pytest.raises(RemoteFailed, match=UNREACHABLE):
        server.get("/people.csv", resolver=resolver, timeout_seconds=0.2)
    was_given_up.set()


@pytest.mark.parametrize(
    ("path", "retryable"), [("/missing", False), ("/not-modified", False), ("/broken", True), ("/busy", True)]
)
def test_status_is_told(server: Server, path: str, retryable: bool) -> None:
    with pytest.raises(RemoteFailed, match="answered with status") as caught:
        server.get(path)
    assert caught.value.retryable == retryable


@pytest.mark.parametrize("path", ["/loop", "/hop6"])
def test_sixth_redirect_is_too_many(server: Server, path: str) -> None:
    with pytest.raises(RemoteFailed, match="redirects too often") as caught:
        server.get(path)
    assert not caught.value.retryable
    assert len(server.seen) == 6


@pytest.mark.parametrize("path", ["/page", "/page-as-csv"])
def test_web_page_is_refused(server: Server, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        server.get(path)
    assert [(issue.field, issue.code) for issue in caught.value.issues] == [("csv_url", "web_page")]

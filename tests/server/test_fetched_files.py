"""Files at an address that are larger or slower than a call waits for: the import fetches them."""

import http.server
import threading
from collections.abc import Iterator

import httpx2
import pytest

from tests.harness import Account, Server
from tests.importing import web
from tests.patience import PATIENCE_SECONDS, wait_until

PEOPLE = b"Name,Email\r\n" + b"".join(b"Person %d,p%d@example.com\r\n" % (one, one) for one in range(100))
SECRET = "b7e3c1-secret"
CALL_BYTES, IMPORT_BYTES = 1_000, 50_000
gate = threading.Event()


def gated(handler: http.server.BaseHTTPRequestHandler) -> None:
    """A file of which the end comes only when the test lets it."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(web.CSV)))
    handler.end_headers()
    handler.wfile.write(web.CSV[:10])
    gate.wait(PATIENCE_SECONDS)
    handler.wfile.write(web.CSV[10:])


@pytest.fixture(scope="module")
def files() -> Iterator[web.Server]:
    large, huge = web.body(PEOPLE, Content_Disposition="attachment; filename=all.csv"), web.body(b"x" * 60_000)
    with web.serving(more={"/large": large, "/huge": huge, "/gated": gated}) as server:
        yield server


@pytest.fixture(scope="module")
def account(files: web.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    environment = {
        "ONEBOOK_FETCH_ALLOW": f"127.0.0.1:{files.port}",
        "ONEBOOK_FETCH_BYTES": str(CALL_BYTES),
        "ONEBOOK_FETCH_SECONDS": "0.5",
        "ONEBOOK_IMPORT_BYTES": str(IMPORT_BYTES),
    }
    server = Server(tmp_path_factory.mktemp("fetching") / "data", environment=environment)
    yield server.new_account()
    assert server.stop() == 0
    assert SECRET not in server.log


def begun(account: Account, url: str) -> str:
    answer = account.native.post("/imports", json={"url": url})
    assert answer.status_code == 202, answer.text
    assert (answer.json()["size"], answer.json()["headings"], SECRET in answer.text) == (0, [], False)
    return str(answer.json()["uid"])


def rested(account: Account, uid: str) -> dict[str, object]:
    """The import, once it is at rest."""

    def read() -> httpx2.Response:
        return account.native.get(f"/imports/{uid}")

    wait_until(lambda: read().json()["state"] in ("done", "failed"))
    assert SECRET not in read().text
    return dict(read().json())


def test_a_file_too_large_for_a_call_is_fetched_by_its_import(account: Account, files: web.Server) -> None:
    done = rested(account, begun(account, files.url(f"/large?{SECRET}")))
    assert (done["state"], done["created"], done["file"], done["size"]) == ("done", 100, "all.csv", len(PEOPLE))


def test_so_is_one_that_is_slow_to_come(account: Account, files: web.Server) -> None:
    gate.clear()
    uid = begun(account, files.url("/gated"))
    wait_until(lambda: account.native.get(f"/imports/{uid}").json()["size"] == 10)
    assert account.native.get(f"/imports/{uid}").json()["fetching"]
    gate.set()
    done = rested(account, uid)
    assert (done["state"], done["created"], done["size"], done["fetching"]) == ("done", 1, len(web.CSV), False)


def test_what_is_too_large_for_an_import_fails(account: Account, files: web.Server) -> None:
    failed = rested(account, begun(account, files.url(f"/huge?{SECRET}")))
    assert (failed["state"], failed["code"]) == ("failed", "LimitExceeded")
    assert f"{IMPORT_BYTES:,} bytes" in str(failed["message"])


@pytest.mark.parametrize("path", ["/missing", "/page", "/to-private"])
def test_what_is_known_at_once_to_be_no_file_is_told_at_once(account: Account, files: web.Server, path: str) -> None:
    answer = account.native.post("/imports", json={"url": files.url(path)})
    assert (answer.status_code, answer.json()["issues"][0]["field"]) == (400, "url")


@pytest.mark.parametrize("path", ["/large", "/slow-body"])
def test_a_look_says_that_it_can_be_imported_all_the_same(account: Account, files: web.Server, path: str) -> None:
    answer = account.native.post("/imports/preview", json={"url": files.url(path)})
    [issue] = answer.json()["issues"]
    assert (answer.status_code, issue["field"], issue["code"]) == (400, "url", "takes_long")
    assert "imported all the same" in issue["message"]

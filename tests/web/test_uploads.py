"""Files that come with a form: bounded as those of the API are, and nothing stays of what nobody took."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from onebook.operations import accounts, people
from onebook.operations.people import Caller, Wish
from onebook.web import guard
from onebook.web.receiving import FORM_BYTES
from tests.harness import FileServer, Server
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.web.browser import PASSWORD

IMPORT_BYTES, CALL_BYTES = 4096, 100


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, file_server: FileServer) -> Iterator[Server]:
    """A server with small bounds of files."""
    environment = {
        "ONEBOOK_IMPORT_BYTES": str(IMPORT_BYTES),
        "ONEBOOK_FETCH_BYTES": str(CALL_BYTES),
        "ONEBOOK_FETCH_ALLOW": f"127.0.0.1:{file_server.port}",
    }
    server = Server(tmp_path_factory.mktemp("small") / "data", environment=environment)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def sender(small: Server) -> Iterator[httpx2.Client]:
    """The browser of an owner, who sends forms as htmx does."""
    account = accounts.create(small._store, "office@example.org")
    there = accounts.named(small._store, account.account)
    link = people.link(small._store, there, "owner")
    wish = Wish("ada@example.org", "Ada", PASSWORD)
    token = people.accept(small._store, link, wish, Caller("127.0.0.1", "test")).token
    with httpx2.Client(
        base_url=f"{small.url}/accounts/{there.id}",
        cookies={guard.SESSION: token},
        headers={guard.CSRF_HEADER: guard.mark(token)},
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    ) as client:
        yield client


def kept(server: Server) -> list[Path]:
    """All files that imports have, or would have."""
    return [path for path in (server.data / "imports").rglob("*") if path.is_file()]


def sent(sender: httpx2.Client, content: bytes) -> httpx2.Response:
    return sender.post("/imports/new", files={"file": ("people.csv", content, "text/csv")})


def test_a_file_is_kept_once_and_whole(small: Server, sender: httpx2.Client) -> None:
    content = b"name,phone\nAda,+12025550143\n"
    answer = sent(sender, content)
    assert answer.status_code == 303
    draft = answer.headers["location"]
    found = kept(small)
    assert [path.read_bytes() for path in found if not path.suffix] == [content]
    assert [path.suffix for path in found if path.suffix] == [".json"]
    assert "Ada" in sender.get(f"{small.url}{draft}").text
    assert sender.post(f"{small.url}{draft}/drop").status_code == 303
    assert kept(small) == []


@pytest.mark.parametrize(("size", "status"), [(IMPORT_BYTES + 1, 422), (IMPORT_BYTES + FORM_BYTES + 1, 413), (0, 422)])
def test_nothing_stays_of_a_file_that_is_not_taken(
    small: Server, sender: httpx2.Client, size: int, status: int
) -> None:
    assert sent(sender, b"x" * size).status_code == status
    assert kept(small) == []


def test_nothing_stays_of_a_form_that_is_cut_off(small: Server, sender: httpx2.Client) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nname\nAda\n'
    kind = {"Content-Type": "multipart/form-data; boundary=y"}
    assert sender.post("/imports/new", content=head, headers=kind).status_code == 422
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert sender.post("/imports/new", content=head, headers=kind).status_code == 422
    assert kept(small) == []


@pytest.mark.parametrize(("people", "word"), [(2, "What was understood"), (20, "Planned"), (900, "Failed")])
def test_a_file_that_a_page_cannot_wait_for_is_fetched_and_planned(
    sender: httpx2.Client, small: Server, file_server: FileServer, people: int, word: str
) -> None:
    url = file_server.put(f"{people}.csv", b"name\n" + b"Ada\n" + b"Bob Byron\n" * (people - 1))
    answer = sender.post("/imports/new", data={"url": url})
    assert answer.status_code == 303
    page = f"{small.url}{answer.headers['location']}"
    wait_until(lambda: word in sender.get(page).text)
    assert ("Change the choices" in sender.get(page).text) == (people == 20)

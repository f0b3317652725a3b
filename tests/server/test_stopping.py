"""Stopping and falling over: what was acknowledged is there afterwards, once; what was not, wholly or not at all.

The long form, with thirty kills, is bench/faults.py.
"""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.server.world import Rows
from tests.store.engines import EACH

WRITERS = 8
SECONDS = 0.6


@pytest.fixture(params=EACH)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that a test may stop and kill."""
    server = Server(tmp_path / "data", engine=request.param)
    yield server
    server.stop()


class Writer(threading.Thread):
    """Creates contacts until the server is away; ``ledger`` has the names of those acknowledged."""

    def __init__(self, account: Account, number: int) -> None:
        super().__init__(daemon=True)
        self.ledger: list[str] = []
        self.refused: list[int] = []
        self.sent = 0
        self._account = account
        self._number = number
        self._create = (self._apptoto, self._packagex, self._alloy, self._octopush)[number % 4]
        self.client = account.client()  # one each: threads share no connection

    def run(self) -> None:
        """Create until the connection breaks."""
        with self.client:
            try:
                while True:
                    name = f"writer{self._number} contact{self.sent}"
                    self.sent += 1
                    answer = self._create(name)
                    if answer.status_code < 300:
                        self.ledger.append(name)
                    else:
                        self.refused.append(answer.status_code)
            except httpx2.TransportError:
                return

    def _apptoto(self, name: str) -> httpx2.Response:
        body = {"contacts": [{"address_book": "Contacts", "name": name}]}
        auth = (self._account.login, self._account.key)
        return self.client.post("/apptoto/v1/contacts", json=body, auth=auth)

    def _packagex(self, name: str) -> httpx2.Response:
        headers = {"PX-API-KEY": self._account.key}
        return self.client.post("/packagex/v1/contacts", json={"name": name}, headers=headers)

    def _alloy(self, name: str) -> httpx2.Response:
        first, last = name.split()
        headers = {"Authorization": f"bearer {self._account.key}"}
        path = f"/alloy/2024-03/one/crm/contacts?credentialId={self._account.credential_id}"
        return self.client.post(path, json={"firstName": first, "lastName": last}, headers=headers)

    def _octopush(self, name: str) -> httpx2.Response:
        first, last = name.split()
        phone = f"+3361{self._number}{self.sent:06d}"
        person = {"phone_number": phone, "first_name": first, "last_name": last}
        headers = {"api-login": self._account.login, "api-key": self._account.key}
        return self.client.post("/octopush/v1/public/contact/create", json={"contacts": [person]}, headers=headers)


def write_while(account: Account, ends: Callable[[], object]) -> list[Writer]:
    """Have writers write, then let the server end in some way, and wait for them."""
    writers = [Writer(account, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(SECONDS)
    wait_until(lambda: any(writer.ledger for writer in writers), "nobody was acknowledged")
    ends()
    for writer in writers:
        writer.join(PATIENCE_SECONDS)
        assert not writer.is_alive(), "somebody still waits for an answer"
    return writers


def names_stored(account: Account) -> list[str]:
    found: list[str] = []
    params: dict[str, str] = {"limit": "500"}
    while True:
        page = account.native.get("/contacts", params=params).json()
        found += [contact["name"]["full"] for contact in page["contacts"]]
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


def must_hold(server: Server, account: Account, writers: list[Writer]) -> None:
    """All that was acknowledged is there once; of the rest at most what was in flight; log, counts and file agree."""
    there = names_stored(account)
    acknowledged = [name for writer in writers for name in writer.ledger]
    assert acknowledged, "somebody was acknowledged"
    assert len(there) == len(set(there)), "nobody is there twice"
    assert set(acknowledged) <= set(there), "nobody acknowledged is lost"
    assert len(there) - len(acknowledged) <= WRITERS, "each writer had one request in flight"
    (book,) = account.native.get("/books").json()["books"]
    assert book["contacts"] == len(there)
    rows = Rows(server, account.name)
    ranges = [(row["first"], row["last"]) for row in rows.of("changes") if row["noun"] == "contact"]
    told = sorted(number for first, last in ranges for number in range(first, last + 1))
    assert told == list(range(1, len(there) + 1)), "the log has each once, and no number was skipped"
    assert rows.of("counters")[0]["contact"] == len(there)
    server.engine.must_be_whole(server.data)


def test_sigterm_finishes_what_runs(mortal: Server) -> None:
    account = mortal.new_account()
    assert account.native.get("/account").status_code == 200  # its connection stays open, and is not waited for
    statuses: list[int] = []
    writers = write_while(account, lambda: statuses.append(_terminate(mortal)))
    assert statuses == [0]
    assert {status for writer in writers for status in writer.refused} <= {503}, "what came too late was told so"
    mortal.start()
    must_hold(mortal, account, writers)
    assert "Traceback" not in mortal.log
    assert "fault" not in mortal.log


def _terminate(server: Server) -> int:
    assert server.process is not None
    server.process.terminate()
    return server.process.wait(PATIENCE_SECONDS)


def test_a_kill_loses_nothing_acknowledged(mortal: Server) -> None:
    for _ in range(2):
        account = mortal.new_account()
        writers = write_while(account, mortal.kill)
        mortal.start()
        must_hold(mortal, account, writers)
        assert account.packagex.post("/contacts", json={"name": "After"}).status_code == 201

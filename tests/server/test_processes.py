"""Two processes serve one database, an SQLite file or a PostgreSQL: nothing of it is kept in either."""

import base64
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx2
import pytest

from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS
from tests.store.engines import EACH

WRITES = 15


class Pair(NamedTuple):
    """One account through two servers."""

    one: Account
    two: Account

    def in_turn(self, call: Callable[[Account, int], httpx2.Response], times: int) -> list[httpx2.Response]:
        """Call both at the same time, each from two threads; what was answered."""
        answers: list[httpx2.Response] = []

        def run(account: Account) -> None:
            answers.extend(call(account, number) for number in range(times))

        threads = [threading.Thread(target=run, args=(account,)) for account in (self.one, self.two) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        return answers


@pytest.fixture(scope="module", params=EACH)
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    first = Server(tmp_path_factory.mktemp("pair") / "data", engine=request.param)
    second = first.beside()
    yield first, second
    assert second.stop() == 0
    assert first.stop() == 0


@pytest.fixture
def pair(servers: tuple[Server, Server]) -> Iterator[Pair]:
    first, second = servers
    made = first.new_account()
    other = made.at(second)
    yield Pair(made, other)
    other.close()


def test_both_write_and_numbers_have_no_gap(pair: Pair) -> None:
    names = map(str, itertools.count())
    lock = threading.Lock()

    def create(account: Account, _number: int) -> httpx2.Response:
        with lock:
            name = next(names)
        return account.apptoto.post("/contacts", json={"contacts": [{"address_book": "Contacts", "name": name}]})

    answers = pair.in_turn(create, WRITES)
    assert [answer.status_code for answer in answers] == [200] * (4 * WRITES), answers[0].text
    listed = [found["number"] for account in pair for found in _all(account)]
    assert sorted(listed) == sorted([*range(1, 4 * WRITES + 1)] * 2)


def _all(account: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account.native.get("/contacts", params={"limit": 500}).json()["contacts"]
    return found


def test_an_external_id_is_won_once(pair: Pair) -> None:
    def create(account: Account, number: int) -> httpx2.Response:
        return account.native.post("/contacts", json={"name": {"full": "Ada"}, "external_id": f"e{number}"})

    statuses = [answer.status_code for answer in pair.in_turn(create, 20)]
    assert (statuses.count(201), statuses.count(409)) == (20, 60)


def test_one_idempotency_key_has_one_effect(pair: Pair) -> None:
    def create(account: Account, number: int) -> httpx2.Response:
        headers = {"Idempotency-Key": f"key {number}"}
        return account.native.post("/contacts", json={"name": {"full": f"Ada {number}"}}, headers=headers)

    answers = pair.in_turn(create, 20)
    assert {answer.status_code for answer in answers} <= {201, 409}, "409 while the same call runs"
    taken = {answer.json()["uid"] for answer in answers if answer.status_code == 201}
    assert len(taken) == len(_all(pair.one)) == 20


def test_one_idempotency_key_begins_one_import(pair: Pair) -> None:
    """A long call, that keeps its answer only in its last transaction."""

    def begin(account: Account, number: int) -> httpx2.Response:
        headers = {"Idempotency-Key": f"import {number}", "Content-Type": "text/csv"}
        return account.native.post("/imports", content=b"full_name\nAda", headers=headers)

    answers = pair.in_turn(begin, 4)
    assert {answer.status_code for answer in answers} <= {202, 409}, "409 while the same call runs"
    taken = {answer.content for answer in answers if answer.status_code == 202}
    assert len(taken) == len(pair.one.native.get("/imports").json()["imports"]) == 4


def test_one_idempotency_key_loads_a_file_once(pair: Pair) -> None:
    """A call that waits for its import, sent to both: each is given the same answer, or told to ask again."""

    def load(account: Account, number: int) -> httpx2.Response:
        file = base64.b64encode(f"name,phone\nAda {number},+1650253000{number}".encode()).decode()
        url = f"data:text/csv;base64,{file}"
        headers = {"Idempotency-Key": f"file {number}"}
        return account.packagex.post("/contacts", json={"csv_url": url}, headers=headers)

    answers = pair.in_turn(load, 3)
    assert {answer.status_code for answer in answers} <= {201, 409}, {answer.text for answer in answers}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == len(_all(pair.one)) == 3


def test_a_key_that_one_switches_off_opens_nothing_at_the_other(pair: Pair) -> None:
    made = pair.one.native.post("/keys", json={"scope": "read"}).json()
    with pair.two.client("/api/v1", headers={"Authorization": f"Bearer {made['key']}"}) as stranger:
        assert stranger.get("/contacts").status_code == 200
        pair.one.native.patch(f"/keys/{made['id']}", json={"enabled": False}).raise_for_status()
        time.sleep(0.06)
        assert stranger.get("/contacts").status_code == 401
        pair.one.native.patch(f"/keys/{made['id']}", json={"enabled": True}).raise_for_status()
        time.sleep(0.06)
        assert stranger.get("/contacts").status_code == 200


def test_both_are_ready_and_neither_faulted(servers: tuple[Server, Server], pair: Pair) -> None:
    for account in pair:
        with account.client() as anybody:
            assert anybody.get("/readyz").status_code == 200
    assert "fault" not in servers[0].log

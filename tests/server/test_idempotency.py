"""Idempotency keys on every writing route of every dialect: one effect, one answer, whatever happens in between."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from onebook.dialects.base import Route
from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS
from tests.server.examples import calls_of, routes
from tests.server.refusals import refusal
from tests.server.world import CLIENTS, Call, Rows, World, send
from tests.store.engines import EACH

WRITING = [(dialect, route) for dialect, route in routes() if route.writes]
ROUTES = [pytest.param(dialect, route, id=f"{dialect}-{route.name}") for dialect, route in WRITING]
AT_ONCE = 4
KEPT_SHORTER = {("native", "createKey")}  # a secret is shown once


def good(answer: httpx2.Response) -> httpx2.Response:
    assert 200 <= answer.status_code < 300, answer.text
    return answer


def same(dialect: str, route: Route, first: httpx2.Response, again: httpx2.Response) -> None:
    """The second answer is the first one."""
    assert again.status_code == first.status_code, again.text
    assert again.headers.get("content-type") == first.headers.get("content-type")
    if (dialect, route.name) in KEPT_SHORTER:
        assert again.json() == {**first.json(), "key": None}
    else:
        assert again.content == first.content


def other_request(dialect: str, route: Route, world: World) -> tuple[Route, Call]:
    """Another good request by the same dialect."""
    other = next(one for name, one in WRITING if name == dialect and one.name != route.name)
    return other, calls_of(dialect, other, world)[0]


@pytest.mark.each_engine
@pytest.mark.parametrize(("dialect", "route"), ROUTES)
def test_the_same_request_again_is_the_same_answer_and_no_other_effect(
    server: Server, account: Account, dialect: str, route: Route
) -> None:
    world, rows = World(server, account), Rows(server, account.name)
    call = calls_of(dialect, route, world)[0]
    first = good(send(account, dialect, route.method, route.path, call, key="k 1"))
    after = rows.all()
    assert [row["key"] for row in after["answers"]] == ["k 1"]
    for _ in range(2):
        same(dialect, route, first, send(account, dialect, route.method, route.path, call, key="k 1"))
        assert rows.all() == after


@pytest.mark.parametrize(("dialect", "route"), ROUTES)
def test_the_same_key_for_another_request_is_a_conflict(
    server: Server, account: Account, dialect: str, route: Route
) -> None:
    world, rows = World(server, account), Rows(server, account.name)
    call = calls_of(dialect, route, world)[0]
    good(send(account, dialect, route.method, route.path, call, key="k"))
    after = rows.all()
    other, other_call = other_request(dialect, route, world)
    refusal(dialect, send(account, dialect, other.method, other.path, other_call, key="k"), 409)
    if call.body is not None:
        # A blank more is another body: what is compared is what was sent.
        refusal(dialect, _with_a_blank(account, dialect, route, call, "k"), 409)
    assert rows.all() == after


def _with_a_blank(account: Account, dialect: str, route: Route, call: Call, key: str) -> httpx2.Response:
    client = CLIENTS[dialect](account)
    path = route.path.format(**call.params)
    sent = client.build_request(route.method, path, params=dict(call.query), json=call.body)
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    return client.request(route.method, path, params=dict(call.query), content=sent.content + b" ", headers=headers)


@pytest.mark.each_engine
@pytest.mark.parametrize(("dialect", "route"), ROUTES)
def test_sent_at_the_same_time_it_happens_once(server: Server, account: Account, dialect: str, route: Route) -> None:
    twin = server.new_account()
    good(send(twin, dialect, route.method, route.path, calls_of(dialect, route, World(server, twin))[0], key="k"))
    call = calls_of(dialect, route, World(server, account))[0]
    answers = _all_at_once(account, dialect, route, call)
    for answer in answers:
        if answer.status_code == 409:
            refusal(dialect, answer, 409)
        else:
            good(answer)
    final = good(send(account, dialect, route.method, route.path, call, key="k"))
    for answer in answers:
        if answer.status_code != 409 and (dialect, route.name) not in KEPT_SHORTER:
            assert answer.content == final.content
    effects = [len(Rows(server, whose.name).of("changes")) for whose in (twin, account)]
    assert effects[0] == effects[1], "the log has what one request alone writes"
    assert len(Rows(server, account.name).of("answers")) == 1


def _all_at_once(account: Account, dialect: str, route: Route, call: Call) -> list[httpx2.Response]:
    answers: list[httpx2.Response] = []
    barrier = threading.Barrier(AT_ONCE)
    assert CLIENTS[dialect](account) is not None  # made before the threads ask for it

    def run() -> None:
        barrier.wait(PATIENCE_SECONDS)
        answers.append(send(account, dialect, route.method, route.path, call, key="k"))

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(answers) == AT_ONCE
    return answers


# --- what is stored, and for whom ---


def test_keys_are_each_accounts_own(account: Account, other_account: Account) -> None:
    body = {"name": "Ada"}
    first = good(account.packagex.post("/contacts", json=body, headers={"Idempotency-Key": "k"}))
    second = good(other_account.packagex.post("/contacts", json=body, headers={"Idempotency-Key": "k"}))
    assert first.json()["data"]["id"] != second.json()["data"]["id"]


def test_a_key_bound_to_a_book_is_not_given_what_another_key_was(server: Server, account: Account) -> None:
    """The stored answer shows a contact of a book that the second key may not see."""
    headers = {"Idempotency-Key": "k"}
    made = good(account.packagex.post("/contacts", json={"name": "Ada"}, headers=headers)).json()["data"]["id"]
    book = account.native.post("/books", json={"name": "Friends"}).json()["number"]
    bound = account.native.post("/keys", json={"scope": "admin", "book": book}).json()["key"]
    again = account.client("/packagex/v1", headers={"PX-API-KEY": bound})
    answer = again.post("/contacts", json={"name": "Ada"}, headers=headers)
    assert made not in answer.text
    refusal("packagex", answer, 409)


def test_a_refused_request_keeps_no_answer(account: Account) -> None:
    """Once it is mended, the same key may be used for it."""
    headers = {"Idempotency-Key": "k"}
    refusal("packagex", account.packagex.post("/contacts", json={"name": ""}, headers=headers), 400)
    good(account.packagex.post("/contacts", json={"name": "Ada"}, headers=headers))


def test_reads_take_no_notice_of_a_key(server: Server, account: Account) -> None:
    headers = {"Idempotency-Key": "k"}
    before = account.native.get("/contacts", headers=headers).json()
    account.native.post("/contacts", json={"name": {"full": "Ada"}})
    assert account.native.get("/contacts", headers=headers).json() != before
    assert Rows(server, account.name).of("answers") == []


def test_an_empty_key_is_none(account: Account) -> None:
    for _ in range(2):
        good(account.packagex.post("/contacts", json={"name": "Ada"}, headers={"Idempotency-Key": ""}))
    assert len(account.native.get("/contacts").json()["contacts"]) == 2


def test_a_key_may_be_any_text(account: Account) -> None:
    for key in ("'; DROP TABLE answers; --", "a" * 255, "%00", '"', "\\", "ключ".encode().decode("latin-1")):
        made = {good(_create(account, key)).json()["data"]["id"] for _ in range(2)}
        assert len(made) == 1, key


def _create(account: Account, key: str) -> httpx2.Response:
    headers = {b"Idempotency-Key": key.encode("latin-1")}
    return account.packagex.post("/contacts", json={"name": "Ada"}, headers=headers)


# --- stored with the write ---


@pytest.fixture(params=EACH)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that a test may kill."""
    server = Server(tmp_path / "data", engine=request.param)
    yield server
    server.stop()


def test_answers_outlive_a_kill(mortal: Server) -> None:
    """Whatever was acknowledged before kill -9 is answered alike after it, by every writing route."""
    sent: list[tuple[str, Route, Account, Call, httpx2.Response, dict[str, Any]]] = []
    for dialect, route in WRITING:
        account = mortal.new_account()
        call = calls_of(dialect, route, World(mortal, account))[0]
        answer = good(send(account, dialect, route.method, route.path, call, key="k"))
        sent.append((dialect, route, account, call, answer, Rows(mortal, account.name).all()))
    mortal.kill()
    mortal.start()
    for dialect, route, account, call, answer, rows in sent:
        same(dialect, route, answer, send(account, dialect, route.method, route.path, call, key="k"))
        assert Rows(mortal, account.name).all() == rows

"""Bounds of requests: at one all is well; one past it, each dialect refuses in its own shape and stores nothing."""

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx2
import pytest

from onebook.bootstrap import DIALECTS
from onebook.model.contact import Card, ContactDraft
from onebook.operations import accounts, contacts
from onebook.store.base import Work
from tests.harness import Account, Server
from tests.server.refusals import refusal
from tests.server.world import CLIENTS

BODY_BYTES, BATCH, NESTING, ROWS = 4096, 3, 6, 3
KEY_CHARACTERS = 255
PHONES = ("+33612345601", "+33612345602", "+33612345603", "+33612345604")


class Way(NamedTuple):
    """How a dialect stores a contact: path, body, status; how it answers too long a body and too deep a one.

    Args:
        outer: levels of the body around the place where ``deep`` puts anything.
    """

    path: str
    body: dict[str, Any]
    status: int
    too_long: int
    outer: int
    deep: Any


WAYS = {
    "native": Way("/contacts", {"name": {"full": "Ada"}}, 201, 413, 2, lambda x: {"custom": {"deep": x}}),
    "apptoto": Way(
        "/contacts",
        {"contacts": [{"address_book": "Contacts", "name": "Ada"}]},
        200,
        400,
        1,
        lambda x: {"deep": x},
    ),
    "packagex": Way("/contacts", {"name": "Ada"}, 201, 413, 2, lambda x: {"metadata": {"deep": x}}),
    "alloy": Way("/crm/contacts", {"lastName": "Ada"}, 200, 413, 2, lambda x: {"remoteFields": {"deep": x}}),
    "octopush": Way("/contact/create", {"contacts": [{"phone_number": PHONES[0]}]}, 201, 400, 1, lambda x: {"deep": x}),
}
DIALECT = pytest.mark.parametrize("dialect", sorted(WAYS))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with small bounds."""
    bounds = {"BODY_BYTES": BODY_BYTES, "BATCH": BATCH, "NESTING": NESTING, "IMPORT_ROWS": ROWS}
    environment = {f"ONEBOOK_{name}": str(value) for name, value in bounds.items()}
    server = Server(tmp_path_factory.mktemp("small") / "data", environment=environment)
    yield server
    server.stop()


@pytest.fixture
def account(small: Server) -> Iterator[Account]:
    """A fresh account of the small server."""
    made = small.new_account()
    yield made
    made.close()


def stored(account: Account) -> int:
    found = account.native.get("/contacts", params={"limit": 500})
    assert found.status_code == 200, found.text
    return len(found.json()["contacts"])


def post(account: Account, dialect: str, content: bytes | Iterator[bytes], **headers: str) -> httpx2.Response:
    sent = {"Content-Type": "application/json", **headers}
    return CLIENTS[dialect](account).post(WAYS[dialect].path, content=content, headers=sent)


def test_every_dialect_has_its_way() -> None:
    assert set(WAYS) == {dialect.name for dialect in DIALECTS} == set(CLIENTS)


# --- body ---


@DIALECT
def test_body_of_the_most_bytes(account: Account, dialect: str) -> None:
    answer = post(account, dialect, _padded(dialect, BODY_BYTES))
    assert answer.status_code == WAYS[dialect].status, answer.text
    assert stored(account) == 1


@DIALECT
@pytest.mark.parametrize("size", [BODY_BYTES + 1, BODY_BYTES * 50])
def test_body_past_the_bound(account: Account, dialect: str, size: int) -> None:
    refusal(dialect, post(account, dialect, _padded(dialect, size)), WAYS[dialect].too_long)
    assert stored(account) == 0


@DIALECT
def test_body_of_unknown_length(account: Account, dialect: str) -> None:
    """In chunks, without a Content-Length: the bound holds all the same, and so does what is within it."""
    whole = _padded(dialect, BODY_BYTES)
    assert post(account, dialect, iter([whole[:10], whole[10:]])).status_code == WAYS[dialect].status
    refusal(dialect, post(account, dialect, iter([whole, b" "])), WAYS[dialect].too_long)
    assert stored(account) == 1


def _padded(dialect: str, size: int) -> bytes:
    return json.dumps(WAYS[dialect].body).encode().ljust(size)


# --- nesting ---


def nested(levels: int, leaf: Any = 1) -> Any:
    value = leaf
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def deep_body(dialect: str, levels: int) -> bytes:
    way = WAYS[dialect]
    return json.dumps({**way.body, **way.deep(nested(levels - way.outer))}).encode()


@DIALECT
def test_as_deep_as_allowed(account: Account, dialect: str) -> None:
    answer = post(account, dialect, deep_body(dialect, NESTING))
    assert answer.status_code == WAYS[dialect].status, answer.text
    assert stored(account) == 1


@DIALECT
@pytest.mark.parametrize("levels", [NESTING + 1, 300])
def test_one_level_too_deep(account: Account, dialect: str, levels: int) -> None:
    refusal(dialect, post(account, dialect, deep_body(dialect, levels)), 400)
    assert stored(account) == 0


@DIALECT
def test_brackets_inside_text_are_no_levels(account: Account, dialect: str) -> None:
    way = WAYS[dialect]
    body = json.dumps({**way.body, **way.deep("[{" * 50)}).encode()
    assert post(account, dialect, body).status_code == way.status


# --- batch ---


def apptoto_batch(size: int) -> dict[str, Any]:
    return {"contacts": [{"address_book": "Contacts", "name": f"No {n}"} for n in range(size)]}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_batch_of_apptoto(account: Account, method: str) -> None:
    refusal("apptoto", account.apptoto.request(method, "/contacts", json=apptoto_batch(BATCH + 1)), 400, 413)
    assert stored(account) == 0
    assert account.apptoto.request(method, "/contacts", json=apptoto_batch(BATCH)).status_code == 200
    assert stored(account) == BATCH


def test_batch_of_octopush(account: Account) -> None:
    people = [{"phone_number": number} for number in PHONES]
    refusal("octopush", account.octopush.post("/contact/create", json={"contacts": people[: BATCH + 1]}), 400)
    assert stored(account) == 0
    assert account.octopush.post("/contact/create", json={"contacts": people[:BATCH]}).status_code == 201
    assert stored(account) == BATCH


def csv_url(rows: int) -> str:
    text = "name\n" + "".join(f"No {n}\n" for n in range(rows))
    return f"data:text/csv;base64,{base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize("overwrite", [False, True])
def test_rows_of_a_file(account: Account, *, overwrite: bool) -> None:
    account.packagex.post("/contacts", json={"name": "There before"})
    past = account.packagex.post("/contacts", json={"csv_url": csv_url(ROWS + 1), "overwrite": overwrite})
    assert refusal("packagex", past, 400, 413)["errors"] == ["csv_url"]
    assert stored(account) == 1
    full = account.packagex.post("/contacts", json={"csv_url": csv_url(ROWS), "overwrite": overwrite})
    assert full.status_code == 201
    assert stored(account) == ROWS + (not overwrite)


# --- pages ---


class Pages(NamedTuple):
    """How a dialect's list is paged: parameter, its most, where the elements are, and whether more is refused."""

    path: str
    parameter: str
    most: int
    elements: str
    refused: bool


PAGES = {
    "native": Pages("/contacts", "limit", 500, "contacts", refused=True),
    "apptoto": Pages("/contacts", "page_size", 500, "contacts", refused=False),
    "packagex": Pages("/contacts", "limit", 100, "data", refused=False),
    "alloy": Pages("/crm/contacts", "pageSize", 100, "contacts", refused=False),
}


@pytest.fixture(scope="module")
def crowded(small: Server) -> Account:
    """An account with 502 contacts."""
    account = small.new_account()
    owner = accounts.named(small._store, account.name)
    placed = [contacts.Placed(ContactDraft(Card(full=f"No {number}")), 1) for number in range(502)]
    actor = accounts.owner(owner)
    small._store.write(Work(owner, "", "test", lambda session: contacts.create(session, actor, placed)))
    return account


@pytest.mark.parametrize("dialect", PAGES)
def test_page_of_the_most_elements(crowded: Account, dialect: str) -> None:
    pages = PAGES[dialect]
    answer = CLIENTS[dialect](crowded).get(pages.path, params={pages.parameter: pages.most})
    assert len(answer.json()[pages.elements]) == pages.most


@pytest.mark.parametrize("dialect", PAGES)
@pytest.mark.parametrize("more", [1, 1000, 2**31, 10**30])
def test_page_of_more(crowded: Account, dialect: str, more: int) -> None:
    pages = PAGES[dialect]
    answer = CLIENTS[dialect](crowded).get(pages.path, params={pages.parameter: pages.most + more})
    if pages.refused or answer.status_code == 400:
        refusal(dialect, answer, 400)
    else:
        assert len(answer.json()[pages.elements]) == pages.most


@pytest.mark.parametrize("dialect", PAGES)
@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "", "٣"])
def test_page_of_no_sense(crowded: Account, dialect: str, size: str) -> None:
    pages = PAGES[dialect]
    answer = CLIENTS[dialect](crowded).get(pages.path, params={pages.parameter: size})
    if answer.status_code == 200:
        assert 1 <= len(answer.json()[pages.elements]) <= pages.most
    else:
        refusal(dialect, answer, 400)


# --- idempotency keys ---


@DIALECT
def test_idempotency_key_of_the_most_characters(account: Account, dialect: str) -> None:
    body, key = json.dumps(WAYS[dialect].body).encode(), "k" * KEY_CHARACTERS
    first, again = (post(account, dialect, body, **{"Idempotency-Key": key}) for _ in range(2))
    assert first.status_code == again.status_code == WAYS[dialect].status
    assert stored(account) == 1


@DIALECT
def test_idempotency_key_of_one_more(account: Account, dialect: str) -> None:
    body, key = json.dumps(WAYS[dialect].body).encode(), "k" * (KEY_CHARACTERS + 1)
    refusal(dialect, post(account, dialect, body, **{"Idempotency-Key": key}), 400)
    assert stored(account) == 0

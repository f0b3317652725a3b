"""What never leaves: keys, paths, SQL and stack traces in answers; contacts' data and keys in the log."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from onebook.dialects.base import Route
from onebook.store.sqlite_connection import plain
from tests.harness import Account, Server
from tests.server.examples import calls_of, routes
from tests.server.hostile import MARK, Hostile, of_route
from tests.server.refusals import refusal
from tests.server.world import CLIENTS, World, send

ROUTES = [pytest.param(dialect, route, id=f"{dialect}-{route.name}") for dialect, route in routes()]
# Words of our inside that no hostile request has.
INSIDE = ("Traceback", "sqlite", "SELECT", "INSERT", "UPDATE ", "WHERE", "account_id", 'File "', ".py", "site-packages")


def must_keep_quiet(server: Server, account: Account, answer: httpx2.Response) -> None:
    """Nothing of the inside is in an answer, wherever in it."""
    assert answer.status_code < 500 or answer.status_code == 501, answer.text
    told = answer.text + str(answer.headers)
    for word in (*INSIDE, account.key, str(server.data), str(Path(__file__).parents[2])):
        assert word not in told, (word, told)


def attack(account: Account, dialect: str, route: Route, hostile: Hostile) -> httpx2.Response:
    client = CLIENTS[dialect](account)
    headers = {"Content-Type": "application/json", "Idempotency-Key": MARK} if hostile.body is not None else {}
    return client.request(route.method, hostile.path, params=hostile.query, content=hostile.body, headers=headers)


@pytest.mark.parametrize(("dialect", "route"), ROUTES)
def test_hostile_requests_learn_nothing(server: Server, account: Account, dialect: str, route: Route) -> None:
    good = calls_of(dialect, route, World(server, account))[0].body
    for hostile in of_route(route, good if isinstance(good, dict) else {}):
        must_keep_quiet(server, account, attack(account, dialect, route, hostile))


@pytest.mark.parametrize("dialect", CLIENTS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic " + "A" * 5000},
        {"Authorization": f"Basic {MARK}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  x y z"},
        {"Authorization": "Bearer ob_" + "x" * 43},
        {"PX-API-KEY": "x' OR '1'='1"},
        {"X-API-KEY": ""},
        {"api-login": "x", "api-key": "y"},
        {"Authorization": "bearer \xff\xfe"},
    ],
    ids=str,
)
def test_strangers_learn_nothing(server: Server, account: Account, dialect: str, headers: dict[str, str]) -> None:
    base = str(CLIENTS[dialect](account).base_url.path)
    with httpx2.Client(base_url=server.url, trust_env=False) as stranger:
        for path in ("/contacts", "/crm/contacts", "/contact/create", "/", "", f"/{MARK}", "/contacts/1"):
            for method in ("GET", "POST", "DELETE"):
                encoded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
                answer = stranger.request(method, base + path, headers=encoded)
                must_keep_quiet(server, account, answer)
                refusal(dialect, answer, 401)


def test_a_key_is_shown_once(account: Account) -> None:
    made = account.native.post("/keys", json={"scope": "admin"}).json()
    for path in ("/keys", f"/keys/{made['id']}", "/account", "/credentials", "/changes?limit=500"):
        answer = account.native.get(path)
        assert answer.status_code == 200
        assert made["key"] not in answer.text
        assert account.key not in answer.text


def test_metrics_and_health_name_nobody(server: Server, account: Account) -> None:
    World(server, account)
    account.apptoto.post("/contacts", json={"contacts": [{"address_book": MARK, "name": MARK}]})
    account.native.get(f"/contacts/{MARK}")
    with httpx2.Client(base_url=server.url, trust_env=False) as anybody:
        for path in ("/metrics", "/healthz", "/readyz"):
            answer = anybody.get(path)
            assert answer.status_code == 200
            for word in (MARK, account.name, account.key, "secret-of-", str(server.data)):
                assert word not in answer.text, (path, word)


# --- the log ---


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose whole log is read afterwards."""
    server = Server(tmp_path_factory.mktemp("watched") / "data")
    yield server
    server.stop()


def test_the_log_holds_no_data_of_contacts_and_no_key(watched: Server) -> None:
    """After every route was called well and badly, the log at its default level names nobody."""
    accounts = []
    for dialect, route in routes():
        account = watched.new_account()
        accounts.append(account)
        world = World(watched, account)
        calls = calls_of(dialect, route, world)
        for call in calls:
            send(account, dialect, route.method, route.path, call, key=f"key-{MARK}")
        hostile = list(of_route(route, calls[0].body if isinstance(calls[0].body, dict) else {}))
        for one in hostile[:: max(1, len(hostile) // 5)]:
            attack(account, dialect, route, one)
    log = watched.log
    assert "serving" in log, "this is the log"
    for word in (MARK, "secret-of-", "@example.org", "+336", "New Name", *(account.key for account in accounts)):
        assert word not in log, word
    assert "fault" not in log


@pytest.mark.parametrize("dialect", ["native", "apptoto", "packagex", "alloy"])
def test_our_own_fault_tells_nothing_of_it(watched: Server, dialect: str) -> None:
    """A damaged row: the caller gets the dialect's own error, the log says where it broke, and neither says why."""
    account = watched.new_account()
    made = account.native.post("/contacts", json={"name": {"full": "Ada"}}).json()
    with plain(watched.data / "onebook.db", writes=True) as database:
        database.execute(
            "UPDATE contacts SET card = ? WHERE uid = ?", (f'{{"full": ["{MARK}", "Traceback"]}}', made["uid"])
        )
    lists = {"alloy": "/crm/contacts"}
    answer = CLIENTS[dialect](account).get(lists.get(dialect, "/contacts"))
    refusal(dialect, answer, 500)
    for word in (MARK, *INSIDE, str(watched.data), account.key):
        assert word not in answer.text, word
    log = watched.log
    assert "fault" in log
    for word in (MARK, account.key, "Ada"):
        assert word not in log, word

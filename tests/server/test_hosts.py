"""Host names that stand for a dialect, for clients whose path is fixed."""

from collections.abc import Iterator

import pytest

from tests.harness import Server

HOSTS = "api.apptoto.example=apptoto, API.octopush.example=octopush"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows two vendors' hosts by names of ours."""
    server = Server(tmp_path_factory.mktemp("hosts") / "data", environment={"ONEBOOK_HOSTS": HOSTS})
    yield server
    server.stop()


@pytest.mark.parametrize("host", ["api.apptoto.example", "API.Apptoto.Example", "api.apptoto.example:443"])
def test_a_host_stands_for_its_dialect(named: Server, host: str) -> None:
    account = named.new_account()
    client = account.client(auth=(account.login, account.key), headers={"Host": host})
    assert client.get("/v1/address_books").json()["address_books"][0]["name"] == "Contacts"


def test_each_host_has_its_own_dialect(named: Server) -> None:
    account = named.new_account()
    headers = {"Host": "api.octopush.example", "api-login": account.login, "api-key": account.key}
    made = account.client(headers=headers).post("/v1/public/contact-list/create", json={"list_name": "spring"})
    assert made.status_code == 201


def test_other_hosts_keep_the_full_path(named: Server) -> None:
    account = named.new_account()
    assert account.apptoto.get("/address_books").status_code == 200
    assert account.client(auth=(account.login, account.key)).get("/v1/address_books").status_code == 404

"""Fixtures of all rooms: one server for the whole run, a fresh account for each test."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.harness import Account, FileServer, Server
from tests.store.engines import CHOSEN, EACH

# A busy machine is no fault of the code. Where nobody looks, the examples are the same each time, so that a failure is
# about the change that was made.
settings.register_profile("onebook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("unattended", settings.get_profile("onebook"), derandomize=True)
settings.load_profile("unattended" if os.environ.get("CI") else "onebook")

# The hundreds of processes that tests start would each compile all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Where the cases of one function differ in what a caller says, and not in what the store is asked to do.
SAID = tuple(Path(__file__).parent / room for room in ("cli", "dialects", "docs", "journeys", "server", "web"))


@pytest.hookimpl(wrapper=True, optionalhook=True)  # optional, as it is xdist's
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Three workers for two cores: a quarter of its time a worker waits for a disk, a browser or another process."""
    cores = yield
    return cores + cores // 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Unless engines were chosen, run on PostgreSQL one case of each function that goes through a server.

    Every case runs on SQLite. Those marked `each_engine` run on both: there the store decides. Of those that drive a
    browser only these run on both.
    """
    if CHOSEN:
        return
    seen = set[str]()
    left_out = [item for item in items if _is_said_again(item, seen)]
    config.hook.pytest_deselected(items=left_out)
    gone = set(left_out)
    items[:] = [item for item in items if item not in gone]


def _is_said_again(item: pytest.Item, seen: set[str]) -> bool:
    """Whether a test asks of PostgreSQL what another one asks of it; ``seen`` has the functions so far."""
    if item.get_closest_marker("postgres") is None or item.get_closest_marker("each_engine") is not None:
        return False
    function = item.nodeid.partition("[")[0]
    again = function in seen or (isinstance(item, pytest.Function) and "office" in item.fixturenames)
    seen.add(function)
    return again and any(item.path.is_relative_to(room) for room in SAID)


@pytest.fixture(scope="session")
def file_server() -> Iterator[FileServer]:
    """A web server whose files the server under test may fetch."""
    files = FileServer()
    yield files
    files.close()


@pytest.fixture(scope="session", params=EACH)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, file_server: FileServer
) -> Iterator[Server]:
    """The server under test, on each engine."""
    data = tmp_path_factory.mktemp("server") / "data"
    allowed = {"ONEBOOK_FETCH_ALLOW": f"127.0.0.1:{file_server.port}"}
    running = Server(data, environment=allowed, engine=request.param)
    yield running
    assert running.stop() == 0


@pytest.fixture
def account(server: Server) -> Iterator[Account]:
    """A fresh account."""
    made = server.new_account()
    yield made
    made.close()


@pytest.fixture
def other_account(server: Server) -> Iterator[Account]:
    """Another one."""
    made = server.new_account()
    yield made
    made.close()

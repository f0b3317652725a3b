"""Fixtures of all rooms: one server for the whole run, a fresh account for each test."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.harness import Account, FileServer, Server
from tests.store.engines import EACH

# A busy machine is no fault of the code. Where nobody looks, the examples are the same each time, so that a failure is
# about the change that was made.
settings.register_profile("onebook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("unattended", settings.get_profile("onebook"), derandomize=True)
settings.load_profile("unattended" if os.environ.get("CI") else "onebook")


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

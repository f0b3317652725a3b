"""Fixtures of all rooms: one server for the whole run, a fresh account for each test."""

from collections.abc import Iterator

import pytest

from tests.harness import Account, FileServer, Server


@pytest.fixture(scope="session")
def file_server() -> Iterator[FileServer]:
    """A web server whose files the server under test may fetch."""
    files = FileServer()
    yield files
    files.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, file_server: FileServer) -> Iterator[Server]:
    """The server under test."""
    data = tmp_path_factory.mktemp("server") / "data"
    running = Server(data, environment={"ONEBOOK_FETCH_ALLOW": f"127.0.0.1:{file_server.port}"})
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

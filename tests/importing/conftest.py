"""What several tests of importing share."""

from collections.abc import Iterator

import pytest

from tests.importing.web import Server, serving


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(_server: Server) -> Server:
    _server.seen.clear()
    return _server

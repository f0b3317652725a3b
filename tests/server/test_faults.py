"""Faults, in their short form: the long one is `make faults`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from bench import fault_kit
from bench.fault_crowds import checked_edits, idempotency_storm, one_external_id
from bench.fault_disk import Disk, disk_full
from bench.fault_postgres import Away, OwnPostgres, database_away
from bench.fault_waits import slow_clients
from tests.harness import Server
from tests.store.engines import EACH, ENGINES, POSTGRES

Seen = TypeVar("Seen", Disk, Away)


@pytest.fixture(scope="module", params=EACH)
def mortal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may be killed."""
    server = Server(tmp_path_factory.mktemp("faults") / "data", engine=request.param)
    yield server
    server.stop()


def _untimed(seen: Seen) -> Seen:
    """What was seen, however long it took to recover: a busy machine takes its time."""
    return seen._replace(recovered_seconds=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("own_file_system", [True, False], ids=["full", "limited"])
def test_a_full_disk_refuses_and_loses_nothing(
    own_file_system: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not own_file_system:
        monkeypatch.setattr(fault_kit, "may_mount", lambda: False)
    seen = disk_full(tmp_path / "small", seconds=1.0, rows=3000)
    assert _untimed(seen).good, seen


def test_a_request_sent_again_and_again_has_one_effect_and_one_answer_across_a_kill(mortal: Server) -> None:
    seen = idempotency_storm(mortal, requests=100)
    assert seen.unanswered, "it was killed meanwhile"
    assert seen.good, seen


def test_many_creates_of_one_external_id_make_one_contact(mortal: Server) -> None:
    seen = one_external_id(mortal, requests=100)
    assert seen.good, seen


def test_no_edit_with_a_version_is_lost(mortal: Server) -> None:
    seen = checked_edits(mortal, edits=30)
    assert seen.good, seen


@pytest.mark.postgres
@pytest.mark.skipif(POSTGRES not in ENGINES, reason="ONEBOOK_TEST_ENGINES leaves PostgreSQL out")
def test_a_database_that_crashes_loses_nothing_acknowledged(tmp_path: Path) -> None:
    postgres = OwnPostgres()
    try:
        server = Server(tmp_path / "data", engine=postgres.engine)
        seen = database_away(server, postgres.own, killed=True, seconds=0.3, writers=4)
        assert _untimed(seen)._replace(away_told=True).good, seen
        assert seen.refused, seen
        server.stop()
    finally:
        postgres.remove()


def test_slow_clients_cost_the_others_nothing(mortal: Server) -> None:
    """Every other request is answered; how soon, only a machine with nothing else to do can tell."""
    seen = slow_clients(mortal, connections=200, requests=200)
    assert seen.failed == 0, seen

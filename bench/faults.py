"""All the faults: what was acknowledged is there afterwards, once and whole, and whoever could go on did.

Prints a line for each round, and exits with 1 if one of them was not as it must be. The short forms of all of them are
in tests/server/test_faults.py.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from bench.fault_crowds import checked_edits, idempotency_storm, one_external_id
from bench.fault_disk import disk_full, disk_of_postgres_full
from bench.fault_kills import killed
from bench.fault_postgres import OwnPostgres, database_away, engine_named
from bench.fault_waits import asked_to_stop, slow_clients
from tests.harness import Server
from tests.store.engines import SQLITE


class Seen(Protocol):
    """What a round saw."""

    @property
    def good(self) -> bool:
        """Whether it is as it must be."""
        ...


#: Faults of a database that is not in our own process.
OF_POSTGRES = ("stopped", "crashed")
FAULTS = ("kills", "disk", "storm", "creates", "edits", "slow", "stop", *OF_POSTGRES)
Rounds = Mapping[str, Sequence[Callable[[], Seen]]]


def _rounds(server: Server, folder: Path, postgres: OwnPostgres | None, given: argparse.Namespace) -> Rounds:
    """Every fault by name, with its rounds."""

    def times(number: int) -> int:
        scaled: int = round(number * given.scale)
        return max(scaled, 10)

    few = max(given.rounds // 10, 1)
    full = disk_full if postgres is None else partial(disk_of_postgres_full, postgres)
    rounds: dict[str, list[Callable[[], Seen]]] = {
        "kills": [partial(killed, server, at) for at in range(given.rounds)],
        "disk": [partial(full, folder / f"disk{at}") for at in range(few)],
        "storm": [partial(idempotency_storm, server, requests=times(10_000))],
        "creates": [partial(one_external_id, server, requests=times(10_000))],
        "edits": [partial(checked_edits, server, edits=times(1_000))],
        "slow": [partial(slow_clients, server, connections=500, requests=times(5_000))],
        "stop": [partial(asked_to_stop, server, seconds=1.5)] * few,
    }
    if postgres is not None:
        gone = partial(database_away, server, postgres.own)
        rounds["stopped"] = [partial(gone, killed=False, seconds=10.0)] * few
        rounds["crashed"] = [partial(gone, killed=True, seconds=3.0)] * few
    return rounds


def main() -> int:
    """Run the rounds; 0 if all are good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="fault", help=f"{', '.join(FAULTS)}; all if none is named")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=30, help="of kills; a tenth of them for what takes longer")
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of requests")
    given = parser.parse_args()
    known = FAULTS if given.engine == "postgres" else tuple(name for name in FAULTS if name not in OF_POSTGRES)
    if unknown := set(given.faults).difference(known):
        parser.error(f"on {given.engine} there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    bad = 0
    with tempfile.TemporaryDirectory() as name, engine_named(given.engine) as postgres:
        folder = Path(name)
        server = Server(folder / "data", engine=SQLITE if postgres is None else postgres.engine)
        every = _rounds(server, folder, postgres, given)
        for fault in given.faults or every:
            for number, run in enumerate(every[fault], 1):
                seen = run()
                bad += not seen.good
                print(f"{fault:8}{number:4} {'good' if seen.good else 'BAD '} {seen}", flush=True)
        server.stop()
    print(f"{bad} bad" if bad else "all good")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

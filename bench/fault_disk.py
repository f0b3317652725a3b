"""A full disk during creates, an import and an export: refused in time, nothing lost, well again without a restart."""

import time
from pathlib import Path
from typing import NamedTuple

from bench.fault_hands import READ, Hands
from bench.fault_kit import AWAY, Client, Room, faults_of, names, room
from bench.fault_postgres import OwnPostgres
from tests.harness import Server

WRITERS = 4
RECOVERY_SECONDS = 5.0


class Disk(NamedTuple):
    """What was seen."""

    acknowledged: int
    refused: int
    strange: tuple[str, ...]
    lost: int
    doubled: int
    away_told: bool | None
    reads_failed: int
    recovered_seconds: float
    imported: str
    faults: str

    @property
    def good(self) -> bool:
        """Whether all is as it must be."""
        whole = not (self.strange or self.lost or self.doubled or self.reads_failed or self.faults)
        recovered = self.recovered_seconds < RECOVERY_SECONDS and self.imported == "done"
        return whole and recovered and self.away_told is not False and self.refused > 0


def _csv(rows: int) -> bytes:
    lines = [f"Imported Person{row},+1650{2000000 + row},person{row}@example.org" for row in range(rows)]
    return "\n".join(["full_name,phone,email", *lines, ""]).encode()


def disk_full(folder: Path, *, seconds: float = 2.0, rows: int = 20_000) -> Disk:
    """Fill the disk under load for so many seconds, then empty it."""
    with room(folder) as small:
        server = Server(small.folder / "data", worker=True)
        try:
            return _under_load(server, small, seconds, rows)
        finally:
            server.stop()


def disk_of_postgres_full(postgres: OwnPostgres, folder: Path, *, seconds: float = 2.0, rows: int = 20_000) -> Disk:
    """The same where the tables of a PostgreSQL and our data folder are on that disk; its log is on another.

    A commit that needs no room still succeeds there, so /readyz is not asked.
    """
    with room(folder) as small:
        server = Server(small.folder / "data", worker=True, engine=postgres.engine_on(small.folder / "tables"))
        try:
            return _under_load(server, small, seconds, rows)._replace(away_told=None)
        finally:
            server.stop()
            postgres.leave("small")


def _under_load(server: Server, small: Room, seconds: float, rows: int) -> Disk:
    account = server.new_account()
    hands = Hands(server, account, WRITERS)
    with Client(server, account) as client:
        begun = client.ask("POST", "/imports", _csv(rows), **{"Content-Type": "text/csv"}).json
        time.sleep(0.3)
        small.take(server)
        time.sleep(seconds)
        away_told = _is_told_away(server)
        strange = _tried(client, rows)
        small.give_back(server)
        given_back = time.monotonic()
        imported = _end_of(client, begun["uid"])
    time.sleep(max(given_back + seconds - time.monotonic(), 0))
    hands.stop()
    strange += [f"a write: {told.strange}" for told in hands.written if told.strange]
    there, ledger = names(server, account), hands.ledger
    refused = [told.at for told in hands.written if told.status in AWAY]
    return Disk(
        acknowledged=len(ledger),
        refused=len(refused),
        strange=tuple(sorted(set(strange))),
        lost=len(ledger - set(there)),
        doubled=len(there) - len(set(there)),
        away_told=away_told,
        reads_failed=sum(told.status != READ for told in hands.reader.told),
        recovered_seconds=max(max(refused, default=0.0) - given_back, 0.0),
        imported=imported,
        faults=faults_of(server),
    )


def _is_told_away(server: Server) -> bool:
    """Whether /readyz says so, within two seconds: now and then a small commit still finds room in the log."""
    for _ in range(20):
        if server.ready() in AWAY:
            return True
        time.sleep(0.1)
    return False


def _tried(client: Client, rows: int) -> list[str]:
    """What is strange about an import and an export on a full disk."""
    upload = client.tries("POST", "/imports", _csv(rows * 4), **{"Content-Type": "text/csv"})
    export = client.tries("GET", "/contacts/export?format=csv")
    told = {"an import": (upload, (*AWAY, 201, 202)), "an export": (export, (*AWAY, READ))}
    return [f"{what} is answered {said and said.status}" for what, (said, fine) in told.items()
            if said is None or said.status not in fine]  # fmt: skip


def _end_of(client: Client, uid: str, seconds: float = 180.0) -> str:
    """The state in which an import comes to rest."""
    until, state = time.monotonic() + seconds, "unknown"
    while time.monotonic() < until:
        said = client.tries("GET", f"/imports/{uid}")
        state = said.json.get("state", "unknown") if said is not None and said.status == READ else state
        if state in ("done", "failed", "cancelled"):
            return state
        time.sleep(0.1)
    return state

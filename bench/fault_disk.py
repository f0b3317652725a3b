"""A full disk during creates, an import and an export: refused in time, nothing lost, well again without a restart."""

import threading
import time
from pathlib import Path
from typing import NamedTuple

import httpx2

from bench.fault_kit import AWAY, Client, Room, faults_of, names, room
from tests.harness import Account, Server

WRITERS = 4
RECOVERY_SECONDS = 5.0
CREATED, READ = 201, 200


class Disk(NamedTuple):
    """What was seen."""

    acknowledged: int
    refused: int
    strange: tuple[str, ...]
    lost: int
    doubled: int
    away_told: bool
    reads_failed: int
    recovered_seconds: float
    imported: str
    faults: str

    @property
    def good(self) -> bool:
        """Whether all is as it must be."""
        whole = not (self.strange or self.lost or self.doubled or self.reads_failed or self.faults)
        recovered = self.recovered_seconds < RECOVERY_SECONDS and self.imported == "done"
        return whole and recovered and self.away_told and self.refused > 0


class Hand(threading.Thread):
    """Writes or reads again and again, and keeps what it was told."""

    def __init__(self, server: Server, account: Account, number: int, stopped: threading.Event) -> None:
        super().__init__(daemon=True)
        self.ledger: list[str] = []
        self.statuses: list[tuple[float, int]] = []
        self._client, self._number, self._stopped = Client(server, account), number, stopped

    def run(self) -> None:
        """Create until stopped; number 0 reads instead."""
        count = 0
        while not self._stopped.is_set():
            count += 1
            if self._number == 0:
                said = self._client.tries("GET", "/contacts?limit=50")
            else:
                name = f"Writer {self._number} contact {count}"
                person = {"name": {"full": name}, "notes": "x" * 2000}
                said = self._client.tries("POST", "/contacts", person)
                if said is not None and said.status == CREATED:
                    self.ledger.append(name)
            self.statuses.append((time.monotonic(), said.status if said else 0))
            if said is None or said.status in AWAY:
                time.sleep(0.02)
        self._client.close()


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


def _under_load(server: Server, small: Room, seconds: float, rows: int) -> Disk:
    account, stopped = server.new_account(), threading.Event()
    hands = [Hand(server, account, number, stopped) for number in range(WRITERS + 1)]
    for hand in hands:
        hand.start()
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
    stopped.set()
    for hand in hands:
        hand.join(30)
    statuses = [entry for hand in hands[1:] for entry in hand.statuses]
    strange += [f"a write is answered {status}" for _, status in statuses if status not in (CREATED, *AWAY)]
    there = names(server, account)
    ledger = {name for hand in hands for name in hand.ledger}
    return Disk(
        acknowledged=len(ledger),
        refused=sum(status in AWAY for _, status in statuses),
        strange=tuple(sorted(set(strange))),
        lost=len(ledger - set(there)),
        doubled=len(there) - len(set(there)),
        away_told=away_told,
        reads_failed=sum(status != READ for _, status in hands[0].statuses),
        recovered_seconds=max(max((at for at, status in statuses if status in AWAY), default=0.0) - given_back, 0.0),
        imported=imported,
        faults=faults_of(server),
    )


def _is_told_away(server: Server) -> bool:
    """Whether /readyz says so, within two seconds: now and then a small commit still finds room in the log."""
    for _ in range(20):
        if _ready(server) in AWAY:
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


def _ready(server: Server) -> int:
    return httpx2.get(f"{server.url}/readyz", trust_env=False, timeout=30).status_code


def _end_of(client: Client, uid: str, seconds: float = 60.0) -> str:
    """The state in which an import comes to rest."""
    until, state = time.monotonic() + seconds, "unknown"
    while time.monotonic() < until:
        said = client.tries("GET", f"/imports/{uid}")
        state = said.json.get("state", "unknown") if said is not None and said.status == READ else state
        if state in ("done", "failed", "cancelled"):
            return state
        time.sleep(0.1)
    return state

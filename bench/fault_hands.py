"""Hands that write and read again and again, and remember what they were told."""

import threading
import time
from typing import NamedTuple

from bench.fault_kit import AWAY, Client, Said
from tests.harness import Account, Server

CREATED, READ = 201, 200


class Told(NamedTuple):
    """An answer: when it came, on how long a wait, and what is wrong with it, if anything."""

    at: float
    seconds: float
    status: int
    strange: str


def _strange(said: Said | None, wanted: int) -> str:
    """A word for an answer that nobody should get."""
    if said is None:
        return "no answer"
    if said.status in AWAY:
        return "" if "retry-after" in said.headers else f"{said.status} without Retry-After"
    return "" if said.status == wanted else f"status {said.status}"


class Hand(threading.Thread):
    """Writes, or reads if its number is 0, until it is stopped; ``ledger`` has the names of those acknowledged."""

    def __init__(self, server: Server, account: Account, number: int, stopped: threading.Event) -> None:
        super().__init__(daemon=True)
        self.ledger: list[str] = []
        self.told: list[Told] = []
        self._client, self._number, self._stopped = Client(server, account), number, stopped

    def run(self) -> None:
        """Go on until stopped."""
        count = 0
        while not self._stopped.is_set():
            count += 1
            name, began = f"Writer {self._number} contact {count}", time.monotonic()
            said, wanted = self._ask(name)
            now = time.monotonic()
            self.told.append(Told(now, now - began, said.status if said else 0, _strange(said, wanted)))
            if said is None or said.status in AWAY:
                time.sleep(0.02)
            elif self._number and said.status == CREATED:
                self.ledger.append(name)
        self._client.close()

    def _ask(self, name: str) -> tuple[Said | None, int]:
        if self._number == 0:
            return self._client.tries("GET", "/contacts?limit=50"), READ
        person = {"name": {"full": name}, "notes": "x" * 2000}
        return self._client.tries("POST", "/contacts", person), CREATED


class Hands:
    """So many writers and one reader, at work from the beginning."""

    def __init__(self, server: Server, account: Account, writers: int) -> None:
        self._stopped = threading.Event()
        self.reader, *self.writers = [Hand(server, account, number, self._stopped) for number in range(writers + 1)]
        for hand in (self.reader, *self.writers):
            hand.start()

    def stop(self) -> None:
        """Let them finish what they wait for."""
        self._stopped.set()
        for hand in (self.reader, *self.writers):
            hand.join(90)

    @property
    def ledger(self) -> set[str]:
        """The names of all that were acknowledged."""
        return {name for hand in self.writers for name in hand.ledger}

    @property
    def written(self) -> list[Told]:
        """What the writers were told."""
        return [told for hand in self.writers for told in hand.told]

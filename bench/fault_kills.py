"""Kill -9 under writers: what was acknowledged is there once, and the database is whole.

Each round has every writer create contacts through a dialect one after the other, keeps a ledger of what was
acknowledged, kills the server at a random moment, starts it again, and compares.
"""

import random
import threading
import time
from typing import NamedTuple

import httpx2

from bench.fault_kit import faults_of
from tests.harness import Account, Server

READY_SECONDS = 5.0


class Kill(NamedTuple):
    """What one round found."""

    acknowledged: int
    unacknowledged: int
    lost: int
    doubled: int
    wrong: int
    faults: str
    ready_seconds: float

    @property
    def good(self) -> bool:
        """Whether the round is as it must be."""
        return not (self.lost or self.doubled or self.wrong or self.faults) and self.ready_seconds < READY_SECONDS


class Writer(threading.Thread):
    """Creates contacts until the server dies; ``ledger`` holds the names of those acknowledged."""

    def __init__(self, account: Account, number: int, round_number: int) -> None:
        super().__init__(daemon=True)
        self.ledger: dict[str, str] = {}
        self.sent = 0
        self._account = account
        self._prefix = f"round {round_number} writer {number} contact"
        self._dialect = ("apptoto", "packagex", "alloy")[number % 3]

    def run(self) -> None:
        """Create until the connection breaks."""
        try:
            while True:
                name, phone = f"{self._prefix} {self.sent}", f"+1650{random.randrange(2_000_000, 9_999_999)}"
                self.sent += 1
                if self._create(name, phone):
                    self.ledger[name] = phone
        except httpx2.TransportError:
            return

    def _create(self, name: str, phone: str) -> bool:
        if self._dialect == "apptoto":
            contact = {"address_book": "Contacts", "name": name, "phone": phone, "email": "a@example.org"}
            answer = self._account.apptoto.post("/contacts", json={"contacts": [contact]})
        elif self._dialect == "packagex":
            answer = self._account.packagex.post("/contacts", json={"name": name, "phone": phone})
        else:
            given, family = name.rsplit(" ", 1)
            person = {"firstName": given, "lastName": family, "phoneNumbers": [{"phoneNumber": phone}]}
            answer = self._account.alloy.post("/crm/contacts", json=person)
        return answer.status_code in (200, 201)


def stored(account: Account) -> dict[str, list[str]]:
    """Name → first phone of each contact of that name."""
    found: dict[str, list[str]] = {}
    params = {"limit": "500"}
    while True:
        page = account.native.get("/contacts", params=params).json()
        for contact in page["contacts"]:
            found.setdefault(contact["name"]["full"], []).append(contact["phones"][0]["raw"])
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


def killed(server: Server, number: int, *, writers: int = 16) -> Kill:
    """Write, kill, start, compare."""
    account = server.new_account()
    threads = [Writer(account, at, number) for at in range(writers)]
    for thread in threads:
        thread.start()
    time.sleep(random.uniform(0.3, 1.5))
    server.kill()
    for thread in threads:
        thread.join(10)
    started = time.monotonic()
    server.start()
    ready_seconds = time.monotonic() - started
    there = stored(account)
    ledger = {name: phone for thread in threads for name, phone in thread.ledger.items()}
    return Kill(
        acknowledged=len(ledger),
        unacknowledged=sum(thread.sent for thread in threads) - len(ledger),
        lost=sum(name not in there for name in ledger),
        doubled=sum(len(phones) > 1 for phones in there.values()),
        wrong=sum(name in there and there[name] != [phone] for name, phone in ledger.items()),
        faults=faults_of(server),
        ready_seconds=ready_seconds,
    )

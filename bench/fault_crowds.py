"""Many at once about one thing: one effect for each idempotency key, one contact for an external id, no edit lost."""

import itertools
import json
import random
import threading
import time
from http.client import HTTPException
from typing import NamedTuple

from bench.fault_kit import AWAY, Client, Said, asked, crowd, faults_of, names
from tests.harness import Server

CREATED, DONE, CONFLICT = 201, 200, 409


class Storm(NamedTuple):
    """Requests that were sent several times each, also across a kill."""

    requests: int
    sent: int
    unanswered: int
    effects_missing: int
    effects_doubled: int
    answers_differ: int
    faults: str

    @property
    def good(self) -> bool:
        """Whether each had one effect and one answer."""
        return not (self.effects_missing or self.effects_doubled or self.answers_differ or self.faults)


def idempotency_storm(server: Server, *, requests: int, seed: int = 1) -> Storm:
    """Send each request one to five times, all mixed; kill the server when half are answered, and start it again."""
    account, dice = server.new_account(), random.Random(seed)
    jobs = [number for number in range(requests) for _ in range(dice.randint(1, 5))]
    dice.shuffle(jobs)
    unanswered, answered, half = [0], itertools.count(1), threading.Event()

    def send(client: Client, number: int) -> Said:
        body = {"name": {"full": f"Storm {number}"}, "phones": [{"raw": f"+1650{2000000 + number}"}]}
        while True:  # as a client does: again until it is told, with the same key
            try:
                said = client.ask("POST", "/contacts", body, **{"Idempotency-Key": f"storm-{number}"})
            except (OSError, HTTPException):
                unanswered[0] += 1
                time.sleep(0.05)
                continue
            if said.status in AWAY or said.status == CONFLICT:  # the first one with this key still runs
                time.sleep(0.01)
                continue
            if next(answered) == len(jobs) // 2:
                half.set()
            return said

    def kill() -> None:
        half.wait()
        server.kill()
        server.start()

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    said = crowd(server, account, jobs, send)
    killer.join()
    answers: dict[int, set[tuple[int, bytes]]] = {}
    for number, answer in zip(jobs, said, strict=True):
        answers.setdefault(number, set()).add((answer.status, answer.body))
    there = names(server, account)
    wanted = {f"Storm {number}" for number in range(requests)}
    return Storm(
        requests,
        len(jobs) + unanswered[0],
        unanswered[0],
        len(wanted - set(there)),
        len(there) - len(set(there)),
        sum(len(different) > 1 or next(iter(different))[0] != CREATED for different in answers.values()),
        faults_of(server),
    )


class Creates(NamedTuple):
    """Creates of one external id."""

    sent: int
    created: int
    conflicts: int
    strange: int
    stored: int
    faults: str

    @property
    def good(self) -> bool:
        """Whether there is one contact, and one was told so."""
        return self.created == self.stored == 1 and self.created + self.conflicts == self.sent and not self.faults


def one_external_id(server: Server, *, requests: int) -> Creates:
    """Create the same contact from many connections at a time."""
    account = server.new_account()

    def send(client: Client, number: int) -> int:
        return client.ask("POST", "/contacts", {"name": {"full": f"Twin {number}"}, "external_id": "the one"}).status

    said = crowd(server, account, range(requests), send)
    created, conflicts = said.count(CREATED), said.count(CONFLICT)
    stored = len(names(server, account))
    return Creates(len(said), created, conflicts, len(said) - created - conflicts, stored, faults_of(server))


class Edits(NamedTuple):
    """Edits with version check."""

    wanted: int
    tries: int
    acknowledged: int
    missing: int
    version: int
    faults: str

    @property
    def good(self) -> bool:
        """Whether every acknowledged edit is in what came of it."""
        return self.acknowledged == self.wanted == self.version - 1 and not (self.missing or self.faults)


def checked_edits(server: Server, *, edits: int) -> Edits:
    """Append to one contact's notes from many connections, each reading first and writing only what it has read."""
    account = server.new_account()
    made = asked(server, account, "POST", "/contacts", {"name": {"full": "Edited"}, "notes": ""})
    path = f"/contacts/{made['uid']}"
    tries = [0]

    def edit(client: Client, number: int) -> bool:
        while True:
            tries[0] += 1
            read = client.ask("GET", path).json
            notes = f"{read['notes'] or ''}{number} "
            said = client.ask("PATCH", path, {"notes": notes}, **{"If-Match": json.dumps(str(read["version"]))})
            if said.status == DONE:
                return True
            time.sleep(random.uniform(0, 0.02))

    done = crowd(server, account, range(edits), edit, threads=16)
    after = asked(server, account, "GET", path)
    there = {int(word) for word in after["notes"].split()}
    missing = len(set(range(edits)) - there)
    return Edits(edits, tries[0], sum(done), missing, after["version"], faults_of(server))

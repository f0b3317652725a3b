"""How long others wait while a large file is imported: 20 reads and 5 writes a second over HTTP, until it is done.

Usage: python -m bench.import_beside [--rows 1000000] [--command]

With ``--command`` the file is imported by `onebook import` on the same SQLite file, in a process of its own.
Reads are in turn one contact, a page of a hundred, and a search; writes are creates. Each begins at its time, however
long the one before took, so that none hides behind a slow one. Prints the 99th percentiles, and whether both goals are
met; ends with status 1 if not.
"""

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from bench import import_rows
from tests.harness import Account, Server

READS, WRITES = 20, 5  # a second
READ_GOAL, WRITE_GOAL = 250, 500  # milliseconds, 99th percentile


class Beside:
    """Requests of one kind at a steady rate, and how long each took."""

    def __init__(self, call: Callable[[int], httpx2.Response], each_second: int) -> None:
        self._call = call
        self._pause = 1 / each_second
        self.milliseconds: list[float] = []
        self.refused = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go)

    def _go(self) -> None:
        begin, count = time.perf_counter(), 0
        with ThreadPoolExecutor(32) as threads:
            while not self._stop.wait(max(begin + count * self._pause - time.perf_counter(), 0)):
                threads.submit(self._one, count)
                count += 1

    def _one(self, count: int) -> None:
        began = time.perf_counter()
        answer = self._call(count)
        self.milliseconds.append((time.perf_counter() - began) * 1000)
        self.refused += answer.is_error

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, once all that began have ended."""
        self._stop.set()
        self._thread.join()

    def figures(self) -> dict[str, float]:
        """Count, refusals, and milliseconds."""
        steps = statistics.quantiles(self.milliseconds, n=100)
        found = {"requests": len(self.milliseconds), "refused": self.refused}
        return found | {"p50": round(steps[49], 1), "p99": round(steps[98], 1), "max": round(max(self.milliseconds), 1)}


def created(account: Account, count: int) -> httpx2.Response:
    """Create a contact."""
    phone = {"raw": f"+1650{2_000_000 + count:07d}"}
    return account.native.post("/contacts", json={"name": {"full": f"Ada Byron {count}"}, "phones": [phone]})


def read(account: Account, uid: str, count: int) -> httpx2.Response:
    """Read one contact, a page, or what a word finds."""
    kind = count % 3
    if kind == 0:
        return account.native.get(f"/contacts/{uid}")
    return account.native.get("/contacts", params={"limit": 100} if kind == 1 else {"q": "ada byr", "limit": 20})


def imported(account: Account, csv: Path) -> str:
    """Send the file to the server and wait for its end; gives the state."""
    with csv.open("rb") as file:
        head = {"Content-Type": "text/csv"}
        sent = account.native.post("/imports", params={"match": "external_id"}, content=file, headers=head)
    made = sent.raise_for_status().json()
    while (state := account.native.get(f"/imports/{made['uid']}").json()["state"]) not in ("done", "failed"):
        time.sleep(1)
    return str(state)


def commanded(server: Server, account: Account, csv: Path) -> str:
    """Import the file in a process of its own; gives the state."""
    command = [sys.executable, "-m", "onebook", "import", str(csv), "--account", account.name, "--json"]
    where = ["--data", str(server.data), "--database", server.engine.url(server.data), "--match", "external_id"]
    done = subprocess.run([*command, *where], check=False, capture_output=True)
    return str(json.loads(done.stdout)["state"])


def run(server: Server, csv: Path, *, command: bool) -> bool:
    """Import the file while others read and write; whether both goals were met."""
    account = server.new_account()
    uid = created(account, -1).json()["uid"]
    reads = Beside(lambda count: read(account, uid, count), READS)
    writes = Beside(lambda count: created(account, count), WRITES)
    began = time.perf_counter()
    reads.start()
    writes.start()
    state = commanded(server, account, csv) if command else imported(account, csv)
    seconds = time.perf_counter() - began
    reads.stop()
    writes.stop()
    print(f"import: {state} after {seconds:.0f} s")
    for name, one, goal in (("reads", reads, READ_GOAL), ("writes", writes, WRITE_GOAL)):
        print(f"{name}: {json.dumps(one.figures())}, goal for p99: {goal}")
    met = reads.figures()["p99"] <= READ_GOAL and writes.figures()["p99"] <= WRITE_GOAL
    return met and state == "done" and not reads.refused + writes.refused


def main() -> int:
    """Measure; 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--command", action="store_true")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        csv = Path(name) / "rows.csv"
        import_rows.write(csv, given.rows)
        server = Server(Path(name) / "data", worker=True)
        try:
            return 0 if run(server, csv, command=given.command) else 1
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())

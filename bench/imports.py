"""How fast a file of contacts is imported, against `sqlite3 .import` of it into one table with four live indexes.

Everything is done to the rows: validated, E.164, keys matched, groups, issues, searchable, change log; indexes live.
Both write to the same folder, one after the other, as many rounds as asked for. ``--into`` puts so many contacts into
the book first. ``--plan`` and ``--undo`` measure these beside.
"""

import argparse
import json
import resource
import statistics
import subprocess
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from bench import import_rows
from onebook.importing.source import Source
from onebook.model.account import Key
from onebook.model.imports import Import, ImportOptions
from onebook.operations import accounts
from onebook.operations.actor import Actor
from onebook.operations.imports_engine import Engine
from onebook.store.migrate import migrate_sqlite
from onebook.store.sqlite import SqliteStore

INDEXED = (3, 4, 0, 2)  # columns of mail address, number, external id, family name
TARGETS = {
    "external id": "external_id",
    "first name": "name.given",
    "last name": "name.family",
    "email": "email",
    "phone": "phone",
    "country": "country",
    "company": "organization",
    "groups": "groups",
    "job title": "custom.Job Title",
    "city": "custom.City",
    "notes": "notes",
}


def limit(csv: Path, folder: Path) -> float:
    """Seconds that sqlite3 takes to import a file into one table with four live indexes."""
    path = folder / "limit.db"
    path.unlink(missing_ok=True)
    columns = ", ".join(f"c{number} TEXT" for number in range(len(import_rows.HEADINGS)))
    indexes = "".join(f"CREATE INDEX i{number} ON t(c{number});" for number in INDEXED)
    script = f"PRAGMA page_size=8192; CREATE TABLE t({columns}); {indexes}\n.mode csv\n.import --skip 1 {csv} t\n"
    began = time.perf_counter()
    subprocess.run(["sqlite3", str(path)], input=script, text=True, check=True)  # noqa: S607 - as the user has it
    seconds = time.perf_counter() - began
    path.unlink()
    return seconds


def proportional_mebibytes() -> float:
    """Memory of this process and its children, shared pages counted in parts; the page cache is none of it."""
    found = 0
    for process in [Path("/proc/self"), *_children()]:
        try:
            lines = (process / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        found += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return found / 1024


def _children() -> list[Path]:
    tasks = Path("/proc/self/task").iterdir()
    numbers = [number for task in tasks for number in (task / "children").read_text().split()]
    return [Path("/proc") / number for number in numbers]


def _cpu_seconds() -> float:
    """Processor time of this process and its children that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


class Peak:
    """The most memory that was seen while something ran."""

    def __init__(self) -> None:
        self.mebibytes = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.mebibytes = max(self.mebibytes, proportional_mebibytes())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


class Bench:
    """A store with an account and an engine over it, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "onebook.db"
        migrate_sqlite(self.path)
        self.store = SqliteStore(self.path)
        if self.store.account_named("bench") is None:
            accounts.create(self.store, "bench")
        account = next(account for account in self.store.accounts() if account.name == "bench")
        self.actor = Actor(account, Key("bench", "admin", None, True, None, 0), "bench")  # noqa: FBT003 - a record
        self.engine = Engine(self.store, folder / "spool")

    def run(self, csv: Path, options: ImportOptions, *, plan: bool = False) -> tuple[float, Import]:
        """Seconds and what came of it."""
        began = time.perf_counter()
        source = Source.of_path(csv)
        made = self.engine.begin(self.actor, source, options, plan=plan)
        return self._ended(began, made)

    def undo(self, imported: Import) -> float:
        """Seconds to take one back."""
        began = time.perf_counter()
        return self._ended(began, self.engine.undo(self.actor, imported.id))[0]

    def _ended(self, began: float, made: Import) -> tuple[float, Import]:
        done = self.engine.wait(self.actor, made.id, seconds=3600)
        seconds = time.perf_counter() - began
        if done.state in ("failed", "cancelled"):
            raise SystemExit(f"{done.state}: {done.code} {done.message}")
        return seconds, done

    def close(self) -> None:
        """End all."""
        self.engine.stop()
        self.store.close()


def one_round(csv: Path, given: argparse.Namespace) -> dict[str, float]:
    """One round: ours, then the limit."""
    with TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        bench = Bench(folder)
        options = ImportOptions(match=given.match, targets=TARGETS)
        if given.into:
            before = folder / "before.csv"
            import_rows.write(before, given.into, seed=11)
            bench.run(before, ImportOptions(targets={k: v for k, v in TARGETS.items() if v != "external_id"}))
        found: dict[str, float] = {}
        if given.plan:
            found["plan_seconds"], _ = bench.run(csv, options, plan=True)
        spent = _cpu_seconds()
        with Peak() as peak:
            found["seconds"], done = bench.run(csv, options)
        found["cpu_seconds"] = _cpu_seconds() - spent
        found |= {"mebibytes": peak.mebibytes, "rows": done.counts.rows, "file": bench.path.stat().st_size / 2**20}
        print(
            json.dumps(
                {name: getattr(done, name) for name in ("created", "updated", "unchanged", "refused", "skipped")}
            )
        )
        if given.undo:
            found["undo_seconds"] = bench.undo(done)
        bench.close()
        if not given.no_limit:
            found["limit_seconds"] = limit(csv, folder)
            found["ratio"] = found["seconds"] / found["limit_seconds"]
    return found


def main() -> None:
    """Measure, and print each round and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--match", default="external_id", choices=("external_id", "phone", "email", "none"))
    parser.add_argument("--into", type=int, default=0, help="contacts in the book beforehand")
    parser.add_argument("--file", type=Path, help="instead of made-up rows")
    parser.add_argument("--folder", type=Path, help="where the databases are written")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--undo", action="store_true")
    parser.add_argument("--no-limit", action="store_true")
    given = parser.parse_args()
    with TemporaryDirectory(dir=given.folder) as name:
        csv = given.file or Path(name) / "rows.csv"
        if given.file is None:
            import_rows.write(csv, given.rows)
        rounds = []
        for _ in range(given.rounds):
            rounds.append(one_round(csv, given))
            print(json.dumps({key: round(value, 2) for key, value in rounds[-1].items()}), flush=True)
    print("median", json.dumps({key: round(statistics.median(r[key] for r in rounds), 2) for key in rounds[0]}))


if __name__ == "__main__":
    main()

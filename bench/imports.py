"""How fast a file of contacts is imported, against `sqlite3 .import` of it into one table with four live indexes.

Everything is done to the rows: validated, E.164, keys matched, groups, issues, searchable, change log; indexes live.
Both write to the same folder, one after the other, as many rounds as asked for. Each goal is a command that ends by
itself; a round of a million rows takes some two minutes where nothing else runs:

    python -m bench.imports --rows 1000000                          into an empty book
    python -m bench.imports --rows 1000000 --watch --rounds 1       its memory, and where the time goes
    python -m bench.imports --rows 1000000 --into 1000000           into a book with a million contacts
    python -m bench.imports --rows 1000000 --plan --undo            planned, imported, taken back
    python -m bench.imports --rows 100000 --xlsx                    the same rows as a workbook
    python -m bench.imports --rows 5000000 --watch --rounds 1 --no-limit    memory does not grow
    python -m bench.import_beside --rows 1000000                    who reads and writes meanwhile
"""

import argparse
import csv as csv_files
import json
import statistics
import subprocess
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import import_rows
from bench.import_figures import Peak, Statements, Stopwatch, WriterTimes, await_children
from onebook import bootstrap, settings
from onebook.exporting import xlsx
from onebook.importing.source import Source
from onebook.model.account import Key
from onebook.model.imports import Import, ImportOptions
from onebook.operations import accounts
from onebook.operations.actor import Actor
from onebook.operations.imports_engine import Engine
from onebook.store.base import Store

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


def limit(csv: Path, folder: Path) -> Stopwatch:
    """What sqlite3 takes to import a file into one table with four live indexes."""
    path = folder / "limit.db"
    path.unlink(missing_ok=True)
    columns = ", ".join(f"c{number} TEXT" for number in range(len(import_rows.HEADINGS)))
    indexes = "".join(f"CREATE INDEX i{number} ON t(c{number});" for number in INDEXED)
    script = f"PRAGMA page_size=8192; CREATE TABLE t({columns}); {indexes}\n.mode csv\n.import --skip 1 {csv} t\n"
    with Stopwatch() as taken:
        subprocess.run(["sqlite3", str(path)], input=script, text=True, check=True)  # noqa: S607 - as the user has it
    path.unlink()
    return taken


class Bench:
    """A store with an account and an engine over it, in a folder: SQLite's if none is given."""

    def __init__(self, folder: Path, store: Store | None = None) -> None:
        self.path = folder / "onebook.db"
        self.store = store or bootstrap.open_store(settings.load({"data": str(folder)}, {}), new=True)
        if self.store.account_named("bench") is None:
            accounts.create(self.store, "bench")
        account = next(account for account in self.store.accounts() if account.name == "bench")
        self.actor = Actor(account, Key("bench", "admin", None, True, None, 0), "bench")  # noqa: FBT003 - a record
        self.engine = Engine(self.store, folder / "spool")

    def run(self, csv: Path, options: ImportOptions, *, plan: bool = False) -> tuple[Stopwatch, Import]:
        """What it took and what came of it."""
        with Stopwatch() as taken:
            done = self._ended(self.engine.begin(self.actor, Source.of_path(csv), options, plan=plan))
        return taken, done

    def undo(self, imported: Import) -> Stopwatch:
        """What it takes to take one back."""
        with Stopwatch() as taken:
            self._ended(self.engine.undo(self.actor, imported.id))
        return taken

    def _ended(self, made: Import) -> Import:
        done = self.engine.wait(self.actor, made.id, seconds=3600)
        if done.state in ("failed", "cancelled"):
            raise SystemExit(f"{done.state}: {done.code} {done.message}")
        await_children()  # their processor time counts once they have ended
        return done

    def close(self) -> None:
        """End all."""
        self.engine.stop()
        self.store.close()


def workbook_of(csv: Path) -> Path:
    """The same rows as a workbook beside the file."""
    path = csv.with_suffix(".xlsx")
    with csv.open(newline="", encoding="utf-8") as file, xlsx.opened(path) as sheet:
        rows = csv_files.reader(file)
        sheet.head(next(rows))
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                sheet.put(number, column, cell)
    return path


def filled(bench: Bench, folder: Path, rows: int) -> None:
    """Put so many other contacts into the book."""
    before = folder / "before.csv"
    import_rows.write(before, rows, seed=11)
    bench.run(before, ImportOptions(targets={k: v for k, v in TARGETS.items() if v != "external_id"}))
    before.unlink()


def show(what: str, taken: Stopwatch, statements: Statements, rows: int) -> None:
    """Print where the processor time went."""
    stages = statements.taken()
    each = {"reading processes": taken.children, "writing process": taken.own}
    if stages:
        each |= {f"  {name}": seconds for name, seconds in stages.items()}
        each["  Python"] = taken.own - sum(stages.values())
    figures = {name: round(seconds / rows * 1e6, 1) for name, seconds in each.items()}
    print(f"{what}, microseconds of processor a row:", json.dumps(figures))


def imported(
    bench: Bench, csv: Path, options: ImportOptions, statements: Statements, *, watch: bool
) -> tuple[dict[str, float], Import]:
    """Figures of one import, and where its processor time went, in microseconds a row."""
    statements.taken()
    writer, peak = WriterTimes(), Peak()
    with writer.used(), peak if watch else nullcontext():
        taken, done = bench.run(csv, options)
    rows = done.counts.rows
    show("import", taken, statements, rows)
    times = writer.seconds | {"else": taken.seconds - sum(writer.seconds.values())}
    print("seconds of the writer:", json.dumps({name: round(seconds, 1) for name, seconds in times.items()}))
    counts = {name: getattr(done, name) for name in ("created", "updated", "unchanged", "refused", "skipped")}
    print(json.dumps(counts), flush=True)
    found = {"seconds": taken.seconds, "cpu_seconds": taken.cpu_seconds, "rows": rows}
    if watch:
        found["mebibytes"] = peak.mebibytes
    files = bench.path.parent.glob(f"{bench.path.name}*")
    return found | {"file_mebibytes": sum(file.stat().st_size for file in files) / 2**20}, done


def one_round(csv: Path, given: argparse.Namespace) -> dict[str, float]:
    """One round: ours between two of the limit, since the machine's own speed changes from minute to minute."""
    statements = Statements()
    with TemporaryDirectory(dir=given.folder) as name, statements.used() if given.watch else nullcontext():
        folder = Path(name)
        before = None if given.no_limit else limit(csv, folder)
        bench = Bench(folder)
        options = ImportOptions(match=given.match, targets=TARGETS)
        if given.into:
            filled(bench, folder, given.into)
        others: dict[str, Stopwatch] = {}
        if given.plan:
            others["plan"], _ = bench.run(csv, options, plan=True)
        found, done = imported(bench, csv, options, statements, watch=given.watch)
        if given.undo:
            others["undo"] = bench.undo(done)
            show("undo", others["undo"], statements, done.counts.rows)
        bench.close()
        if given.xlsx:
            (folder / "xlsx").mkdir()
            bench = Bench(folder / "xlsx")  # as empty as the other was
            others["xlsx"], _ = bench.run(workbook_of(csv), options)
            bench.close()
        if before is not None:
            others["limit"] = after = limit(csv, folder)
            found["limit_before_seconds"] = before.seconds
            found["ratio"] = found["seconds"] / statistics.mean((before.seconds, after.seconds))
    for what, taken in others.items():
        found |= {f"{what}_seconds": taken.seconds, f"{what}_cpu_seconds": taken.cpu_seconds}
        if what != "limit":
            found[f"{what}_ratio"] = taken.seconds / found["seconds"]
    return found


def main() -> None:
    """Measure, and print each round and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--match", default="external_id", choices=("external_id", "phone", "email", "none"))
    parser.add_argument("--into", type=int, default=0, help="contacts in the book beforehand")
    parser.add_argument("--file", type=Path, help="instead of made-up rows")
    parser.add_argument("--folder", type=Path, help="where the databases are written")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--undo", action="store_true")
    parser.add_argument("--xlsx", action="store_true", help="the same rows as a workbook, into a database of its own")
    parser.add_argument("--no-limit", action="store_true")
    parser.add_argument("--watch", action="store_true", help="statements and memory too, which takes some hundredths")
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

"""Kill -9 an import at random instants, again and again: it must end as if it had never been disturbed.

Each round begins with an empty book (``--overwrite``: with one to be replaced). A process imports the file; it is
killed after a random time and started again until it has come to its end. Then contents by key, groups, issues and
counts are compared, uids left out, and SQLite's search index is checked against every contact. PostgreSQL is a server
of our own, which goes on while its clients die.
"""

import argparse
import contextlib
import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import psycopg

from bench import import_rows
from bench.fault_postgres import engine_named
from bench.imports import TARGETS, Bench
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions
from onebook.operations import imports_run
from onebook.store.postgres import PostgresStore
from onebook.store.sqlite_connection import connect
from tests.store.engines import SQLITE, Engine, postgres_url

OLD_ROWS = 500
# Short, so that kills fall into many of them, between them, and into the first and the last one.
CHUNK_SECONDS = 0.2
# Of a run that nothing disturbs: later kills would mostly find that it has ended.
LATEST = 0.7
MOST_KILLS = 8  # in one round


def opened(folder: Path) -> Bench:
    """What imports into the database of a folder: the one that is named there, else SQLite's."""
    return Bench(folder, PostgresStore(postgres_url(folder)) if (folder / "url").exists() else None)


def child(folder: Path, csv: Path, *, overwrite: bool) -> int:
    """Import the file, or go on with it; 0 once it is done."""
    bench = opened(folder)
    options = ImportOptions(match="external_id", targets=TARGETS, overwrite=overwrite)
    bench.engine.start()
    with mock.patch.object(imports_run, "CHUNK_SECONDS_ALONE", CHUNK_SECONDS):
        made = bench.engine.begin(bench.actor, Source.of_path(csv), options, key="the one")
        done = bench.engine.wait(bench.actor, made.id, seconds=600)
        bench.close()
    return 0 if done.state == "done" else 1


def prepare(folder: Path, *, overwrite: bool) -> None:
    """An empty book, or one with contacts to be replaced."""
    bench = opened(folder)
    if overwrite:
        old = folder / "old.csv"
        import_rows.write(old, OLD_ROWS, seed=3)
        # Not by `run`, which waits until there are no children: the database may be one.
        made = bench.engine.begin(bench.actor, Source.of_path(old), ImportOptions(targets=TARGETS))
        bench.engine.wait(bench.actor, made.id, seconds=600)
    bench.close()


def command(folder: Path, csv: Path, *, overwrite: bool) -> list[str]:
    """The process that imports."""
    flags = ["--overwrite"] if overwrite else []
    return [sys.executable, "-m", "bench.import_faults", "--child", str(folder), "--file", str(csv), *flags]


def killed(folder: Path, csv: Path, dice: random.Random, longest: float, *, overwrite: bool) -> int:
    """Run it to its end with kills in between; how many there were."""
    kills = 0
    while True:
        process = subprocess.Popen(command(folder, csv, overwrite=overwrite))
        try:
            code = process.wait(timeout=dice.uniform(0.2, longest * LATEST) if kills < MOST_KILLS else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            continue
        if code:
            raise SystemExit(f"the import failed with {code}")
        return kills


def _connected(folder: Path) -> Any:
    """A connection to the database of a folder; its search index is checked where it is kept by us."""
    if (folder / "url").exists():
        return psycopg.connect(postgres_url(folder))
    connection = connect(folder / "onebook.db", writes=True)
    connection.execute("INSERT INTO contacts_words(contacts_words, rank) VALUES ('integrity-check', 1)")
    return connection


def contents(folder: Path) -> tuple[str, tuple[int, ...]]:
    """A hash of all that readers see, without uids and times, and the import's counts."""
    with contextlib.closing(_connected(folder)) as connection:
        connection.execute(
            "CREATE TEMP VIEW seen AS SELECT c.number, c.external_id, c.kind, c.card, c.search_text, c.version "
            "FROM contacts c JOIN books b ON b.number = c.book AND b.generation = c.generation"
        )
        queries = (
            "SELECT external_id, kind, card, search_text, version FROM seen ORDER BY 1, 3",
            (
                'SELECT g.card, s.external_id FROM group_members m JOIN seen g ON g.number = m."group" '
                "JOIN seen s ON s.number = m.contact ORDER BY 1, 2"
            ),
            "SELECT p.key, s.external_id FROM contact_phones p JOIN seen s ON s.number = p.contact ORDER BY 1, 2",
            'SELECT "index", place, row, field, value, code, outcome FROM import_issues ORDER BY 1, 2',
            "SELECT contacts FROM books ORDER BY number",
        )
        digest = hashlib.sha256()
        for query in queries:
            for row in connection.execute(query):
                digest.update(json.dumps(row).encode())
        counts = connection.execute(
            "SELECT created, updated, unchanged, refused, skipped FROM imports WHERE key = 'the one'"
        ).fetchone()
    return digest.hexdigest(), tuple(counts)


@contextlib.contextmanager
def _round(base: Path, engine: Engine, *, overwrite: bool) -> Iterator[Path]:
    """A folder with a database that is ready for an import."""
    with TemporaryDirectory(dir=base) as name:
        folder = Path(name)
        engine.create(folder)
        prepare(folder, overwrite=overwrite)
        yield folder
        engine.drop(folder)


def main() -> None:
    """Kill as often as asked for, and say whether all ended alike."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--overwrite", action="store_true")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--child", type=Path)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.child:
        sys.exit(child(given.child, given.file, overwrite=given.overwrite))
    with TemporaryDirectory() as name, engine_named(given.engine) as postgres:
        base, dice = Path(name), random.Random(given.seed)
        engine = SQLITE if postgres is None else postgres.engine
        csv = base / "rows.csv"
        import_rows.write(csv, given.rows)
        with _round(base, engine, overwrite=given.overwrite) as folder:
            began = time.perf_counter()
            subprocess.run(command(folder, csv, overwrite=given.overwrite), check=True)
            longest, wanted = time.perf_counter() - began, contents(folder)
        kills = rounds = 0
        while kills < given.kills:
            with _round(base, engine, overwrite=given.overwrite) as folder:
                kills += killed(folder, csv, dice, longest, overwrite=given.overwrite)
                rounds += 1
                if contents(folder) != wanted:
                    raise SystemExit(f"seed {given.seed}, round {rounds}: {contents(folder)} is not {wanted}")
            print(f"{kills} kills in {rounds} rounds, all alike: rows {sum(wanted[1])}", flush=True)


if __name__ == "__main__":
    main()

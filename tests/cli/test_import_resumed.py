"""An import whose process was killed goes on by itself once a worker runs."""

import subprocess
import sys
from pathlib import Path

from onebook.importing.source import Source
from onebook.model.imports import ImportOptions
from onebook.operations import accounts
from onebook.operations.imports_engine import Engine
from onebook.store.migrate import migrate_sqlite
from onebook.store.sqlite import SqliteStore

SECONDS = 60


def test_a_worker_takes_up_what_nobody_works_on(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "onebook.db")
    store = SqliteStore(tmp_path / "onebook.db")
    accounts.create(store, "Harbour Clinic")
    actor = accounts.owner(accounts.named(store, "Harbour Clinic"))
    engine = Engine(store, tmp_path / "imports")
    engine.stop()  # from here on it takes files over, but works on none
    text = b"Name\nAda Byron\n"
    left = engine.begin(actor, Source(text, len(text)), ImportOptions())
    assert left.state == "waiting"
    worker = subprocess.Popen([sys.executable, "-m", "onebook", "worker", "--data", str(tmp_path)])
    try:
        done = Engine(store, tmp_path / "imports").wait(actor, left.id, seconds=SECONDS)
    finally:
        worker.terminate()
        status = worker.wait(SECONDS)
        store.close()
    assert (done.state, done.created, status) == ("done", 1, 0)

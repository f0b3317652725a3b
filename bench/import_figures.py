"""What the benchmarks of imports read off while one runs: memory, processor time by process, and by statement."""

import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self
from unittest import mock

# What SQL text is about, by what stands in it; the first that does.
_STAGES = {
    "COMMIT": "commit",
    "INTO contacts_words": "search index",
    "INTO contacts ": "contacts and their indexes",
    "FROM contacts": "finding contacts",
    "contact_phones": "look-ups",
    "contact_emails": "look-ups",
    "group_members": "groups",
    "": "the rest",
}


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


def cpu_seconds() -> tuple[float, float]:
    """Processor time of this process, and of its children that have ended."""
    own, ended = (sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own, ended


class Statements:
    """Processor time of SQLite's statements by what they are about, in connections opened while it is in use."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def add(self, sql: str, seconds: float) -> None:
        """Count a statement."""
        stage = next(stage for sign, stage in _STAGES.items() if sign in sql)
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def taken(self) -> dict[str, float]:
        """Seconds by stage, the longest first, since this was asked last."""
        found = dict(sorted(self._seconds.items(), key=lambda item: -item[1]))
        self._seconds.clear()
        return found

    @contextmanager
    def used(self) -> Iterator[None]:
        """Watch the connections that are opened meanwhile."""
        with mock.patch("sqlite3.connect", partial(sqlite3.connect, factory=partial(_Watched, self))):
            yield


class _Watched(sqlite3.Connection):
    def __init__(self, statements: Statements, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._statements = statements

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        began = time.thread_time()
        try:
            return super().execute(sql, *given)
        finally:
            self._statements.add(sql, time.thread_time() - began)

    def executemany(self, sql: str, *given: Any) -> sqlite3.Cursor:
        began = time.thread_time()
        try:
            return super().executemany(sql, *given)
        finally:
            self._statements.add(sql, time.thread_time() - began)

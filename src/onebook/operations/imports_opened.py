"""Workbooks that were opened for their headings, kept open for the import that begins in a moment.

To open a workbook is to take all of it apart, a third of what importing it takes.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final, NamedTuple

from onebook.importing.archive import WorkbookLimits
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions
from onebook.operations.imports_reading import OpenFile, open_file

#: Each has a process with all of its cells in memory.
AT_MOST: Final = 2
#: Judgement: an import that waits for longer waits for others, and may as well open its file again.
KEPT_SECONDS: Final = 30.0


class _Kept(NamedTuple):
    file: OpenFile
    closing: ExitStack
    until: float


class Known(NamedTuple):
    """The options with the mapping that holds, the headings of a file, and about how many rows it has."""

    options: ImportOptions
    headings: tuple[str, ...] = ()
    rows: int | None = None


class Opened:
    """Open files by their imports."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def look(
        self,
        import_id: str,
        source: Source,
        options: ImportOptions,
        country: str | None,
        choose: Callable[[tuple[str, ...]], ImportOptions],
        limits: WorkbookLimits,
        heed: Callable[[], None] = lambda: None,
    ) -> Known:
        """What is known of an import's file before its rows are read. Args and Raises: as of `open_file`."""
        with ExitStack() as closing:
            file = closing.enter_context(open_file(source, options, country, choose, limits, heed))
            known = Known(file.options, file.headings, file.about_rows(source))
            if file.is_dear:
                self.keep(import_id, file, closing)
            return known

    def keep(self, import_id: str, file: OpenFile, closing: ExitStack) -> None:
        """Keep a file, whose closing is ours then, if there is room; it is closed otherwise."""
        with self._lock:
            if len(self._kept) < AT_MOST:
                self._kept[import_id] = _Kept(file, closing.pop_all(), time.monotonic() + KEPT_SECONDS)
        closing.close()

    def take(self, import_id: str, closing: ExitStack) -> OpenFile | None:
        """The file of an import, for ``closing`` to close; None if it must be opened again."""
        with self._lock:
            kept = self._kept.pop(import_id, None)
        if kept is None:
            return None
        closing.push(kept.closing)
        return kept.file

    def drop(self, import_id: str) -> None:
        """Close the file of an import that does not begin."""
        with ExitStack() as closing:
            self.take(import_id, closing)

    def sweep(self, now: float | None = None) -> None:
        """Close files that nobody has taken for long. Args: ``now``: by the monotonic clock; None for now."""
        now = time.monotonic() if now is None else now
        with self._lock:
            old = [import_id for import_id, kept in self._kept.items() if kept.until < now]
        for import_id in old:
            self.drop(import_id)

    def close(self) -> None:
        """Close all."""
        self.sweep(float("inf"))

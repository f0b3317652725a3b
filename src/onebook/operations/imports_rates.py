"""How many rows this process has imported, by what became of them."""

from onebook.model.figure import Figure
from onebook.model.imports import Counts


class Rates:
    """Counts rows after their commit. A few threads add at a time, so what is shown may lag by a chunk."""

    def __init__(self) -> None:
        self._rows = dict.fromkeys(Counts.__struct_fields__, 0)
        self._seconds = 0.0
        self._chunks = 0

    def add(self, counts: Counts, seconds: float) -> None:
        """Count a chunk that was written in so many seconds."""
        for name in self._rows:
            self._rows[name] += getattr(counts, name)
        self._seconds += seconds
        self._chunks += 1

    def figures(self) -> list[Figure]:
        """The counts, to be shown."""
        rows = [({"outcome": name}, float(number)) for name, number in self._rows.items()]
        return [
            Figure("onebook_import_rows", "Rows imported, by outcome.", "counter", rows),
            Figure("onebook_import_chunks", "Chunks committed.", "counter", [({}, self._chunks)]),
            Figure("onebook_import_write_seconds", "Time spent writing chunks.", "counter", [({}, self._seconds)]),
        ]


#: Of this process, whichever imports it runs.
RATES = Rates()

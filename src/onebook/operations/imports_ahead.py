"""How far the imports of this process are beyond their last commit, which may be seconds ago; or their files."""

import time
from typing import NamedTuple

from msgspec import structs

from onebook.model.imports import Counts, Import


class _Chunk(NamedTuple):
    """A chunk that is being written: after which commit it began, and when, and what its rows have become so far."""

    epoch: int
    next_index: int
    began: float
    counts: Counts


class Ahead:
    """The chunks that are being written. Only their writers tell; whoever looks at an import may ask."""

    def __init__(self) -> None:
        self._chunks: dict[str, _Chunk] = {}
        self._sizes: dict[str, int] = {}

    def tell(self, imported: Import, began: float, counts: Counts) -> None:
        """Tell of a chunk. Args: ``imported``: as it was before. ``began``: by the monotonic clock, in seconds."""
        self._chunks[imported.id] = _Chunk(imported.epoch, imported.next_index, began, counts)

    def arriving(self, import_id: str, size: int) -> None:
        """Tell how many bytes of a file have come that is being fetched."""
        self._sizes[import_id] = size

    def forget(self, import_id: str) -> None:
        """Nothing of it is being written or fetched."""
        self._chunks.pop(import_id, None)
        self._sizes.pop(import_id, None)

    def has(self, import_id: str) -> bool:
        """Whether chunks of it are being written here: until that ends, it is not at rest."""
        return import_id in self._chunks

    def shown(self, imported: Import) -> Import:
        """An import as it would be if it committed now; just as it is if its chunk was committed or given up."""
        if imported.options.address is not None:
            return structs.replace(imported, size=self._sizes.get(imported.id, imported.size))
        chunk = self._chunks.get(imported.id)
        if chunk is None or (chunk.epoch, chunk.next_index, "running") != (
            imported.epoch,
            imported.next_index,
            imported.state,
        ):
            return imported
        active = imported.active_milliseconds + round((time.monotonic() - chunk.began) * 1000)
        return structs.replace(imported, active_milliseconds=active, **structs.asdict(imported.counts + chunk.counts))


#: Of this process, whichever imports it runs.
AHEAD = Ahead()

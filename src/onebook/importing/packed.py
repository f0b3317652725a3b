"""Files packed with gzip, read as if they were not; bounded, since a small one may unpack to a very large one."""

import gzip
import io
import zlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, BinaryIO

from onebook.errors import InvalidInput, LimitExceeded
from onebook.importing.source import Source, Spool

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MARK = b"\x1f\x8b"  # RFC 1952, 2.3.1
# Judgement: text of contacts packs to a tenth; beyond this ratio it is a bomb. Below the size the ratio says nothing.
_RATIO = 200
_RATIO_COUNTS_FROM_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Unpacked(Source):
    """The file within a packed one.

    Args:
        limit_bytes: the most that it may unpack to. field: the caller's name of the file, for refusals.
    """

    limit_bytes: int = 0
    field: str = "file"

    def open(self) -> BinaryIO:
        """A new reader of what was packed, from its first byte on."""
        # Not super(): a dataclass with slots is not the class that was written here.
        return io.BufferedReader(_Unpacking(Source.open(self), self))

    def spooled(self, limit_bytes: int) -> Source:
        """The same as a file of its own, for programs that must be given one; the caller closes it.

        Raises: LimitExceeded if that has more bytes.
        """
        with Spool(limit_bytes, field=self.field) as spool, self.open() as reader:
            while block := reader.read(1 << 20):
                spool.write(block)
            return spool.source(self.media_type, self.charset, self.name)


def unpacked(source: Source, limit_bytes: int, *, field: str) -> Source:
    """The file itself, or what is in it if it is packed with gzip.

    Args:
        source: the file; it stays the caller's. limit_bytes: the most that it may unpack to.
        field: the caller's name of the file.
    """
    if not source.head(2).startswith(MARK):
        return source
    said = {one.name: getattr(source, one.name) for one in fields(Source)}
    said["name"] = (source.name or "").removesuffix(".gz") or None
    return Unpacked(**said, limit_bytes=limit_bytes, field=field)


class _Unpacking(io.RawIOBase):
    def __init__(self, packed: BinaryIO, source: Unpacked) -> None:
        super().__init__()
        self._packed = packed
        self._file = gzip.GzipFile(fileobj=packed)
        self._source = source
        self._count = 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._packed.close()
        super().close()

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        source = self._source
        view = memoryview(buffer).cast("B")
        try:
            data = self._file.read1(len(view))
        except (EOFError, OSError, zlib.error) as error:
            message = "The file is packed with gzip, but damaged or cut short; pack it again."
            raise InvalidInput.of(source.field, "unreadable", message) from error
        self._count += len(data)
        if self._count > source.limit_bytes:
            raise LimitExceeded(source.field, source.limit_bytes, "bytes")
        if self._count > max(_RATIO_COUNTS_FROM_BYTES, source.size * _RATIO):
            raise InvalidInput.of(source.field, "unreadable", "The file unpacks to far more than a file of contacts.")
        view[: len(data)] = data
        return len(data)

"""Files of imports, kept until their imports are forgotten; and who works on one, as the system's own locks tell.

A lock goes with the process that holds it, however that ends: whoever comes next may go on at once.
"""

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from onebook.errors import NotFound, Unavailable
from onebook.importing.source import Source

_BLOCK_BYTES = 1 << 20
_FULL_RETRY_SECONDS: Final = 60
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NEW = ".new"  # of a file whose import is not written yet
#: A new file that nobody has written to for so long was left by a process that died.
ORPHAN_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Landed(Source):
    """A file that has come in, a new one of the spool. Args: ``digest``: its SHA-256 in hexadecimal digits."""

    digest: str = ""

    def discard(self) -> None:
        """Remove it, unless an import has taken it over."""
        with suppress(FileNotFoundError):
            Path(str(self.content)).unlink()


@contextmanager
def _room() -> Iterator[None]:
    """Tell those who send files of a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise Unavailable(_FULL_RETRY_SECONDS) from error
        raise


class Landing:
    """A new file of the spool that comes in piece by piece."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{uuid4()}{_NEW}"
        self._digest = hashlib.sha256()
        self._size = 0
        folder.mkdir(parents=True, exist_ok=True)
        # Nobody else on the machine is to read people's contacts.
        self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)

    def write(self, pieces: Iterable[bytes]) -> None:
        """Add some. Raises: Unavailable if the disk is full."""
        block = memoryview(b"".join(pieces))
        self._digest.update(block)
        self._size += len(block)
        with _room():
            while block:
                block = block[self._file.write(block) :]

    def landed(self) -> Landed:
        """The file, once it is whole. Raises: Unavailable if the disk is full."""
        with _room():
            os.fsync(self._file.fileno())
        self._file.close()
        return Landed(self._path, self._size, digest=self._digest.hexdigest())

    def drop(self) -> None:
        """Leave nothing of it."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class Spool:
    """A folder of files, each under its import's id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def landing(self) -> Landing:
        """A new file that comes in piece by piece."""
        return Landing(self._folder)

    def keep(self, import_id: str, source: Source) -> str:
        """Copy a source and close it; gives its SHA-256 in hexadecimal digits.

        One that has landed is not copied, only moved. The file is a new one until it is `settled`, so that one whose
        import was never written can be told.
        """
        if isinstance(source, Landed):
            Path(str(source.content)).rename(self._new(import_id))
            return source.digest
        self._folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        # Nobody else on the machine is to read people's contacts.
        descriptor = os.open(self._new(import_id), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with source, source.open() as reader, os.fdopen(descriptor, "wb") as file:
            while block := reader.read(_BLOCK_BYTES):
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest()

    def settle(self, import_id: str) -> None:
        """Say that the import of a new file is written."""
        with suppress(FileNotFoundError):
            self._new(import_id).rename(self._path(import_id))

    def source(self, import_id: str, name: str | None) -> Source:
        """A kept file. Raises: NotFound once it is gone."""
        for path in (self._path(import_id), self._new(import_id), self._path(import_id)):  # it may settle meanwhile
            with suppress(FileNotFoundError):
                return Source(path, path.stat().st_size, name=name)
        raise NotFound("file of the import", import_id)

    def has(self, import_id: str) -> bool:
        """Whether a file is still kept."""
        return self._path(import_id).is_file()

    def ids(self) -> set[str]:
        """Of all files that are kept."""
        with suppress(FileNotFoundError):
            return {path.name for path in self._folder.iterdir() if "." not in path.name}
        return set()

    def written_before(self, old: int) -> list[str]:
        """Ids of the files that were written before a time in milliseconds since 1970."""
        found = []
        for import_id in self.ids():
            with suppress(FileNotFoundError):
                if self._path(import_id).stat().st_mtime * 1000 < old:
                    found.append(import_id)
        return found

    def drop(self, import_id: str) -> None:
        """Remove a file and its lock."""
        for path in (self._new(import_id), self._path(import_id), self._lock(import_id)):
            with suppress(FileNotFoundError):
                path.unlink()

    def sweep(self) -> int:
        """Remove new files whose import was never written, as its process died; returns how many."""
        old = time.time() - ORPHAN_SECONDS
        gone = 0
        for path in self._folder.glob(f"*{_NEW}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < old:
                    path.unlink()
                    gone += 1
        return gone

    def _path(self, import_id: str) -> Path:
        return self._folder / import_id

    def _new(self, import_id: str) -> Path:
        return self._folder / f"{import_id}{_NEW}"

    def _lock(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.lock"

    @contextmanager
    def claimed(self, import_id: str) -> Iterator[bool]:
        """Whether this caller, and nobody else on the machine, works on an import."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock(import_id), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

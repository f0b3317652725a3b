"""Connections to an SQLite file, as every one of ours is set up.

All of them are of one library, which brings an SQLite of its own: two copies of SQLite in one process would undo each
other's locks on a file. Source: https://sqlite.org/howtocorrupt.html, section 2.2.1; decision 0053.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import apsw

PAGE_BYTES: Final = 8192
CACHE_KIBIBYTES: Final = 56 * 1024
# With as much, an import of a million rows took 252 to 254 MiB over all processes (goal 256), and no less time.
WRITING_CACHE_KIBIBYTES: Final = 36 * 1024
CACHED_STATEMENTS: Final = 512
#: Memory that each connection has for values on their way, in pieces of so many bytes, and how many: a statement that
#: inserts 32 contacts has some 500 values, and SQLite's own provision is for 40. It spares 4 % of the writer's work.
LOOKASIDE: Final = (512, 1_000)
#: After how many pages a commit writes the log back: a page that many commits change is then written once, and a commit
#: that has to do it still takes well under half a second.
PAGES: Final = 8_192
WAIT_SECONDS: Final = 10.0  # for another process's transaction, and for the turn

#: The file cannot be used just now: it is full, locked for too long, or out of reach. Anything else is a defect, or
#: damage (`apsw.CorruptError`, `apsw.NotADBError`).
AWAY: Final = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.FullError,
    apsw.IOError,
    apsw.InterruptError,
    apsw.LockedError,
    apsw.PermissionsError,
    apsw.ProtocolError,
    apsw.ReadOnlyError,
)


def _configure_library() -> None:
    """What SQLite takes only before it begins, which it does when the library is loaded: it is ended and begun anew."""
    apsw.shutdown()
    apsw.config(apsw.SQLITE_CONFIG_LOOKASIDE, *LOOKASIDE)
    apsw.config(apsw.SQLITE_CONFIG_MEMSTATUS, 0)  # nobody asks how much it has allocated, and counting takes a lock
    apsw.initialize()


_configure_library()  # here, as it must come before any connection: all of them are opened below


def connect(path: Path, *, writes: bool) -> apsw.Connection:
    """Open a connection with the settings that every one of a database in use has; the file is made if need be.

    ``synchronous=FULL``: a commit that was answered survives a power cut, not only a crash.

    Raises: apsw.Error, if it cannot be opened or is no database.
    """
    connection = apsw.Connection(str(path), statementcachesize=CACHED_STATEMENTS)
    try:
        _configure(connection, writes=writes)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: apsw.Connection, *, writes: bool) -> None:
    connection.set_busy_timeout(round(WAIT_SECONDS * 1000))
    connection.pragma("page_size", PAGE_BYTES)
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", "FULL")
    # What was erased must not be found in the file by whoever gets hold of it. What it costs: decision 0028.
    connection.pragma("secure_delete", 1)
    connection.pragma("cache_size", -(WRITING_CACHE_KIBIBYTES if writes else CACHE_KIBIBYTES))
    connection.pragma("temp_store", "MEMORY")
    connection.wal_autocheckpoint(PAGES)
    connection.pragma("query_only", int(not writes))
    # SQLite's own lower() knows ASCII only.
    connection.create_scalar_function("lower", _lower, 1, deterministic=True)


def _lower(*given: object) -> str | None:
    (text,) = given
    return text.lower() if isinstance(text, str) else None


@contextmanager
def plain(path: Path, *, writes: bool) -> Iterator[apsw.Connection]:
    """A connection for once with SQLite's own settings, but that it waits for others; closed afterwards.

    Args: ``writes``: also makes the file if it is not there.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE if writes else apsw.SQLITE_OPEN_READONLY
    with closing(apsw.Connection(str(path), flags=flags)) as connection:
        connection.set_busy_timeout(round(WAIT_SECONDS * 1000))
        yield connection

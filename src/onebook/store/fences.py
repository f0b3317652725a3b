"""Whether a database may be written and read: while it is moved, and afterwards, its servers have to stop.

Every transaction that writes asks first, and so holds the table `moves` until it ends: on PostgreSQL whoever changes
what stands there waits for all that asked before; on SQLite there is but one writer anyway.
"""

import time
from typing import Any, Final, Literal

from onebook.errors import Unavailable

#: ``copying``: everybody goes on. ``fenced``: nobody writes, up to a time at the longest, in case the mover dies.
#: ``moved``: nobody reads or writes any more. ``arriving``: nobody does so yet.
State = Literal["copying", "fenced", "moved", "arriving"]

ASKED: Final = "SELECT state, until FROM moves"
_SENTENCES: Final = {
    "fenced": "The service is being moved to another database; it goes on in a few seconds.",
    "moved": "The service has moved to another database; this server must be pointed to it.",
    "arriving": "The service is being moved to this database, and is not all here yet.",
}
_LATER_SECONDS: Final = 30


def must_take_writes(found: tuple[Any, ...] | None) -> None:
    """Raises: Unavailable where nothing may be written now.

    Args: ``found``: the row that `ASKED` gives, if there is one.
    """
    if found is None or found[0] == "copying":
        return
    if found[0] == "fenced":
        if time.time_ns() // 1_000_000 < found[1]:
            raise Unavailable(message=_SENTENCES["fenced"])
        return
    must_be_here(found)


def must_be_here(found: tuple[Any, ...] | None) -> None:
    """Raises: Unavailable if what is stored here is not what holds.

    Args: as `must_take_writes`.
    """
    if found is not None and found[0] in ("moved", "arriving"):
        raise Unavailable(_LATER_SECONDS, message=_SENTENCES[found[0]])

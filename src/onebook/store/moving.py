"""Moving all that is stored from one database to another, of whichever engines, while servers go on writing there.

Keys of what changes are noted from the beginning. All tables are copied; what was noted is copied again until little is
left, and both sides are compared in one state of the source. Then nobody may write for a moment: the last notes are
carried over and compared, and the source says for good that it has moved.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, Table, exc, select

from onebook.errors import Conflict
from onebook.store import moving_notes as notes
from onebook.store import moving_rows as rows
from onebook.store.fences import State
from onebook.store.schema import accounts, moves

#: For so long nobody may write at the most, should the mover die or be too slow.
FENCE_MILLISECONDS: Final = 10_000
_FEW_NOTES: Final = 500  # judgement: copied in well under a second
_TRIES: Final = 20

#: Makes the search index of a database anew, if it has one that is to be kept by hand; whether it has.
Rebuild = Callable[[Engine], bool]


class Place(NamedTuple):
    """A database: each transaction of ``reading`` sees one state, and those of ``writing`` are short."""

    reading: Engine
    writing: Engine


class Step(NamedTuple):
    """Something done: what, and how much of it."""

    what: str
    amount: float


def _now() -> int:
    return time.time_ns() // 1_000_000


def _mark_of(connection: Connection) -> tuple[State, int] | None:
    found = connection.execute(select(moves.c.state, moves.c.stamp)).first()
    return None if found is None else (found[0], found[1])


def _mark(connection: Connection, state: State | None, stamp: int = 0, until: int = 0) -> None:
    connection.execute(moves.delete())
    if state is not None:
        connection.execute(moves.insert(), {"id": 1, "state": state, "stamp": stamp, "until": until})


def move(source: Place, target: Engine, rebuild_words: Rebuild) -> Iterator[Step]:
    """Move everything; gives what was done, step by step.

    Args: ``target``: of the same schema; empty, or as an earlier run left it that was interrupted, and nobody else's.

    Raises: Conflict if the target is in use, the source has moved before, or what has come differs from what was sent.
    """
    with source.reading.begin() as here:
        mark = _mark_of(here)
    with target.begin() as there:
        arrived = _must_be_for(there, mark)
    over = mark is not None and mark[0] == "moved"  # a run that was interrupted at its very end
    stamp = mark[1] if mark is not None else _now()
    if not over:
        notes.take(source.writing)
        with source.writing.begin() as connection:
            _mark(connection, "copying", stamp)
    with target.begin() as there:
        _mark(there, "arriving", stamp)
    yield from _copied(source, target, resumed=arrived == stamp)
    indexed = rebuild_words(target)
    yield from _compared(source, target, indexed=indexed)
    if not over:
        yield Step("seconds without writing", _switched(source, target, stamp, indexed=indexed))
        notes.end(source.writing)
    with target.begin() as there:
        _mark(there, None)


def give_up(source: Place) -> None:
    """Forget a move that was begun, or was finished and is to be as if it had not been: servers go on here."""
    notes.end(source.writing)
    with _alone(source.writing) as connection:
        _mark(connection, None)


def _must_be_for(there: Connection, mark: tuple[State, int] | None) -> int | None:
    """The stamp of the move that was to come here before. Raises: Conflict if somebody uses what is there."""
    found = _mark_of(there)
    if found is not None and found[0] == "arriving":
        return found[1]
    if found is not None or there.execute(select(accounts.c.id).limit(1)).first() is not None:
        message = "The database to move to has accounts of its own."
        if mark is not None and mark[0] == "moved":
            message = "The database has moved already; --give-up has it serve again."
        raise Conflict("database", None, message=message)
    return None


def _copied(source: Place, target: Engine, *, resumed: bool) -> Iterator[Step]:
    for table in notes.TABLES:
        with source.reading.connect() as here:
            rows.copy(here, target, table, resumed=resumed)
            yield Step(table.name, rows.size(here, table))


def _caught_up(source: Place, target: Engine, *, indexed: bool) -> int:
    """Carry over what was noted up to now; how much that was."""
    with source.reading.begin() as here:
        ids = _carried(here, target, indexed=indexed)[0]
    notes.forget(source.writing, ids)
    return len(ids)


def _carried(here: Connection, target: Engine, *, indexed: bool) -> tuple[Sequence[int], notes.Keys]:
    if not notes.are_taken(here):
        return (), {}
    ids, keys = notes.noted(here)
    if keys:
        rows.bring_up(here, target, keys, indexed=indexed)
    return ids, keys


def _compared(source: Place, target: Engine, *, indexed: bool) -> Iterator[Step]:
    """Compare all of both in one state of the source; a table that differs is copied once more."""
    while _caught_up(source, target, indexed=indexed) > _FEW_NOTES:
        pass
    with source.reading.begin() as here:
        ids = _carried(here, target, indexed=indexed)[0]
        for table in notes.TABLES:
            sent = rows.sums(here, table)
            if _sums(target, table) != sent:
                rows.copy_again(here, target, table)
                _must_be_equal(table.name, sent, _sums(target, table))
        yield Step("accounts compared", len(here.execute(select(accounts.c.id)).all()))
    notes.forget(source.writing, ids)


def _sums(target: Engine, table: Table) -> rows.Sums:
    with target.connect() as there:
        return rows.sums(there, table)


def _must_be_equal(name: str, sent: rows.Sums, come: rows.Sums) -> None:
    """Raises: Conflict if what has come differs, with the accounts that it differs for."""
    wrong = sorted(account for account in sent.keys() | come.keys() if sent[account] != come[account])
    if wrong:
        message = f"What has come of the table {name} differs for these accounts: {wrong[:20]}."
        raise Conflict("database", name, message=message)


def _switched(source: Place, target: Engine, stamp: int, *, indexed: bool) -> float:
    """Let nobody write, carry over what is left, and have the source say that it has moved; how long that took."""
    for _ in range(_TRIES):
        while _caught_up(source, target, indexed=indexed) > _FEW_NOTES:
            pass
        began, until = time.monotonic(), 0
        try:
            with _alone(source.writing) as connection:
                until = _now() + FENCE_MILLISECONDS
                _mark(connection, "fenced", stamp, until)
        except exc.OperationalError:  # somebody writes for long: he shall not have all others wait behind us
            time.sleep(1)
            continue
        _finish(source, target, indexed=indexed)
        with _alone(source.writing) as connection:
            in_time = _now() < until
            _mark(connection, "moved" if in_time else "copying", stamp)
        if in_time:
            return time.monotonic() - began
    raise Conflict("database", None, message="So much is written that the move does not catch up; try again later.")


def _finish(source: Place, target: Engine, *, indexed: bool) -> None:
    with source.reading.begin() as here:
        keys = _carried(here, target, indexed=indexed)[1]
        with target.connect() as there:
            wrong = rows.different(here, there, keys)
    if wrong:
        raise Conflict("database", None, message=f"What has come last of these tables differs: {wrong}.")


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction while nobody writes: all who do have ended, and who is about to waits for its end."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '3s'")
            connection.exec_driver_sql("LOCK TABLE moves IN ACCESS EXCLUSIVE MODE")
        yield connection

"""Notes of what changes while a database is copied: the key of every row that somebody writes or removes.

Triggers take them, in the transaction that changes the row; they are there only during a move. Which rows are to be
copied again is then known exactly, whatever wrote them, and without reading everything once more.
"""

import json
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, LargeBinary, MetaData, Table, Text, delete, inspect, select
from sqlalchemy.types import BigInteger, Integer

from onebook.errors import InvalidInput
from onebook.store.schema import metadata

#: All that is moved; not what says that it is.
TABLES: Final = tuple(table for table in metadata.sorted_tables if table.name != "moves")
_notes = Table(
    "moving_notes",
    MetaData(),
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False),
)
_FORGOTTEN_AT_A_TIME: Final = 5_000
Keys = dict[str, set[tuple[Any, ...]]]


def take(source: Engine) -> None:
    """Have notes taken from now on; each table in a transaction of its own, so that nobody waits for two of them.

    Raises: InvalidInput if the source is a cluster, which has no triggers.
    """
    if source.dialect.name == "postgresql":
        from onebook.store.citus import IS_CLUSTER  # noqa: PLC0415 - its driver is not there where all is SQLite

        with source.connect() as asking:
            if asking.exec_driver_sql(IS_CLUSTER).first() is not None:
                sentence = "A Citus cluster cannot be moved while it serves; stop onebook, and use pg_dump."
                raise InvalidInput.of("database", "a_cluster", sentence)
    with source.begin() as connection:
        _notes.create(connection, checkfirst=True)
    make = _sqlite_triggers if source.dialect.name == "sqlite" else _postgres_triggers
    for table in TABLES:
        with source.begin() as connection:
            for statement in make(table):
                connection.exec_driver_sql(statement)


def are_taken(connection: Connection) -> bool:
    """Whether there are notes."""
    return inspect(connection).has_table(_notes.name)


def end(source: Engine) -> None:
    """Take no more notes, and throw away those that are there."""
    on_sqlite = source.dialect.name == "sqlite"
    for table in TABLES:
        with source.begin() as connection:
            if on_sqlite:
                for name in ("insert", "update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS moving_{table.name}_{name}")
            else:
                connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS moving_{table.name}() CASCADE")
    with source.begin() as connection:
        _notes.drop(connection, checkfirst=True)


def noted(connection: Connection) -> "tuple[array[int], Keys]":
    """The notes' ids, and the keys of each table's rows that changed."""
    ids, keys = array("q"), Keys()
    found = connection.execution_options(yield_per=1000).execute(select(_notes))
    tables = {table.name: table for table in TABLES}
    for note, name, key in found:
        ids.append(note)
        keys.setdefault(name, set()).add(_key_of(tables[name], key))
    return ids, keys


def forget(source: Engine, ids: Sequence[int]) -> None:
    """Remove notes whose rows were copied; others may have come meanwhile."""
    for begin in range(0, len(ids), _FORGOTTEN_AT_A_TIME):
        some = ids[begin : begin + _FORGOTTEN_AT_A_TIME]
        with source.begin() as connection:
            connection.execute(delete(_notes).where(_notes.c.id.in_(some)))


def _key_of(table: Table, text: str) -> tuple[Any, ...]:
    columns = table.primary_key.columns
    return tuple(
        bytes.fromhex(part) if isinstance(column.type, LargeBinary) else part
        for column, part in zip(columns, json.loads(text), strict=True)
    )


def _parts(table: Table, row: str, as_hex: str) -> str:
    """The values of a row's key; bytes, which JSON does not know, as hexadecimal digits."""
    named = [(f'{row}."{column.name}"', column) for column in table.primary_key.columns]
    return ", ".join(as_hex.format(name) if isinstance(column.type, LargeBinary) else name for name, column in named)


def _sqlite_triggers(table: Table) -> Iterable[str]:
    for event, rows in (("insert", ("NEW",)), ("update", ("OLD", "NEW")), ("delete", ("OLD",))):
        values = (f"('{table.name}', json_array({_parts(table, row, 'hex({})')}))" for row in rows)
        yield (
            f"CREATE TRIGGER IF NOT EXISTS moving_{table.name}_{event} AFTER {event} ON {table.name} BEGIN "  # noqa: S608 - our own names
            f"INSERT INTO moving_notes(name, key) VALUES {', '.join(values)}; END"
        )


def _postgres_triggers(table: Table) -> Iterable[str]:
    function, digits = f"moving_{table.name}", "encode({}, 'hex')"
    notes = {
        row: f"INSERT INTO moving_notes(name, key) "  # noqa: S608 - our own names
        f"VALUES ('{table.name}', json_build_array({_parts(table, row, digits)})::text); "
        for row in ("OLD", "NEW")
    }
    yield (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {notes['OLD']}END IF; IF TG_OP <> 'DELETE' THEN {notes['NEW']}END IF; "
        "RETURN NULL; END $$"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER {function} AFTER INSERT OR UPDATE OR DELETE ON {table.name} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )

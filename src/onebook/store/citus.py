"""Spread the tables of a PostgreSQL database over the machines of a Citus cluster.

What a table is (see `store.schema`) says how: an account's rows by the account, side by side with all others of that
account; the directory of keys by the hash that is looked up; what is small and belongs to nobody, to every machine.
"""

from collections.abc import Sequence
from typing import LiteralString

import psycopg
from sqlalchemy import Table

from onebook.errors import InvalidInput, Unavailable
from onebook.store import schema
from onebook.store.pool import Connection, connect, first_line, is_away

IS_CLUSTER = "SELECT 1 FROM pg_extension WHERE extname = 'citus'"
SPREAD = "SELECT logicalrelid::text FROM pg_dist_partition"
#: Spread tables whose rows from before still lie in the coordinator's own files, where no statement sees them.
LEFT_BEHIND = "SELECT logicalrelid::text FROM pg_dist_partition WHERE pg_relation_size(logicalrelid) > 0"
LETTERS_ARE_KNOWN = (
    "SELECT 1 FROM pg_dist_object WHERE classid = 'pg_collation'::regclass AND objid = 'onebook_letters'::regcollation"
)
#: A cluster hands a collation on to its machines when it is made; one that is older than the cluster is made anew.
LETTERS = (
    "ALTER COLLATION onebook_letters RENAME TO onebook_letters_before",
    "CREATE COLLATION onebook_letters FROM onebook_letters_before",
    "DROP COLLATION onebook_letters_before",
)
#: The table that the others of accounts lie beside.
FIRST = "counters"


def spreading(table: Table) -> str:
    """The statement that spreads a table.

    >>> spreading(schema.accounts)
    "SELECT create_reference_table('accounts')"
    >>> spreading(schema.books)
    "SELECT create_distributed_table('books', 'account_id', colocate_with => 'counters')"
    """
    if table.info["kind"] == "reference":
        return f"SELECT create_reference_table('{table.name}')"
    column = "account_id" if table.info["kind"] == "tenant" else table.primary_key.columns[0].name
    beside = FIRST if table.info["kind"] == "tenant" and table.name != FIRST else "none"
    return f"SELECT create_distributed_table('{table.name}', '{column}', colocate_with => '{beside}')"


def in_order() -> Sequence[Table]:
    """The tables as they are to be spread: those for every machine, then the first of accounts, then the rest."""
    spread = [table for table in schema.metadata.tables.values() if table.info["kind"] != "local"]
    return sorted(spread, key=lambda table: (table.info["kind"] != "reference", table.name != FIRST, table.name))


def distribute(url: str) -> list[str]:
    """Spread what is not spread yet, each table in a transaction of its own; gives their names.

    What was stored before moves with its table, and leaves the coordinator's own files: else somebody who is erased
    later would stay there. Again it does what is left: after a failure, or a migration that brought new tables.

    Raises: InvalidInput if the database is no cluster's coordinator, or refuses; Unavailable.
    """
    try:
        with connect(url) as connection:
            if connection.execute(IS_CLUSTER).fetchone() is None:
                sentence = "The database has no extension citus: run this against the coordinator of a Citus cluster."
                raise InvalidInput.of("database", "not_a_cluster", sentence)
            _hand_letters_on(connection)
            spread = _spread(connection)
            _clear_what_was_left(connection)
            return spread
    except psycopg.Error as error:
        if is_away(error):
            raise Unavailable from error
        raise InvalidInput.of("database", "refused", f"The cluster refused: {first_line(error)}.") from error


def _hand_letters_on(connection: Connection) -> None:
    """Have all machines know the collation that statements name."""
    if connection.execute(LETTERS_ARE_KNOWN).fetchone() is None:
        with connection.transaction():
            for statement in LETTERS:
                connection.execute(statement)


def _spread(connection: Connection) -> list[str]:
    there = _names(connection, SPREAD)
    missing = [table for table in in_order() if table.name not in there]
    for table in missing:
        connection.execute(spreading(table).encode())
    return [table.name for table in missing]


def _clear_what_was_left(connection: Connection) -> None:
    for name in sorted(_names(connection, LEFT_BEHIND).intersection(schema.metadata.tables)):
        connection.execute(f"SELECT truncate_local_data_after_distributing_table('{name}')".encode())


def _names(connection: Connection, asked: LiteralString) -> set[str]:
    return {str(row[0]) for row in connection.execute(asked)}

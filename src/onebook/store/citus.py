"""Spread the tables of a PostgreSQL database over the machines of a Citus cluster.

What a table is (see `store.schema`) says how: an account's rows by the account, side by side with all others of that
account; the directory of keys by the hash that is looked up; what is small and belongs to nobody, to every machine.
"""

from collections.abc import Sequence

import psycopg
from sqlalchemy import Table

from onebook.errors import InvalidInput, Unavailable
from onebook.store import schema
from onebook.store.pool import connect, is_away

IS_CLUSTER = "SELECT 1 FROM pg_extension WHERE extname = 'citus'"
SPREAD = "SELECT logicalrelid::text FROM pg_dist_partition"
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

    Again it does what is left: after a failure, or after a migration that brought new tables.

    Raises: InvalidInput if the database is no cluster's coordinator; Unavailable.
    """
    try:
        with connect(url) as connection:
            if connection.execute(IS_CLUSTER).fetchone() is None:
                sentence = "The database has no extension citus: run this against the coordinator of a Citus cluster."
                raise InvalidInput.of("database", "not_a_cluster", sentence)
            there = {str(row[0]) for row in connection.execute(SPREAD)}
            missing = [table for table in in_order() if table.name not in there]
            for table in missing:
                connection.execute(spreading(table).encode())
            return [table.name for table in missing]
    except psycopg.Error as error:
        if is_away(error):
            raise Unavailable from error
        raise

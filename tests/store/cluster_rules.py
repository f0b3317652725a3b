"""What a statement must be like, so that the tables can be spread over a Citus cluster; held as statements are issued.

`watch` has every connection of the store look at each statement before it is sent. One that breaks a rule fails right
there, and with it the test that made the store issue it.
"""

import re
from functools import cache
from typing import Any

import psycopg

from onebook.store import pool, schema

TENANT = frozenset(name for name, table in schema.metadata.tables.items() if table.info["kind"] == "tenant")
DIRECTORY = frozenset(name for name, table in schema.metadata.tables.items() if table.info["kind"] == "directory")
#: Housekeeping for all accounts: plain filters, which a cluster sends to every machine, and nobody waits for.
SWEEPS = (
    r"^DELETE FROM answers WHERE answers\.created_at < ",
    r"^SELECT generations\.account_id, generations\.book, generations\.generation FROM generations WHERE",
)
NAMED = re.compile(r'\b(?:FROM|JOIN|UPDATE|INTO|COPY)\s+"?(\w+)"?((?:\s*,\s*"?\w+"?)*)')
CLOCK_OR_DIE = re.compile(r"(?i)\b(now|random|clock_timestamp|statement_timestamp|gen_random_uuid|current_timestamp)\b")
OF_A_SESSION = re.compile(
    r"(?i)\b(LISTEN|NOTIFY|UNLISTEN|PREPARE|DECLARE|pg_(?:try_)?advisory_lock|CREATE TEMP|MERGE INTO)\b|^SET (?!LOCAL)"
)
CALL_IN_UPSERT = re.compile(r"DO UPDATE SET .*\w\(")


def faults(sql: str) -> list[str]:
    """What is wrong with a statement."""
    flat = " ".join(sql.split())
    if any(re.search(pattern, flat) for pattern in SWEEPS):
        return []
    found = []
    if OF_A_SESSION.search(flat):
        found.append("it outlives its transaction, or is unknown to a cluster")
    if re.match(r"(INSERT|UPDATE|DELETE|WITH|SELECT)", flat) and CLOCK_OR_DIE.search(flat):
        found.append("the clock or a die in SQL")
    if CALL_IN_UPSERT.search(flat):
        found.append("a function in ON CONFLICT DO UPDATE")
    tables = {table for first, more in NAMED.findall(flat) for table in (first, *re.findall(r"\w+", more))}
    if tables & DIRECTORY and tables & TENANT:
        found.append("the directory joined with tables that are spread by account")
    found += [f"{table} without its account" for table in sorted(tables & TENANT) if not _of_one_account(flat, table)]
    return found


def _of_one_account(flat: str, table: str) -> bool:
    if re.match(r"(INSERT INTO|COPY)", flat) and f" {table} (" in flat:
        return "account_id" in flat.partition("(")[2].partition(")")[0]
    return re.search(rf"\b{table}\.account_id = |= {table}\.account_id\b", flat) is not None


@cache
def must_be_spreadable(text: str) -> None:
    """Fails for a text of statements of which one breaks a rule."""
    for sql in text.split("; "):
        wrong = faults(sql)
        assert not wrong, (wrong, sql)


class WatchedCursor(psycopg.Cursor[Any]):
    """A cursor that looks at each statement first."""

    def execute(self, query: Any, *args: Any, **more: Any) -> "WatchedCursor":
        must_be_spreadable(_text(query))
        super().execute(query, *args, **more)
        return self

    def executemany(self, query: Any, *args: Any, **more: Any) -> None:
        must_be_spreadable(_text(query))
        super().executemany(query, *args, **more)

    def copy(self, statement: Any, *args: Any, **more: Any) -> Any:
        must_be_spreadable(_text(statement))
        return super().copy(statement, *args, **more)


def _text(query: Any) -> str:
    return query.decode() if isinstance(query, bytes) else str(query)


def watch() -> None:
    """Watch every connection that stores open from now on."""
    plain = pool.connect

    def watched(url: str) -> pool.Connection:
        connection = plain(url)
        connection.cursor_factory = WatchedCursor
        return connection

    pool.connect = watched

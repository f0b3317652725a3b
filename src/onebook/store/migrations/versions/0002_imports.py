"""Imports, the issues of their rows, and what they need to go on after an interruption.

Revision ID: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TYPES: dict[str, Any] = {
    "big": sa.BigInteger,
    # The order of bytes, as on SQLite, whatever the database's own order of letters is.
    "text": lambda: sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    "flag": lambda: sa.Boolean(create_constraint=False),
    "bytes": sa.LargeBinary,
}

# Columns as ``name:type``, with ``?`` where NULL may stand; the primary key; whether the rows live in its tree.
TABLES = (
    (
        "imports",
        (
            "account_id:big id:text state:text key:text? digest:text book:big generation:big seen:text name:text? "
            "size:big headings:text options:text created:big updated:big unchanged:big refused:big skipped:big "
            "next_index:big rows_total:big? first_seq:big read_seq:big samples:text kept:text code:text? message:text? "
            "actor:text dialect:text cancel_asked:flag epoch:big leased_until:big active_milliseconds:big "
            "created_at:big updated_at:big ended_at:big?"
        ),
        "account_id id",
        False,
    ),
    (
        "import_issues",
        (
            "account_id:big import_id:text index:big place:big row:big field:text value:text? code:text message:text "
            "outcome:text"
        ),
        "account_id import_id index place",
        True,
    ),
    ("import_parts", "account_id:big import_id:text part:big data:bytes", "account_id import_id part", False),
    ("import_ties", "account_id:big import_id:text name:text contact:big", "account_id import_id name contact", True),
)


def upgrade() -> None:
    """Create the tables and the index that keeps idempotency keys apart."""
    for name, columns, key, lookup in TABLES:
        op.create_table(
            name,
            *(_column(word) for word in columns.split()),
            sa.PrimaryKeyConstraint(*key.split()),
            sqlite_with_rowid=not lookup,
        )
    where = sa.text("key IS NOT NULL")
    op.create_index(
        "imports_by_key", "imports", ["account_id", "key"], unique=True, sqlite_where=where, postgresql_where=where
    )


def _column(word: str) -> sa.Column[Any]:
    name, kind = word.split(":")
    return sa.Column(name, TYPES[kind.rstrip("?")](), nullable=kind.endswith("?"))

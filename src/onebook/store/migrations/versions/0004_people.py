"""People, what they may do in which account, where they are signed in, and the one-time links by which they come.

Revision ID: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

TYPES: dict[str, Any] = {
    "big": sa.BigInteger,
    # The order of bytes, as on SQLite, whatever the database's own order of letters is.
    "text": lambda: sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    "bytes": sa.LargeBinary,
}

# Columns as ``name:type``, with ``?`` where NULL may stand; the primary key.
TABLES = (
    (
        "people",
        "id:text email:text email_key:text name:text password:text language:text created_at:big updated_at:big",
        "id",
    ),
    ("memberships", "account_id:big person:text role:text created_at:big", "account_id person"),
    ("sign_ins", "token_hash:bytes person:text browser:text created_at:big expires_at:big", "token_hash"),
    (
        "invitations",
        ("token_hash:bytes purpose:text account:big role:text email:text? person:text? created_at:big expires_at:big"),
        "token_hash",
    ),
)


def upgrade() -> None:
    """Create the tables, and the ways from a person to what is theirs."""
    for name, columns, key in TABLES:
        unique = [sa.UniqueConstraint("email_key")] if name == "people" else []
        op.create_table(
            name, *(_column(word) for word in columns.split()), sa.PrimaryKeyConstraint(*key.split()), *unique
        )
    op.create_index("memberships_by_person", "memberships", ["person"])
    op.create_index("sign_ins_by_person", "sign_ins", ["person"])


def _column(word: str) -> sa.Column[Any]:
    name, kind = word.split(":")
    return sa.Column(name, TYPES[kind.rstrip("?")](), nullable=kind.endswith("?"))

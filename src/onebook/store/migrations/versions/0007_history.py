"""Ways to the history of one contact, to what changed of late, and to groups.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0003"
branch_labels = None
depends_on = None

_ONE = sa.text("first = last")
_MANY = sa.text("first < last")
_GROUP = sa.text("kind = 'group'")


def upgrade() -> None:
    """Create the indexes."""
    op.create_index("contacts_by_update", "contacts", ["account_id", "updated_at", "number"])
    op.create_index(
        "contacts_of_groups",
        "contacts",
        ["account_id", "sort_key", "number"],
        sqlite_where=_GROUP,
        postgresql_where=_GROUP,
    )
    op.create_index(
        "changes_of_one", "changes", ["account_id", "first", "seq"], sqlite_where=_ONE, postgresql_where=_ONE
    )
    op.create_index(
        "changes_of_many", "changes", ["account_id", "last", "seq"], sqlite_where=_MANY, postgresql_where=_MANY
    )

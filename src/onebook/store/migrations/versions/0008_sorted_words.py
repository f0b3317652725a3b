"""What the search index finds is sorted by name without looking at each contact; SQLite only.

Revision ID: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index. Its first column is what the search index gives, which no other engine has."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE INDEX contacts_words_sorted ON contacts (row_id, sort_key, number, book, generation, account_id)"
        )

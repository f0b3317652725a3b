"""What tests of migrations begin from: the earlier schemas, a newest database with data, and a migration that fails."""

import shutil
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from onebook.store import migrate
from tests.server.world import furnished

#: In the order of the migrations; their names tell only when they were begun.
REVISIONS = [script.revision for script in ScriptDirectory(str(migrate.MIGRATIONS)).walk_revisions()][::-1]
#: The revision of the migration that fails.
FAILING = "9999"
_MIGRATION = '''
"""Changes much, then fails."""

import sqlalchemy as sa
from alembic import op

revision = "{failing}"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("halfway", sa.Column("id", sa.BigInteger, primary_key=True))
    op.execute("UPDATE contacts SET card = '{{}}'")
    op.drop_table("label_members")
    raise RuntimeError("this migration fails")
'''


def with_one_that_fails(folder: Path) -> Path:
    """A folder of all migrations and, after the newest, one that changes much and then fails."""
    migrations = folder / "migrations"
    shutil.copytree(migrate.MIGRATIONS, migrations)
    text = _MIGRATION.format(failing=FAILING, newest=migrate.NEWEST)
    (migrations / "versions" / f"{FAILING}_failing.py").write_text(text)
    return migrations


@pytest.fixture(scope="session")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As of `world.furnished`."""
    return furnished(tmp_path_factory.mktemp("newest"))

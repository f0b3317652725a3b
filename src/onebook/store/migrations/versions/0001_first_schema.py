"""The first schema, as it was then: later changes of `store.schema` come as later migrations.

Revision ID: 0001
"""

from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class _Table(NamedTuple):
    """Columns as ``name:type``, with ``?`` where NULL may stand; names in keys are parted by blanks."""

    name: str
    columns: str
    key: str
    unique: tuple[str, ...] = ()
    lookup: bool = False


class _Index(NamedTuple):
    name: str
    table: str
    columns: str
    unique: bool = False
    where: str | None = None


TABLES = (
    _Table(
        "accounts",
        "id:big uid:text name:text login:text default_country:text? created_at:big",
        key="id",
        unique=("login", "name", "uid"),
    ),
    _Table(
        "answers",
        "account_id:big key:text request_hash:bytes status:big content_type:text body:bytes "
        "first_seq:big last_seq:big created_at:big",
        key="account_id key",
    ),
    _Table(
        "books",
        "account_id:big number:big name:text kind:text phone_types:text email_types:text "
        "mobile_type:text generation:big contacts:big created_at:big",
        key="account_id number",
        unique=("account_id name",),
    ),
    _Table(
        "changes",
        "account_id:big seq:big noun:text verb:text first:big last:big at:big actor:text "
        "dialect:text import_id:text? before:text?",
        key="account_id seq",
        lookup=True,
    ),
    _Table(
        "contact_addresses",
        "account_id:big address_id:text contact:big building:text",
        key="account_id address_id contact",
        lookup=True,
    ),
    _Table(
        "contact_emails",
        "account_id:big key:text contact:big is_primary:flag",
        key="account_id key contact",
        lookup=True,
    ),
    _Table(
        "contact_locations",
        "account_id:big location:text contact:big",
        key="account_id location contact",
        lookup=True,
    ),
    _Table(
        "contact_phones",
        "account_id:big key:text contact:big is_primary:flag",
        key="account_id key contact",
        lookup=True,
    ),
    _Table(
        "contacts",
        "account_id:big number:big uid:text book:big generation:big kind:text "
        "external_id:text? organization:big? given:text? family:text? sort_key:text "
        "version:big created_at:big updated_at:big card:text search_text:text",
        key="account_id number",
    ),
    _Table(
        "counters",
        "account_id:big seq:big contact:big serial:big",
        key="account_id",
    ),
    _Table(
        "credentials",
        "account_id:big id:text kind:text book:big user:text? secret:text? fields:text created_at:big updated_at:big",
        key="account_id id",
    ),
    _Table(
        "generations",
        "account_id:big book:big generation:big state:text contacts:big created_at:big",
        key="account_id book generation",
    ),
    _Table(
        "group_members",
        "account_id:big group:big contact:big position:big is_primary:flag",
        key="account_id group contact",
        lookup=True,
    ),
    _Table(
        "key_directory",
        "secret_hash:bytes account_id:big key_id:text",
        key="secret_hash",
        lookup=True,
    ),
    _Table(
        "keys",
        "account_id:big id:text scope:text book:big? enabled:flag expires_at:big? created_at:big",
        key="account_id id",
    ),
    _Table(
        "label_members",
        "account_id:big label:big contact:big",
        key="account_id label contact",
        lookup=True,
    ),
    _Table(
        "labels",
        "account_id:big number:big kind:text name:text created_at:big",
        key="account_id number",
        unique=("account_id kind name",),
    ),
    _Table(
        "locations",
        "account_id:big number:big uid:text name:text address:text address_id:text building:text created_at:big",
        key="account_id number",
        unique=("account_id uid",),
    ),
    _Table(
        "opt_outs",
        "account_id:big number:big channel:text key:text source:text created_at:big",
        key="account_id channel key",
        lookup=True,
    ),
    _Table(
        "organizations",
        "account_id:big number:big uid:text name:text name_key:text fields:text created_at:big updated_at:big",
        key="account_id number",
        unique=("account_id uid",),
    ),
    _Table(
        "subscriptions",
        "account_id:big id:text address:text topics:text enabled:flag created_at:big",
        key="account_id id",
    ),
    _Table(
        "users",
        "account_id:big id:text username:text full_name:text? created_at:big updated_at:big",
        key="account_id id",
        unique=("account_id username",),
    ),
)

INDEXES = (
    _Index("answers_by_age", "answers", "account_id created_at"),
    _Index("contact_addresses_by_building", "contact_addresses", "account_id building"),
    _Index("contacts_by_book", "contacts", "account_id book number"),
    _Index(
        "contacts_by_external_id",
        "contacts",
        "account_id external_id book generation",
        unique=True,
        where="external_id IS NOT NULL",
    ),
    _Index("contacts_by_name", "contacts", "account_id sort_key number"),
    _Index("contacts_by_organization", "contacts", "account_id organization", where="organization IS NOT NULL"),
    _Index("contacts_by_uid", "contacts", "account_id uid", unique=True),
    _Index("group_members_by_contact", "group_members", "account_id contact"),
    _Index("label_members_by_contact", "label_members", "account_id contact"),
    _Index("locations_by_address", "locations", "account_id address_id"),
    _Index("organizations_by_name", "organizations", "account_id name_key"),
)

TYPES: dict[str, Any] = {
    "big": sa.BigInteger,
    # The order of bytes, as on SQLite, whatever the database's own order of letters is.
    "text": lambda: sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    "flag": lambda: sa.Boolean(create_constraint=False),
    "bytes": sa.LargeBinary,
}

# The search index takes its text from contacts, so it needs a row id that never moves: SQLite's only table whose
# primary key does not begin with account_id. detail=none and columnsize=0 leave out what we never ask for.
SQLITE_SEARCH = (
    (
        "CREATE VIRTUAL TABLE contacts_words USING fts5(search_text, content='contacts', content_rowid='row_id', "
        "tokenize='ascii', detail='none', columnsize=0)"
    ),
    "CREATE VIRTUAL TABLE contacts_vocabulary USING fts5vocab('contacts_words', 'row')",
)

# Words are found by their beginnings in the text itself. The columns' order knows letters of ASCII only, so there is
# another one for putting texts into lower case: the database's own where it has one, else that of the ICU library.
POSTGRES_SEARCH = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX contacts_by_words ON contacts USING gin (search_text gin_trgm_ops)",
)
POSTGRES_LETTERS = (
    (180_000, "CREATE COLLATION onebook_letters (provider = builtin, locale = 'PG_UNICODE_FAST')"),
    (150_000, "CREATE COLLATION onebook_letters (provider = icu, locale = 'und')"),
)


def upgrade() -> None:
    """Create every table, its indexes, and the engine's own search index."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        op.create_table(
            table.name,
            *(_column(word) for word in table.columns.split()),
            *_key(table, sqlite=sqlite),
            *(sa.UniqueConstraint(*names.split()) for names in table.unique),
            sqlite_with_rowid=not table.lookup,
        )
    for index in INDEXES:
        where = sa.text(index.where) if index.where else None
        op.create_index(
            index.name,
            index.table,
            index.columns.split(),
            unique=index.unique,
            sqlite_where=where,
            postgresql_where=where,
        )
    for statement in SQLITE_SEARCH if sqlite else (*POSTGRES_SEARCH, _letters()):
        op.execute(statement)


def _letters() -> str:
    version = int(op.get_bind().exec_driver_sql("SHOW server_version_num").scalar_one())
    return next(statement for since, statement in POSTGRES_LETTERS if version >= since)


def _column(word: str) -> sa.Column[Any]:
    name, kind = word.split(":")
    return sa.Column(name, TYPES[kind.rstrip("?")](), nullable=kind.endswith("?"))


def _key(table: _Table, *, sqlite: bool) -> list[Any]:
    names = table.key.split()
    if sqlite and table.name == "contacts":
        return [sa.Column("row_id", sa.Integer, primary_key=True), sa.UniqueConstraint(*names)]
    return [sa.PrimaryKeyConstraint(*names)]

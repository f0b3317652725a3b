"""The tables. Each is marked with its kind, so that the database can later be spread over several machines.

Kinds: ``tenant``, spread by account_id, which comes first in every key; ``reference``, small and everywhere;
``directory``, spread by its own key; ``local``, this database's own.
Rules that hold here and are tested: no SET NULL, no trigger, no clock or random in SQL, ids come from us.
The narrow look-up tables are indexes that the code keeps: their rows are found by the contact's own card, so they
need no second index and no foreign key.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

metadata = MetaData()


def _big(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean(create_constraint=False), nullable=False)


def _tenant(name: str, key: tuple[str, ...], *parts: Any, lookup: bool = False) -> Table:
    """A table of one account's rows; ``lookup`` ones live wholly in their primary key's tree on SQLite."""
    return Table(
        name,
        metadata,
        _big("account_id"),
        *parts,
        PrimaryKeyConstraint("account_id", *key),
        info={"kind": "tenant"},
        sqlite_with_rowid=not lookup,
    )


accounts = Table(
    "accounts",
    metadata,
    _big("id"),
    _text("uid"),
    _text("name"),
    _text("login"),
    _text("default_country", null=True),
    _big("created_at"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("uid"),
    UniqueConstraint("name"),
    UniqueConstraint("login"),
    info={"kind": "reference"},
)

key_directory = Table(
    "key_directory",
    metadata,
    Column("secret_hash", LargeBinary, nullable=False),
    _big("account_id"),
    _text("key_id"),
    PrimaryKeyConstraint("secret_hash"),
    info={"kind": "directory"},
    sqlite_with_rowid=False,
)

# People belong to no one account: the few who use the pages, and by what they come in.
people = Table(
    "people",
    metadata,
    _text("id"),
    _text("email"),
    _text("email_key"),
    _text("name"),
    _text("password"),
    _text("language"),
    _big("created_at"),
    _big("updated_at"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("email_key"),
    info={"kind": "reference"},
)
memberships = Table(
    "memberships",
    metadata,
    _big("account_id"),
    _text("person"),
    _text("role"),
    _big("created_at"),
    PrimaryKeyConstraint("account_id", "person"),
    info={"kind": "reference"},
)
Index("memberships_by_person", memberships.c.person)
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", LargeBinary, nullable=False),
    _text("person"),
    _text("browser"),
    _big("created_at"),
    _big("expires_at"),
    PrimaryKeyConstraint("token_hash"),
    info={"kind": "reference"},
)
Index("sign_ins_by_person", sign_ins.c.person)
invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", LargeBinary, nullable=False),
    _text("purpose"),
    _big("account"),
    _text("role"),
    _text("email", null=True),
    _text("person", null=True),
    _big("created_at"),
    _big("expires_at"),
    PrimaryKeyConstraint("token_hash"),
    info={"kind": "reference"},
)

# At most one row: what becomes of this database as it is moved; see `store.fences`.
moves = Table(
    "moves",
    metadata,
    _big("id"),
    _text("state"),
    _big("stamp"),
    _big("until"),
    PrimaryKeyConstraint("id"),
    info={"kind": "reference"},
)

counters = _tenant("counters", (), _big("seq"), _big("contact"), _big("serial"))

keys = _tenant(
    "keys",
    ("id",),
    _text("id"),
    _text("scope"),
    _big("book", null=True),
    _flag("enabled"),
    _big("expires_at", null=True),
    _big("created_at"),
)

books = _tenant(
    "books",
    ("number",),
    _big("number"),
    _text("name"),
    _text("kind"),
    _text("phone_types"),
    _text("email_types"),
    _text("mobile_type"),
    _big("generation"),
    _big("contacts"),
    _big("created_at"),
    UniqueConstraint("account_id", "name"),
)

contacts = _tenant(
    "contacts",
    ("number",),
    _big("number"),
    _text("uid"),
    _big("book"),
    _big("generation"),
    _text("kind"),
    _text("external_id", null=True),
    _big("organization", null=True),
    _text("given", null=True),
    _text("family", null=True),
    _text("sort_key"),
    _big("version"),
    _big("created_at"),
    _big("updated_at"),
    _text("card"),
    _text("search_text"),
)
Index("contacts_by_uid", contacts.c.account_id, contacts.c.uid, unique=True)
Index(
    "contacts_by_external_id",
    contacts.c.account_id,
    contacts.c.external_id,
    contacts.c.book,
    contacts.c.generation,
    unique=True,
    sqlite_where=contacts.c.external_id.is_not(None),
    postgresql_where=contacts.c.external_id.is_not(None),
)
Index("contacts_by_name", contacts.c.account_id, contacts.c.sort_key, contacts.c.number)
Index("contacts_by_book", contacts.c.account_id, contacts.c.book, contacts.c.number)
Index("contacts_by_update", contacts.c.account_id, contacts.c.updated_at, contacts.c.number)
# Used only where the condition stands in the SQL text itself: see `where.GROUP`.
Index(
    "contacts_of_groups",
    contacts.c.account_id,
    contacts.c.sort_key,
    contacts.c.number,
    sqlite_where=contacts.c.kind == literal_column("'group'"),
    postgresql_where=contacts.c.kind == literal_column("'group'"),
)
Index(
    "contacts_by_organization",
    contacts.c.account_id,
    contacts.c.organization,
    sqlite_where=contacts.c.organization.is_not(None),
    postgresql_where=contacts.c.organization.is_not(None),
)

contact_phones = _tenant(
    "contact_phones", ("key", "contact"), _text("key"), _big("contact"), _flag("is_primary"), lookup=True
)
contact_emails = _tenant(
    "contact_emails", ("key", "contact"), _text("key"), _big("contact"), _flag("is_primary"), lookup=True
)
contact_addresses = _tenant(
    "contact_addresses", ("address_id", "contact"), _text("address_id"), _big("contact"), _text("building"), lookup=True
)
Index("contact_addresses_by_building", contact_addresses.c.account_id, contact_addresses.c.building)
contact_locations = _tenant(
    "contact_locations", ("location", "contact"), _text("location"), _big("contact"), lookup=True
)

group_members = _tenant(
    "group_members",
    ("group", "contact"),
    _big("group"),
    _big("contact"),
    _big("position"),
    _flag("is_primary"),
    lookup=True,
)
Index("group_members_by_contact", group_members.c.account_id, group_members.c.contact)

labels = _tenant(
    "labels",
    ("number",),
    _big("number"),
    _text("kind"),
    _text("name"),
    _big("created_at"),
    UniqueConstraint("account_id", "kind", "name"),
)
label_members = _tenant("label_members", ("label", "contact"), _big("label"), _big("contact"), lookup=True)
Index("label_members_by_contact", label_members.c.account_id, label_members.c.contact)

opt_outs = _tenant(
    "opt_outs",
    ("channel", "key"),
    _big("number"),
    _text("channel"),
    _text("key"),
    _text("source"),
    _big("created_at"),
    lookup=True,
)

organizations = _tenant(
    "organizations",
    ("number",),
    _big("number"),
    _text("uid"),
    _text("name"),
    _text("name_key"),
    _text("fields"),
    _big("created_at"),
    _big("updated_at"),
    UniqueConstraint("account_id", "uid"),
)
Index("organizations_by_name", organizations.c.account_id, organizations.c.name_key)

locations = _tenant(
    "locations",
    ("number",),
    _big("number"),
    _text("uid"),
    _text("name"),
    _text("address"),
    _text("address_id"),
    _text("building"),
    _big("created_at"),
    UniqueConstraint("account_id", "uid"),
)
Index("locations_by_address", locations.c.account_id, locations.c.address_id)

credentials = _tenant(
    "credentials",
    ("id",),
    _text("id"),
    _text("kind"),
    _big("book"),
    _text("user", null=True),
    _text("secret", null=True),
    _text("fields"),
    _big("created_at"),
    _big("updated_at"),
)
users = _tenant(
    "users",
    ("id",),
    _text("id"),
    _text("username"),
    _text("full_name", null=True),
    _big("created_at"),
    _big("updated_at"),
    UniqueConstraint("account_id", "username"),
)
subscriptions = _tenant(
    "subscriptions", ("id",), _text("id"), _text("address"), _text("topics"), _flag("enabled"), _big("created_at")
)

changes = _tenant(
    "changes",
    ("seq",),
    _big("seq"),
    _text("noun"),
    _text("verb"),
    _big("first"),
    _big("last"),
    _big("at"),
    _text("actor"),
    _text("dialect"),
    _text("import_id", null=True),
    _text("before", null=True),
    lookup=True,
)

# The history of one contact: entries of its own, and the few that tell of many at once.
Index(
    "changes_of_one",
    changes.c.account_id,
    changes.c.first,
    changes.c.seq,
    sqlite_where=changes.c.first == changes.c.last,
    postgresql_where=changes.c.first == changes.c.last,
)
Index(
    "changes_of_many",
    changes.c.account_id,
    changes.c.last,
    changes.c.seq,
    sqlite_where=changes.c.first < changes.c.last,
    postgresql_where=changes.c.first < changes.c.last,
)

# A book's earlier and unpublished generations, until they are cleaned away.
generations = _tenant(
    "generations",
    ("book", "generation"),
    _big("book"),
    _big("generation"),
    _text("state"),
    _big("contacts"),
    _big("created_at"),
)

answers = _tenant(
    "answers",
    ("key",),
    _text("key"),
    Column("request_hash", LargeBinary, nullable=False),
    _big("status"),
    _text("content_type"),
    Column("body", LargeBinary, nullable=False),
    _big("first_seq"),
    _big("last_seq"),
    _big("created_at"),
)
Index("answers_by_age", answers.c.account_id, answers.c.created_at)

imports = _tenant(
    "imports",
    ("id",),
    _text("id"),
    _text("state"),
    _text("key", null=True),
    _text("digest"),
    _big("book"),
    _big("generation"),
    _text("seen"),
    _text("name", null=True),
    _big("size"),
    _text("headings"),
    _text("options"),
    *map(_big, ("created", "updated", "unchanged", "refused", "skipped", "next_index")),
    _big("rows_total", null=True),
    _big("first_seq"),
    _big("read_seq"),
    _text("samples"),
    _text("kept"),
    _text("code", null=True),
    _text("message", null=True),
    _text("actor"),
    _text("dialect"),
    _flag("cancel_asked"),
    *map(_big, ("epoch", "leased_until", "active_milliseconds", "created_at", "updated_at")),
    _big("ended_at", null=True),
)
Index(
    "imports_by_key",
    imports.c.account_id,
    imports.c.key,
    unique=True,
    sqlite_where=imports.c.key.is_not(None),
    postgresql_where=imports.c.key.is_not(None),
)
import_issues = _tenant(
    "import_issues",
    ("import_id", "index", "place"),
    _text("import_id"),
    _big("index"),
    _big("place"),
    _big("row"),
    _text("field"),
    _text("value", null=True),
    _text("code"),
    _text("message"),
    _text("outcome"),
    lookup=True,
)
# What each chunk met, for going on after an interruption: see `operations.imports_memory`.
import_parts = _tenant(
    "import_parts", ("import_id", "part"), _text("import_id"), _big("part"), Column("data", LargeBinary, nullable=False)
)
# Contacts that wait for a group to join, until all rows of the file are read.
import_ties = _tenant(
    "import_ties", ("import_id", "name", "contact"), _text("import_id"), _text("name"), _big("contact"), lookup=True
)
saved_mappings = _tenant(
    "saved_mappings",
    ("name",),
    _big("number"),
    _text("name"),
    _text("targets"),
    _big("created_at"),
    _big("updated_at"),
)
remembered_mappings = _tenant(
    "remembered_mappings", ("book", "headings"), _big("book"), _text("headings"), _text("targets"), _big("updated_at")
)

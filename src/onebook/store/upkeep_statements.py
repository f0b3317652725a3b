"""The statements of checking and mending: rows as they are, shown or not, and what names something that is gone."""

from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)

from onebook.store import schema as t
from onebook.store.statement import Statement
from onebook.store.statements import ZERO, A


class Link(NamedTuple):
    """A column that names a row of another table; ``loose``: the naming row means nothing without it."""

    child: Column[Any]
    parent: Column[Any]
    loose: bool


LINKS = {
    "contact to book": Link(t.contacts.c.book, t.books.c.number, loose=False),
    "contact to organization": Link(t.contacts.c.organization, t.organizations.c.number, loose=False),
    "key to book": Link(t.keys.c.book, t.books.c.number, loose=False),
    "credential to book": Link(t.credentials.c.book, t.books.c.number, loose=False),
    "member to group": Link(t.group_members.c.group, t.contacts.c.number, loose=True),
    "member to contact": Link(t.group_members.c.contact, t.contacts.c.number, loose=True),
    "label to contact": Link(t.label_members.c.contact, t.contacts.c.number, loose=True),
    "contact to label": Link(t.label_members.c.label, t.labels.c.number, loose=True),
    "issue to import": Link(t.import_issues.c.import_id, t.imports.c.id, loose=True),
    "part to import": Link(t.import_parts.c.import_id, t.imports.c.id, loose=True),
    "tie to import": Link(t.import_ties.c.import_id, t.imports.c.id, loose=True),
    "mapping to book": Link(t.remembered_mappings.c.book, t.books.c.number, loose=True),
}
#: Of people, who are of no one account.
PEOPLE_LINKS = {
    "membership to person": Link(t.memberships.c.person, t.people.c.id, loose=True),
    "membership to account": Link(t.memberships.c.account_id, t.accounts.c.id, loose=True),
    "session to person": Link(t.sign_ins.c.person, t.people.c.id, loose=True),
    "invitation to person": Link(t.invitations.c.person, t.people.c.id, loose=True),
}


def _gone(link: Link) -> Any:
    child, parent = link.child.table, link.parent.table
    there = exists().where(and_(parent.c.account_id == child.c.account_id, link.parent == link.child))
    return and_(child.c.account_id == A, link.child.is_not(None), ~there)


def _counting(link: Link) -> Statement:
    return Statement(select(func.count()).select_from(link.child.table).where(_gone(link)))


def _gone_of_people(link: Link) -> Any:
    return and_(link.child.is_not(None), ~exists().where(link.parent == link.child))


PEOPLE_DANGLING = {
    name: Statement(select(func.count()).select_from(link.child.table).where(_gone_of_people(link)))
    for name, link in PEOPLE_LINKS.items()
}
PEOPLE_CUT = [Statement(delete(link.child.table).where(_gone_of_people(link))) for link in PEOPLE_LINKS.values()]
DANGLING = {name: _counting(link) for name, link in LINKS.items()}
CUT = {name: Statement(delete(link.child.table).where(_gone(link))) for name, link in LINKS.items() if link.loose}
#: What the directory leads to, and what there is: two questions, as a cluster spreads the two tables differently.
LED_TO = Statement(select(t.key_directory.c.key_id).where(t.key_directory.c.account_id == A))
KEYS = Statement(select(t.keys.c.id).where(t.keys.c.account_id == A))

#: The look-up tables, and the column in each beside key and contact.
LOOKUPS: dict[str, tuple[Table, str, str | None]] = {
    "phone": (t.contact_phones, "key", "is_primary"),
    "email": (t.contact_emails, "key", "is_primary"),
    "address": (t.contact_addresses, "address_id", "building"),
    "place": (t.contact_locations, "location", None),
}


def _entries(table: Table, key: str, more: str | None, *, first: bool) -> Statement:
    columns = [table.c[key], table.c.contact, table.c[more] if more else literal_column("NULL")]
    chosen = select(*columns).where(table.c.account_id == A)
    if not first:
        after = tuple_(bindparam("after_key"), bindparam("after_contact"))
        chosen = chosen.where(tuple_(table.c[key], table.c.contact) > after)
    return Statement(chosen.order_by(table.c[key], table.c.contact).limit(bindparam("limit")).offset(ZERO))


ENTRIES_FIRST = {name: _entries(*lookup, first=True) for name, lookup in LOOKUPS.items()}
ENTRIES_AFTER = {name: _entries(*lookup, first=False) for name, lookup in LOOKUPS.items()}


def _entering(table: Table, key: str, more: str | None) -> Statement:
    values = {"account_id": A, key: bindparam("key"), "contact": bindparam("contact")}
    return Statement(insert(table).values(values | ({more: bindparam("more")} if more else {})))


def _striking(table: Table, key: str, _: str | None) -> Statement:
    named = (table.c[key] == bindparam("key"), table.c.contact == bindparam("contact"))
    return Statement(delete(table).where(table.c.account_id == A, *named))


ENTER = {name: _entering(*lookup) for name, lookup in LOOKUPS.items()}
STRIKE = {name: _striking(*lookup) for name, lookup in LOOKUPS.items()}

_STORED = (
    t.contacts.c.number,
    t.contacts.c.external_id,
    t.contacts.c.given,
    t.contacts.c.family,
    t.contacts.c.sort_key,
    t.contacts.c.search_text,
    t.contacts.c.card,
)
STORED_AFTER = Statement(
    select(*_STORED)
    .where(t.contacts.c.account_id == A, t.contacts.c.number > bindparam("after"))
    .order_by(t.contacts.c.number)
    .limit(bindparam("limit"))
    .offset(ZERO)
)
STORED = Statement(select(*_STORED).where(t.contacts.c.account_id == A, t.contacts.c.number == bindparam("number")))
DERIVED_SET = Statement(
    update(t.contacts)
    .where(t.contacts.c.account_id == A, t.contacts.c.number == bindparam("at_number"))
    .values({name: bindparam(name) for name in ("given", "family", "sort_key", "search_text")})
)
CROWDS = Statement(
    select(t.contacts.c.book, t.contacts.c.generation, func.count())
    .where(t.contacts.c.account_id == A)
    .group_by(t.contacts.c.book, t.contacts.c.generation)
)
GENERATIONS = Statement(select(t.generations.c.book, t.generations.c.generation).where(t.generations.c.account_id == A))
BOOK_CONTACTS_SET = Statement(
    update(t.books)
    .where(t.books.c.account_id == A, t.books.c.number == bindparam("at_number"))
    .values(contacts=bindparam("contacts"))
)


def _top(column: Column[Any]) -> Statement:
    return Statement(select(func.coalesce(func.max(column), ZERO)).where(column.table.c.account_id == A))


#: The columns whose numbers each counter has handed out.
TOPS = {
    "seq": [_top(t.changes.c.seq)],
    "contact": [_top(t.contacts.c.number)],
    "serial": [
        _top(table.c.number)
        for table in (t.books, t.labels, t.locations, t.organizations, t.opt_outs, t.saved_mappings)
    ],
}
LOG_LENGTH = Statement(select(func.count()).select_from(t.changes).where(t.changes.c.account_id == A))

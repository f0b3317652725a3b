"""Statements of imports: finding, inserting and removing many contacts at a time, and what an import remembers."""

from typing import Any

from sqlalchemy import Column, Table, and_, bindparam, delete, func, select, update

from onebook.store.schema import (
    changes,
    contact_addresses,
    contact_emails,
    contact_locations,
    contact_phones,
    contacts,
    group_members,
    import_issues,
    import_parts,
    import_ties,
    label_members,
)
from onebook.store.statement import Expanding, Statement
from onebook.store.statements import CHANGE, ZERO, A, adding, is_given, removing

_IN_PLACE = and_(contacts.c.book == bindparam("book"), contacts.c.generation == bindparam("generation"))
_RANGE = and_(contacts.c.number >= bindparam("first"), contacts.c.number <= bindparam("last"))


def _holders(table: Table) -> Expanding:
    return Expanding(
        lambda values: select(table.c.key, table.c.contact).where(table.c.account_id == A, table.c.key.in_(values))
    )


def _without(table: Table, contact: Column[int]) -> Statement:
    """Delete what a table says of a range of contacts."""
    range_ = contact.between(bindparam("first"), bindparam("last"))
    return Statement(delete(table).where(table.c.account_id == A, range_))


def _without_keys(key: Column[str]) -> Expanding:
    """Delete what a look-up table says of a range of contacts under some keys."""
    table = key.table
    range_ = table.c.contact.between(bindparam("first"), bindparam("last"))
    return Expanding(lambda values: delete(table).where(table.c.account_id == A, key.in_(values), range_))


def _called(column: Column[Any]) -> Expanding:
    """A column of the contacts with some sort keys, groups or not, and where they are.

    Whoever asks leaves out what is elsewhere: asked for a book, the planner walks through the whole of it.
    """
    return Expanding(
        lambda values: select(contacts.c.number, column, contacts.c.kind, contacts.c.book, contacts.c.generation).where(
            contacts.c.account_id == A, contacts.c.sort_key.in_(values)
        )
    )


# --- finding ---
#: Two steps, since joined in one the planner may walk through the whole book.
PHONE_HOLDERS = _holders(contact_phones)
EMAIL_HOLDERS = _holders(contact_emails)
IN_PLACE = Expanding(
    lambda values: select(contacts.c.number, contacts.c.kind).where(
        contacts.c.account_id == A, contacts.c.number.in_(values), _IN_PLACE
    )
)
#: As of `_called`.
EXTERNAL_ID_HOLDERS = Expanding(
    lambda values: select(contacts.c.external_id, contacts.c.number, contacts.c.book, contacts.c.generation).where(
        contacts.c.account_id == A, contacts.c.external_id.in_(values)
    )
)
SORT_KEY_HOLDERS = _called(contacts.c.sort_key)
GROUPS_CALLED = _called(contacts.c.card)
UIDS_OF_RANGE = Statement(
    select(contacts.c.uid).where(contacts.c.account_id == A, _RANGE, _IN_PLACE).order_by(contacts.c.number)
)
#: What of contacts is compared before they are changed.
BEFORE = Expanding(
    lambda values: select(contacts.c.number, contacts.c.generation, contacts.c.sort_key, contacts.c.search_text).where(
        contacts.c.account_id == A, contacts.c.number.in_(values)
    )
)

# --- removing a range ---
RANGE = Statement(
    select(contacts.c.number, contacts.c.kind, contacts.c.book, contacts.c.generation, contacts.c.card)
    .where(contacts.c.account_id == A, _RANGE)
    .order_by(contacts.c.number)
)
#: By key as well, since no look-up table has an index of contacts alone.
RANGE_WITHOUT_PHONES = _without_keys(contact_phones.c.key)
RANGE_WITHOUT_EMAILS = _without_keys(contact_emails.c.key)
RANGE_WITHOUT_ADDRESSES = _without_keys(contact_addresses.c.address_id)
RANGE_WITHOUT_PLACES = _without_keys(contact_locations.c.location)
RANGE_DELETE = Statement(delete(contacts).where(contacts.c.account_id == A, _RANGE))
RANGE_OUT_OF_GROUPS = _without(group_members, group_members.c.contact)
RANGE_WITHOUT_MEMBERS = _without(group_members, group_members.c.group)
RANGE_UNLABEL = _without(label_members, label_members.c.contact)

# --- groups ---
MEMBER_LAST = Statement(
    select(func.coalesce(func.max(group_members.c.position), ZERO)).where(is_given(group_members, "group"))
)
MEMBER_REMOVE = removing(group_members, "group", "contact")

# --- generations ---
MOVE = Statement(
    update(contacts)
    .where(contacts.c.account_id == A, contacts.c.number == bindparam("at_number"))
    .values(generation=bindparam("generation"))
)

# --- what an import remembers ---
ISSUE_ADD = adding(import_issues)
_ISSUE = (
    import_issues.c.index,
    import_issues.c.place,
    import_issues.c.row,
    import_issues.c.field,
    import_issues.c.value,
    import_issues.c.code,
    import_issues.c.message,
    import_issues.c.outcome,
)
_OF_IMPORT = is_given(import_issues, "import_id")
ISSUES_AFTER = Statement(
    select(*_ISSUE)
    .where(_OF_IMPORT, import_issues.c.index > bindparam("after"))
    .order_by(import_issues.c.index, import_issues.c.place)
    .limit(bindparam("limit"))
    .offset(ZERO)
)
ISSUES_REST = Statement(
    select(*_ISSUE)
    .where(_OF_IMPORT, import_issues.c.index == bindparam("index"), import_issues.c.place > bindparam("place"))
    .order_by(import_issues.c.place)
)
ISSUE_KINDS = Statement(
    select(
        import_issues.c.outcome,
        import_issues.c.code,
        import_issues.c.field,
        func.count(),
        func.min(import_issues.c.row),
        func.min(import_issues.c.value),
        func.min(import_issues.c.message),
    )
    .where(_OF_IMPORT)
    .group_by(import_issues.c.outcome, import_issues.c.code, import_issues.c.field)
    .order_by(func.count().desc(), import_issues.c.field, import_issues.c.code)
    .limit(bindparam("limit"))
    .offset(ZERO)
)
ISSUES_REMOVE = removing(import_issues, "import_id")
ISSUES_REMOVE_AT = removing(import_issues, "import_id", "index")
PART_ADD = adding(import_parts)
PARTS_AFTER = Statement(
    select(import_parts.c.part, import_parts.c.data)
    .where(is_given(import_parts, "import_id"), import_parts.c.part > bindparam("after"))
    .order_by(import_parts.c.part)
    .limit(bindparam("limit"))
    .offset(ZERO)
)
PARTS_REMOVE = removing(import_parts, "import_id")
TIE_ADD = adding(import_ties)
TIES = Statement(
    select(import_ties.c.name, import_ties.c.contact)
    .where(is_given(import_ties, "import_id"))
    .order_by(import_ties.c.name, import_ties.c.contact)
    .limit(bindparam("limit"))
    .offset(ZERO)
)
TIE_REMOVE = removing(import_ties, "import_id", "name", "contact")
CREATED_BY = Statement(
    select(changes.c.first, changes.c.last)
    .where(is_given(changes, "import_id", "noun", "verb"), changes.c.seq > bindparam("after"))
    .order_by(changes.c.seq)
)
CHANGES_BEFORE = Statement(
    select(*CHANGE)
    .where(changes.c.account_id == A, changes.c.seq < bindparam("before_seq"), changes.c.seq > bindparam("after"))
    .order_by(changes.c.seq.desc())
    .limit(bindparam("limit"))
    .offset(ZERO)
)

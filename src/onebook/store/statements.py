"""Every SQL statement has a name here, and nothing else makes SQL but `where.py` and the records in `records.py`.

Statements are built once, compiled once for an engine, and run on the driver's own cursor: building or compiling at
each call costs more than most of them take to run.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from onebook.store.schema import (
    accounts,
    answers,
    books,
    changes,
    contact_addresses,
    contact_emails,
    contact_locations,
    contact_phones,
    contacts,
    counters,
    generations,
    group_members,
    key_directory,
    keys,
    label_members,
    labels,
    opt_outs,
)
from onebook.store.statement import Expanding, Statement

A: ColumnElement[Any] = bindparam("account_id")
ZERO: ColumnElement[Any] = literal_column("0")


def _word(text: str) -> ColumnElement[str]:
    """A constant in the SQL text itself: everything else is a parameter."""
    return literal_column(f"'{text}'")


#: The columns that make a `Contact`, in its order.
CONTACT = (
    contacts.c.number,
    contacts.c.uid,
    contacts.c.book,
    contacts.c.kind,
    contacts.c.external_id,
    contacts.c.organization,
    contacts.c.version,
    contacts.c.created_at,
    contacts.c.updated_at,
    contacts.c.card,
)


#: What joins a contact to its book, if the contact is of the generation that the book shows.
IN_SHOWN_GENERATION = and_(
    books.c.account_id == contacts.c.account_id,
    books.c.number == contacts.c.book,
    books.c.generation == contacts.c.generation,
)


def visible_contacts(*columns: Any) -> Select[Any]:
    """Select of contacts in the current generation of their book."""
    return select(*(columns or CONTACT)).join(books, IN_SHOWN_GENERATION).where(contacts.c.account_id == A)


def adding(table: Table) -> Statement:
    """Insert of one row."""
    return Statement(insert(table).values({column.name: bindparam(column.name) for column in table.c}))


def is_given(table: Table, *names: str) -> ColumnElement[bool]:
    """That a row is of the account, and its columns of these names have the values given under them."""
    return and_(table.c.account_id == A, *(table.c[name] == bindparam(name) for name in names))


def removing(table: Table, *equal: str) -> Statement:
    """Delete of an account's rows whose ``equal`` columns have the values given under their names."""
    return Statement(delete(table).where(is_given(table, *equal)))


# --- directory and accounts ---
KEY_BY_SECRET = Statement(
    select(key_directory.c.account_id, key_directory.c.key_id).where(
        key_directory.c.secret_hash == bindparam("secret_hash")
    )
)
KEY = Statement(
    select(keys.c.id, keys.c.scope, keys.c.book, keys.c.enabled, keys.c.expires_at, keys.c.created_at).where(
        keys.c.account_id == A, keys.c.id == bindparam("id")
    )
)
DIRECTORY_ADD = adding(key_directory)
DIRECTORY_REMOVE = removing(key_directory, "key_id")
ACCOUNT = Statement(select(*accounts.c).where(accounts.c.id == A))
ACCOUNTS = Statement(select(*accounts.c).order_by(accounts.c.id))
ACCOUNT_NAMED = Statement(select(*accounts.c).where(accounts.c.name == bindparam("name")))
ACCOUNT_TAKEN = Statement(
    select(accounts.c.id).where(or_(accounts.c.name == bindparam("name"), accounts.c.login == bindparam("login")))
)
ACCOUNT_TOP = Statement(select(func.coalesce(func.max(accounts.c.id), ZERO)))
ACCOUNT_ADD = adding(accounts)
ACCOUNT_COUNTRY = Statement(
    update(accounts).where(accounts.c.id == A).values(default_country=bindparam("default_country"))
)
COUNTERS_ADD = adding(counters)
COUNTERS = Statement(select(counters.c.seq, counters.c.contact, counters.c.serial).where(counters.c.account_id == A))
#: Whoever writes in an account holds this row until the commit, where several transactions write at once.
COUNTERS_LOCK = Statement(select(counters.c.seq).where(counters.c.account_id == A).with_for_update())
COUNTERS_SET = Statement(
    update(counters)
    .where(counters.c.account_id == A)
    .values({name: bindparam(name) for name in ("seq", "contact", "serial")})
)

# --- contacts ---
CONTACT_BY_UID = Statement(visible_contacts().where(contacts.c.uid == bindparam("uid")))
CONTACT_BY_NUMBER = Statement(visible_contacts().where(contacts.c.number == bindparam("number")))
CONTACTS_BY_NUMBER = Expanding(lambda values: visible_contacts().where(contacts.c.number.in_(values)))
#: In whichever generation.
CONTACT_KEPT = Statement(select(*CONTACT).where(contacts.c.account_id == A, contacts.c.uid == bindparam("uid")))
CONTACTS_KEPT = Expanding(
    lambda values: select(*CONTACT).where(contacts.c.account_id == A, contacts.c.number.in_(values))
)
NUMBERS_BY_EXTERNAL_ID = Statement(
    select(contacts.c.number).where(
        contacts.c.account_id == A,
        contacts.c.book == bindparam("book"),
        contacts.c.external_id == bindparam("external_id"),
    )
)
CONTACT_INSERT = adding(contacts)
#: What the search index holds of a contact: the index row is removed by its very words.
CONTACT_SEARCHED = Statement(
    select(contacts.c.generation, contacts.c.search_text).where(
        contacts.c.account_id == A, contacts.c.number == bindparam("number")
    )
)


def _updating(*names: str) -> Statement:
    return Statement(
        update(contacts)
        .where(contacts.c.account_id == A, contacts.c.number == bindparam("at_number"))
        .values({name: bindparam(name) for name in names})
    )


CONTACT_UPDATE = _updating(
    "kind", "external_id", "organization", "given", "family", "sort_key", "version", "updated_at", "card", "search_text"
)
#: Where nothing of what contacts are found or ordered by has changed: whatever is named has its indexes written anew.
CONTACT_UPDATE_CARD = _updating("given", "family", "version", "updated_at", "card", "search_text")
CONTACT_DELETE = removing(contacts, "number")
EXTERNAL_ID_HOLDER = Statement(
    visible_contacts(contacts.c.number).where(
        contacts.c.book == bindparam("book"), contacts.c.external_id == bindparam("external_id")
    )
)

PHONE_ADD = adding(contact_phones)
EMAIL_ADD = adding(contact_emails)
ADDRESS_ADD = adding(contact_addresses)
PLACE_ADD = adding(contact_locations)
PHONE_REMOVE = removing(contact_phones, "key", "contact")
EMAIL_REMOVE = removing(contact_emails, "key", "contact")
ADDRESS_REMOVE = removing(contact_addresses, "address_id", "contact")
PLACE_REMOVE = removing(contact_locations, "location", "contact")

# --- books and generations ---
BOOK_CONTACTS_ADD = Statement(
    update(books)
    .where(books.c.account_id == A, books.c.number == bindparam("at_number"))
    .values(contacts=books.c.contacts + bindparam("more"))
)
BOOK_GENERATION = Statement(
    select(books.c.generation).where(books.c.account_id == A, books.c.number == bindparam("number"))
)
BOOK_COUNTS = Statement(select(books.c.number, books.c.contacts).where(books.c.account_id == A))
GENERATION_TOP = Statement(
    select(func.coalesce(func.max(generations.c.generation), ZERO)).where(
        generations.c.account_id == A, generations.c.book == bindparam("book")
    )
)
GENERATION_ADD = adding(generations)
GENERATION_STATE = Statement(
    update(generations)
    .where(
        generations.c.account_id == A,
        generations.c.book == bindparam("at_book"),
        generations.c.generation == bindparam("at_generation"),
    )
    .values(state=bindparam("state"), contacts=bindparam("contacts"), created_at=bindparam("created_at"))
)
GENERATION_KEPT = Statement(
    select(generations.c.state).where(
        generations.c.account_id == A,
        generations.c.book == bindparam("book"),
        generations.c.generation == bindparam("generation"),
    )
)
STAGED = Statement(
    select(
        func.count(), func.coalesce(func.min(contacts.c.number), ZERO), func.coalesce(func.max(contacts.c.number), ZERO)
    ).where(
        contacts.c.account_id == A,
        contacts.c.book == bindparam("book"),
        contacts.c.generation == bindparam("generation"),
    )
)
BOOK_FLIP = Statement(
    update(books)
    .where(books.c.account_id == A, books.c.number == bindparam("at_number"))
    .values(generation=bindparam("generation"))
)
GENERATIONS_OLD = Statement(
    select(generations.c.account_id, generations.c.book, generations.c.generation).where(
        or_(
            and_(generations.c.state == _word("replaced"), generations.c.created_at < bindparam("replaced_before")),
            and_(generations.c.state == _word("staged"), generations.c.created_at < bindparam("staged_before")),
        )
    )
)
GENERATION_CONTACTS = Statement(
    select(*CONTACT)
    .where(
        contacts.c.account_id == A,
        contacts.c.book == bindparam("book"),
        contacts.c.generation == bindparam("generation"),
    )
    .limit(bindparam("limit"))
    .offset(ZERO)
)
GENERATION_REMOVE = removing(generations, "book", "generation")

# --- groups and labels ---
MEMBERS = Expanding(
    lambda values: (
        select(group_members.c.group, group_members.c.contact, group_members.c.is_primary)
        .where(group_members.c.account_id == A, group_members.c.group.in_(values))
        .order_by(group_members.c.group, group_members.c.position, group_members.c.contact)
    )
)
MEMBER_ADD = adding(group_members)
MEMBERS_CLEAR = removing(group_members, "group")
PLACES_OF = Expanding(
    lambda values: (
        select(group_members.c.contact, group_members.c.group, group_members.c.position, group_members.c.is_primary)
        .where(group_members.c.account_id == A, group_members.c.contact.in_(values))
        .order_by(group_members.c.contact, group_members.c.group)
    )
)
GROUPS_OF_CONTACTS = Expanding(
    lambda values: (
        select(group_members.c.contact, group_members.c.group)
        .where(group_members.c.account_id == A, group_members.c.contact.in_(values))
        .order_by(group_members.c.contact, group_members.c.group)
    )
)
MEMBER_OUT = Statement(
    delete(group_members).where(
        group_members.c.account_id == A,
        or_(group_members.c.contact == bindparam("contact"), group_members.c.group == bindparam("contact")),
    )
)
LABELS_NAMED = Expanding(
    lambda values: select(labels.c.name, labels.c.number).where(
        labels.c.account_id == A, labels.c.kind == bindparam("kind"), labels.c.name.in_(values)
    )
)
LABELS_OF = Expanding(
    lambda values: (
        select(label_members.c.contact, labels.c.kind, labels.c.name)
        .join(labels, and_(labels.c.account_id == label_members.c.account_id, labels.c.number == label_members.c.label))
        .where(label_members.c.account_id == A, label_members.c.contact.in_(values))
        .order_by(label_members.c.contact, labels.c.name)
    )
)
LABEL_BEARING = Statement(
    select(label_members.c.contact)
    .where(label_members.c.account_id == A, label_members.c.label == bindparam("label"))
    .order_by(label_members.c.contact)
)
LABEL_IN = adding(label_members)
LABEL_OUT = removing(label_members, "label", "contact")
LABELS_OUT = Statement(
    delete(label_members).where(
        label_members.c.account_id == A,
        label_members.c.contact == bindparam("contact"),
        label_members.c.label.in_(
            select(labels.c.number).where(labels.c.account_id == A, labels.c.kind == bindparam("kind"))
        ),
    )
)
LABEL_CLEAR = removing(label_members, "label")
CONTACT_UNLABEL = removing(label_members, "contact")
OPT_OUTS = Expanding(
    lambda values: select(opt_outs.c.key).where(
        opt_outs.c.account_id == A, opt_outs.c.channel == bindparam("channel"), opt_outs.c.key.in_(values)
    )
)

# --- the change log ---
CHANGE_ADD = adding(changes)
#: The columns that make a `Change`, in its order.
CHANGE = (
    changes.c.seq,
    changes.c.noun,
    changes.c.verb,
    changes.c.first,
    changes.c.last,
    changes.c.at,
    changes.c.actor,
    changes.c.dialect,
    changes.c.import_id,
    changes.c.before,
)
CHANGES_AFTER = Statement(
    select(*CHANGE)
    .where(changes.c.account_id == A, changes.c.seq > bindparam("after"))
    .order_by(changes.c.seq)
    .limit(bindparam("limit"))
    .offset(ZERO)
)


#: Entries about one contact: its own, and those of ranges that it is in. Two, so that each has its index.
#: Asked as a range, since SQLite does not see that an equality would do for the index of those that are of one.
_OF_ONE = and_(
    changes.c.account_id == A,
    changes.c.noun == _word("contact"),
    changes.c.first == changes.c.last,
    changes.c.first >= bindparam("number"),
    changes.c.first <= bindparam("number"),
)
_OF_MANY = and_(
    changes.c.account_id == A,
    changes.c.noun == _word("contact"),
    changes.c.first < changes.c.last,
    changes.c.first <= bindparam("number"),
    changes.c.last >= bindparam("number"),
)


def _history(test: ColumnElement[bool]) -> Statement:
    """The newest entries about contacts that fulfil ``test``, the newest first.

    They are sorted by a sum, as SQLite would else walk through the whole log in its order to find the few.
    """
    return Statement(
        select(*CHANGE).where(test).order_by((changes.c.seq + ZERO).desc()).limit(bindparam("limit")).offset(ZERO)
    )


HISTORY_OF_ONE = _history(_OF_ONE)
HISTORY_OF_MANY = _history(_OF_MANY)
#: Entries that speak of a contact.
SPOKEN_OF_ONE = Statement(select(changes.c.seq, changes.c.import_id).where(_OF_ONE))
SPOKEN_OF_MANY = Statement(select(changes.c.seq, changes.c.import_id).where(_OF_MANY))
CHANGES_FORGET = Statement(update(changes).where(_OF_ONE).values(before=literal_column("NULL")))

# --- stored answers ---
ANSWER = Statement(
    select(answers.c.request_hash, answers.c.status, answers.c.content_type, answers.c.body).where(
        answers.c.account_id == A, answers.c.key == bindparam("key")
    )
)
ANSWER_ADD = adding(answers)
ANSWERS_FORGET = Statement(
    update(answers)
    .where(
        answers.c.account_id == A,
        answers.c.first_seq <= bindparam("seq"),
        answers.c.last_seq >= bindparam("seq"),
    )
    .values(body=bindparam("body"))
)
ANSWERS_OLD = Statement(delete(answers).where(answers.c.created_at < bindparam("older_than")))

"""All SQL that the operations make a store issue speaks of one account, but for the few statements that are named."""

import re
from pathlib import Path
from typing import Any

import apsw
import pytest

from onebook.errors import Conflict, NotAuthenticated
from onebook.model.contact import Address, Card, ContactDraft, ContactPatch, Email, Phone
from onebook.model.name import primary_phone
from onebook.operations import (
    accounts,
    address_books,
    by_phone,
    changes,
    contacts,
    groups,
    labels,
    locations,
    opt_outs,
    organizations,
    search,
)
from onebook.store import sqlite, sqlite_connection
from onebook.store.base import Condition, Order
from onebook.store.sqlite import SqliteStore
from tests.operations.desk import Desk
from tests.store.engines import SQLITE, sqlite_file
from tests.store.house import new_contacts

# Whose statements they are: the directory's, the installation's, the sweep's, and the search index's own.
NOT_OF_ONE_ACCOUNT = (
    r"FROM key_directory",
    r"FROM accounts",
    r"INTO accounts",
    r"FROM moves",
    r"DELETE FROM answers WHERE answers\.created_at",
    r"FROM generations \nWHERE generations\.state",
    r"INTO contacts_words|contacts_words_|FROM contacts_vocabulary|last_insert_rowid",
    r"UPDATE accounts SET .* WHERE accounts\.id = ",
    r"^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|pragma|-- )",
)
ADA = Card(
    full="Ada Lovelace",
    phones=(Phone("0612345678", "+33612345678", primary=True),),
    emails=(Email("ada@example.org", primary=True),),
    addresses=(Address(city="Paris"),),
)


@pytest.fixture
def issued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SQL texts that connections opened from now on issue."""
    texts: list[str] = []
    connect = sqlite_connection.connect

    def issue(cursor: apsw.Cursor, *_: object) -> bool:
        texts.append(cursor.expanded_sql)
        return True

    def traced(path: Path, **options: Any) -> apsw.Connection:
        connection = connect(path, **options)
        connection.exec_trace = issue
        return connection

    SQLITE.create(tmp_path)
    monkeypatch.setattr(sqlite, "connect", traced)
    return texts


def test_everything_that_is_issued(issued: list[str], tmp_path: Path) -> None:
    store = SqliteStore(sqlite_file(tmp_path))
    desk = Desk(store)
    _contacts(desk)
    _nouns(desk)
    with pytest.raises(NotAuthenticated):
        accounts.authenticate(store, accounts.claim_of("wrong"), "test", 0)
    store.sweep(answers_before=2**52, generations_before=2**52)
    store.close()
    of_accounts = [sql for sql in issued if not any(re.search(pattern, sql) for pattern in NOT_OF_ONE_ACCOUNT)]
    assert len({sql.split(" WHERE")[0][:60] for sql in of_accounts}) > 40, "much was tried"
    assert [sql for sql in of_accounts if not _binds_account(sql)] == []


def _binds_account(sql: str) -> bool:
    """Whether the SQL names its account: among an insert's columns, or in what it looks for."""
    if sql.startswith("INSERT"):
        return "(account_id" in sql or re.search(r"\([^)]*\baccount_id\b", sql) is not None
    return re.search(r"\baccount_id = \d+", sql) is not None


def _contacts(desk: Desk) -> None:
    ada = desk.create(ADA, external_id="e")
    group = desk.create("All", kind="group")
    desk.write(lambda session, actor: groups.set_members(session, actor, group, [(ada.uid, True)]))
    with pytest.raises(Conflict):
        desk.create("Twin", external_id="e")
    changed = desk.update(ada, ContactPatch(full="Ada Byron", phones=(), external_id="f"))
    for order in (Order(), Order("name"), Order("email", descending=True)):
        _find(desk, order)
    desk.read(lambda session, actor: search.search(session, actor, "ada bryon", enough=9))
    desk.read(lambda session, actor: changes.since(session, actor, None, 5))
    desk.read(lambda session, actor: contacts.count(session, actor, ()))
    desk.read(lambda session, actor: by_phone.find(session, actor, ["+33612345678"]))
    assert primary_phone(changed.card) is None
    lists = desk.write(lambda session, actor: labels.numbers_of(session, actor, "list", ["a", "b"]))
    desk.write(lambda session, _: labels.attach(session, lists, [ada.number]))
    desk.write(lambda session, actor: labels.replace(session, actor, "list", ada.number, ["c"]))
    desk.write(lambda session, _: labels.detach_all(session, "list", [ada.number]))
    desk.read(lambda session, _: session.labels.sizes("list"))
    generation = desk.write(lambda session, _: session.contacts.new_generation(1))
    again = new_contacts(desk.account, ContactDraft(ADA))
    desk.write(lambda session, _: session.bulk.insert(again, 1, generation, shown=False))
    staged = desk.read(lambda session, _: session.contacts.staged(1, generation))
    desk.write(lambda session, _: session.contacts.publish(1, generation, staged))
    desk.write(lambda session, actor: contacts.erase(session, actor, session.contacts.page((), limit=1)[0]))


def _find(desk: Desk, order: Order) -> None:
    tests = (
        Condition("phone", "eq", "+33612345678"),
        Condition("email", "in", ("ada@example.org",)),
        Condition("label", "eq", 1),
        Condition("has_member", "eq", 1),
        Condition("opted_out", "eq", value=True),
        Condition("custom", "eq", ("a", "b")),
        Condition("words", "eq", (("ada",),)),
        Condition("organization_named", "eq", ((1,), "acme")),
        Condition("location", "eq", "x"),
        Condition("building", "eq", "x"),
    )
    for test in tests:
        desk.read(lambda session, actor: contacts.find(session, actor, (test,), order=order, limit=5))  # noqa: B023
        desk.read(lambda session, actor: contacts.count(session, actor, (test,)))  # noqa: B023


def _nouns(desk: Desk) -> None:
    acme = desk.write(lambda session, actor: organizations.create(session, actor, "Acme", {}))
    desk.read(lambda session, _: organizations.referred(session, "acme"))
    desk.write(lambda session, actor: organizations.delete(session, actor, acme.uid))
    place = desk.write(lambda session, actor: locations.create(session, actor, "Home", Address(city="Rome")))
    desk.read(lambda session, actor: locations.address_known_as(session, actor, place.address_id))
    desk.write(lambda session, actor: locations.delete(session, actor, place.uid))
    desk.write(lambda session, _: opt_outs.mark(session, "phone", "+33612345678", "STOP"))
    desk.read(lambda session, _: opt_outs.marked(session, "phone", ["+33612345678", "x"]))
    desk.write(lambda session, _: opt_outs.clear(session, "phone", "+33612345678"))
    book = desk.new_book("Friends")
    desk.write(lambda session, actor: address_books.update(session, actor, book, name="Pals"))
    desk.write(lambda session, actor: address_books.delete(session, actor, book))
    made = desk.write(lambda session, actor: accounts.create_key(session, actor, "read"))
    assert accounts.authenticate(desk.store, accounts.claim_of(made.secret), "test", 0).key == made.key
    desk.write(lambda session, actor: accounts.switch_key(session, actor, made.key.id, enabled=False))
    desk.write(lambda session, actor: accounts.remove_key(session, actor, made.key.id))
    user = desk.write(lambda session, _: accounts.create_user(session, "joe", None))
    desk.write(lambda session, actor: accounts.create_credential(session, actor, "local", 1, user=user.id))
    desk.write(lambda session, actor: accounts.remove_user(session, actor, user.id))
    desk.write(lambda session, _: accounts.set_default_country(session, "FR"))
    desk.write(lambda session, _: session.keep_answer("k", b"h", 200, "", b""))
    desk.read(lambda session, _: session.answer("k"))

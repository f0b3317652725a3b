"""Contacts, books and keys by the operations: versions, bound keys, scopes, and when a book may go."""

import pytest

from onebook.errors import Conflict, InvalidInput, NotAuthenticated, NotFound, NotPermitted
from onebook.model.account import Scope
from onebook.model.contact import Card, ContactDraft, ContactPatch
from onebook.operations import accounts, address_books, contacts
from onebook.operations.contacts import Placed
from onebook.store.base import Condition
from tests.operations.desk import Desk

# --- contacts ---


def test_a_change_of_what_has_been_changed_since(desk: Desk) -> None:
    ada = desk.create("Ada")
    new = desk.update(ada, ContactPatch(full="Ada B"))
    patch = ContactPatch(full="Ada C")
    with pytest.raises(Conflict) as conflict:
        desk.write(lambda session, actor: contacts.update(session, actor, new, patch, expected_version=1))
    assert (conflict.value.kind, conflict.value.key, conflict.value.existing) == ("version", 1, 2)
    assert desk.names() == ["Ada B"]
    desk.write(lambda session, actor: contacts.update(session, actor, new, patch, expected_version=2))
    assert desk.names() == ["Ada C"]


@pytest.mark.parametrize("number", [0, -1, 2, 2**53, 10**30])
def test_no_contact_of_that_number(desk: Desk, number: int) -> None:
    desk.create("Ada")
    with pytest.raises(NotFound):
        desk.read(lambda session, actor: contacts.get_numbered(session, actor, number))


def test_a_batch_is_written_wholly_or_not_at_all(desk: Desk) -> None:
    desk.create("Ada", external_id="e")
    placed = [Placed(ContactDraft(Card(full=name), external_id=name), 1) for name in ("x", "e")]
    with pytest.raises(Conflict) as conflict:
        desk.write(lambda session, actor: contacts.create(session, actor, placed))
    assert conflict.value.index == 1
    assert desk.names() == ["Ada"]


def test_a_bound_key_sees_and_changes_one_book(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    mine, theirs = desk.create("Mine", external_id="e"), desk.create("Theirs", external_id="e", book=friends)
    bound = desk.as_("admin", book=1)
    assert bound.names() == ["Mine"]
    assert bound.read(lambda session, actor: contacts.count(session, actor, ())) == 1
    found = bound.read(lambda session, actor: contacts.with_external_id(session, actor, "e"))
    assert [contact.number for contact in found] == [mine.number]
    with pytest.raises(NotFound):
        bound.read(lambda session, actor: contacts.get(session, actor, theirs.uid))
    with pytest.raises(NotFound):
        bound.read(lambda session, actor: contacts.get_numbered(session, actor, theirs.number))
    with pytest.raises(NotPermitted):
        bound.update(theirs, ContactPatch(full="Changed"))
    with pytest.raises(NotPermitted):
        bound.delete(mine, theirs)
    with pytest.raises(NotPermitted):
        bound.create("New", book=friends)
    with pytest.raises(NotPermitted):
        bound.write(lambda session, actor: contacts.erase(session, actor, theirs))
    assert desk.names() == ["Mine", "Theirs"]


def test_an_external_id_in_several_books(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    for book in (1, friends):
        desk.create(f"In {book}", external_id="e", book=book)
    both = desk.read(lambda session, actor: contacts.with_external_id(session, actor, "e"))
    assert len(both) == 2
    one = desk.read(lambda session, actor: contacts.with_external_id(session, actor, "e", book=friends))
    assert [contact.book for contact in one] == [friends]


# --- books ---


def test_a_book_is_made_when_it_is_first_named(desk: Desk) -> None:
    first = desk.write(lambda session, actor: address_books.named_or_made(session, actor, " Friends "))
    again = desk.write(lambda session, actor: address_books.named_or_made(session, actor, "Friends"))
    assert first == again
    assert first.name == "Friends"
    assert desk.write(lambda session, actor: address_books.named_or_made(session, actor, "friends")) != first


@pytest.mark.parametrize("name", ["", " ", "\n"])
def test_a_book_needs_a_name(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidInput):
        desk.write(lambda session, actor: address_books.create(session, actor, name))


def test_a_book_goes_only_when_nothing_needs_it(desk: Desk) -> None:
    friends = desk.new_book("Friends")

    def delete(number: int) -> None:
        desk.write(lambda session, actor: address_books.delete(session, actor, number))

    ada = desk.create("Ada", book=friends)
    with pytest.raises(Conflict):
        delete(friends)
    desk.delete(ada)
    made = desk.write(lambda session, actor: accounts.create_key(session, actor, "read", book=friends))
    with pytest.raises(Conflict):
        delete(friends)
    desk.write(lambda session, actor: accounts.remove_key(session, actor, made.key.id))
    delete(friends)
    with pytest.raises(NotFound):
        delete(friends)
    with pytest.raises(Conflict):
        delete(1)


def test_the_default_book_is_the_keys_own(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    assert desk.read(address_books.default).number == 1
    assert desk.as_("write", book=friends).read(address_books.default).number == friends
    assert [book.number for book in desk.as_("write", book=friends).read(address_books.seen)] == [friends]
    with pytest.raises(NotPermitted):
        desk.as_("write", book=friends).write(lambda session, actor: address_books.create(session, actor, "More"))


# --- keys ---


@pytest.mark.parametrize(
    ("has", "may"),
    [("none", ()), ("read", ("read",)), ("write", ("read", "write")), ("admin", ("read", "write", "admin"))],
)
def test_a_scope_includes_those_before_it(desk: Desk, has: Scope, may: tuple[Scope, ...]) -> None:
    actor = desk.as_(has).actor
    wanted: tuple[Scope, ...] = ("read", "write", "admin")
    for scope in wanted:
        if scope in may:
            actor.must_be_allowed(scope)
        else:
            with pytest.raises(NotPermitted):
                actor.must_be_allowed(scope)


def test_a_key_opens_until_it_is_off_or_has_expired(desk: Desk) -> None:
    made = desk.write(lambda session, actor: accounts.create_key(session, actor, "read", expires_at=1000))

    def opens(*, now: int = 0, login: str | None = None, secret: str = made.secret) -> bool:
        try:
            return (
                accounts.authenticate(desk.store, accounts.claim_of(secret, login), "test", now).key.id == made.key.id
            )
        except NotAuthenticated:
            return False

    assert opens()
    assert opens(now=999, login="desk")
    assert not opens(now=1000)
    assert not opens(login="another")
    assert not opens(secret=made.secret + "x")
    assert not opens(secret="")
    assert not opens(secret="\ud800")
    desk.write(lambda session, actor: accounts.switch_key(session, actor, made.key.id, enabled=False))
    assert not opens()
    desk.write(lambda session, actor: accounts.switch_key(session, actor, made.key.id, enabled=True))
    assert opens()
    desk.write(lambda session, actor: accounts.remove_key(session, actor, made.key.id))
    assert not opens()


def test_secrets_differ_and_are_not_stored(desk: Desk) -> None:
    made = [desk.write(lambda session, actor: accounts.create_key(session, actor, "read")) for _ in range(5)]
    assert len({one.secret for one in made}) == 5
    assert all(len(one.secret) >= 43 for one in made), "256 bits"
    keys = desk.read(accounts.keys)
    assert not any(one.secret in repr(keys) for one in made)


def test_a_bound_key_makes_only_keys_for_its_book(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    bound = desk.as_("admin", book=1)
    with pytest.raises(NotPermitted):
        bound.write(lambda session, actor: accounts.create_key(session, actor, "admin"))
    with pytest.raises(NotPermitted):
        bound.write(lambda session, actor: accounts.create_key(session, actor, "admin", book=friends))
    assert bound.write(lambda session, actor: accounts.create_key(session, actor, "admin", book=1)).key.book == 1
    others = desk.write(lambda session, actor: accounts.create_key(session, actor, "admin"))
    with pytest.raises((NotFound, NotPermitted)):
        bound.write(lambda session, actor: accounts.switch_key(session, actor, others.key.id, enabled=False))


def test_filters_stay_within_what_the_key_sees(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    desk.create("Theirs", book=friends)
    bound = desk.as_("read", book=1)
    test = Condition("book", "eq", friends)
    assert bound.read(lambda session, actor: contacts.find(session, actor, (test,), limit=9)) == []
    assert bound.read(lambda session, actor: contacts.count(session, actor, (test,))) == 0

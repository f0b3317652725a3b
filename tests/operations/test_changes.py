"""Reading the log by cursors: contacts one by one, never ranges, none twice and none left out."""

import pytest

from onebook.errors import InvalidInput, NotPermitted
from onebook.model.contact import Card, ContactDraft, ContactPatch
from onebook.operations import changes, contacts
from onebook.operations.changes import ChangePage, SeenChange
from onebook.operations.contacts import Placed
from tests.operations.desk import Desk


def page(desk: Desk, cursor: str | None, limit: int) -> ChangePage:
    return desk.read(lambda session, actor: changes.since(session, actor, cursor, limit))


def end(desk: Desk) -> str:
    return page(desk, None, 10_000).cursor


def crowd(desk: Desk, *names: str) -> list[str]:
    """Contacts of these names in one range of the log; their uids."""
    placed = [Placed(ContactDraft(Card(full=name)), 1) for name in names]
    return [made.uid for made in desk.write(lambda session, actor: contacts.create(session, actor, placed))]


def everything(desk: Desk, cursor: str | None, limit: int) -> list[SeenChange]:
    """All changes after a cursor, by pages of ``limit``."""
    seen: list[SeenChange] = []
    for _ in range(1000):
        some = page(desk, cursor, limit)
        assert len(some.changes) <= limit
        seen += some.changes
        cursor = some.cursor
        if not some.more:
            assert page(desk, cursor, limit).changes == []
            assert page(desk, cursor, limit).cursor == cursor
            return seen
        assert some.changes, "a page that promises more brings something"
    raise AssertionError(seen)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 1000])
def test_a_range_comes_as_its_contacts(desk: Desk, limit: int) -> None:
    start = end(desk)
    first, second, third = crowd(desk, *"abcdefg"), crowd(desk, "h"), crowd(desk, *"ijk")
    seen = everything(desk, start, limit)
    assert [change.contact for change in seen] == [*first, *second, *third]
    assert [change.number for change in seen] == list(range(1, 12))
    assert {(change.noun, change.verb, change.before) for change in seen} == {("contact", "created", None)}


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_all_that_happens_comes_in_order(desk: Desk, limit: int) -> None:
    start = end(desk)
    crowd(desk, "Ada", "Bob", "Eve")
    ada, bob, _ = desk.read(lambda session, actor: contacts.find(session, actor, (), limit=9))
    new = desk.update(ada, ContactPatch(full="Ada B"))
    desk.delete(bob)
    desk.write(lambda session, actor: contacts.erase(session, actor, new))
    seen = [(change.verb, change.number) for change in everything(desk, start, limit)]
    assert seen == [("created", 1), ("created", 2), ("created", 3), ("updated", 1), ("deleted", 2), ("erased", 1)]


def test_the_gone_have_no_uid_but_what_was_before(desk: Desk) -> None:
    start = end(desk)
    uids = crowd(desk, "Ada", "Bob")
    ada = desk.read(lambda session, actor: contacts.get(session, actor, uids[0]))
    desk.delete(ada)
    created, other, deleted = everything(desk, start, 1)
    assert (created.contact, other.contact, deleted.contact) == (None, uids[1], None)
    assert deleted.before["contact"]["uid"] == ada.uid


def test_of_the_erased_only_that_it_happened(desk: Desk) -> None:
    start = end(desk)
    (uid,) = crowd(desk, "Ada Lovelace")
    ada = desk.read(lambda session, actor: contacts.get(session, actor, uid))
    new = desk.update(ada, ContactPatch(full="Ada Byron"))
    desk.write(lambda session, actor: contacts.erase(session, actor, new))
    seen = everything(desk, start, 2)
    assert [(change.verb, change.contact, change.before) for change in seen] == [
        ("created", None, None),
        ("updated", None, None),
        ("erased", None, None),
    ]


def test_a_reader_inside_a_range_goes_on_after_others_wrote(desk: Desk) -> None:
    start = end(desk)
    crowd(desk, *"abcd")
    inside = page(desk, start, 2)
    assert inside.more
    assert [change.number for change in inside.changes] == [1, 2]
    crowd(desk, "e")
    assert [change.number for change in everything(desk, inside.cursor, 3)] == [3, 4, 5]


def test_the_same_cursor_gives_the_same_again(desk: Desk) -> None:
    crowd(desk, *"abc")
    middle = page(desk, None, 4).cursor
    assert page(desk, middle, 2) == page(desk, middle, 2)


def test_nothing_new_leaves_the_cursor(desk: Desk) -> None:
    crowd(desk, "a")
    last = end(desk)
    assert page(desk, last, 10) == ChangePage([], last, more=False)


def test_every_noun_is_told(desk: Desk) -> None:
    start = end(desk)
    book = desk.new_book("Friends")
    (change,) = everything(desk, start, 5)
    assert (change.noun, change.verb, change.number, change.contact) == ("book", "created", book, None)


@pytest.mark.parametrize("cursor", ["x", "MS4x", "MS4xLjE", "!", "ü", "MS4tMS4w", "Mi4xLjA", "MS4xLjAuMA", "a" * 5000])
def test_a_cursor_that_is_none_of_ours(desk: Desk, cursor: str) -> None:
    if cursor == "MS4xLjE":  # 1.1.1: inside the first entry, which has but one number
        assert page(desk, cursor, 5).changes
        return
    with pytest.raises(InvalidInput) as error:
        page(desk, cursor, 5)
    assert error.value.issues[0].code == "bad_cursor"


def test_cursors_far_beyond_the_end_bring_nothing(desk: Desk) -> None:
    far = changes._cursor(2**53 - 1, 0)
    assert page(desk, far, 5).changes == []
    assert page(desk, changes._cursor(1, 2**53 - 1), 5).changes != [], "after the entry come the next ones"


def test_a_bound_key_does_not_read_the_log(desk: Desk) -> None:
    with pytest.raises(NotPermitted):
        page(desk.as_("admin", book=1), None, 5)


def test_another_account_reads_its_own_log(desk: Desk) -> None:
    crowd(desk, "Ada")
    stranger = Desk(desk.store, "stranger")
    assert all(change.noun != "contact" for change in everything(stranger, None, 100))

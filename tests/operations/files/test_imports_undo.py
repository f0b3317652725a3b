"""Taking an import back: the book is what it was, but for what others have done since."""

import pytest

from onebook.errors import Conflict
from onebook.operations import contacts

from .conftest import Desk

BEFORE = "ID,Name,Email,Phone,Groups,Tags,Shoe\n" + "".join(
    f"{number},Person {number},p{number}@example.com,020 7946 {number:04d},"
    f'"All, Team {number % 3}",tag {number % 2},{number}\n'
    for number in range(40)
)
AFTER = "ID,Name,Email,Phone,Groups,Tags,Notes\n" + "".join(
    f'{number},Renamed {number},new{number}@example.com,020 7946 {number + 5000},"All, New",tag {number % 5},noted\n'
    for number in range(20, 80)
)


@pytest.mark.parametrize("found", ["update", "fill", "keep"])
@pytest.mark.parametrize("match", ["external_id", "none"])
def test_the_book_is_what_it_was(desk: Desk, match: str, found: str) -> None:
    desk.run(BEFORE)
    before = desk.hash()
    text = AFTER if match == "external_id" else AFTER.replace("ID,", "X,", 1)
    done = desk.run(text, match=match, found=found)
    assert done.counts.rows == 60
    assert desk.hash() != before
    undone = desk.rest(desk.engine.undo(desk.actor, done.id))
    assert (undone.state, undone.kept) == ("undone", ())
    assert desk.hash() == before


def test_contacts_that_others_have_edited_are_kept_and_told(desk: Desk) -> None:
    desk.run(BEFORE)
    done = desk.run(AFTER, match="external_id")
    desk.rename("Renamed 25", "Edited twenty-five")  # was changed by the import
    desk.rename("Renamed 60", "Edited sixty")  # was created by it
    undone = desk.rest(desk.engine.undo(desk.actor, done.id))
    named = desk.named()
    staying = ("Edited twenty-five", "Edited sixty", "New")  # the last is a group that the others are in
    assert {named[name].number for name in staying} == set(undone.kept)
    assert set(desk.members("New")) == {"Edited sixty", "Edited twenty-five"}
    assert "Person 26" in named
    assert "Person 25" not in named
    assert not [name for name in named if name and name.startswith("Renamed")]


def test_what_others_have_deleted_stays_deleted(desk: Desk) -> None:
    desk.run(BEFORE)
    done = desk.run(AFTER, match="external_id")
    gone = [desk.named()["Renamed 25"], desk.named()["Renamed 60"]]
    desk.write(lambda session: session.contacts.delete(gone))
    undone = desk.rest(desk.engine.undo(desk.actor, done.id))
    assert undone.state == "undone"
    assert len(desk.contacts()) == len(BEFORE.splitlines()) - 1 - 1 + 4  # without one; All and three teams


def test_an_edit_between_two_imports_is_what_the_second_ones_undo_gives_back(desk: Desk) -> None:
    desk.run(BEFORE)
    desk.rename("Person 30", "Edited")
    before = desk.hash()
    done = desk.run(AFTER, match="external_id")
    desk.rest(desk.engine.undo(desk.actor, done.id))
    assert desk.hash() == before


def test_only_what_has_ended_can_be_undone_and_only_once(desk: Desk) -> None:
    planned = desk.rest(desk.begin(BEFORE, plan=True))
    with pytest.raises(Conflict):
        desk.engine.undo(desk.actor, planned.id)
    done = desk.run(BEFORE)
    desk.rest(desk.engine.undo(desk.actor, done.id))
    with pytest.raises(Conflict):
        desk.engine.undo(desk.actor, done.id)


def test_erasing_a_contact_takes_the_file_it_came_in(desk: Desk) -> None:
    made = desk.run("ID,Name,Email\n1,Ada Byron,ada@example.org\n2,Grace Hopper,nonsense\n", match="external_id")
    assert desk.engine.issues(desk.actor, made.id)
    ada = desk.named()["Ada Byron"]
    desk.write(lambda session: contacts.erase(session, desk.actor, ada))
    desk.engine.look()
    assert desk.engine.issues(desk.actor, made.id) == []
    forgotten = desk.engine.find(desk.actor, made.id)
    assert (forgotten.state, forgotten.name, forgotten.size) == ("done", None, 0)
    folder = desk.folder
    kept = b"".join(path.read_bytes() for path in (folder / "spool").iterdir())
    assert b"Byron" not in kept

"""Undoing an import when others have been there since: by hand, by other imports, by overwrites."""

from collections.abc import Sequence

import pytest

from onebook.errors import Conflict
from onebook.model.contact import Card, Contact, ContactDraft
from onebook.model.imports import Import
from onebook.operations import address_books, contacts, groups, integrity
from onebook.store.base import Session

from .conftest import Desk

HEAD = "ID,Name,Email,Groups,Notes,Tags\n"
OLD = HEAD + "e1,Original One,,,old,\ne2,Original Two,,,old,\n"


def undo(desk: Desk, imported: Import) -> Import:
    return desk.rest(desk.engine.undo(desk.actor, imported.id))


def kept(desk: Desk, undone: Import) -> set[str | None]:
    return {one.card.full for one in desk.contacts() if one.number in undone.kept}


def update(desk: Desk, name: str) -> Import:
    return desk.run(f"{HEAD}e1,{name},,,{name},\n", match="external_id")


def consistent(desk: Desk) -> bool:
    return not list(integrity.check(desk.store))


def by_id(desk: Desk, external_id: str) -> Contact:
    return next(one for one in desk.contacts() if one.external_id == external_id)


def arrange(desk: Desk, group: str, members: Sequence[tuple[str, bool]]) -> None:
    """Have somebody else set the members of a group, by their external ids."""
    wanted = [(by_id(desk, one).uid, primary) for one, primary in members]
    number = desk.named()[group]
    desk.write(lambda session: groups.set_members(session, desk.actor, number, wanted))


def members(desk: Desk, group: str) -> list[tuple[str | None, bool]]:
    """External ids of a group's members, and whether they are primary ones."""
    number = desk.named()[group]

    def run(session: Session) -> list[tuple[str | None, bool]]:
        found = groups.members(session, [number]).get(number.number, [])
        return [(one.contact.external_id, one.primary) for one in found]

    return desk.store.read(desk.actor.account, run)


# --- overwrites since ---


def test_what_an_overwrite_hides_is_undone_after_it(desk: Desk) -> None:
    desk.run(OLD)
    before = desk.hash()
    done = desk.run(f"{HEAD}e1,New,e1@example.org,Team,new,red\ne3,Three,,Team,,\n", match="external_id")
    after = desk.hash()
    overwrite = desk.run("ID,Name\ne1,Zoe\n", overwrite=True)
    with pytest.raises(Conflict, match="overwritten since"):
        desk.engine.undo(desk.actor, done.id)
    undo(desk, overwrite)
    assert desk.hash() == after
    undone = undo(desk, done)
    assert (undone.state, undone.kept, desk.hash()) == ("undone", (), before)


def test_an_overwrite_that_comes_before_its_undoing_began_stops_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    done = desk.run(OLD)
    with monkeypatch.context() as waiting:
        waiting.setattr(desk.engine, "_take_up", lambda *_: None)
        desk.engine.undo(desk.actor, done.id)
    overwrite = desk.run("ID,Name\ne1,Zoe\n", overwrite=True)
    desk.engine.look()
    stopped = desk.rest(done)
    assert (stopped.state, "overwritten since" in (stopped.message or "")) == ("failed", True)
    undo(desk, overwrite)
    assert undo(desk, done).kept == ()
    assert desk.contacts() == []


def test_what_came_into_an_overwritten_book_is_undone_after_the_overwrite_is(desk: Desk) -> None:
    desk.run(OLD)
    before = desk.hash()
    overwrite = desk.run(f"{HEAD}e5,Zoe,,,,\n", overwrite=True)
    done = desk.run(f"{HEAD}e5,Zoe Changed,,,,\ne9,Nine,,,,\n", match="external_id")
    assert kept(desk, undo(desk, overwrite)) == {"Zoe Changed", "Nine"}
    assert undo(desk, done).kept == ()
    assert {one.card.full for one in desk.contacts()} == {"Original One", "Original Two", "Zoe"}
    assert undo(desk, overwrite).kept == ()
    assert desk.hash() == before
    assert consistent(desk)


def test_a_kept_contact_whose_id_comes_back_gives_it_up_as_any_change(desk: Desk) -> None:
    desk.run(OLD)
    overwrite = desk.run(f"{HEAD}e1,Zoe,zoe@example.org,Crew,,\ne7,Yan,,Crew,,\ne8,Xi,,,,\n", overwrite=True)
    desk.rename("Zoe", "Zoe Edited")
    desk.rename("Xi", "Xi Edited")
    version = desk.named()["Zoe Edited"].version
    undone = undo(desk, overwrite)
    assert kept(desk, undone) == {"Zoe Edited", "Xi Edited", "Crew"}
    there = desk.named()
    assert (there["Zoe Edited"].external_id, there["Zoe Edited"].version) == (None, version + 1)
    assert (there["Xi Edited"].external_id, there["Original One"].external_id) == ("e8", "e1")
    assert desk.members("Crew") == ["Zoe Edited"]
    history = desk.store.read(desk.actor.account, lambda session: session.history(there["Zoe Edited"].number, 1))
    assert (history[0].verb, history[0].before["contact"]["external_id"]) == ("updated", "e1")
    assert consistent(desk)


def test_an_id_is_a_books_own(desk: Desk) -> None:
    desk.run(OLD)
    overwrite = desk.run("ID,Name\ne1,Zoe\n", overwrite=True)

    def elsewhere(session: Session) -> Contact:
        book = address_books.create(session, desk.actor, "Second")
        draft = ContactDraft(Card(full="Yan"), external_id="e1")
        return contacts.create(session, desk.actor, [contacts.Placed(draft, book.number)])[0]

    made = desk.write(elsewhere)
    assert undo(desk, overwrite).kept == ()
    assert made in desk.contacts()


# --- groups ---


def test_a_group_that_others_have_arranged_stays_so_and_is_told(desk: Desk) -> None:
    desk.run(OLD.replace("e1,Original One,,,", "e1,Original One,,Team,"))
    done = desk.run(f"{HEAD}e2,Two,,Team,,\n", match="external_id")
    arrange(desk, "Team", [("e2", True), ("e1", False)])
    undone = undo(desk, done)
    assert (kept(desk, undone), by_id(desk, "e2").card.full) == ({"Team"}, "Original Two")
    assert members(desk, "Team") == [("e2", True), ("e1", False)]


def test_a_new_contact_goes_from_a_group_that_others_have_arranged(desk: Desk) -> None:
    desk.run(OLD.replace("e1,Original One,,,", "e1,Original One,,Team,"))
    done = desk.run(f"{HEAD}e3,Three,,Team,,\n", match="external_id")
    arrange(desk, "Team", [("e3", True), ("e1", False)])
    assert kept(desk, undo(desk, done)) == {"Team"}
    assert members(desk, "Team") == [("e1", False)]


def test_a_new_group_that_others_have_renamed_keeps_who_was_there_before(desk: Desk) -> None:
    desk.run(OLD)
    done = desk.run(f"{HEAD}e1,One,,Team,,\ne2,Two,,Team,,\ne3,Three,,Team,,\n", match="external_id")
    desk.rename("Team", "My Team")
    assert kept(desk, undo(desk, done)) == {"My Team"}
    assert members(desk, "My Team") == [("e1", False), ("e2", False)]
    assert {one.card.full for one in desk.contacts()} == {"Original One", "Original Two", "My Team"}


def test_a_kept_contact_keeps_its_new_group(desk: Desk) -> None:
    desk.run(OLD)
    done = desk.run(f"{HEAD}e1,One,,A,,\ne3,Three,,A; B,,\ne4,Four,,B; C,,\n", match="external_id")
    desk.rename("One", "One Edited")
    desk.rename("Three", "Three Edited")
    assert kept(desk, undo(desk, done)) == {"One Edited", "Three Edited", "A", "B"}
    assert {name: desk.members(name) for name in ("A", "B")} == {
        "A": ["One Edited", "Three Edited"],
        "B": ["Three Edited"],
    }
    assert "C" not in desk.named()


def test_a_group_that_held_who_was_edited_before_the_import_goes(desk: Desk) -> None:
    desk.run(OLD)
    desk.rename("Original One", "Edited")
    before = desk.hash()
    done = desk.run(f"{HEAD}e1,One,,A,,\n", match="external_id")
    desk.rename("Original Two", "Edited too")
    assert undo(desk, done).kept == ()
    desk.rename("Edited too", "Original Two")
    assert desk.hash() == before


def test_another_import_that_only_adds_members_keeps_nobody_in_a_group(desk: Desk) -> None:
    desk.run(OLD)
    done = desk.run(f"{HEAD}e1,One,,Team,,\n", match="external_id")
    later = desk.run(f"{HEAD}e2,Two,,Team,,\n", match="external_id")
    assert kept(desk, undo(desk, done)) == {"Team"}
    assert desk.members("Team") == ["Two"]
    assert undo(desk, later).kept == ()
    assert undo(desk, done).kept == ()
    assert "Team" not in desk.named()


# --- other orders ---


def test_a_forgotten_import_that_was_undone_is_no_edit(desk: Desk) -> None:
    first = desk.run(f"{HEAD}e1,One,,Team,one,red\n")
    second = desk.run(f"{HEAD}e1,Uno,,Crew; Team,two,blue\n", match="external_id")
    undo(desk, second)
    desk.engine.forget(desk.actor, second.id)
    assert undo(desk, first).kept == ()
    assert desk.contacts() == []


def test_a_forgotten_import_is_an_edit_where_it_kept_somebody(desk: Desk) -> None:
    desk.run(OLD)
    first, second, third = (update(desk, name) for name in ("A", "B", "C"))
    assert kept(desk, undo(desk, second)) == {"C"}
    undo(desk, third)
    desk.engine.forget(desk.actor, second.id)
    assert kept(desk, undo(desk, first)) == {"B"}


def test_an_import_that_kept_somebody_is_undone_again(desk: Desk) -> None:
    desk.run(OLD)
    before = desk.hash()
    first = desk.run(f"{HEAD}e1,From B,,Team,b,\ne2,From B too,,Team,,\ne3,New,,Team,,\n", match="external_id")
    second = desk.run(f"{HEAD}e1,From C,,,c,\ne3,Newer,,,,\n", match="external_id")
    assert kept(desk, undo(desk, first)) == {"From C", "Newer", "Team"}
    after = desk.hash()
    assert kept(desk, undo(desk, first)) == {"From C", "Newer", "Team"}
    assert desk.hash() == after
    undo(desk, second)
    desk.rename("Original Two", "Edited later")
    undone = undo(desk, first)
    assert (undone.state, undone.kept) == ("undone", ())
    desk.rename("Edited later", "Original Two")
    assert desk.hash() == before
    with pytest.raises(Conflict):
        desk.engine.undo(desk.actor, first.id)


def test_what_an_undone_import_has_kept_is_an_edit(desk: Desk) -> None:
    desk.run(OLD)
    before = desk.hash()
    first, second, third = (update(desk, name) for name in ("A", "B", "C"))
    undo(desk, second)
    undo(desk, third)
    assert kept(desk, undo(desk, first)) == {"B"}
    assert undo(desk, second).kept == ()
    assert undo(desk, first).kept == ()
    assert desk.hash() == before


def test_who_edits_a_contact_that_an_undo_gave_back_is_not_told(desk: Desk) -> None:
    desk.run(OLD)
    done = desk.run(f"{HEAD}e1,One,,,,\ne2,Two,,,,\n", match="external_id")
    desk.rename("One", "Edited")
    undo(desk, done)
    desk.rename("Original Two", "Edited two")
    assert kept(desk, undo(desk, done)) == {"Edited"}


def test_an_id_that_was_free_too_late_is_given_back(desk: Desk) -> None:
    desk.run(f"{HEAD}x1,Old,p@example.org,,,\n")
    done = desk.run(f"{HEAD}e1,New,p@example.org,,,\n", match="email")
    later = desk.run(f"{HEAD}x1,Newcomer,,,,\n", match="external_id")
    assert kept(desk, undo(desk, done)) == {"Old"}
    assert kept(desk, undo(desk, done)) == {"Old"}
    undo(desk, later)
    assert undo(desk, done).kept == ()
    assert [(one.external_id, one.card.full) for one in desk.contacts()] == [("x1", "Old")]

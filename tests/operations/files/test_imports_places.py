"""What onebook exports of groups comes back: who is in them, in which order, and who is a primary member."""

from typing import Any

import pytest
from msgspec.structs import replace

from onebook.exporting.formats import FORMATS
from onebook.importing.source import Source
from onebook.model.exported import Standing
from onebook.model.imports import Import, ImportOptions
from onebook.model.label import Member
from onebook.operations import address_books, exports, imports_places
from onebook.store.base import Session

from .conftest import Desk

PEOPLE = "Name,Kind\nAda,\nBea,\nChoir,group\nCleo,\nBoard,group\n"
#: Members of each group in their order, and whether as primary ones.
GROUPS = {
    "Board": [("Cleo", True), ("Choir", False), ("Ada", False), ("Bea", True)],
    "Choir": [("Bea", False), ("Ada", True)],
}


@pytest.fixture
def club(desk: Desk) -> Desk:
    """A desk with groups whose members stand in no order of their own."""
    desk.run(PEOPLE)
    numbers = {name: contact.number for name, contact in desk.named().items()}

    def run(session: Session) -> None:
        for group, members in GROUPS.items():
            session.groups.set_members(
                numbers[group], [Member(numbers[name], primary=is_primary) for name, is_primary in members]
            )

    desk.write(run)
    return desk


def exported(desk: Desk, format_name: str, edit: tuple[bytes, bytes] = (b"", b"")) -> Source:
    data = b"".join(exports.export(desk.store, desk.actor, (), exports.format_of(format_name))).replace(*edit)
    return Source(data, len(data), name=f"people.{FORMATS[format_name].extension}")


def taken_in(desk: Desk, source: Source, book: int, **more: Any) -> Import:
    options = ImportOptions(match="none", book=book, make_groups=True, **more)
    return desk.rest(desk.engine.begin(desk.actor, source, options))


def new_book(desk: Desk) -> int:
    return desk.write(lambda session: address_books.create(session, desk.actor, "Second")).number


def groups_of(desk: Desk, book: int) -> dict[str | None, list[tuple[str | None, bool]]]:
    """Names of the members of a book's groups, and whether as primary ones."""
    there = {contact.number: contact for contact in desk.contacts() if contact.book == book}
    groups = {number: contact.card.full for number, contact in there.items() if contact.kind == "group"}
    found = desk.store.read(desk.actor.account, lambda session: session.groups.members(groups))
    return {
        groups[number]: [(there[member.contact].card.full, member.primary) for member in members]
        for number, members in found.items()
    }


@pytest.mark.parametrize("format_name", FORMATS)
def test_members_come_back_in_their_order_with_their_marks(club: Desk, format_name: str) -> None:
    book = new_book(club)
    done = taken_in(club, exported(club, format_name), book)
    assert (done.state, done.created) == ("done", 5)
    assert groups_of(club, book) == GROUPS


def test_they_replace_those_that_an_overwrite_removes(club: Desk) -> None:
    done = taken_in(club, exported(club, "csv"), club.book, overwrite=True)
    assert (done.state, done.created) == ("done", 5)
    assert groups_of(club, club.book) == GROUPS


def test_an_edited_cell_of_groups_counts(club: Desk) -> None:
    book = new_book(club)
    taken_in(club, exported(club, "csv", (b"Choir; Board", b"Board; Dance")), book)
    assert groups_of(club, book) == {
        "Board": [("Cleo", True), ("Choir", False), ("Ada", False), ("Bea", True)],
        "Dance": [("Ada", False), ("Bea", False)],
    }


def test_groups_that_were_there_keep_their_order_and_their_marks(club: Desk) -> None:
    book = new_book(club)
    club.engine.wait(club.actor, taken_in(club, exported(club, "csv"), book).id, seconds=1)
    again = exported(club, "csv", (b"group", b"individual"))
    taken_in(club, again, book)
    board = groups_of(club, book)["Board"]
    assert board[:4] == GROUPS["Board"]
    assert {primary for _, primary in board[4:]} == {False}


def test_undoing_takes_them_away(club: Desk) -> None:
    before, book = club.hash(), new_book(club)
    done = taken_in(club, exported(club, "jsonl"), book)
    club.engine.undo(club.actor, done.id)
    club.rest(done)
    assert groups_of(club, book) == {}
    assert club.hash() == before


def test_a_place_in_a_group_of_too_long_a_name_is_let_go() -> None:
    name = "x" * 600
    assert imports_places.taken_apart(name, [Standing(name, 1)]) == ([], [name])


@pytest.mark.parametrize("position", [-5, 0, 10**12])
def test_a_place_of_whoever_wrote_the_file_is_kept_within_bounds(position: int) -> None:
    standing = Standing("Board", position, primary=True)
    waiting = [imports_places.tie(replace(standing, group="Choir", position=7), 1), imports_places.tie(standing, 2)]
    assert imports_places.wanted(waiting) == [("Choir", 1, True), ("Board", 2, True)]
    assert {len(name) for name, _ in waiting} == {len("\n@0123456789 1Board")}

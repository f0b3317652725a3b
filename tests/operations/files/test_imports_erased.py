"""Erasing somebody who came by files: also where an overwrite keeps what was there, and in every byte of the folder."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from onebook.errors import Conflict, NotFound
from onebook.importing.source import Source
from onebook.model.contact import Contact
from onebook.model.imports import Import
from onebook.operations import address_books, contacts
from onebook.operations.imports_drafts import Draft
from onebook.store.base import Session

from .conftest import Desk

CROWD = "".join(f"{number},Person {number},p{number}@example.com,tag {number % 7}\n" for number in range(1_000))
HEADINGS = "ID,Name,Email,Notes\n"
ADA = "ada,Xanthippe Quuxley,zyzzyva@example.org,jabberwock\n"
WORDS = (b"xanthippe", b"quuxley", b"zyzzyva", b"jabberwock")


def erase(desk: Desk, uid: str) -> None:
    desk.write(lambda session: contacts.erase(session, desk.actor, contacts.erasable(session, desk.actor, uid)))
    desk.engine.let_go()
    desk.store.sweep(answers_before=0, generations_before=0)


def update(old: Contact, new: Contact, session: Session) -> None:
    session.contacts.update(old, new)


def left(folder: Path) -> list[tuple[str, bytes]]:
    """File and word of whatever in the folder still says one of the words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [(path.name, word) for path in files for word in WORDS if word in path.read_bytes().lower()]


def replaced(desk: Desk) -> tuple[Contact, Import]:
    """Ada as she was before an overwrite, and that overwrite, which has her again."""
    desk.run(HEADINGS + CROWD + ADA)
    ada = desk.named()["Xanthippe Quuxley"]
    return ada, desk.run(HEADINGS + ADA + CROWD, overwrite=True)


def test_no_byte_is_left_in_the_folder(desk: Desk, tmp_path: Path) -> None:
    desk.run(HEADINGS + CROWD + ADA)
    people = desk.named()
    for number in range(0, 1_000, 10):  # pages come and go
        old = people[f"Person {number}"]
        desk.write(partial(update, old, replace(old, card=replace(old.card, notes="x" * 3_000))))
        if number % 200 == 0:
            ada = desk.named()["Xanthippe Quuxley"]
            changed = replace(ada, card=replace(ada.card, notes=f"jabberwock {number}" * (number // 2)))
            desk.write(partial(update, ada, changed))
    assert {word for _, word in left(tmp_path)} == set(WORDS)
    erase(desk, desk.named()["Xanthippe Quuxley"].uid)
    assert left(tmp_path) == []


def test_whoever_is_kept_for_undoing_an_overwrite_goes_too(desk: Desk, tmp_path: Path) -> None:
    replaced(desk)
    erase(desk, desk.named()["Xanthippe Quuxley"].uid)
    assert left(tmp_path) == []


def test_somebody_who_is_only_kept_can_be_erased(desk: Desk, tmp_path: Path) -> None:
    desk.run(HEADINGS + ADA + CROWD)
    ada = desk.named()["Xanthippe Quuxley"]
    done = desk.run(HEADINGS + CROWD, overwrite=True)
    erase(desk, ada.uid)
    assert left(tmp_path) == []
    assert len(desk.contacts()) == 1_000
    undone = desk.rest(desk.engine.undo(desk.actor, done.id))
    assert undone.state == "undone"
    assert len(desk.contacts()) == 1_000
    assert desk.store.read(desk.actor.account, lambda session: session.contacts.count(())) == 1_000


def test_others_who_are_kept_stay(desk: Desk) -> None:
    before, done = replaced(desk)
    erase(desk, desk.named()["Xanthippe Quuxley"].uid)
    undoing = desk.engine.undo(desk.actor, done.id)
    assert desk.engine.wait(desk.actor, undoing.id, seconds=20).state == "undone", "no lease is waited for"
    assert len(desk.contacts()) == 1_000
    assert before.uid not in {contact.uid for contact in desk.contacts()}


def test_who_is_not_there_at_all_cannot_be_erased(desk: Desk) -> None:
    with pytest.raises(NotFound):
        erase(desk, "00000000-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    "knows",
    [
        lambda desk: desk.run(HEADINGS + "ada,Xanthippe Quuxley,zyzzyva@,jabberwock\n", match="external_id"),
        lambda desk: desk.run(HEADINGS + ADA, match="external_id", found="keep"),
        lambda desk: desk.run(HEADINGS + "ben,Ben,,\n" + ADA + ADA, match="external_id", found="keep"),
        lambda desk: desk.rest(desk.begin(HEADINGS + ADA.replace("jabber", "jabberwock"), match="none", plan=True)),
        lambda desk: desk.engine.drafts.take(desk.actor, Source(ADA.encode(), len(ADA), name="Quuxley.csv")),
    ],
    ids=["that refused her", "that changed nothing", "that has her twice", "that was only planned", "not yet imported"],
)
def test_a_file_that_has_not_written_her_goes_too(
    desk: Desk, tmp_path: Path, knows: Callable[[Desk], Import | Draft]
) -> None:
    desk.run(HEADINGS + ADA)
    kept = knows(desk)
    erase(desk, desk.named()["Xanthippe Quuxley"].uid)
    assert left(tmp_path) == []
    if isinstance(kept, Import) and kept.state == "planned":
        with pytest.raises(Conflict, match="not kept any more"):
            desk.engine.apply(desk.actor, kept.id)


def test_files_of_other_books_and_of_later_stay(desk: Desk) -> None:
    other = desk.write(lambda session: address_books.create(session, desk.actor, "Other"))
    elsewhere = desk.run(HEADINGS + "ben,Ben,not an address,\n", book=other.number)
    desk.run(HEADINGS + ADA)
    erase(desk, desk.named()["Xanthippe Quuxley"].uid)
    draft = desk.engine.drafts.take(desk.actor, Source(b"Name\nCy\n", 8, name="later.csv"))
    later = desk.run(HEADINGS + "cy,Cy,not an address,\n")
    desk.engine.let_go()
    for one in (elsewhere, later):
        assert len(desk.engine.issues(desk.actor, one.id)) == 1
        assert len(list(desk.engine.rows_of(desk.actor, one.id, [0]))) == 1
    assert desk.engine.drafts.find(desk.actor, draft.id) == draft

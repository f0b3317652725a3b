"""Erasing somebody who came by files: also where an overwrite keeps what was there, and in every byte of the folder."""

from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from onebook.errors import NotFound
from onebook.model.contact import Contact
from onebook.model.imports import Import
from onebook.operations import contacts
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

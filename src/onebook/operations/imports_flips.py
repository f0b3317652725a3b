"""Taking an overwrite back: each of its books shows again what it showed before, and what others have edited since."""

from typing import Final

from msgspec import structs

from onebook.errors import Conflict
from onebook.model.book import Book
from onebook.model.imports import Import
from onebook.operations.imports_edits import Edits
from onebook.store.base import Session

_LOG_PAGE: Final = 1_000

#: Book, generation before, and place in the log, of a book that an overwrite replaced.
Replaced = tuple[int, int, int]


def begun_at(session: Session, now: Import) -> int:
    """The log's last entry as the import was first undone: behind it are the entries of that."""
    return now.read_seq if now.read_seq > now.first_seq else session.last_seq()


def replaced_by(session: Session, now: Import) -> list[Replaced]:
    """The books that an overwrite replaced."""
    found: list[Replaced] = []
    before = begun_at(session, now) + 1
    while len(found) < len(now.seen):
        page = session.bulk.changes_before(before, now.first_seq, _LOG_PAGE)
        if not page:
            break
        found += [
            (change.first, change.before["generation"], change.seq)
            for change in page
            if change.noun == "book" and change.verb == "replaced" and change.import_id == now.id
        ]
        before = page[-1].seq
    return found


def must_be_newest(session: Session, now: Import) -> None:
    """Raises: Conflict if a book was replaced again since an overwrite, or what was there before is cleaned away."""
    for book, generation, _ in replaced_by(session, now):
        found = session.get(Book, number=book)
        current = now.generation if book == now.book else None
        gone = not session.contacts.has_generation(book, generation)
        if found is None or gone or (current is not None and found.generation != current):
            message = "The address book was replaced again since, or what was there before is no longer kept."
            raise Conflict("import", now.id, message=message)


def must_be_shown(session: Session, now: Import) -> None:
    """Raises: Conflict while an overwrite hides what an import has written: generations count up."""
    if session.generation_of(now.book) > now.generation:
        message = "The address book was overwritten since. Undo that overwrite first."
        raise Conflict("import", now.id, message=message)


def flip_back(session: Session, now: Import) -> list[int]:
    """Show again what an overwrite has replaced; gives the numbers of the contacts that stay beside it."""
    kept: list[int] = []
    for book, generation, seq in replaced_by(session, now):
        edited = _edited_since(session, now, book, seq)
        _move(session, book, generation, edited)
        # Counted, not remembered: somebody in it may have been erased since.
        session.bulk.flip(book, generation, session.bulk.size(book, generation))
        _leave_behind(session, edited)
        kept += edited
    return kept


def clear(session: Session, now: Import) -> list[int]:
    """Delete those that have stayed and whose edits were taken back by now; gives the others."""
    edited = {number for book, _, seq in replaced_by(session, now) for number in _edited_since(session, now, book, seq)}
    there = session.contacts.by_numbers(now.kept)
    session.contacts.delete([contact for number, contact in there.items() if number not in edited])
    return sorted(edited.intersection(there))


def _move(session: Session, book: int, generation: int, numbers: list[int]) -> None:
    """Take contacts along to the generation of before; an id that somebody has there stays with them."""
    moving = session.contacts.by_numbers(numbers)
    ids = [contact.external_id for contact in moving.values() if contact.external_id is not None]
    taken = session.bulk.found("external_id", ids, book, generation)
    for contact in moving.values():
        if contact.external_id in taken:
            session.contacts.update(contact, structs.replace(contact, external_id=None))
    session.bulk.move(numbers, generation)


def _leave_behind(session: Session, moved: list[int]) -> None:
    """Take those out of groups that were moved who are not shown any more."""
    ties = [(group, one.contact) for group, some in session.groups.members(moved).items() for one in some]
    there = session.contacts.by_numbers({number for _, number in ties})
    session.bulk.leave([tie for tie in ties if tie[1] not in there])


def _edited_since(session: Session, now: Import, book: int, seq: int) -> list[int]:
    """Contacts of the book that others have made or edited since the overwrite was shown, and the groups of these."""
    edits = Edits(now)
    edits.begin(session)
    before = session.last_seq() + 1
    while page := session.bulk.changes_before(before, seq, _LOG_PAGE):
        for change in page:
            edits.note(change)
        before = page[-1].seq
    edited = _in_book(session, book, edits.edited())
    groups = {group for some in session.groups.of_contacts(edited).values() for group in some}
    return sorted(edited | _in_book(session, book, groups))


def _in_book(session: Session, book: int, numbers: set[int]) -> set[int]:
    there = session.contacts.by_numbers(numbers) if numbers else {}
    return {number for number, contact in there.items() if contact.book == book}

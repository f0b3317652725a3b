"""An import as it is kept: a new one, one that begins again, who sees it, and how far it is."""

from typing import Any

from msgspec import structs

from onebook.errors import Conflict, NotFound
from onebook.model.imports import AT_REST, Import, ImportOptions, Progress
from onebook.operations import address_books
from onebook.operations.actor import Actor
from onebook.store.base import Session


def seen(session: Session, actor: Actor, import_id: str) -> Import:
    """Raises: NotFound("import") if there is none, or it is for a book that the key does not see."""
    found = session.get(Import, id=import_id)
    if found is None or actor.key.book not in (None, found.book):
        raise NotFound("import", import_id)
    return found


def new_values(session: Session, actor: Actor, import_id: str, options: ImportOptions, *, plan: bool) -> dict[str, Any]:
    """The values of a new import, but for those of its file."""
    book = (
        address_books.default(session, actor)
        if options.book is None
        else address_books.get(session, actor, options.book)
    )
    looks_at = address_books.seen(session, actor) if options.all_books else [book] if options.overwrite else []
    return {
        "id": import_id,
        "state": "planning" if plan else "waiting",
        "book": book.number,
        "generation": book.generation,
        "seen": tuple(one.number for one in looks_at),
        # As it is now, even if there is none, so that a plan stays true: what runs the import looks nowhere else.
        "options": structs.replace(options, country=options.country or session.account.default_country),
        **dict.fromkeys(("created", "updated", "unchanged", "refused", "skipped", "next_index", "epoch"), 0),
        **dict.fromkeys(("leased_until", "active_milliseconds"), 0),
        **dict.fromkeys(("code", "message", "ended_at")),
        **dict.fromkeys(("first_seq", "read_seq"), session.last_seq()),
        "samples": (),
        "kept": (),
        "actor": actor.key.id,
        "dialect": actor.dialect,
        "cancel_asked": False,
        "created_at": session.now,
        "updated_at": session.now,
    }


def add(session: Session, values: dict[str, Any]) -> Import:
    """Keep a new import; gives the earlier one if the same file was sent with the same key."""
    made = Import(**values)
    earlier = session.get(Import, key=made.key) if made.key is not None else None
    if earlier is not None:
        if earlier.digest != made.digest:
            message = "The idempotency key was used for another file, or with other options."
            raise Conflict("import", made.key, earlier.id, message=message)
        return earlier
    if made.state == "waiting":
        must_be_alone(session, made)
    session.add(made)
    return made


def without_address(imported: Import) -> ImportOptions:
    """The options of an import that fetches nothing any more: an address may hold a secret."""
    return structs.replace(imported.options, address=None)


def must_be_alone(session: Session, made: Import) -> None:
    """Raises: Conflict while another import replaces one of the same books."""
    for other in session.imports.under_way():
        works = other.state != "planning" and other.id != made.id
        both = works and made.options.overwrite and other.options.overwrite
        if both and set(other.seen) & set(made.seen):
            message = "Another overwrite of the address book is on its way; wait for it, or cancel it."
            raise Conflict("import", made.id, other.id, message=message)


def begin_again(session: Session, actor: Actor, planned: Import) -> None:
    """Make a plan an import that waits for its runner, with nothing of the plan's own counts."""
    must_be_alone(session, planned)
    session.bulk.remove_issues(planned.id)
    zero = dict.fromkeys(("created", "updated", "unchanged", "refused", "skipped", "next_index"), 0)
    at = {"first_seq": session.last_seq(), "actor": actor.key.id, "dialect": actor.dialect}
    session.change(
        Import, {"id": planned.id}, state="waiting", active_milliseconds=0, updated_at=session.now, ended_at=None,
        leased_until=0, samples=(), **zero, **at,
    )  # fmt: skip


def progress_of(imported: Import) -> Progress:
    """How far an import is."""
    counts, seconds = imported.counts, imported.active_milliseconds / 1000
    speed = counts.rows / seconds if seconds else 0.0
    # What was told by the beginning of the file may turn out to be too few.
    total = None if imported.rows_total is None else max(imported.rows_total, counts.rows)
    left = None
    if imported.state in AT_REST:
        left = 0.0
    elif imported.state != "undoing" and total is not None and speed:
        left = (total - counts.rows) / speed
    return Progress(
        imported.id, imported.state, counts, counts.rows, total, speed, left, imported.code, imported.message
    )

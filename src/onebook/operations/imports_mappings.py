"""Mappings of columns that outlive their import: saved under a name, or remembered for files with the same headings."""

import hashlib
from collections.abc import Iterable, Mapping

from msgspec import structs

from onebook.errors import InvalidInput, NotFound, NotPermitted
from onebook.importing.headless import letters
from onebook.importing.mapping import bound, fingerprint, missing
from onebook.model.imports import Import, ImportOptions, RememberedMapping, SavedMapping
from onebook.operations.actor import Actor
from onebook.operations.imports_mend import must_be_none
from onebook.store.base import Session

NAME_CHARACTERS = 100


def every(session: Session) -> list[SavedMapping]:
    """All saved ones, by name."""
    return session.all(SavedMapping)


def named(session: Session, name: str) -> SavedMapping:
    """Raises: NotFound("mapping")."""
    found = session.get(SavedMapping, name=name)
    if found is None:
        raise NotFound("mapping", name)
    return found


def save(session: Session, actor: Actor, name: str, targets: Mapping[str, str]) -> SavedMapping:
    """Save a mapping under a name, in place of the one that has it.

    Args: ``targets``: heading to target, as in `importing.mapping`.

    Raises: InvalidInput for a name or a target that cannot be one; NotPermitted for a key bound to a book.
    """
    _must_reach(actor)
    if not name.strip() or len(name) > NAME_CHARACTERS or name.lstrip().startswith("{"):
        message = f"A mapping's name has 1 to {NAME_CHARACTERS} characters, and no brace at its beginning."
        raise InvalidInput.of("name", "not_a_name", message)
    bound((), targets, field="targets")
    there = session.get(SavedMapping, name=name)
    kept = dict(targets)
    if there is None:
        session.add(SavedMapping(session.next_serial(), name, kept, session.now, session.now))
    else:
        session.change(SavedMapping, {"name": name}, targets=kept, updated_at=session.now)
    made = named(session, name)
    session.log("import_mapping", "updated" if there else "created", made.number, before=there)
    return made


def remove(session: Session, actor: Actor, name: str) -> None:
    """Forget a saved mapping; imports that used it keep what they took from it. Raises: NotFound("mapping")."""
    _must_reach(actor)
    there = named(session, name)
    session.remove(SavedMapping, name=name)
    session.log("import_mapping", "deleted", there.number, before=there)


def _must_reach(actor: Actor) -> None:
    actor.must_be_allowed("write")
    if actor.key.book is not None:
        raise NotPermitted("change mappings, which belong to all address books")


def resolved(session: Session, book: int, headings: tuple[str, ...], options: ImportOptions) -> ImportOptions:
    """The options with the mapping that holds for a file with these headings, and where that is from.

    In this order: what the caller gives, what is saved under the name that the caller says, what the last import of
    such headings into the book has used. Where none is, the columns are recognised.

    Raises: InvalidInput for a name under which nothing is saved, and for the headings of a correction workbook.
    """
    must_be_none(headings)
    if options.targets is not None:
        return structs.replace(options, mapping_from="given")
    if options.mapping is not None:
        saved = session.get(SavedMapping, name=options.mapping)
        if saved is None:
            raise InvalidInput.of("mapping", "unknown", "No mapping is saved under this name.")
        return structs.replace(options, targets=saved.targets, mapping_from="saved")
    recalls = options.recall and not _are_letters(headings)
    known = session.get(RememberedMapping, book=book, headings=_digest(headings)) if recalls else None
    if known is not None:
        return structs.replace(options, targets=known.targets, mapping_from="remembered")
    return structs.replace(options, mapping_from="recognised")


def missing_in(imported: Import) -> tuple[str, ...]:
    """The headings that an import's mapping names and its file has not."""
    options = imported.options
    if options.targets is None or options.custom_prefix is not None:  # of which it is no mapping, but a vendor's table
        return ()
    return missing(imported.headings, options.targets)


def remember(session: Session, imported: Import) -> None:
    """Keep the mapping of an import that is done, for the next file with its headings."""
    if not imported.headings or not imported.options.recall or _are_letters(imported.headings):
        return
    headings = _digest(imported.headings)
    key = {"book": imported.book, "headings": headings}
    targets = imported.options.targets
    if targets is None:
        session.remove(RememberedMapping, **key)
    elif not session.change(RememberedMapping, key, targets=targets, updated_at=session.now):
        session.add(RememberedMapping(imported.book, headings, targets, session.now))


def _are_letters(headings: tuple[str, ...]) -> bool:
    """Whether the columns have no headings of their own: those of the next such file may hold something else."""
    return headings == letters(len(headings))


def _digest(headings: Iterable[str]) -> str:
    """The same for the same headings in any order, letter case and signs."""
    folded = sorted({fingerprint([heading]) for heading in headings})
    return hashlib.sha256("\n".join(folded).encode()).hexdigest()

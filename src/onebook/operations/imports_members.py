"""Members of groups whom a vCard names by their uids: they wait in the store until the last row has come.

They wait among those who wait for a group by its name, under texts that no cell can be, as cells are trimmed: a line
end, then the member's place and its uid; or, for who has another id in the book than in the file, a mark and that uid.

Source: RFC 6350, 6.6.5 (MEMBER); RFC 4122, 3 (urn:uuid, in which letter case makes no difference).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from onebook.model import email as emails
from onebook.model.contact import Contact
from onebook.model.imports import Import
from onebook.store.base import Session

_SIGN: Final = "\n"
_ALIAS: Final = "\n~"  # behind every place, so that an alias is there until the last member was looked up
_URN: Final = "urn:uuid:"
_MAIL: Final = "mailto:"


def ties(members: Sequence[str], group: int) -> Iterator[tuple[str, int]]:
    """What waits in the store for a group's members."""
    return ((f"{_SIGN}{place:07d} {uid}", group) for place, uid in enumerate(members))


def aliases(ids: Sequence[str | None], found: Iterable[tuple[int, Contact, Contact]]) -> list[tuple[str, int]]:
    """What waits in the store for rows that have found a contact which has, and keeps, another id.

    Args: ``ids``: of all rows. ``found``: a row's position, its contact before, and after.
    """
    pairs = ((ids[at], new) for at, _, new in found)
    return [(_ALIAS + _bare(uid), new.number) for uid, new in pairs if uid and uid != new.external_id]


def is_tie(name: str) -> bool:
    """Whether what waits is a member, or an alias of one."""
    return name[:1] == _SIGN and (name[1:2].isdigit() or name[:2] == _ALIAS)


def joined(session: Session, imported: Import, waiting: Iterable[tuple[str, int]]) -> list[tuple[int, int]]:
    """Group and contact of those who wait and can be found, in the order in which their groups name them."""
    wanted = [(name.partition(" ")[2], group) for name, group in waiting if is_tie(name) and name[:2] != _ALIAS]
    numbers = _numbers(session, imported, {uid for uid, _ in wanted})
    return [(group, numbers[uid]) for uid, group in wanted if uid in numbers]


def _numbers(session: Session, imported: Import, uids: set[str]) -> dict[str, int]:
    place = (imported.book, imported.generation)
    mails = {uid: key for uid in uids if uid.lower().startswith(_MAIL) and (key := _mail_key(uid))}
    keys = {uid: ids_of(uid) for uid in uids - mails.keys()}
    by_id = session.bulk.found("external_id", sorted({key for some in keys.values() for key in some}), *place)
    by_mail = session.bulk.found("email", sorted(set(mails.values())), *place) if mails else {}
    other = session.imports.tied(imported.id, [_ALIAS + _bare(uid) for uid in keys])
    found = {uid: by_mail[key] for uid, key in mails.items() if key in by_mail}
    for uid, some in keys.items():
        number = next((by_id[key] for key in some if key in by_id), None) or other.get(_ALIAS + _bare(uid))
        if number is not None:
            found[uid] = number
    return found


def ids_of(uid: str) -> list[str]:
    """The ids that a card with this uid may have: with and without what says that it is one, in any letter case.

    >>> ids_of("urn:uuid:AB-1")
    ['AB-1', 'urn:uuid:AB-1', 'ab-1', 'urn:uuid:ab-1']
    """
    bare = uid[len(_URN) :] if uid.lower().startswith(_URN) else uid
    spellings = (bare, bare.lower(), bare.upper())
    return list(dict.fromkeys(key for one in spellings for key in (one, _URN + one)))


def _bare(uid: str) -> str:
    return uid.lower().removeprefix(_URN)


def _mail_key(uid: str) -> str | None:
    address = emails.normalize(uid[len(_MAIL) :])
    return emails.key_of(address) if address else None

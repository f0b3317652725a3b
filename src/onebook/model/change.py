"""One entry of an account's ordered log of changes."""

from typing import Any, Final, Literal

from msgspec import Struct

from onebook.model.contact import Contact
from onebook.model.converting import converting

Verb = Literal["created", "updated", "deleted", "erased", "replaced", "labelled"]


class Change(Struct, frozen=True):
    """What happened, to which, by whom.

    Args:
        seq: the account's own order, without gaps, from 1.
        noun: ``contact``, ``book``, ``list``, ``tag``, ``organization``, ``location``, ``opt_out``, ``key``…
        first, last: the range of numbers concerned; a bulk load is one entry for a range of contacts.
        at: milliseconds since 1970. actor: id of the key. dialect: by which API or command.
        before: what was there before a change or deletion; None for what was new.
    """

    seq: int
    noun: str
    verb: Verb
    first: int
    last: int
    at: int
    actor: str
    dialect: str
    import_id: str | None
    before: Any


#: Reads the contact that an entry has kept.
contact_kept: Final = converting(Contact)

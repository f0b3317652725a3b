"""The pages that the menu leads to, in its order; the palette and the shortcuts know the same table."""

from typing import Final

from msgspec import Struct

from onebook.model.account import Scope
from onebook.web.visit import Visit


class Item(Struct, frozen=True):
    """One entry.

    Args:
        key: of its word, ``menu.<key>``. path: below the account's. access: the scope that the page asks for.
    """

    key: str
    sign: str
    path: str
    access: Scope = "read"


class Entry(Struct, frozen=True):
    """An entry as it is drawn. Args: ``here``: whether the page that is shown is below it."""

    key: str
    sign: str
    path: str
    here: bool


ITEMS: Final = (
    Item("contacts", "address-book", "/contacts"),
    Item("groups", "users-group", "/groups"),
    Item("labels", "tag", "/labels"),
    Item("imports", "file-import", "/imports"),
    Item("running", "adjustments", "/running"),
)

#: Key → word of what it does, for the page of shortcuts; ``static/onebook.js`` listens to them.
SHORTCUTS: Final = (("/", "search"), ("Ctrl K", "palette"), ("n", "new"), ("?", "shortcuts"), ("Esc", "close"))


def shown(visit: Visit) -> tuple[Entry, ...]:
    """The entries that the person may open."""
    return tuple(
        Entry(item.key, item.sign, visit.base + item.path, visit.path.startswith(visit.base + item.path))
        for item in ITEMS
        if visit.may(item.access)
    )

"""The Upkeep protocol: an account's rows as they are, for checking them against one another and mending them."""

from typing import NamedTuple, Protocol


class Counters(NamedTuple):
    """An account's counters: of its log, its contacts, and everything else that bears a number."""

    seq: int
    contact: int
    serial: int


class Stored(NamedTuple):
    """What a contact's row holds beside its card (as JSON text) and is derived from it."""

    number: int
    external_id: str | None
    given: str | None
    family: str | None
    sort_key: str
    search_text: str
    card: str


class Entry(NamedTuple):
    """A row of a look-up table; ``more``: whether it is the primary one, or the hash of the building, or None."""

    key: str
    contact: int
    more: bool | str | None


class Upkeep(Protocol):
    """One account's rows as they are, shown or not, for checking and mending.

    Look-up tables are called ``phone``, ``email``, ``address`` and ``place``.
    """

    def counters(self) -> Counters:
        """The counters as they stand."""

    def tops(self) -> Counters:
        """The highest number in use of each."""

    def log_length(self) -> int:
        """How many entries the log has."""

    def contacts(self, after: int, limit: int) -> list[Stored]:
        """Contacts of any generation with a number above ``after``, in order."""

    def contact(self, number: int) -> Stored | None:
        """One of them."""

    def entries(self, lookup: str, after: Entry | None, limit: int) -> list[Entry]:
        """Rows of a look-up table after this one."""

    def crowds(self) -> dict[tuple[int, int], int]:
        """How many contacts each generation of each book has."""

    def generations(self) -> set[tuple[int, int]]:
        """Book and number of the generations that are kept beside the current ones."""

    def dangling(self) -> dict[str, int]:
        """Links that name something that is not there: which kind, and how many."""

    def set_counters(self, counters: Counters) -> None:
        """Set the counters; only in a work that writes nothing else that is counted."""

    def set_contacts_of(self, book: int, contacts: int) -> None:
        """Set how many contacts a book says that it has."""

    def enter(self, lookup: str, entry: Entry) -> None:
        """Add a row to a look-up table."""

    def strike(self, lookup: str, key: str, contact: int) -> None:
        """Remove a row of a look-up table."""

    def rewrite(self, stored: Stored) -> None:
        """Set what is derived from a card; the search index is to be made anew afterwards."""

    def cut(self) -> int:
        """Remove the rows that mean nothing without what they name; returns how many."""

    def abandon(self, book: int, generation: int) -> None:
        """Leave the contacts of a generation that nobody knows to the next sweep."""

"""What imports may ask of a store: many contacts at a time, and what an import remembers; part of `store.base`."""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from onebook.model.change import Change
from onebook.model.contact import Contact
from onebook.model.imports import Import, ImportIssue, IssueKind


class Entries(NamedTuple):
    """Look-up entries of new contacts, column by column; in the order of keys, they are written fastest.

    Args:
        at: position of the contact among the new ones, from 0. keys: of the look-up, of which a contact has each
            once. more: whether it is the primary one or, for postal addresses, the hash of the building.
    """

    at: Sequence[int]
    keys: Sequence[str]
    more: Sequence[Any]


class NewContacts(NamedTuple):
    """New contacts of one book, column by column: for many of them, that saves most of the work.

    Args:
        cards: as JSON text. sort_keys, words: as `fold.sort_key` and `fold.search_text` make them of the card.
        locations: positions of contacts that are at stored locations, with the uid of each.
    """

    kinds: Sequence[str]
    external_ids: Sequence[str | None]
    givens: Sequence[str | None]
    families: Sequence[str | None]
    sort_keys: Sequence[str]
    cards: Sequence[str]
    words: Sequence[str]
    phones: Entries
    emails: Entries
    addresses: Entries
    locations: Sequence[tuple[int, str]] = ()


class Bulk(Protocol):
    """Many contacts at a time, for imports. Only in a work that is alone."""

    def found(self, field: str, keys: Sequence[str], book: int, generation: int) -> dict[str, int]:
        """The lowest number of an individual with each key, in one generation of a book.

        Args: ``field``: ``phone``, ``email``, ``external_id`` (of any kind of contact), or ``group``: keys are sort
            keys, and what is found are groups.
        """

    def kinds(self, numbers: Iterable[int], book: int, generation: int) -> dict[int, str]:
        """Those of these numbers that are in one generation of a book, and the kind of each."""

    def groups_called(self, keys: Sequence[str], book: int, generation: int) -> list[tuple[int, str]]:
        """Numbers and full names of the groups with these sort keys, in one generation of a book."""

    def created(self, import_id: str, after: int) -> list[tuple[int, int]]:
        """Ranges of numbers of the contacts that an import has shown, as entries of the log behind ``after`` tell."""

    def uids(self, first: int, last: int, book: int, generation: int) -> list[str]:
        """Of a range of numbers those in one generation of a book, in order."""

    def insert(self, new: NewContacts, book: int, generation: int, *, shown: bool) -> int:
        """Write new contacts and give the number of the first; the others follow it.

        Args: ``shown``: into the current generation: they are counted, and one entry of the log tells the range.
        """

    def update(self, changed: Sequence[tuple[Contact, Contact]]) -> None:
        """Replace contacts, (old, new), in this order, as `Contacts.update` does each. No contact comes twice."""

    def remove(self, first: int, last: int) -> int:
        """Remove the contacts of a range of numbers, shown or not, as `Contacts.delete` does; returns how many.

        One entry of the log tells the range; what was before is not kept.
        """

    def join(
        self, ties: Sequence[tuple[int, int]], ends: dict[int, int], primary: Container[tuple[int, int]] = ()
    ) -> None:
        """Put contacts into groups, (group, contact), behind those who are there; none of them may be in already.

        Args: ``ends``: places of the groups' last members, as far as they are known; looking for one takes as long
            as the group is large. Those that were looked for are added. ``primary``: those who are primary members.
        """

    def leave(self, ties: Sequence[tuple[int, int]]) -> None:
        """Take contacts out of groups, (group, contact)."""

    def size(self, book: int, generation: int) -> int:
        """How many contacts there are in a generation, shown or not."""

    def flip(self, book: int, generation: int, contacts: int) -> None:
        """Show another generation of a book, which has so many contacts; the one before is kept as replaced."""

    def move(self, numbers: Sequence[int], generation: int) -> None:
        """Move contacts to another generation of their book, where nobody has the external id of one of them."""

    def add_issues(self, import_id: str, issues: Sequence[ImportIssue]) -> None:
        """Keep issues of an import."""

    def remove_issues(self, import_id: str, indexes: Sequence[int] | None = None) -> None:
        """Forget the issues of these rows, or of all."""

    def issues(self, import_id: str, after: int, limit: int) -> list[ImportIssue]:
        """Issues of whole rows with an index above ``after``, in order, of at most ``limit`` rows."""

    def issue_kinds(self, import_id: str, limit: int) -> list[IssueKind]:
        """The issues of an import by outcome, code and field; the most frequent first."""

    def keep_part(self, import_id: str, part: int, data: bytes) -> None:
        """Keep a part of what an import has to remember."""

    def parts(self, import_id: str) -> Iterator[bytes]:
        """The parts in their order."""

    def remove_parts(self, import_id: str) -> None:
        """Forget them."""

    def tie(self, import_id: str, ties: Iterable[tuple[str, int]]) -> None:
        """Keep contacts that wait for a group, (name, contact)."""

    def ties(self, import_id: str, limit: int) -> list[tuple[str, int]]:
        """Some of them, by name."""

    def untie(self, import_id: str, ties: Sequence[tuple[str, int]]) -> None:
        """Forget them."""

    def changes_before(self, before: int, after: int, limit: int) -> list[Change]:
        """Entries of the log between two (both left out), the newest first."""


class ImportsKept(Protocol):
    """The imports of an account, found by what becomes of them."""

    def under_way(self) -> list[Import]:
        """Those that are not at rest, in the order in which they came."""

    def newest(self, book: int | None, limit: int) -> list[Import]:
        """The newest ones, those of one book or all, the newest first."""

    def over(self, aged: Collection[str], old: int) -> set[str]:
        """Ids of those at rest whose files go: without a size, or of ``aged`` and ended before ``old``."""

    def with_files(self, books: Collection[int]) -> dict[str, str | None]:
        """Id and file name of those that look at one of these books, and whose file may still be there."""

    def empty(self, import_ids: Collection[str]) -> None:
        """Forget what their files said, and have the files go: no issues, no samples, no size."""

    def tied(self, import_id: str, names: Iterable[str]) -> dict[str, int]:
        """Of each of these names the lowest contact that waits under it, as `Bulk.tie` keeps them."""

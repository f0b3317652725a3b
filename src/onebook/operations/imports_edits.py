"""Who else has edited contacts, as the change log tells it: what taking an import back leaves as it is."""

from collections.abc import Sequence

from onebook.model.change import Change
from onebook.model.imports import Import
from onebook.operations.imports_memory import Memory
from onebook.store.base import Session

_OF_ONE = ("updated", "labelled")


class Edits:
    """Contacts that anybody but one import has edited, of the entries of the log that were noted.

    What an import did that was itself taken back is no edit, but for the contacts that it has kept; those that an
    overwrite has kept are none that it had changed.
    """

    def __init__(self, imported: Import) -> None:
        self._contacts = Memory()
        self._groups = Memory()
        self._undone = {imported.id: Memory()}  # what it kept, by the import; those that are forgotten too
        self._holders: dict[int, list[int]] = {}

    def begin(self, session: Session) -> None:
        """At the beginning of a transaction: learn which imports were taken back by now."""
        for one in session.all(Import, state="undone"):
            if one.id not in self._undone:
                self._undone[one.id] = _memory(changed_still(one))

    def turn_to(self, session: Session, page: Sequence[Change]) -> None:
        """Look up what is to be known of the entries of a page before they are noted."""
        of_others = {change.first for change in page if change.verb in _OF_ONE and self._spans(change)}
        self._holders = session.groups.of_contacts(of_others) if of_others else {}

    def note(self, change: Change) -> None:
        """Learn of an entry; those of one page, in the order in which they are to count."""
        if change.noun == "import" and change.verb == "deleted" and change.before["state"] == "undone":
            self._undone[change.before["id"]] = _memory(change.before["kept"])
        for first, last in self._spans(change):
            if change.verb == "updated" and change.before is None and change.import_id is not None:
                self._groups.meet(first)  # has only got members more
                continue
            self._contacts.meet(first, last)
            for group in self._holders.get(first, ()) if change.verb in _OF_ONE else ():
                self._groups.meet(group)

    def _spans(self, change: Change) -> list[tuple[int, int]]:
        """The numbers of contacts of an entry that count as edited by others."""
        if change.noun != "contact":
            return []
        kept = self._undone.get(change.import_id or "")
        if kept is None:
            return [(change.first, change.last)]
        return [(number, number) for number in kept.met_between(change.first, change.last)]

    def has_met(self, number: int) -> bool:
        """Whether others have edited a contact."""
        return self._contacts.has_met(number)

    def staying(self, first: int, last: int) -> list[int]:
        """Who of a range stays: who was edited, the groups that hold one of these, and those that have grown."""
        edited, groups = self._contacts.met_between(first, last), self._groups.met_between(first, last)
        return sorted({*edited, *groups}) if groups else edited

    def edited(self) -> set[int]:
        """All who were edited."""
        return {number for first, last in self._contacts.ranges() for number in range(first, last + 1)}


def changed_still(undone: Import) -> tuple[int, ...]:
    """The contacts that are still as an import has made or changed them, although it was taken back."""
    return () if undone.options.overwrite else undone.kept


def _memory(numbers: Sequence[int]) -> Memory:
    memory = Memory()
    for number in numbers:
        memory.meet(number)
    return memory

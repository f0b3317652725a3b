"""What contacts that were there before get back when an import is undone; many of them are written together."""

from collections.abc import Mapping

from msgspec import structs

from onebook.model.contact import Contact
from onebook.store.base import Session


class Back:
    """What is taken back of contacts that were there before.

    Attributes:
        joined: groups and contacts that joined them. kept: numbers of contacts that stay as they are.
    """

    def __init__(self) -> None:
        self.joined: list[tuple[int, int]] = []
        self.kept: set[int] = set()
        self._before: dict[int, Contact] = {}

    def restore(self, session: Session, before: Contact) -> None:
        """Have a contact get back what it had."""
        if before.number in self._before:  # changed twice: what it had at first comes after what it had then
            self.write(session)
        self._before[before.number] = before

    def write(self, session: Session) -> None:
        """Write what waits."""
        if self.joined:
            session.bulk.leave(self.joined)
            self.joined = []
        if self._before:
            waiting, self._before = self._before, {}
            self._restore(session, waiting)

    def _restore(self, session: Session, waiting: Mapping[int, Contact]) -> None:
        """Contacts that are gone stay so; an id that is somebody else's by now stays with them."""
        current = session.contacts.by_numbers(waiting)
        pairs = [(now, waiting[number]) for number, now in current.items()]
        session.bulk.update([pair for pair in pairs if pair[0].external_id == pair[1].external_id])
        for now, before in pairs:
            if now.external_id != before.external_id:
                self._give_back(session, now, before)

    def _give_back(self, session: Session, now: Contact, before: Contact) -> None:
        wanted = before.external_id
        place = (now.book, session.generation_of(now.book))
        holder = session.bulk.found("external_id", [wanted], *place).get(wanted) if wanted else None
        if holder in (None, now.number):
            session.contacts.update(now, before)
        else:
            session.contacts.update(now, structs.replace(before, external_id=now.external_id))
            self.kept.add(now.number)

    def finish(self, session: Session) -> set[int]:
        """At the end of a transaction: write what waits; gives who stayed as they were, and are there."""
        self.write(session)
        kept, self.kept = self.kept, set()
        return set(session.contacts.by_numbers(kept)) if kept else kept

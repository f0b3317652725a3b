"""A store with one account, and an engine that imports small files into it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from msgspec.structs import replace

from onebook.importing.source import Source
from onebook.model.account import Key
from onebook.model.contact import Contact
from onebook.model.imports import AT_REST, Import, ImportOptions
from onebook.operations import accounts
from onebook.operations.actor import Actor
from onebook.operations.imports_engine import Engine
from onebook.store.base import Session, Store, Work
from tests.operations.contents import content_hash
from tests.patience import PATIENCE_SECONDS
from tests.store.engines import Engine as Database

T = TypeVar("T")

TARGETS = {
    "ID": "external_id",
    "Name": "name.full",
    "Email": "email",
    "Phone": "phone",
    "Groups": "groups",
    "Kind": "kind",
    "Notes": "notes",
    "Shoe": "custom.Shoe",
    "Tags": "tags",
}


class Desk(NamedTuple):
    """What a test imports with."""

    store: Store
    engine: Engine
    actor: Actor
    book: int
    folder: Path
    reopened: Callable[[], "Desk"]

    def begin(self, text: str, *, plan: bool = False, key: str | None = None, **options: Any) -> Import:
        source = Source(text.encode(), len(text.encode()), name="people.csv")
        chosen = ImportOptions(**{"targets": TARGETS, "country": "GB", **options})
        return self.engine.begin(self.actor, source, chosen, plan=plan, key=key)

    def run(self, text: str, **options: Any) -> Import:
        """Import a text to its end."""
        return self.rest(self.begin(text, **options))

    def rest(self, made: Import) -> Import:
        found = self.engine.wait(self.actor, made.id, seconds=PATIENCE_SECONDS)
        assert found.state in AT_REST, found.state
        return found

    def contacts(self) -> list[Contact]:
        return self.store.read(self.actor.account, lambda session: session.contacts.page((), limit=10_000))

    def named(self) -> dict[str | None, Contact]:
        return {contact.card.full: contact for contact in self.contacts()}

    def hash(self) -> str:
        return self.store.read(self.actor.account, lambda session: content_hash(session, self.actor, self.book))

    def write(self, run: Callable[[Session], T]) -> T:
        """Write as somebody else."""
        value: T = self.store.write(Work(self.actor.account, "somebody", "test", run))
        return value

    def rename(self, name: str, new: str) -> None:
        """Have somebody else edit a contact."""
        old = self.named()[name]
        self.write(lambda session: session.contacts.update(old, replace(old, card=replace(old.card, full=new))))

    def members(self, group: str) -> list[str | None]:
        """Names of the members of a group, in order."""
        number = self.named()[group].number

        def run(session: Session) -> list[str | None]:
            members = session.groups.members([number])
            numbers = [member.contact for some in members.values() for member in some]
            found = session.contacts.by_numbers(numbers)
            return [found[number].card.full for number in numbers]

        return self.store.read(self.actor.account, run)


def open_desk(database: Database, folder: Path) -> Desk:
    store = database.open(folder, None)
    account = store.account_named("desk")
    if account is None:
        accounts.create(store, "desk")
        account = store.account_named("desk")
    assert account is not None
    actor = Actor(account, Key("key", "admin", None, True, None, 0), "test")
    files = Engine(store, folder / "spool", hands=0)
    return Desk(store, files, actor, 1, folder, lambda: open_desk(database, folder))


@pytest.fixture
def desk(engine: Database, folder: Path) -> Iterator[Desk]:
    opened = open_desk(engine, folder)
    yield opened
    opened.engine.stop()
    opened.store.close()

"""An account with one of everything that a request can name, each bearing a secret that no request ever sends."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from msgspec import Struct

from onebook.dialects.packagex.tables import LOCATION_PREFIXES
from onebook.model import ids, phone
from onebook.model.address import address_id
from onebook.model.contact import Address, Card, ContactDraft, Email
from onebook.operations import (
    accounts,
    address_books,
    contacts,
    groups,
    imports_mappings,
    labels,
    locations,
    opt_outs,
    organizations,
)
from onebook.operations.actor import Actor
from onebook.store.base import Session, Work
from onebook.store.schema import metadata
from onebook.store.sqlite_connection import plain
from tests.harness import Account, Server

_serial = count(1)

Json = dict[str, Any]
Words = Mapping[str, str | int]


class World:
    """Contacts, a group, a list and a tag, a place, a key… in a book of their own.

    Attributes:
        tag: stands in every name that a request may send; secret: in every text that none sends.
    """

    def __init__(self, server: Server, account: Account) -> None:
        serial = next(_serial)
        self.account = account
        self.tag, self.secret = f"w{serial}", f"secret-of-{serial}-"
        self.phone, self.email, self.external_id = f"+3361{serial:07d}", f"w{serial}@example.org", f"ext-w{serial}"
        self.book_name, self.empty_name, self.user_name = f"book {self.tag}", f"empty {self.tag}", f"user {self.tag}"
        self.mapping_name = f"mapping {self.tag}"
        self.list_name, self.tag_name, self.organization_name = f"list {self.tag}", f"tag {self.tag}", f"org {self.tag}"
        # In one transaction, as there are hundreds of worlds.
        owner = accounts.named(server._store, account.name)
        server._store.write(Work(owner, "", "test", lambda session: self._furnish(session, accounts.owner(owner))))

    def _furnish(self, session: Session, actor: Actor) -> None:
        secret = self.secret
        self.book = address_books.create(session, actor, self.book_name, kind=f"{secret}kind").number
        self.empty_book = address_books.create(session, actor, self.empty_name).number
        self.list = labels.create(session, actor, "list", self.list_name).number
        self.label = labels.create(session, actor, "tag", self.tag_name).number
        organization = organizations.create(session, actor, self.organization_name, {"industry": secret})
        self.organization = organization.uid
        address = Address(line1=f"1 {secret}street", city="Paris")
        self.location = locations.create(session, actor, f"{secret}place", address).uid
        self.address = address_id(address)
        self._furnish_contacts(session, actor, organization.number, address)
        self.key_id = accounts.create_key(session, actor, "read", book=self.book).key.id
        self.credential_id = accounts.create_credential(session, actor, "local", self.book).id
        self.user_id = accounts.create_user(session, self.user_name, f"{secret}user").id
        self.user_credential_id = accounts.create_credential(session, actor, "local", self.book, user=self.user_id).id
        self.subscription_id = accounts.subscribe(session, f"https://example.org/{secret}", ("crm/contacts",)).id
        imports_mappings.save(session, actor, self.mapping_name, {f"{secret}heading": "name.full"})
        opt_outs.mark(session, "phone", self.phone, f"{secret}source")
        opt_outs.mark(session, "email", self.email, f"{secret}source")

    def _furnish_contacts(self, session: Session, actor: Actor, organization: int, address: Address) -> None:
        card = Card(
            full=f"{self.secret}Person",
            phones=(phone.read(self.phone, None, type=f"{self.secret}type", primary=True),),
            emails=(Email(self.email, primary=True),),
            addresses=(address,),
            notes=f"{self.secret}notes",
            locations=(self.location,),
            custom={"param1": self.secret},
        )
        draft = ContactDraft(card, external_id=self.external_id, organization=organization)
        group = ContactDraft(Card(full=f"{self.secret}Group"), kind="group")
        person, crew = contacts.create(session, actor, [contacts.Placed(one, self.book) for one in (draft, group)])
        groups.set_members(session, actor, crew, [(person.uid, True)])
        labels.attach(session, [self.list, self.label], [person.number])
        self.uid, self.number, self.group = person.uid, person.number, crew.uid

    @property
    def packagex_id(self) -> str:
        return ids.contact_id(self.uid)

    @property
    def packagex_group(self) -> str:
        return ids.contact_id(self.group)

    @property
    def packagex_location(self) -> str:
        return ids.prefixed(LOCATION_PREFIXES[0], self.location)


class Call(Struct, frozen=True):
    """One request: what stands in the path's braces, in the query, and the JSON body (None: no body)."""

    params: Words = {}
    query: Words = {}
    body: Any = None


CLIENTS: dict[str, Callable[[Account], httpx2.Client]] = {
    "native": lambda account: account.native,
    "apptoto": lambda account: account.apptoto,
    "packagex": lambda account: account.packagex,
    "alloy": lambda account: account.alloy,
    "octopush": lambda account: account.octopush,
}


def send(
    account: Account, dialect: str, method: str, path: str, call: Call, *, key: str | None = None
) -> httpx2.Response:
    """Send a call by an account's client of a dialect, with an idempotency key if one is given."""
    headers = {} if key is None else {"Idempotency-Key": key}
    body: Json = {} if call.body is None else {"json": call.body}
    filled = path.format(**call.params)
    return CLIENTS[dialect](account).request(method, filled, params=dict(call.query), headers=headers, **body)


class Rows:
    """What the database holds of one account, table by table, seen behind the server's back."""

    def __init__(self, server: Server, account: str) -> None:
        self._server = server
        (found,) = self._select(["accounts"], "name", account)["accounts"]
        self._account_id = found["id"]

    def _select(self, tables: Sequence[str], column: str, value: object) -> dict[str, list[Json]]:
        found = self._server.engine.records(self._server.data, tables, column, value)
        return {table: sorted(rows, key=repr) for table, rows in found.items()}

    def of(self, table: str) -> list[Json]:
        """The account's rows of a table, in order."""
        return self._select([table], "account_id", self._account_id)[table]

    def all(self) -> dict[str, list[Json]]:
        """Its rows of every table that has any."""
        found = self._select(TENANT_TABLES, "account_id", self._account_id)
        return {name: rows for name, rows in found.items() if rows}


def furnished(folder: Path) -> Path:
    """A database of SQLite of the newest schema with one of everything, whole without its log."""
    server = Server(folder / "data")
    World(server, server.new_account())
    assert server.stop() == 0
    path = server.data / "onebook.db"
    with plain(path, writes=True) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return path


TENANT_TABLES = [name for name, table in metadata.tables.items() if table.info["kind"] == "tenant"]

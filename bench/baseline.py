"""The baseline: FastAPI and pydantic on uvicorn, over the same operations, the same writer and the same database.

Written as a FastAPI user would: models for what comes in and goes out, a dependency for the key, one route to create
a contact, one to create or change it by its number, and one to read it. Run by ``bench/measure.py``.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, EmailStr

from onebook.errors import NotAuthenticated, NotFound
from onebook.model import name as names
from onebook.model import phone
from onebook.model.contact import Card, Contact, ContactDraft, ContactPatch, Email, Phone
from onebook.operations import accounts, address_books, by_phone, contacts
from onebook.operations.actor import Actor
from onebook.store.base import Outcome, Session, Work
from onebook.store.sqlite import SqliteStore


class ContactIn(BaseModel):
    """A contact to be created."""

    name: str
    phone: str | None = None
    email: EmailStr | None = None


class PhoneOut(BaseModel):
    """A number."""

    number: str
    normalized: str | None
    type: str | None
    is_primary: bool


class EmailOut(BaseModel):
    """A mail address."""

    address: str
    type: str | None
    is_primary: bool


class ContactOut(BaseModel):
    """A contact as it is stored."""

    id: int
    uid: str
    name: str | None
    first_name: str | None
    last_name: str | None
    phone_numbers: list[PhoneOut]
    email_addresses: list[EmailOut]
    custom_data: dict[str, Any]
    created_at: int
    updated_at: int


def shown(contact: Contact) -> ContactOut:
    """A contact as a response model."""
    card = contact.card
    return ContactOut(
        id=contact.number,
        uid=contact.uid,
        name=card.full,
        first_name=card.given,
        last_name=card.family,
        phone_numbers=[
            PhoneOut(number=p.raw, normalized=p.e164, type=p.type, is_primary=p.primary) for p in card.phones
        ],
        email_addresses=[EmailOut(address=e.address, type=e.type, is_primary=e.primary) for e in card.emails],
        custom_data=card.custom,
        created_at=contact.created_at,
        updated_at=contact.updated_at,
    )


def drafted(sent: ContactIn) -> ContactDraft:
    """What came in as a draft."""
    given, family = names.split(sent.name)
    phones = (Phone(sent.phone, phone.e164_of(sent.phone, "US"), None, primary=True),) if sent.phone else ()
    emails = (Email(sent.email, None, primary=True),) if sent.email else ()
    return ContactDraft(Card(full=sent.name, given=given, family=family, phones=phones, emails=emails))


def callers(store: SqliteStore) -> Callable[[str], Awaitable[Actor]]:
    """The dependency that checks a key."""

    async def caller(authorization: Annotated[str, Header()]) -> Actor:
        try:
            now = time.time_ns() // 1_000_000
            return accounts.authenticate(
                store, accounts.claim_of(authorization.removeprefix("Bearer ")), "baseline", now
            )
        except NotAuthenticated as error:
            raise HTTPException(401) from error

    return caller


async def written(store: SqliteStore, actor: Actor, run: Callable[[Session], Contact]) -> ContactOut:
    """What a work wrote, once it is committed."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Contact] = loop.create_future()

    def done(outcome: Outcome) -> None:
        loop.call_soon_threadsafe(future.set_result, outcome.value)

    store.submit(Work(actor.account, actor.key.id, "baseline", run), done)
    return shown(await future)


def make_app(store: SqliteStore) -> FastAPI:
    """The application over a store."""
    app = FastAPI()
    caller = callers(store)

    @app.post("/contacts", status_code=201)
    async def create(sent: ContactIn, actor: Annotated[Actor, Depends(caller)]) -> ContactOut:
        draft = drafted(sent)

        def run(session: Session) -> Contact:
            book = address_books.default(session, actor)
            return contacts.create(session, actor, [contacts.Placed(draft, book.number)])[0]

        return await written(store, actor, run)

    @app.post("/contacts/by-phone", status_code=201)
    async def upsert(sent: ContactIn, actor: Annotated[Actor, Depends(caller)]) -> ContactOut:
        card = drafted(sent).card
        patch = ContactPatch(given=card.given, family=card.family, email=card.emails[0])
        entry = by_phone.Entry(phone.key_of(card.phones[0]), card.phones[0], patch)

        def run(session: Session) -> Contact:
            there = by_phone.find(session, actor, [entry.key])
            return by_phone.upsert(session, actor, [entry], there, overwrite=True)[0]

        return await written(store, actor, run)

    @app.get("/contacts/{uid}")
    async def read(uid: str, actor: Annotated[Actor, Depends(caller)]) -> ContactOut:
        try:
            return shown(store.read(actor.account, lambda session: contacts.get(session, actor, uid)))
        except NotFound as error:
            raise HTTPException(404) from error

    return app


def main() -> None:
    """Serve: database, port."""
    store = SqliteStore(Path(sys.argv[1]))
    uvicorn.run(make_app(store), host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")


if __name__ == "__main__":
    main()

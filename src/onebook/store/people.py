"""People, their sign-ins and invitations, over one driver connection; see `store.people_base` for what is promised."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from sqlalchemy import Table, bindparam, delete, func, select, update

from onebook.errors import Conflict
from onebook.model.account import Account
from onebook.model.person import Invitation, Person, Role, SignIn
from onebook.store.base import Session
from onebook.store.driver import Driver, UniqueTaken
from onebook.store.records import from_row, to_row
from onebook.store.schema import accounts, invitations, memberships, people, sign_ins
from onebook.store.statement import Statement
from onebook.store.statements import ZERO, adding

SessionOf = Callable[[Account, str, str], Session]
NewAccount = Callable[[str, str], Account]


def _columns(table: Table, noun: type[Struct]) -> list[Any]:
    return [table.c[name] for name in noun.__struct_fields__]


_PERSON = select(*_columns(people, Person))
PERSON_BY_ID = Statement(_PERSON.where(people.c.id == bindparam("id")))
PERSON_BY_EMAIL = Statement(_PERSON.where(people.c.email_key == bindparam("email_key")))
PEOPLE_COUNT = Statement(select(func.count()).select_from(people))
PERSON_ADD = adding(people)
PERSON_SET = Statement(
    update(people)
    .where(people.c.id == bindparam("at_id"))
    .values({name: bindparam(name) for name in Person.__struct_fields__})
)
ACCOUNTS_OF = Statement(
    select(*accounts.c, memberships.c.role)
    .join(memberships, memberships.c.account_id == accounts.c.id)
    .where(memberships.c.person == bindparam("person"))
    .order_by(accounts.c.id)
)
SIGNED_IN = Statement(
    select(*_columns(people, Person), *_columns(sign_ins, SignIn))
    .join(sign_ins, sign_ins.c.person == people.c.id)
    .where(sign_ins.c.token_hash == bindparam("token_hash"))
)
SIGN_IN_ADD = adding(sign_ins)
SIGN_INS_OF = Statement(
    select(sign_ins.c.token_hash, *_columns(sign_ins, SignIn))
    .where(sign_ins.c.person == bindparam("person"))
    .order_by(sign_ins.c.created_at)
)
SIGN_IN_REMOVE = Statement(delete(sign_ins).where(sign_ins.c.token_hash == bindparam("token_hash")))
SIGN_INS_OLD = Statement(delete(sign_ins).where(sign_ins.c.expires_at < bindparam("before")))
INVITATION = Statement(
    select(*_columns(invitations, Invitation)).where(invitations.c.token_hash == bindparam("token_hash"))
)
INVITATIONS = Statement(
    select(invitations.c.token_hash, *_columns(invitations, Invitation))
    .where(invitations.c.account == bindparam("account"))
    .order_by(invitations.c.created_at)
)
INVITATION_ADD = adding(invitations)
INVITATION_REMOVE = Statement(delete(invitations).where(invitations.c.token_hash == bindparam("token_hash")))
INVITATIONS_OLD = Statement(delete(invitations).where(invitations.c.expires_at < bindparam("before")))
ANY_ACCOUNT = Statement(select(accounts.c.id).order_by(accounts.c.id).limit(bindparam("limit")).offset(ZERO))


class PeopleRows:
    """`People` over a driver."""

    def __init__(self, driver: Driver, now: int, session_of: SessionOf, new_account: NewAccount) -> None:
        """Args: ``session_of`` and ``new_account`` work in the same transaction."""
        self.now = now
        self._driver = driver
        self._session_of = session_of
        self._new_account = new_account

    def by_id(self, person: str) -> Person | None:
        return self._person(PERSON_BY_ID, id=person)

    def by_email(self, email_key: str) -> Person | None:
        return self._person(PERSON_BY_EMAIL, email_key=email_key)

    def _person(self, statement: Statement, **values: object) -> Person | None:
        found = self._driver.rows(statement, values)
        return from_row(Person, found[0]) if found else None

    def count(self) -> int:
        number: int = self._driver.rows(PEOPLE_COUNT, {})[0][0]
        return number

    def add(self, person: Person) -> None:
        try:
            self._driver.run(PERSON_ADD, to_row(person))
        except UniqueTaken:
            raise Conflict("person", person.email) from None

    def change(self, person: Person) -> None:
        try:
            self._driver.run(PERSON_SET, {**to_row(person), "at_id": person.id})
        except UniqueTaken:
            raise Conflict("person", person.email) from None

    def accounts_of(self, person: str) -> list[tuple[Account, Role]]:
        rows = self._driver.rows(ACCOUNTS_OF, {"person": person})
        return [(Account(*row[:-1]), row[-1]) for row in rows]

    def signed_in(self, token_hash: bytes) -> tuple[Person, SignIn] | None:
        found = self._driver.rows(SIGNED_IN, {"token_hash": token_hash})
        if not found:
            return None
        fields = len(Person.__struct_fields__)
        return from_row(Person, found[0][:fields]), from_row(SignIn, found[0][fields:])

    def sign_ins_of(self, person: str) -> list[tuple[bytes, SignIn]]:
        rows = self._driver.rows(SIGN_INS_OF, {"person": person})
        return [(bytes(row[0]), from_row(SignIn, row[1:])) for row in rows]

    def add_sign_in(self, token_hash: bytes, sign_in: SignIn) -> None:
        self._driver.run(SIGN_IN_ADD, {"token_hash": token_hash, **to_row(sign_in)})

    def remove_sign_in(self, token_hash: bytes) -> None:
        self._driver.run(SIGN_IN_REMOVE, {"token_hash": token_hash})

    def invitation(self, token_hash: bytes) -> Invitation | None:
        found = self._driver.rows(INVITATION, {"token_hash": token_hash})
        return from_row(Invitation, found[0]) if found else None

    def invitations_to(self, account: int) -> list[tuple[bytes, Invitation]]:
        rows = self._driver.rows(INVITATIONS, {"account": account})
        return [(bytes(row[0]), from_row(Invitation, row[1:])) for row in rows]

    def add_invitation(self, token_hash: bytes, invitation: Invitation) -> None:
        self._driver.run(INVITATION_ADD, {"token_hash": token_hash, **to_row(invitation)})

    def remove_invitation(self, token_hash: bytes) -> bool:
        return self._driver.run(INVITATION_REMOVE, {"token_hash": token_hash}) > 0

    def forget(self, before: int) -> None:
        self._driver.run(SIGN_INS_OLD, {"before": before})
        self._driver.run(INVITATIONS_OLD, {"before": before})

    def has_accounts(self) -> bool:
        return bool(self._driver.rows(ANY_ACCOUNT, {"limit": 1}))

    def new_account(self, name: str, login: str) -> Account:
        return self._new_account(name, login)

    def session(self, account: Account, actor: str, dialect: str) -> Session:
        return self._session_of(account, actor, dialect)

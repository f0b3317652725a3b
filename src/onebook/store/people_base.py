"""What operations may ask of a store about people, who belong to no one account."""

from typing import TYPE_CHECKING, Protocol

from onebook.model.account import Account
from onebook.model.person import Invitation, Person, Role, SignIn

if TYPE_CHECKING:
    from onebook.store.base import Session


class People(Protocol):
    """One transaction over what belongs to no one account: people, where they are signed in, one-time links.

    Attributes:
        now: this work's time, milliseconds since 1970.
    """

    now: int

    def by_id(self, person: str) -> Person | None:
        """The person with this id."""

    def by_email(self, email_key: str) -> Person | None:
        """The person with this folded mail address."""

    def count(self) -> int:
        """How many people there are."""

    def add(self, person: Person) -> None:
        """Write a new person. Raises: Conflict("person", …) if the mail address is taken."""

    def change(self, person: Person) -> None:
        """Replace the person of this id. Raises: Conflict("person", …) if the mail address is taken."""

    def accounts_of(self, person: str) -> list[tuple[Account, Role]]:
        """The accounts that a person belongs to, and as what, oldest account first."""

    def signed_in(self, token_hash: bytes) -> tuple[Person, SignIn] | None:
        """Who holds this token; an expired one is returned all the same."""

    def sign_ins_of(self, person: str) -> list[tuple[bytes, SignIn]]:
        """Where a person is signed in, oldest first."""

    def add_sign_in(self, token_hash: bytes, sign_in: SignIn) -> None:
        """Write a sign-in."""

    def remove_sign_in(self, token_hash: bytes) -> None:
        """Remove one, if it is there."""

    def invitation(self, token_hash: bytes) -> Invitation | None:
        """The invitation of this secret, expired or not."""

    def invitations_to(self, account: int) -> list[tuple[bytes, Invitation]]:
        """Those to one account (0: to found one), oldest first."""

    def add_invitation(self, token_hash: bytes, invitation: Invitation) -> None:
        """Write an invitation."""

    def remove_invitation(self, token_hash: bytes) -> bool:
        """Remove one; whether it was there."""

    def forget(self, before: int) -> None:
        """Remove sign-ins and invitations that expired before this time."""

    def has_accounts(self) -> bool:
        """Whether the installation has any account."""

    def new_account(self, name: str, login: str) -> Account:
        """Write a new account in this transaction. Raises: Conflict("account", name) if name or login is taken."""

    def session(self, account: Account, actor: str, dialect: str) -> "Session":
        """A session for one account in this same transaction."""

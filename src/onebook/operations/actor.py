"""Who acts: an account's key, by a dialect; and what it may see."""

from typing import Final

from msgspec import Struct

from onebook.errors import NotPermitted
from onebook.model.account import SCOPES, Account, Key, Scope
from onebook.store.base import Condition, Where

#: Each scope's place: whoever has a higher one may all that those below it may.
RANKS: Final = {scope: rank for rank, scope in enumerate(SCOPES)}


class Actor(Struct, frozen=True):
    """Args: ``dialect`` is the API or command that the key came by, for the change log only."""

    account: Account
    key: Key
    dialect: str

    def may(self, scope: Scope) -> bool:
        """Whether the key's scope is ``scope`` or more."""
        return RANKS[self.key.scope] >= RANKS[scope]

    def must_be_allowed(self, scope: Scope) -> None:
        """Raises: NotPermitted if the key's scope is less than ``scope``."""
        if RANKS[self.key.scope] < RANKS[scope]:
            raise NotPermitted({"read": "read", "write": "change contacts"}.get(scope, "administer the account"))

    def must_see(self, book: int) -> None:
        """Raises: NotPermitted if the key is bound to another book."""
        if self.key.book not in (None, book):
            raise NotPermitted("use this address book")

    @property
    def sees(self) -> Where:
        """The filter that leaves exactly what the key may see."""
        return () if self.key.book is None else (Condition("book", "eq", self.key.book),)

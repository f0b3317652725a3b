"""What a page's handler is given and gives back: plain values, with nothing of a web framework inside.

A handler is a synchronous function `Visit` → `Reply`, run in a thread. It reads words from the form, calls one
operation, and says what to show; every rule is the operation's.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import PureWindowsPath
from typing import Any, Final, Literal, TypeVar

from msgspec import Struct

from onebook.dialects.base import Answer, Limits
from onebook.errors import NotAuthenticated
from onebook.model.account import Account, Scope
from onebook.model.person import Person, Role
from onebook.operations.actor import Actor
from onebook.operations.imports_engine import Engine
from onebook.operations.imports_spool import Landed, Landing
from onebook.operations.people import Caller
from onebook.operations.throttle import Throttle
from onebook.store.base import Session, Store, Work
from onebook.web.words import Words

T = TypeVar("T")

#: Where the server puts, in the scope of a request, what sends a long body no faster than the client takes it.
SEND_PIECES: Final = "onebook.send_pieces"

#: Who may open a page: anyone, whoever is signed in, or who has this scope in the account that the path names.
Access = Literal["anyone", "person"] | Scope


class House(Struct, frozen=True):
    """What all pages stand on."""

    store: Store
    imports: Engine
    throttle: Throttle
    limits: Limits = Limits()


class Values:
    """Named values of a query or a form; a name may come more than once."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = list(pairs)

    def __contains__(self, name: str) -> bool:
        return any(known == name for known, _ in self._pairs)

    def __getitem__(self, name: str) -> str:
        """The last value of a name, without NULs and lone surrogates, which no store takes; empty if there is none."""
        return next((_clean(value) for known, value in reversed(self._pairs) if known == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a name, in order."""
        return [_clean(value) for known, value in self._pairs if known == name]

    def number(self, name: str, otherwise: int = 0) -> int:
        """A value as a number, if it is one that the store can hold."""
        text = self[name]
        return int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(2**53)) else otherwise

    def pairs(self) -> list[tuple[str, str]]:
        """All of them, as they came."""
        return [(name, _clean(value)) for name, value in self._pairs]


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


class Upload(Struct, frozen=True):
    """A file that came with a form; it is gone after the request, unless an import has taken it over."""

    name: str
    landing: Landing

    def source(self) -> Landed:
        """The file as what an import takes."""
        return replace(self.landing.landed(), name=PureWindowsPath(self.name).name or None)


class Visit(Struct, frozen=True):
    """One request for a page.

    Args:
        params: what stood in the path's braces. swap: whether htmx asks, for a piece of a page.
        person: who is signed in; token: what their browser holds. actor, role: set where the path names an account.
        columns: of the list of contacts, as they were chosen last in this browser.
        csrf: what every changing form of this page must bring back. secure: whether it came over TLS.
    """

    house: House
    method: str
    path: str
    params: Mapping[str, str]
    query: Values
    form: Values
    files: Mapping[str, Upload]
    swap: bool
    words: Words
    csrf: str
    caller: Caller
    address: str
    secure: bool = False
    columns: str = ""
    token: str = ""
    person: Person | None = None
    accounts: tuple[tuple[Account, Role], ...] = ()
    actor: Actor | None = None
    role: Role | None = None

    @property
    def me(self) -> Person:
        """Who is signed in. Raises: NotAuthenticated."""
        if self.person is None:
            raise NotAuthenticated("missing")
        return self.person

    @property
    def who(self) -> Actor:
        """Who acts in the account of the path. Raises: NotAuthenticated."""
        if self.actor is None:
            raise NotAuthenticated("missing")
        return self.actor

    @property
    def base(self) -> str:
        """The beginning of all paths of the account."""
        return f"/accounts/{self.who.account.id}"

    def may(self, scope: Scope) -> bool:
        """Whether the person may do this in the account."""
        return self.actor is not None and self.actor.may(scope)

    def read(self, run: Callable[[Session, Actor], T]) -> T:
        """Run a reading work in the account of the path."""
        actor = self.who
        return self.house.store.read(actor.account, lambda session: run(session, actor))

    def write(self, run: Callable[[Session, Actor], T]) -> T:
        """Run a writing work in the account of the path; it is committed once this returns."""
        actor = self.who
        work = Work(actor.account, actor.key.id, actor.dialect, lambda session: run(session, actor))
        value: T = self.house.store.write(work)
        return value


class Notice(Struct, frozen=True):
    """One sentence about what was done, shown on the next page or above this one.

    Args:
        key: of the sentence in the tables of words; values: what stands in it.
        undo: path to post to that takes it back; empty if nothing does.
    """

    key: str
    values: Mapping[str, Any] = {}
    undo: str = ""
    bad: bool = False


class Cookie(Struct, frozen=True):
    """A cookie to be set; ``seconds`` 0 removes it."""

    name: str
    value: str
    seconds: int


class Shown(Struct, frozen=True):
    """A template and what it shows; for htmx, a piece of a page."""

    template: str
    values: Mapping[str, Any] = {}
    status: int = 200
    notice: Notice | None = None
    headers: Mapping[str, str] = {}
    cookies: tuple[Cookie, ...] = ()


class Gone(Struct, frozen=True):
    """Go on at another path of ours."""

    to: str
    notice: Notice | None = None
    cookies: tuple[Cookie, ...] = ()


class Sent(Struct, frozen=True):
    """Bytes, or `Pieces`, as they are."""

    answer: Answer


Reply = Shown | Gone | Sent
Handler = Callable[[Visit], Reply]


class PageRoute(Struct, frozen=True):
    """One row of the table of pages.

    Args:
        path: parameters in braces; ``{account}`` is the id of an account that the person must belong to.
        takes_files: whether files come with the form, as large as imports may be.
    """

    method: str
    path: str
    handler: Handler
    access: Access = "read"
    takes_files: bool = False

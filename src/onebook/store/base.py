"""The Store protocol: what operations may ask of a store, whatever engine is below.

A `Store` runs pieces of work. A work is a plain function of one `Session`; a session speaks for one account and is
one transaction: a work either happens wholly or leaves nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from msgspec import Struct

from onebook.model.account import Account, Key
from onebook.model.change import Change, Verb
from onebook.model.contact import Contact, ContactDraft
from onebook.model.label import LabelKind, Member
from onebook.model.opt_out import Channel

N = TypeVar("N", bound=Struct)
T = TypeVar("T")

Op = Literal["eq", "ne", "in", "contains", "lt", "le", "gt", "ge"]


class Condition(NamedTuple):
    """One test of contacts; a filter is a tuple of them, all of which must hold.

    Fields and what they compare:
        number, uid, book, kind, external_id, organization, given, family, sort_key, created_at, updated_at: the
        contact's own; ``eq ne in lt le gt ge`` and, for words, ``contains``; words without regard to letter case;
        ``ne`` also holds for contacts without the value.
        phone, email: the key of any of its phones or mails; primary_phone: of the primary one.
        address, building: id or hash of any of its addresses. location: uid of a place it belongs to.
        label: number of a list or tag it is on. member_of, has_member: number of a group, of a member.
        organization_named: ``(numbers, text)``: tied to one of them, or the text kept instead
        (``eq``, ``ne``, ``contains``).
        opted_out: whether any of its phones or mails is marked, or none.
        custom: ``(name, text)``: the custom field's value as text.
        words: tuple of alternatives, each a tuple of search tokens matched by their beginnings; any may match.
    """

    field: str
    op: Op
    value: Any


Where = tuple[Condition, ...]


class Order(NamedTuple):
    """``number`` (the order of creation), ``name``, ``email``, ``created_at`` or ``updated_at``; ties by number."""

    by: Literal["number", "name", "email", "created_at", "updated_at"] = "number"
    descending: bool = False


BY_NUMBER = Order()


class Placement(NamedTuple):
    """A draft with its place: the book, and the generation to write into (None for the current one)."""

    draft: ContactDraft
    book: int
    generation: int | None = None


class Contacts(Protocol):
    """The contacts of one account. Readers see each book's current generation only."""

    def by_uid(self, uid: str) -> Contact | None:
        """The contact with this uid."""

    def by_number(self, number: int) -> Contact | None:
        """The contact with this number."""

    def by_numbers(self, numbers: Iterable[int]) -> dict[int, Contact]:
        """Those of these numbers that exist."""

    def page(self, where: Where, *, order: Order = BY_NUMBER, limit: int, offset: int = 0) -> list[Contact]:
        """The contacts that fulfil ``where``, ordered, from ``offset``."""

    def count(self, where: Where) -> int:
        """How many fulfil ``where``; from counters where only books are named."""

    def vocabulary(self, beginning: str, limit: int) -> list[str]:
        """Search tokens in use that begin so, for finding misspelt words; of any account, never to be shown."""

    def insert(self, placements: Sequence[Placement]) -> list[Contact]:
        """Write new contacts, numbered in this order, with one entry of the log for the range.

        Raises: Conflict("external_id", …, index=position) if one is taken in its book; nothing is then written.
        """

    def update(self, old: Contact, new: Contact) -> Contact:
        """Replace ``old`` by ``new`` (same number); gives the new version and time, and logs what was before.

        Raises: Conflict("external_id", …) if the new one's is taken in its book.
        """

    def delete(self, contacts: Sequence[Contact], *, verb: Literal["deleted", "erased"] = "deleted") -> None:
        """Remove contacts from everything that names them: groups, labels, look-ups, search."""

    def stage(self, placements: Sequence[Placement]) -> list[Contact]:
        """Like `insert` into a generation that nobody sees yet; writes no entry of the log."""

    def publish(self, book: int, generation: int, *, replaced: Sequence[int]) -> int:
        """Show a staged generation: added to its book's contacts or, for books in ``replaced``, in place of them.

        Returns: how many contacts came. One entry of the log for the range, one for each replaced book.
        """

    def new_generation(self, book: int) -> int:
        """A generation number of ``book`` that nobody sees yet."""

    def clean(self, book: int, generation: int, limit: int) -> int:
        """Remove up to ``limit`` contacts of a generation that nobody sees; returns how many there were.

        The call that finds fewer than ``limit`` also removes what is known of the generation.
        """


class Groups(Protocol):
    """Who is in which group."""

    def members(self, groups: Iterable[int]) -> dict[int, list[Member]]:
        """Members of each group, in order."""

    def set_members(self, group: int, members: Sequence[Member]) -> None:
        """Replace a group's members."""

    def groups_of(self, contact: int) -> list[int]:
        """Numbers of the groups that hold this contact."""


class Labels(Protocol):
    """Who is on which list and bears which tag."""

    def numbered(self, kind: LabelKind, names: Iterable[str]) -> dict[str, int]:
        """Numbers of those labels of these names that exist."""

    def of_contacts(self, contacts: Iterable[int]) -> dict[int, list[tuple[LabelKind, str]]]:
        """Kind and name of each label of each contact, by name."""

    def bearing(self, label: int) -> list[int]:
        """Numbers of the contacts on a label, in order."""

    def attach(self, labels: Iterable[int], contacts: Iterable[int]) -> None:
        """Put each contact on each label; being there already changes nothing."""

    def detach(self, labels: Iterable[int], contacts: Iterable[int]) -> None:
        """Take each contact off each label."""

    def detach_all(self, kind: LabelKind, contacts: Iterable[int]) -> None:
        """Take each contact off every label of a kind."""

    def clear(self, label: int) -> None:
        """Take all contacts off a label."""

    def sizes(self, kind: LabelKind) -> dict[int, int]:
        """How many contacts each label of a kind has."""


class Session(Protocol):
    """One transaction for one account.

    Attributes:
        account: the account. now: this work's time, milliseconds since 1970.
        actor, dialect, import_id: who acts and by which way, for the log.
    """

    account: Account
    now: int
    actor: str
    dialect: str
    import_id: str | None

    @property
    def contacts(self) -> Contacts: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def labels(self) -> Labels: ...

    def get(self, noun: type[N], **key: object) -> N | None:
        """The one record of a small noun (`Book`, `Label`, `Location`…) with these values."""

    def all(self, noun: type[N], **equal: object) -> list[N]:
        """All records with these values, in the order of their keys."""

    def some(self, noun: type[N], limit: int, *, after: tuple[object, ...] = ()) -> list[N]:
        """Up to ``limit`` records in the order of their keys, after the one with this key."""

    def add(self, record: Struct) -> None:
        """Write a new record.

        Raises: Conflict(kind, …) if something unique in it is taken.
        """

    def change(self, noun: type[Struct], key: Mapping[str, object], **values: object) -> int:
        """Set values in the records with this key; returns how many there were."""

    def remove(self, noun: type[Struct], **equal: object) -> int:
        """Remove records; returns how many there were."""

    def new_uid(self) -> str:
        """A new UUIDv7 of this work's time, after all those given before."""

    def next_serial(self) -> int:
        """A new number for anything but contacts."""

    def log(self, noun: str, verb: Verb, first: int, last: int | None = None, before: object = None) -> None:
        """Append to the change log."""

    def opted_out(self, channel: Channel, keys: Iterable[str]) -> set[str]:
        """Those of these keys that are marked."""

    def changes(self, after: int, limit: int) -> list[Change]:
        """Entries of the log with a higher ``seq``, in order."""

    def forget(self, contact: Contact) -> None:
        """Take all that the log and the stored answers remember of a contact's content away."""

    def set_default_country(self, country: str | None) -> None:
        """Set the account's default country; ``account`` shows it from the next transaction on."""

    def add_key(self, key: Key, secret_hash: bytes) -> None:
        """Write a key and its place in the directory."""

    def remove_key(self, key_id: str) -> None:
        """Remove a key and its place in the directory."""

    def answer(self, key: str) -> tuple[bytes, int, str, bytes] | None:
        """The stored answer to an idempotency key: request hash, status, content type, body."""

    def keep_answer(self, key: str, request_hash: bytes, status: int, content_type: str, body: bytes) -> None:
        """Store the answer of this very transaction."""


class Work(NamedTuple):
    """A piece of writing: for whom, by whom, and what."""

    account: Account
    actor: str
    dialect: str
    run: Callable[[Session], Any]


class Outcome(NamedTuple):
    """How a work ended, once it is committed or rolled back: a value, or the error."""

    value: Any
    error: BaseException | None


class Store(Protocol):
    """One database of contacts."""

    def opened_by(self, secret_hash: bytes) -> tuple[Account, Key] | None:
        """The account and key of a secret, or None; a key switched off or expired is returned all the same."""

    def accounts(self) -> list[Account]:
        """Every account of the installation."""

    def account_named(self, name: str) -> Account | None:
        """The account of this name."""

    def create_account(self, name: str, login: str, run: Callable[[Session], T]) -> T:
        """Write a new account and ``run`` in the same transaction.

        Raises: Conflict("account", name) if the name or login is taken.
        """

    def change_account(self, account_id: int, **values: object) -> None:
        """Set values of an account."""

    def read(self, account: Account, run: Callable[[Session], T]) -> T:
        """Run a reading work on one consistent state, in this thread."""

    def peek(self, account: Account, run: Callable[[Session], T]) -> T:
        """Run a reading work in which each statement sees its own latest state: for one or two look-ups by key."""

    def write(self, work: Work) -> Any:
        """Run a work and return its value once it is committed; blocks."""

    def submit(self, work: Work, done: Callable[[Outcome], None]) -> None:
        """Queue a work; ``done`` is called from another thread after the commit that it shares with others."""

    def sweep(self, *, answers_before: int, generations_before: int) -> int:
        """Clean away what is older than these times; returns how many rows went.

        Generations that were staged and never published are cleaned with the answers: whoever staged them is gone.
        The words of erased contacts leave the search index.
        """

    def close(self) -> None:
        """Finish what is queued, then close."""

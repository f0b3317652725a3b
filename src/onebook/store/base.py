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
from onebook.model.figure import Figure
from onebook.model.label import LabelKind, Member, Place
from onebook.model.opt_out import Channel
from onebook.store.bulk_base import Bulk, ImportsKept
from onebook.store.people_base import People
from onebook.store.upkeep_base import Upkeep

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
        group: ``eq`` True: it is one; found by an index of its own, unlike ``kind``.
        after_name, after_update: ``(sort key or time, number)``: it comes after that one in the order by name or
        ``updated_at``: ``gt`` ascending, ``lt`` descending.
        words, or common_words: alternatives, each a tuple of tokens matched by their beginnings; any may match.
    """

    field: str
    op: Op
    value: Any


Where = tuple[Condition, ...]


class Order(NamedTuple):
    """``number`` (the order of creation), ``name``, ``email``, ``created_at`` or ``updated_at``.

    Ties go by number, in the same direction.
    """

    by: Literal["number", "name", "email", "created_at", "updated_at"] = "number"
    descending: bool = False


BY_NUMBER = Order()


class Placement(NamedTuple):
    """A draft and the book that it is for."""

    draft: ContactDraft
    book: int


class Staged(NamedTuple):
    """How many contacts a generation has, and the lowest and the highest of their numbers; all 0 if it has none."""

    size: int
    first: int
    last: int


class Contacts(Protocol):
    """The contacts of one account. Readers see each book's current generation only."""

    def by_uid(self, uid: str) -> Contact | None:
        """The contact with this uid."""

    def by_number(self, number: int) -> Contact | None:
        """The contact with this number."""

    def kept(self, uid: str) -> Contact | None:
        """The contact with this uid, also in a generation that nobody sees."""

    def kept_alike(self, contact: Contact) -> list[Contact]:
        """Those in generations that nobody sees who have a number, mail address or external id of this one."""

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

    def restore(self, contact: Contact) -> Contact:
        """Write a deleted contact again, with the number and uid it had; logged as created.

        Raises: Conflict("external_id", …) if its is taken in its book; Conflict("contact", …) if it is there.
        """

    def staged(self, book: int, generation: int) -> Staged:
        """What a generation has; it takes as long as that is much."""

    def publish(self, book: int, generation: int, staged: Staged, *, emptied: Iterable[int] = ()) -> None:
        """Show a staged generation in place of its book's contacts; one entry of the log tells the range.

        Args:
            staged: what the generation has; looked for before, so that nobody waits for it now.
            emptied: other books that lose what they have; one entry of the log for each, and for ``book``.
        """

    def new_generation(self, book: int) -> int:
        """A generation number of ``book`` that nobody sees yet, and that no generation of it has ever had."""

    def abandon(self, book: int, generation: int) -> None:
        """Leave a staged generation to the next sweep."""

    def has_generation(self, book: int, generation: int) -> bool:
        """Whether an earlier generation is still kept."""

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

    def places_of(self, contacts: Iterable[int]) -> dict[int, list[Place]]:
        """Where each contact stands in the groups that hold it, by the groups' numbers."""

    def enter(self, contact: int, place: Place) -> None:
        """Put a contact that is not in the group into its old place; of those with the same place by number."""

    def of_contacts(self, contacts: Iterable[int]) -> dict[int, list[int]]:
        """Numbers of the groups that hold each contact that is in one."""


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
    @property
    def bulk(self) -> Bulk: ...

    @property
    def imports(self) -> ImportsKept: ...
    @property
    def upkeep(self) -> Upkeep: ...

    def get(self, noun: type[N], **key: object) -> N | None:
        """The one record of a small noun (`Book`, `Label`, `Location`…) with these values."""

    def known(self, noun: type[N], **key: object) -> N | None:
        """As `get`, of a `Book` or `Credential`, in a read; never one that this process has changed since.

        What another process changed may be some hundredths of a second old, and a book's counts older.
        """

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

    def last_seq(self) -> int:
        """The place of the log's last entry."""

    def generation_of(self, book: int) -> int:
        """The current generation of a book."""

    def log(self, noun: str, verb: Verb, first: int, last: int | None = None, before: object = None) -> None:
        """Append to the change log."""

    def log_each(self, noun: str, verb: Verb, entries: Sequence[tuple[int, object]]) -> None:
        """Append an entry for each number, with what was before."""

    def opted_out(self, channel: Channel, keys: Iterable[str]) -> set[str]:
        """Those of these keys that are marked."""

    def changes(self, after: int, limit: int) -> list[Change]:
        """Entries of the log with a higher ``seq``, in order."""

    def history(self, number: int, limit: int) -> list[Change]:
        """Entries of the log that speak of a contact, alone or in a range, the newest first."""

    def forget(self, contact: Contact) -> set[str]:
        """Take all that the log and the stored answers remember of a contact's content away.

        Returns: ids of the imports that the contact was written by.
        """

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
    """A piece of writing: for whom, by whom, and what.

    Args: ``alone``: in a transaction of its own, as long ones are. ``opens``: whether such ones follow, which short
        ones before it have prepared.
    """

    account: Account
    actor: str
    dialect: str
    run: Callable[[Session], Any]
    alone: bool = False
    opens: bool = False


class Outcome(NamedTuple):
    """How a work ended, once it is committed or rolled back: a value, or the error."""

    value: Any
    error: BaseException | None


class Store(Protocol):
    """One database of contacts.

    Attributes:
        near: whether reading by key takes so little that an event loop may wait for it.
    """

    @property
    def near(self) -> bool: ...

    def remembers(self, secret_hash: bytes) -> bool:
        """Whether `opened_by` would answer without asking a database that is far away."""

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

    def read(self, account: Account, run: Callable[[Session], T]) -> T:
        """Run a reading work on one consistent state, in this thread."""

    def peek(self, account: Account, run: Callable[[Session], T]) -> T:
        """Run a reading work in which each statement sees its own latest state: for one or two look-ups by key."""

    def write(self, work: Work) -> Any:
        """Run a work and return its value once it is committed; blocks."""

    def submit(self, work: Work, done: Callable[[Outcome], None]) -> None:
        """Queue a work; ``done`` is called from another thread after the commit that it shares with others."""

    def people(self, run: Callable[[People], T]) -> T:
        """Run a reading work over people; nothing may be written in it."""

    def change_people(self, run: Callable[[People], T]) -> T:
        """Run a writing work over people in a transaction of its own."""

    def hurried(self) -> bool:
        """Whether short works wait, or came in the last seconds: a work that is alone then ends soon."""

    def sweep(self, *, answers_before: int, generations_before: int) -> int:
        """Clean away what is older than these times; returns how many rows went.

        Generations that were staged and never published are cleaned with the answers: whoever staged them is gone.
        The words of erased contacts leave the search index.
        """

    def probe(self) -> None:
        """Read, and commit something that changes nothing. Raises: Unavailable if either cannot be done now."""

    def figures(self) -> list[Figure]:
        """What this process waits for in the database, for whoever watches it."""

    def faults(self) -> list[str]:
        """What the engine finds wrong with itself and with its search index, in sentences; writers do not wait."""

    def dangling(self) -> dict[str, int]:
        """Links of people to what is gone: how many of each kind, where there are any."""

    def cut(self) -> int:
        """Remove these links; returns how many there were."""

    def rebuild_search(self) -> None:
        """Make the search index anew from the contacts; writers wait."""

    def close(self) -> None:
        """Finish what is queued, then close."""

"""Imports: a file of contacts, kept in chunks that nobody sees yet and shown by one last transaction."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from graphlib import CycleError, TopologicalSorter
from itertools import chain, islice
from typing import Any

from msgspec import Struct

from onebook.errors import InvalidInput
from onebook.importing.draft import Limits, RowDraft, read_rows, recognise
from onebook.importing.fetch import fetch
from onebook.importing.source import Source, from_data_url
from onebook.importing.table import open_table
from onebook.model import fold
from onebook.model.contact import Card
from onebook.model.label import Member
from onebook.operations import address_books
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Placement, Session, Store, Work

CHUNK_ROWS = 400  # judgement: some 100 ms of the writer's time
_BETWEEN_NAMES = re.compile("[,;]")

Finish = Callable[[Callable[[Session], Any]], Any]
Tie = tuple[int, int]  # a group, a contact in it


class Plan(Struct, frozen=True):
    """What to do with a file.

    Args:
        field: the caller's word for the file, for what is wrong with all of it.
        targets: heading to target, as in `importing.draft`.
        country: where national numbers are dialled, ISO 3166-1 alpha-2.
        custom_pairs, custom_key, custom_value: how many custom fields a row may have, and how many characters
            their keys and values.
        overwrite: whether all that the key may see goes first.
        max_rows: the most rows that are not blank.
    """

    field: str
    targets: Mapping[str, str]
    country: str | None
    custom_pairs: int
    custom_key: int
    custom_value: int
    overwrite: bool
    max_rows: int


class RefusedRow(Struct, frozen=True):
    """A row that was left out: its index from 0, and the fields at fault in their order."""

    index: int
    fields: tuple[str, ...]


class Loaded(Struct, frozen=True):
    """What an import did: the uids of the new contacts, in the order of their rows, and the rows left out."""

    uids: list[str]
    refused: list[RefusedRow]


def open_url(
    url: str, *, field: str, data_url_characters: int, fetch_bytes: int, fetch_seconds: float, allow: frozenset[str]
) -> Source:
    """The file behind a data URL or a web address; the caller closes it.

    Args:
        field: the caller's word for the URL. allow: ``host:port`` entries that may be reached although not public.

    Raises:
        InvalidInput: it is neither, or damaged. LimitExceeded: it is too long or too large.
        RemoteFailed: for whatever goes wrong out there.
    """
    if url.lstrip()[:5].lower() == "data:":
        return from_data_url(url, data_url_characters, field=field)
    return fetch(url, allow=allow, limit_bytes=fetch_bytes, field=field, timeout_seconds=fetch_seconds)


def load(store: Store, actor: Actor, source: Source, plan: Plan, finish: Finish) -> None:
    """Make a contact of each good row; what is read meanwhile sees all of them or none.

    Args:
        finish: runs the last transaction, whose result is a `Loaded`.

    Raises:
        InvalidInput: the file cannot be read, has no column for a name, or, to overwrite with, no good row.
        LimitExceeded: it has too many rows.
    """
    loading = _Loading(actor, plan)

    def write(run: Callable[[Session], Any]) -> None:
        store.write(Work(actor.account, actor.key.id, actor.dialect, run))

    with open_table(source, max_rows=plan.max_rows, field=plan.field) as table:
        mapping = recognise(table.headings, plan.targets)
        if not mapping.has_name:
            raise InvalidInput.of("name", "no_column", "The file has no column for the name.")
        limits = Limits(plan.custom_pairs, plan.custom_key, plan.custom_value)
        chunks = _chunks(loading.good_ones(read_rows(table, mapping, country=plan.country, limits=limits)))
        rest, second = next(chunks, []), next(chunks, [])
        loading.must_have_rows(rest)
        if second:  # a shorter file is written by the last transaction alone
            for chunk in chain((rest, second), chunks):
                write(loading.keeping(chunk))
            rest = []
    known = store.read(actor.account, loading.known_groups(rest))
    if second:
        for filling in loading.fillings(known):
            write(filling)
    finish(loading.showing(rest, known))


def _chunks(rows: Iterator[RowDraft]) -> Iterator[list[RowDraft]]:
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield chunk


class _Loading:
    """One import on its way: where it writes, and what it has to remember of its rows."""

    def __init__(self, actor: Actor, plan: Plan) -> None:
        self._actor = actor
        self._plan = plan
        self._place: tuple[int, int] | None = None  # book, generation
        self._uids: list[str] = []
        self._refused: list[RefusedRow] = []
        self._reason = ""
        self._groups: dict[str, int] = {}  # name of a group of the file, to its number
        self._named: list[tuple[str, int]] = []  # cell that names groups, number of the contact
        self._joining: dict[int, list[int]] | None = None  # group to the contacts that are still to be put into it

    def good_ones(self, rows: Iterable[RowDraft]) -> Iterator[RowDraft]:
        """The rows without faults; the others are noted."""
        for row in rows:
            if row.draft is not None:
                yield row
                continue
            self._refused.append(RefusedRow(row.index, tuple(issue.field for issue in row.issues)))
            self._reason = self._reason or f" Row {row.index}: {row.issues[0].message}"

    def must_have_rows(self, chunk: list[RowDraft]) -> None:
        """Raises: InvalidInput if all would be deleted for nothing."""
        if self._plan.overwrite and not chunk:
            raise InvalidInput.of(
                self._plan.field, "no_row", f"The file has no good row, so nothing was deleted.{self._reason}"
            )

    def keeping(self, chunk: list[RowDraft]) -> Callable[[Session], None]:
        """A work that writes contacts where nobody sees them."""
        return lambda session: self._keep(session, chunk)

    def _keep(self, session: Session, chunk: list[RowDraft]) -> None:
        if self._place is None:
            book = address_books.default(session, self._actor).number
            self._place = (book, session.contacts.new_generation(book))
        drafts = [Placement(row.draft, *self._place) for row in chunk if row.draft is not None]
        for row, contact in zip(chunk, session.contacts.stage(drafts), strict=True):
            self._uids.append(contact.uid)
            if contact.kind == "group":
                self._groups.setdefault((contact.card.full or "").strip(), contact.number)
            if row.groups:
                self._named.append((row.groups, contact.number))

    def known_groups(self, chunk: list[RowDraft]) -> Callable[[Session], dict[str, int]]:
        """A work that finds the stored groups that rows name; none, if all stored ones are to go."""
        cells = {cell for cell, _ in self._named} | {row.groups for row in chunk if row.groups}
        wanted = set() if self._plan.overwrite else {name for cell in cells for name in (cell, *_parts(cell))}
        return lambda session: {
            name: number for name in sorted(wanted) if (number := _group_named(session, self._actor, name)) is not None
        }

    def fillings(self, known: Mapping[str, int]) -> Iterator[Callable[[Session], None]]:
        """Works that fill the file's own groups while nobody sees them, some at a time."""
        self._joining = self._joined(known)
        part, size = [], 0
        for group in set(self._groups.values()).intersection(self._joining):
            part.append(group)
            size += len(self._joining[group])
            if size >= CHUNK_ROWS:
                yield partial(self._fill, groups=part)
                part, size = [], 0
        if part:
            yield partial(self._fill, groups=part)

    def showing(self, chunk: list[RowDraft], known: Mapping[str, int]) -> Callable[[Session], Loaded]:
        """The last work: what is left of the rows, then everything into sight, then who joins which group."""

        def show(session: Session) -> Loaded:
            if chunk:
                self._keep(session, chunk)
            if self._place is not None:
                seen = address_books.seen(session, self._actor) if self._plan.overwrite else []
                session.contacts.publish(*self._place, replaced=[book.number for book in seen])
                if self._joining is None:
                    self._joining = self._joined(known)
                self._fill(session, groups=list(self._joining))
            return Loaded(self._uids, self._refused)

        return show

    def _joined(self, known: Mapping[str, int]) -> dict[int, list[int]]:
        """Which contacts go into which group."""
        groups = {**known, **self._groups}
        ties = [
            (groups[name], contact)
            for cell, contact in self._named
            for name in ((cell,) if cell in groups else dict.fromkeys(_parts(cell)))
            if name in groups
        ]
        joining: dict[int, list[int]] = {}
        for group, contact in _without_circles(ties):
            joining.setdefault(group, []).append(contact)
        return joining

    def _fill(self, session: Session, *, groups: Sequence[int]) -> None:
        """Put contacts into groups, after those who are there."""
        joining = self._joining or {}
        own = set(self._groups.values())
        there = session.contacts.by_numbers(set(groups) - own)
        before = session.groups.members(there)
        for group in groups:
            contacts, members = joining.pop(group), before.get(group, [])
            if group in own or (group in there and there[group].kind == "group"):
                session.groups.set_members(group, [*members, *map(Member, contacts)])
            if members:
                session.log("contact", "updated", group, before={"members": members})


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, _BETWEEN_NAMES.split(cell)) if part)


def _group_named(session: Session, actor: Actor, name: str) -> int | None:
    """The number of the oldest group that the key sees and that is called exactly so."""
    alike = (Condition("kind", "eq", "group"), Condition("sort_key", "eq", fold.sort_key(Card(full=name))))
    found = session.contacts.page((*actor.sees, *alike), limit=100)
    return next((group.number for group in found if (group.card.full or "").strip() == name), None)


def _without_circles(ties: list[Tie]) -> list[Tie]:
    """The ties but those between groups that would hold each other in a circle.

    Only contacts of the file are put into groups, so a circle can only be among them.
    """
    left = set(ties)
    for direction in (1, -1):
        left = _blocked(left, direction)
    return [tie for tie in ties if tie not in left]


def _blocked(ties: set[Tie], direction: int) -> set[Tie]:
    """The ties from which one never gets out, going from groups to members (or back)."""
    graph: dict[int, list[int]] = {}
    for tie in ties:
        start, end = tie[::direction]
        graph.setdefault(start, []).append(end)
    sorter, free = TopologicalSorter(graph), set[int]()
    with suppress(CycleError):  # it still gives out all that no circle blocks
        sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        free.update(ready)
        sorter.done(*ready)
    return {tie for tie in ties if not free.intersection(tie)}

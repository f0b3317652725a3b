"""What contacts and accounts answer alike: seven routes over one description of the resource.

A body is read before the transaction, but its faults are told after those of the credential and the id.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.alloy.bodies import SUCCESS, read_query, wrapped, write_success
from onebook.dialects.alloy.credential import CREDENTIAL, book_of, is_older, named_in
from onebook.dialects.alloy.lists import (
    COUNT,
    PAGING,
    Filter,
    Page,
    Window,
    page_schema,
    query_of,
    window_of,
    write_page,
)
from onebook.dialects.alloy.seen import R, Seen, seen_schema, write_seen
from onebook.dialects.base import Answer, Field, Out, Request, Route
from onebook.errors import OnebookError
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session, Where

T = TypeVar("T")
N = TypeVar("N")
P = TypeVar("P")


class New(Struct, Generic[N], frozen=True):
    """Something to be made through a credential; ``given`` may be what is wrong with the body."""

    credential: str
    given: N | OnebookError


class Named(Struct, frozen=True):
    """Something that a credential shows, by its id."""

    credential: str
    uid: str


class Change(Struct, Generic[P], frozen=True):
    """Named changes; ``given`` may be what is wrong with the body."""

    named: Named
    given: P | OnebookError


class Asked(Struct, frozen=True):
    """A list that is asked for."""

    credential: str
    window: Window
    where: Where


class Resource(Struct, Generic[R, N, P], frozen=True):
    """A resource of the vendor's: its tables, how its bodies are read, and what is done with it.

    Args:
        noun: ``contact``. fields: the table of a new one. filters: of a list. shown: the table of an answer.
        read_new, read_changes: body → what is given.
        create: in a book, of what is given. get: in a book, by id; raises NotFound. update: by what is given.
        find, count: in a book, those that fulfil the filters; a window asks for one more than it shows.
        look: as they are to be shown.
    """

    noun: str
    fields: tuple[Field, ...]
    filters: tuple[Filter, ...]
    shown: tuple[Out[Seen[R]], ...]
    read_new: Callable[[Request], N]
    read_changes: Callable[[Request], P]
    create: Callable[[Session, Actor, int, N], R]
    get: Callable[[Session, Actor, int, str], R]
    update: Callable[[Session, Actor, R, P], R]
    delete: Callable[[Session, Actor, R], None]
    find: Callable[[Session, Actor, int, Where, Window], list[R]]
    count: Callable[[Session, Actor, int, Where], int]
    look: Callable[[Session, Sequence[R]], Sequence[Seen[R]]]


def changes_table(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The table of an update: the same fields, none of which must be there."""
    return tuple(field._replace(need=False) for field in fields)


# --- readers ---


def attempt(read: Callable[[Request], T], request: Request) -> T | OnebookError:
    """What was read, or what is wrong with it."""
    try:
        return read(request)
    except OnebookError as error:
        return error


def wanted(given: T | OnebookError) -> T:
    """What `attempt` read. Raises: what was wrong with it."""
    if isinstance(given, OnebookError):
        raise given
    return given


def _read_named(parameter: str) -> Callable[[Request], Named]:
    # RFC 9562, 4: of a UUID capitals are read too.
    return lambda request: Named(named_in(request), request.params[parameter].lower())


def _read_asked(filters: tuple[Filter, ...]) -> Callable[[Request], Asked]:
    table = (*PAGING, *query_of(filters))

    def read(request: Request) -> Asked:
        credential, query = named_in(request), read_query(request, table)
        where = (Condition(one.field, one.op, query[one.name]) for one in filters if query.get(one.name) is not None)
        return Asked(credential, window_of(query), tuple(where))

    return read


# --- acts ---


class Acts(Generic[R, N, P]):
    """The acts of a resource: the credential comes first, then the id, then the body."""

    def __init__(self, resource: Resource[R, N, P]) -> None:
        self.of = resource

    def create(self, session: Session, actor: Actor, new: New[N]) -> Seen[R]:
        """Make one."""
        book = book_of(session, actor, new.credential)
        return self._look(session, self.of.create(session, actor, book, wanted(new.given)))

    def get(self, session: Session, actor: Actor, named: Named) -> Seen[R]:
        """Read one."""
        return self._look(session, self._get(session, actor, named))

    def update(self, session: Session, actor: Actor, change: Change[P]) -> Seen[R]:
        """Change one."""
        stored = self._get(session, actor, change.named)
        return self._look(session, self.of.update(session, actor, stored, wanted(change.given)))

    def delete(self, session: Session, actor: Actor, named: Named) -> None:
        """Delete one."""
        self.of.delete(session, actor, self._get(session, actor, named))

    def find(self, session: Session, actor: Actor, asked: Asked) -> Page[R]:
        """A page of them."""
        book = book_of(session, actor, asked.credential)
        found = self.of.find(session, actor, book, asked.where, asked.window)
        total = self.of.count(session, actor, book, asked.where)
        return Page(asked.window, self.of.look(session, found), total)

    def count(self, session: Session, actor: Actor, asked: Asked) -> int:
        """How many there are."""
        return self.of.count(session, actor, book_of(session, actor, asked.credential), asked.where)

    def _get(self, session: Session, actor: Actor, named: Named) -> R:
        return self.of.get(session, actor, book_of(session, actor, named.credential), named.uid)

    def _look(self, session: Session, one: R) -> Seen[R]:
        return self.of.look(session, [one])[0]


# --- writers ---


def _write_one(resource: Resource[R, N, P]) -> Callable[[Request, Seen[R]], Answer]:
    def write(request: Request, seen: Seen[R]) -> Answer:
        return Answer(200, {resource.noun: write_seen(resource.shown, seen, older=is_older(request))})

    return write


def _write_page(resource: Resource[R, N, P]) -> Callable[[Request, Page[R]], Answer]:
    def write(request: Request, page: Page[R]) -> Answer:
        older = is_older(request)
        return Answer(
            200, write_page(f"{resource.noun}s", page, lambda seen: write_seen(resource.shown, seen, older=older))
        )

    return write


def _write_count(_: Request, number: int) -> Answer:
    return Answer(200, {"count": number})


# --- routes ---


def routes_of(resource: Resource[R, N, P]) -> tuple[Route, ...]:
    """The routes under ``/crm/``."""
    return (*_writing(resource), *_reading(resource))


def _where(noun: str) -> tuple[str, str, Callable[[Request], Named]]:
    """The path of all, the path of one, and how the latter is read."""
    return f"/crm/{noun}s", f"/crm/{noun}s/{{{noun}Id}}", _read_named(f"{noun}Id")


def _writing(resource: Resource[R, N, P]) -> tuple[Route, ...]:
    noun, acts, write = resource.noun, Acts(resource), _write_one(resource)
    path, one_path, named = _where(noun)
    title, tags = noun.title(), (f"{noun.title()}s",)
    changes = strict.Object(changes_table(resource.fields)).schema
    one = {200: wrapped(noun, seen_schema(resource.shown))}

    def read_new(request: Request) -> New[N]:
        return New(named_in(request), attempt(resource.read_new, request))

    def read_change(request: Request) -> Change[P]:
        return Change(named(request), attempt(resource.read_changes, request))

    def updating(method: str, name: str) -> Route:
        return Route(
            method, one_path, f"{name}{title}", f"Change the named fields of one {noun}",
            read_change, acts.update, write,
            query=CREDENTIAL, body=changes, answers=one, tags=tags,
        )  # fmt: skip

    return (
        Route(
            "POST", path, f"create{title}", f"Make one {noun}",
            read_new, acts.create, write,
            query=CREDENTIAL, body=strict.Object(resource.fields).schema, answers=one, tags=tags,
        ),
        updating("PUT", "update"),
        updating("PATCH", "patch"),
        Route(
            "DELETE", one_path, f"delete{title}", f"Delete one {noun}",
            named, acts.delete, write_success,
            query=CREDENTIAL, answers={200: SUCCESS}, tags=tags,
        ),
    )  # fmt: skip


def _reading(resource: Resource[R, N, P]) -> tuple[Route, ...]:
    noun, acts = resource.noun, Acts(resource)
    path, one_path, named = _where(noun)
    title, tags = noun.title(), (f"{noun.title()}s",)
    schema, asked = seen_schema(resource.shown), _read_asked(resource.filters)
    query = (*CREDENTIAL, *PAGING, *query_of(resource.filters))
    return (
        Route(
            "GET", path, f"list{title}s", f"List {noun}s, oldest first",
            asked, acts.find, _write_page(resource), access="read", writes=False,
            query=query, answers={200: page_schema(f"{noun}s", schema)}, tags=tags,
        ),
        Route(
            "GET", f"{path}/count", f"count{title}s", f"Count {noun}s",
            asked, acts.count, _write_count, access="read", writes=False,
            query=query, answers={200: COUNT}, tags=tags,
        ),
        Route(
            "GET", one_path, f"get{title}", f"Read one {noun}",
            named, acts.get, _write_one(resource), access="read", writes=False, quick=True,
            query=CREDENTIAL, answers={200: wrapped(noun, schema)}, tags=tags,
        ),
    )  # fmt: skip

"""Imports found by what becomes of them, with narrow questions: an account may have thousands that are at rest."""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, select, update

from onebook.model.imports import AT_REST, UNDER_WAY, Import
from onebook.store import records
from onebook.store.driver import Driver
from onebook.store.schema import import_issues, import_ties, imports
from onebook.store.statement import Expanding, Statement
from onebook.store.statements import ZERO, A

_IMPORT = [imports.c[name] for name in Import.__struct_fields__]

UNDER_WAY_OF = Expanding(
    lambda values: select(*_IMPORT).where(imports.c.account_id == A, imports.c.state.in_(values)).order_by(imports.c.id)
)
NEWEST = Statement(
    select(*_IMPORT)
    .where(imports.c.account_id == A)
    .order_by(imports.c.id.desc())
    .limit(bindparam("limit"))
    .offset(ZERO)
)
NEWEST_INTO = Statement(
    select(*_IMPORT)
    .where(imports.c.account_id == A, imports.c.book == bindparam("book"))
    .order_by(imports.c.id.desc())
    .limit(bindparam("limit"))
    .offset(ZERO)
)
EMPTIED = Statement(
    select(imports.c.id, imports.c.state).where(imports.c.account_id == A, imports.c.size == bindparam("size"))
)
ENDED = Expanding(
    lambda values: select(imports.c.id, imports.c.state, imports.c.ended_at).where(
        imports.c.account_id == A, imports.c.id.in_(values)
    )
)
WITH_FILES = Statement(
    select(imports.c.id, imports.c.name, imports.c.book, imports.c.seen).where(
        imports.c.account_id == A, imports.c.size > bindparam("size")
    )
)
EMPTY = Expanding(
    lambda values: (
        update(imports)
        .where(imports.c.account_id == A, imports.c.id.in_(values))
        .values(size=bindparam("size"), samples=bindparam("samples"))
    )
)
ISSUES_OF = Expanding(
    lambda values: delete(import_issues).where(import_issues.c.account_id == A, import_issues.c.import_id.in_(values))
)
TIED = Expanding(
    lambda values: select(import_ties.c.name, import_ties.c.contact).where(
        import_ties.c.account_id == A,
        import_ties.c.import_id == bindparam("import_id"),
        import_ties.c.name.in_(values),
    )
)


class ImportRows:
    """`ImportsKept` over one driver connection."""

    def __init__(self, driver: Driver, account_id: int) -> None:
        self._driver = driver
        self._a = {"account_id": account_id}

    def _all(self, statement: Expanding, values: Iterable[Any], **at: Any) -> list[tuple[Any, ...]]:
        batches = statement.batches(values)
        return [row for one, some in batches for row in self._driver.rows(one, {**self._a, **at, **some})]

    def under_way(self) -> list[Import]:
        return [records.from_row(Import, row) for row in self._all(UNDER_WAY_OF, sorted(UNDER_WAY))]

    def newest(self, book: int | None, limit: int) -> list[Import]:
        rows = (
            self._driver.rows(NEWEST, {**self._a, "limit": limit})
            if book is None
            else self._driver.rows(NEWEST_INTO, {**self._a, "limit": limit, "book": book})
        )
        return [records.from_row(Import, row) for row in rows]

    def over(self, aged: Collection[str], old: int) -> set[str]:
        emptied = self._driver.rows(EMPTIED, {**self._a, "size": 0})
        found = {import_id for import_id, state in emptied if state in AT_REST}
        ended = self._all(ENDED, aged)
        return found | {one for one, state, at in ended if state in AT_REST and at is not None and at < old}

    def with_files(self, books: Collection[int]) -> dict[str, str | None]:
        rows = self._driver.rows(WITH_FILES, {**self._a, "size": 0})
        there = set(books)
        return {one: name for one, name, book, seen in rows if there.intersection((book, *msgspec.json.decode(seen)))}

    def empty(self, import_ids: Collection[str]) -> None:
        for statement, some in EMPTY.batches(import_ids):
            self._driver.run(statement, {**self._a, "size": 0, "samples": "[]", **some})
        for statement, some in ISSUES_OF.batches(import_ids):
            self._driver.run(statement, {**self._a, **some})

    def tied(self, import_id: str, names: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, contact in self._all(TIED, names, import_id=import_id):
            found[name] = min(contact, found.get(name, contact))
        return found

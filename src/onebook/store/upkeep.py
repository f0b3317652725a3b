"""One account's rows as they are, for checking them against one another and mending what can be derived."""

from typing import Any

from onebook.model.account import Account
from onebook.store import statements as sql
from onebook.store import upkeep_statements as upkeep
from onebook.store.driver import Driver
from onebook.store.statement import Statement
from onebook.store.upkeep_base import Counters, Entry, Stored


class UpkeepRows:
    """`Upkeep` over one driver connection."""

    def __init__(self, driver: Driver, account: Account) -> None:
        self._driver = driver
        self._a = {"account_id": account.id}

    # --- looking ---

    def counters(self) -> Counters:
        return Counters(*self._driver.rows(sql.COUNTERS, self._a)[0])

    def tops(self) -> Counters:
        return Counters(**{name: max(map(self._number, columns)) for name, columns in upkeep.TOPS.items()})

    def _number(self, statement: Statement) -> int:
        number: int = self._driver.rows(statement, self._a)[0][0]
        return number

    def log_length(self) -> int:
        return self._number(upkeep.LOG_LENGTH)

    def contacts(self, after: int, limit: int) -> list[Stored]:
        rows = self._driver.rows(upkeep.STORED_AFTER, {**self._a, "after": after, "limit": limit})
        return [Stored(*row) for row in rows]

    def contact(self, number: int) -> Stored | None:
        rows = self._driver.rows(upkeep.STORED, {**self._a, "number": number})
        return Stored(*rows[0]) if rows else None

    def entries(self, lookup: str, after: Entry | None, limit: int) -> list[Entry]:
        at: dict[str, Any] = {**self._a, "limit": limit}
        if after is None:
            rows = self._driver.rows(upkeep.ENTRIES_FIRST[lookup], at)
        else:
            at |= {"after_key": after.key, "after_contact": after.contact}
            rows = self._driver.rows(upkeep.ENTRIES_AFTER[lookup], at)
        flags = lookup in ("phone", "email")
        return [Entry(key, contact, bool(more) if flags else more) for key, contact, more in rows]

    def crowds(self) -> dict[tuple[int, int], int]:
        return {(book, generation): size for book, generation, size in self._driver.rows(upkeep.CROWDS, self._a)}

    def generations(self) -> set[tuple[int, int]]:
        return {(row[0], row[1]) for row in self._driver.rows(upkeep.GENERATIONS, self._a)}

    def dangling(self) -> dict[str, int]:
        counts = {name: self._number(statement) for name, statement in upkeep.DANGLING.items()}
        counts["directory to key"] = len(self._gone_keys())
        return {name: count for name, count in counts.items() if count}

    def _gone_keys(self) -> list[str]:
        """Keys that the directory leads to and that are not there."""
        there = {row[0] for row in self._driver.rows(upkeep.KEYS, self._a)}
        return [row[0] for row in self._driver.rows(upkeep.LED_TO, self._a) if row[0] not in there]

    # --- mending ---

    def set_counters(self, counters: Counters) -> None:
        self._driver.run(sql.COUNTERS_SET, {**self._a, **counters._asdict()})

    def set_contacts_of(self, book: int, contacts: int) -> None:
        self._driver.run(upkeep.BOOK_CONTACTS_SET, {**self._a, "at_number": book, "contacts": contacts})

    def enter(self, lookup: str, entry: Entry) -> None:
        values = {"key": entry.key, "contact": entry.contact}
        if upkeep.LOOKUPS[lookup][2] is not None:
            values["more"] = entry.more
        self._driver.run(upkeep.ENTER[lookup], {**self._a, **values})

    def strike(self, lookup: str, key: str, contact: int) -> None:
        self._driver.run(upkeep.STRIKE[lookup], {**self._a, "key": key, "contact": contact})

    def rewrite(self, stored: Stored) -> None:
        values = {name: getattr(stored, name) for name in ("given", "family", "sort_key", "search_text")}
        self._driver.run(upkeep.DERIVED_SET, {**self._a, "at_number": stored.number, **values})

    def cut(self) -> int:
        gone = sum(self._driver.run(statement, self._a) for statement in upkeep.CUT.values())
        led = (self._driver.run(sql.DIRECTORY_REMOVE, {**self._a, "key_id": key}) for key in self._gone_keys())
        return gone + sum(led)

    def abandon(self, book: int, generation: int) -> None:
        values = {"book": book, "generation": generation, "state": "staged", "contacts": 0, "created_at": 0}
        self._driver.run(sql.GENERATION_ADD, {**self._a, **values})

"""What every store over SQL does alike: finding keys and accounts, making them, keeping house.

An engine brings transactions (`RowStore.snapshot`, `RowStore.transaction`) and how works are queued.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar

from onebook.errors import Conflict
from onebook.model.account import Account, Key
from onebook.store import fences
from onebook.store import statements as sql
from onebook.store import upkeep_statements as upkeep
from onebook.store.base import Outcome, Session, Work
from onebook.store.driver import Driver, UniqueTaken
from onebook.store.identifiers import new_uid
from onebook.store.people import PeopleRows
from onebook.store.people_base import People
from onebook.store.session import RowSession
from onebook.store.tally import Tally

T = TypeVar("T")

OTHERS_SECONDS = 0.05  # how long a key may still open after another process switched it off
CLEANED_AT_A_TIME = 1_000  # contacts of an old generation; judgement: less than 0.1 s of a writer's time
_TRIES = 20  # judgement: more processes than that do not make accounts at the same moment


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


class RowStore(ABC):
    """The half of `Store` that all engines share."""

    def __init__(self, clock: Callable[[], int] | None) -> None:
        """Args: ``clock`` gives milliseconds since 1970; the system's, if None."""
        self._clock = clock or _milliseconds
        self._last_now = 0
        self._clock_lock = threading.Lock()

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Driver]:
        """One consistent state, to read from. Raises: Unavailable."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[tuple[Driver, Tally]]:
        """A transaction of its own, committed with what was tallied if nothing is raised. Raises: Unavailable."""

    @abstractmethod
    def submit(self, work: Work, done: Callable[[Outcome], None]) -> None:
        """As in `Store`."""

    def _now(self) -> int:
        """The time, never before one already given: the order of creation is the order of times."""
        now = self._clock()
        with self._clock_lock:
            self._last_now = max(self._last_now, now)
            return self._last_now

    # --- reading ---

    @staticmethod
    def _look_up(driver: Driver, secret_hash: bytes) -> tuple[Account, Key] | None:
        _must_be_here(driver)
        found = driver.rows(sql.KEY_BY_SECRET, {"secret_hash": secret_hash})
        if not found:
            return None
        account_id, key_id = found[0]
        keys = driver.rows(sql.KEY, {"account_id": account_id, "id": key_id})
        if not keys:
            return None
        key_id, scope, book, enabled, expires_at, created_at = keys[0]
        return account_of(driver, account_id), Key(key_id, scope, book, bool(enabled), expires_at, created_at)

    def accounts(self) -> list[Account]:
        with self.snapshot() as driver:
            return [Account(*row) for row in driver.rows(sql.ACCOUNTS, {})]

    def account_named(self, name: str) -> Account | None:
        with self.snapshot() as driver:
            found = driver.rows(sql.ACCOUNT_NAMED, {"name": name})
        return Account(*found[0]) if found else None

    def read(self, account: Account, run: Callable[[Session], T]) -> T:
        with self.snapshot() as driver:
            return run(RowSession(driver, account, Tally(), now=self._now()))

    # --- writing ---

    def write(self, work: Work) -> Any:
        finished = threading.Event()
        outcomes: list[Outcome] = []

        def done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            finished.set()

        self.submit(work, done)
        finished.wait()
        if outcomes[0].error is not None:
            raise outcomes[0].error
        return outcomes[0].value

    def create_account(self, name: str, login: str, run: Callable[[Session], T]) -> T:
        with self.transaction() as (driver, tally):
            made = self._add_account(driver, name, login)
            return run(RowSession(driver, made, tally, now=made.created_at, dialect="command"))

    def _add_account(self, driver: Driver, name: str, login: str) -> Account:
        """Write an account in a transaction. Raises: Conflict("account", name) if the name or login is taken."""
        now, uid = self._now(), new_uid(self._now())
        for _ in range(_TRIES):
            made = Account(driver.rows(sql.ACCOUNT_TOP, {})[0][0] + 1, uid, name, login, None, now)
            try:
                driver.run(sql.ACCOUNT_ADD, {field: getattr(made, field) for field in made.__struct_fields__})
            except UniqueTaken:
                if driver.rows(sql.ACCOUNT_TAKEN, {"name": name, "login": login}):
                    break
                continue  # another process made an account at this moment, and it has the number
            driver.run(sql.COUNTERS_ADD, {"account_id": made.id, "seq": 0, "contact": 0, "serial": 0})
            return made
        raise Conflict("account", name)

    def people(self, run: Callable[[People], T]) -> T:
        with self.snapshot() as driver:
            _must_be_here(driver)
            return run(self._people(driver, Tally(), self._now()))

    def change_people(self, run: Callable[[People], T]) -> T:
        with self.transaction() as (driver, tally):
            return run(self._people(driver, tally, self._now()))

    def _people(self, driver: Driver, tally: Tally, now: int) -> PeopleRows:
        def session_of(account: Account, actor: str, dialect: str) -> Session:
            self.lock(driver, account.id)
            return RowSession(driver, account, tally, now=now, actor=actor, dialect=dialect)

        return PeopleRows(driver, now, session_of, partial(self._add_account, driver))

    @abstractmethod
    def lock(self, driver: Driver, account_id: int) -> None:
        """Keep others from writing in an account until the end of the transaction."""

    def dangling(self) -> dict[str, int]:
        with self.snapshot() as driver:
            found = {name: driver.rows(statement, {})[0][0] for name, statement in upkeep.PEOPLE_DANGLING.items()}
        return {name: count for name, count in found.items() if count}

    def cut(self) -> int:
        with self.transaction() as (driver, _):
            return sum(driver.run(statement, {}) for statement in upkeep.PEOPLE_CUT)

    def sweep(self, *, answers_before: int, generations_before: int) -> int:
        with self.transaction() as (driver, _):
            gone = driver.run(sql.ANSWERS_OLD, {"older_than": answers_before})
        old = {"replaced_before": generations_before, "staged_before": answers_before}
        with self.snapshot() as reading:
            found = [
                (account_of(reading, account_id), book, generation)
                for account_id, book, generation in reading.rows(sql.GENERATIONS_OLD, old)
            ]
        gone += sum(self._clean(*place) for place in found)
        return gone

    def _clean(self, account: Account, book: int, generation: int) -> int:
        chunk, gone = CLEANED_AT_A_TIME, 0
        while True:
            cleaned: int = self.write(
                # Alone: a short work would tell imports that others are in a hurry.
                Work(account, "", "worker", lambda session: session.contacts.clean(book, generation, chunk), alone=True)
            )
            gone += cleaned
            if cleaned < chunk:
                return gone


def _must_be_here(driver: Driver) -> None:
    """Raises: Unavailable if all has moved away, or is not here yet."""
    fences.must_be_here(next(iter(driver.ask(fences.ASKED, {})), None))


def account_of(driver: Driver, account_id: int) -> Account:
    """The account of a number."""
    return Account(*driver.rows(sql.ACCOUNT, {"account_id": account_id})[0])

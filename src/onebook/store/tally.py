"""What the works of one shared transaction count, written once before its commit instead of once a work.

An account's counters and its books' numbers of contacts would otherwise be updated by every work, most of which write
one contact. A work that fails takes its own counts back.
"""

from msgspec import Struct

from onebook.store import statements as sql
from onebook.store.driver import Driver


class Counted(Struct, frozen=True):
    """An account's counters: the last number given out of each kind."""

    seq: int
    contact: int
    serial: int


class Tally:
    """Counts of one transaction, over all the accounts that write in it."""

    def __init__(
        self, counters: dict[int, Counted] | None = None, more: dict[tuple[int, int], int] | None = None
    ) -> None:
        """Args: counters by account, and contacts more by account and book, to begin with."""
        self.counters = {} if counters is None else dict(counters)
        self.more = {} if more is None else dict(more)
        self.remembered_changed = False

    def snapshot(self) -> "Tally":
        """The counts as they are now, to go back to."""
        return Tally(self.counters, self.more)

    def go_back(self, kept: "Tally") -> None:
        """Forget what was counted since ``kept`` was taken."""
        self.counters, self.more = kept.counters, kept.more

    def count_up(self, driver: Driver, account_id: int, *, seq: int, contact: int, serial: int) -> Counted:
        """Hand out numbers; what comes back are the last ones handed out."""
        last = self.counters.get(account_id)
        if last is None:
            last = Counted(*driver.rows(sql.COUNTERS, {"account_id": account_id})[0])
        now = Counted(last.seq + seq, last.contact + contact, last.serial + serial)
        self.counters[account_id] = now
        return now

    def add_contacts(self, account_id: int, book: int, more: int) -> None:
        """Count contacts that came to a book or left it."""
        self.more[account_id, book] = self.more.get((account_id, book), 0) + more

    def more_contacts(self, account_id: int, book: int) -> int:
        """What is counted for a book but not written yet."""
        return self.more.get((account_id, book), 0)

    def write(self, driver: Driver) -> None:
        """Write all counts, and begin anew."""
        for account_id, last in self.counters.items():
            values = {"seq": last.seq, "contact": last.contact, "serial": last.serial}
            driver.run(sql.COUNTERS_SET, {"account_id": account_id, **values})
        for (account_id, book), more in self.more.items():
            driver.run(sql.BOOK_CONTACTS_ADD, {"account_id": account_id, "at_number": book, "more": more})
        self.counters, self.more = {}, {}

"""How long files are kept: those of imports until their time is over, all of them until somebody in them is erased."""

from onebook.model.account import Account
from onebook.operations.imports_drafts import KEPT_SECONDS, Drafts
from onebook.operations.imports_spool import Spool
from onebook.store.base import Session, Store, Work

_LOG_PAGE = 1_000
_AGED_MILLISECONDS = 60_000  # how often each file is looked at for its age


class Files:
    """The files of imports and drafts. Args: ``kept_milliseconds``: how long after its end an import's file stays."""

    def __init__(self, store: Store, spool: Spool, drafts: Drafts, kept_milliseconds: int) -> None:
        self._store = store
        self._spool = spool
        self._drafts = drafts
        self._kept_milliseconds = kept_milliseconds
        self._aged_at = 0
        self._looked_up_to: dict[int, int] = {}  # account to the log's entry up to which erasures were looked for

    def let_go(self, now: int) -> None:
        """Let go of what is not to be kept any longer. Args: ``now``: milliseconds since 1970."""
        files = self._spool.ids()
        old = now - self._kept_milliseconds
        aged: list[str] = []
        if now - self._aged_at > _AGED_MILLISECONDS:
            aged, self._aged_at = self._spool.written_before(old), now
        for account in self._store.accounts():
            if files:
                over = self._store.read(account, lambda session: session.imports.over(aged, old))
                for import_id in files & over:
                    self._drop(account, import_id)
            if self._drafts.has_any(account.id):
                self._drafts.let_go(account.id, self._erased_at(account, now))

    def _drop(self, account: Account, import_id: str) -> None:
        """Forget the file of an import, and what was remembered for going on with it."""
        self._store.write(Work(account, "", "worker", lambda session: session.bulk.remove_parts(import_id)))
        self._spool.drop(import_id)

    def _erased_at(self, account: Account, now: int) -> int:
        """When somebody was erased last, as far as a draft may be so old and as was not looked for before; else 0."""
        after, since = self._looked_up_to.get(account.id, 0), now - round(KEPT_SECONDS * 1000)

        def run(session: Session) -> int:
            self._looked_up_to[account.id] = last = session.last_seq()
            before = last + 1
            while page := session.bulk.changes_before(before, after, _LOG_PAGE):
                for change in page:
                    if change.verb == "erased" or change.at < since:
                        return change.at if change.verb == "erased" else 0
                before = page[-1].seq
            return 0

        return self._store.read(account, run)

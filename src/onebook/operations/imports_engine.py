"""The engine that imports files: takes them over, works on them by itself, and does with them what it is asked to."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec
from msgspec import structs

from onebook.errors import Conflict
from onebook.importing.archive import PROMPT
from onebook.importing.patience import TakesLong, takes_long, until
from onebook.importing.reading import open_records
from onebook.importing.source import Source
from onebook.model.imports import AT_REST, Import, ImportOptions, State
from onebook.operations import address_books, imports_mappings, imports_mend, imports_undo
from onebook.operations.actor import Actor
from onebook.operations.imports_drafts import Draft
from onebook.operations.imports_edits import changed_still
from onebook.operations.imports_fetching import Remote, digest_of
from onebook.operations.imports_joining import join_all
from onebook.operations.imports_opened import Known
from onebook.operations.imports_plan import must_be_unchanged
from onebook.operations.imports_preview import Preview, preview
from onebook.operations.imports_reading import open_file
from onebook.operations.imports_records import add, begin_again, new_values, seen, without_address
from onebook.operations.imports_run import SMALL_BYTES, headings_of
from onebook.operations.imports_spool import Landing
from onebook.operations.imports_working import Working
from onebook.store.base import Session, Work

_TIES_AT_A_TIME = 2_000
_CARRIED_SECONDS = 900.0  # judgement: longer than any client waits that has not given up


class Engine(Working):
    """`imports_base.Imports` over a store and a folder for files.

    Args: as those of `Working`.
    """

    def landing(self) -> Landing:
        """A place where a file comes in piece by piece, to be given to `begin` without being copied."""
        return self._spool.landing()

    def begin(
        self,
        actor: Actor,
        source: Source | Remote,
        options: ImportOptions,
        *,
        key: str | None = None,
        plan: bool = False,
    ) -> Import:
        """As `Imports.begin`."""
        import_id = self._write(actor, lambda session: session.new_uid())
        made = self._kept(actor, import_id, source, options, key=key, plan=plan)
        if made.id == import_id:
            self._take_up(actor.account, import_id, fetches=isinstance(source, Remote))
        return made

    def carry_out(self, actor: Actor, source: Source, options: ImportOptions, *, key: str | None = None) -> Import:
        """As `Imports.carry_out`."""
        import_id = self._write(actor, lambda session: session.new_uid())
        small = source.size < SMALL_BYTES
        if small:  # in this thread, which would only wait, perhaps behind others of millions of rows
            with self._lock:
                self._running.add(import_id)
        try:
            made = self._kept(actor, import_id, source, options, key=key, plan=False)
        except BaseException:
            self._running.discard(import_id)
            raise
        if small and made.id == import_id:
            self._run(actor.account, import_id)
        else:
            self._running.discard(import_id)
            self._take_up(actor.account, made.id)  # also one that was sent before, if whoever ran it is gone
        return self.wait(actor, made.id, seconds=_CARRIED_SECONDS)

    def _kept(
        self,
        actor: Actor,
        import_id: str,
        source: Source | Remote,
        options: ImportOptions,
        *,
        key: str | None,
        plan: bool,
    ) -> Import:
        """Keep a file and its import; the earlier one, which has another id, if it was sent with this key before."""
        actor.must_be_allowed("write")
        try:
            if isinstance(source, Remote):
                known, of_file = self._promised(source, options)
            else:
                known, of_file = self._received(actor, import_id, source, options)
            made: Import = self._write(
                actor,
                lambda session: add(
                    session,
                    new_values(session, actor, import_id, known.options, plan=plan)
                    | {"key": key, "headings": known.headings, "rows_total": known.rows, **of_file},
                ),
            )
        except BaseException:
            self._drop(import_id)
            raise
        if made.id != import_id:
            self._drop(import_id)
        else:
            self._spool.settle(import_id)
        return made

    def _received(
        self, actor: Actor, import_id: str, source: Source, options: ImportOptions
    ) -> tuple[Known, dict[str, Any]]:
        """Keep a file that is here: what it says at once, and what is kept of it."""
        if source.size >= SMALL_BYTES:
            self._spares.prepare()
        said = structs.replace(options, media_type=source.media_type, charset=source.charset)
        digest = self._spool.keep(import_id, source)
        asked = f"{digest_of(source.address)} {_digest(options)}" if source.address else f"{digest} {_digest(said)}"
        of_file: dict[str, Any] = {"name": source.name, "size": source.size, "digest": asked}
        return self._known(actor, import_id, source.name, said), of_file

    @staticmethod
    def _promised(source: Remote, options: ImportOptions) -> tuple[Known, dict[str, Any]]:
        """What is kept of a file that the import is to fetch."""
        of_file: dict[str, Any] = {"name": None, "size": 0, "digest": f"{digest_of(source.address)} {_digest(options)}"}
        return Known(structs.replace(options, address=source.address)), of_file

    def _drop(self, import_id: str) -> None:
        """Leave nothing of an import that was not written."""
        self._opened.drop(import_id)
        self._spool.drop(import_id)

    def preview(self, actor: Actor, source: Source, options: ImportOptions, *, seconds: float | None = None) -> Preview:
        """As `Imports.preview`."""
        actor.must_be_allowed("write")
        limits = PROMPT if seconds is None else structs.replace(PROMPT, wait_seconds=max(seconds, 0.0))
        with source:
            try:
                country = actor.account.default_country
                return preview(source, options, partial(self._chosen, actor, options), limits, country)
            except TakesLong:
                raise takes_long(options.field) from None

    def again(self, actor: Actor, import_id: str) -> Draft:
        """The file of an import once more as a draft, with what was chosen for it. Raises: NotFound once it is gone."""
        found = self.find(actor, import_id)
        source = self._spool.source(import_id, found.name)
        options = structs.replace(found.options, book=found.book, mapping_from=None)
        return self.drafts.take(actor, source, options=options)

    def _known(self, actor: Actor, import_id: str, name: str | None, options: ImportOptions) -> Known:
        """What a file says at once; of one that takes longer its import is to find out."""
        source = self._spool.source(import_id, name)
        choose, country = partial(self._chosen, actor, options), actor.account.default_country
        try:
            heed = until(PROMPT.wait_seconds, options.field)
            return self._opened.look(import_id, source, options, country, choose, PROMPT, heed)
        except TakesLong:
            return Known(options)

    def _chosen(self, actor: Actor, options: ImportOptions, headings: tuple[str, ...]) -> ImportOptions:
        def run(session: Session) -> ImportOptions:
            number = options.book or address_books.default(session, actor).number
            return imports_mappings.resolved(session, number, headings, options)

        return self._store.read(actor.account, run)

    def _write(self, actor: Actor, run: Callable[[Session], Any], *, alone: bool = False) -> Any:
        return self._store.write(Work(actor.account, actor.key.id, actor.dialect, run, alone=alone))

    def _changed(
        self,
        actor: Actor,
        import_id: str,
        states: Iterable[State],
        why: str,
        check: Callable[[Session, Import], None] = lambda *_: None,
        **values: object,
    ) -> Import:
        """Change an import that is in one of these states. Raises: Conflict with a sentence if it is in another."""

        def run(session: Session) -> Import:
            found = seen(session, actor, import_id)
            if found.state not in states:
                raise Conflict("import", import_id, found.state, message=why)
            check(session, found)
            session.change(Import, {"id": import_id}, updated_at=session.now, **values)
            return seen(session, actor, import_id)

        changed: Import = self._write(actor, run)
        return changed

    def apply(self, actor: Actor, import_id: str) -> Import:
        """As `Imports.apply`."""

        def run(session: Session) -> Import:
            found = seen(session, actor, import_id)
            if found.state != "planned":
                raise Conflict("plan", import_id, found.state, message="This is no plan, or it was applied already.")
            if not found.size:
                raise Conflict("plan", import_id, message="The file of this plan is not kept any more; send it again.")
            must_be_unchanged(session, found)
            begin_again(session, actor, found)
            return seen(session, actor, import_id)

        actor.must_be_allowed("write")
        begun: Import = self._write(actor, run)
        self._take_up(actor.account, import_id)
        return begun

    def mend(self, actor: Actor, import_id: str, source: Source) -> Import:
        """As `Imports.mend`."""
        actor.must_be_allowed("write")
        found = self.find(actor, import_id)
        original = self._spool.source(import_id, found.name)
        with source, open_file(original, found.options, actor.account.default_country) as file:
            plan, headings = file.plan, headings_of(file)
            with open_records(source) as records:
                imports_mend.must_be_mendable(records, import_id, records.headings)
            with open_records(source) as records:
                for batch in imports_mend.batches(records, import_id, records.headings):
                    self._write(
                        actor,
                        partial(imports_mend.write, import_id=import_id, records=batch, plan=plan, headings=headings),
                        alone=True,
                    )
        mended = self._store.read(
            actor.account, lambda session: imports_mend.current(session, seen(session, actor, import_id))
        )
        join_all(self._store, actor.account, mended)
        return mended

    def cancel(self, actor: Actor, import_id: str) -> Import:
        """As `Imports.cancel`."""

        def run(session: Session) -> Import:
            found = seen(session, actor, import_id)
            if found.state not in ("planning", "waiting", "running"):
                raise Conflict("import", import_id, found.state, message="The import is not running.")
            # One that nobody has begun ends here: its turn may come only after others of millions of rows.
            begun = found.state == "running" or (found.state == "planning" and found.epoch > 0)
            ended = {"state": "cancelled", "ended_at": session.now, "options": without_address(found)}
            ends = {"cancel_asked": True} if begun else ended
            session.change(Import, {"id": import_id}, updated_at=session.now, **ends)
            return seen(session, actor, import_id)

        actor.must_be_allowed("write")
        asked: Import = self._write(actor, run)
        if asked.state == "cancelled":
            self._opened.drop(import_id)
        else:
            self._take_up(actor.account, import_id)
        return asked

    def undo(self, actor: Actor, import_id: str) -> Import:
        """As `Imports.undo`."""

        def run(session: Session) -> Import:
            imports_undo.begin(session, seen(session, actor, import_id))
            return seen(session, actor, import_id)

        actor.must_be_allowed("write")
        asked: Import = self._write(actor, run)
        self._take_up(actor.account, import_id)
        return asked

    def forget(
        self, actor: Actor, import_id: str, finish: Callable[[Callable[[Session], Any]], Any] | None = None
    ) -> None:
        """As `Imports.forget`. Args: ``finish``: runs the last transaction; the engine itself if None."""
        actor.must_be_allowed("write")
        why = "An import can be forgotten once it is at rest; cancel it first."
        # Without a size it is one whose file goes, should this end here.
        self._changed(actor, import_id, AT_REST, why, size=0)
        self._spool.drop(import_id)

        def run(session: Session) -> None:
            found = seen(session, actor, import_id)
            if found.state not in AT_REST:
                raise Conflict("import", import_id, message=why)
            session.bulk.remove_issues(import_id)
            session.bulk.remove_parts(import_id)
            while ties := session.bulk.ties(import_id, _TIES_AT_A_TIME):
                session.bulk.untie(import_id, ties)
            session.remove(Import, id=import_id)
            # For undoing others: what this one did and took back is no edit.
            before = {"id": found.id, "state": found.state, "kept": changed_still(found)}
            session.log("import", "deleted", 0, before=before)

        (finish or partial(self._write, actor))(run)


def _digest(options: ImportOptions) -> str:
    return msgspec.json.encode(options).decode()

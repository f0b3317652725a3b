"""The Imports protocol: what doors (APIs, command line, pages) may ask of the engine that imports files."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from onebook.importing.source import Source
from onebook.model.imports import Import, ImportIssue, ImportOptions, IssueKind, OriginalRow, Progress
from onebook.operations.actor import Actor
from onebook.operations.imports_fetching import Remote
from onebook.operations.imports_preview import Preview


class Imports(Protocol):
    """Imports files; works by itself once started, and goes on by itself after an interruption.

    Each method is for one actor, needs no transaction and raises NotFound("import") for one that the key does not see.
    """

    def begin(
        self,
        actor: Actor,
        source: Source | Remote,
        options: ImportOptions,
        *,
        key: str | None = None,
        plan: bool = False,
    ) -> Import:
        """Take a file over and start to import it, or only to plan it.

        Args:
            source: copied (and closed) before this returns; may be a gzipped file. One that is still out there is
                fetched by the import itself, which fails if that cannot be.
            key: an idempotency key: the same file, or one from the same address, with the same options is then the
                same import.
            plan: find out what would happen and write nothing.

        Raises:
            InvalidInput: the file is empty, unreadable or without a column for a name.
            Conflict("import", …): the key was used for another file, or another overwrite of the book is on its way.
            NotPermitted: the key may not write into the book.
        """

    def preview(self, actor: Actor, source: Source, options: ImportOptions, *, seconds: float | None = None) -> Preview:
        """Look at a file, and keep nothing.

        Args: ``source``: closed before this returns. ``options``: how to read it, its mapping, and the book.
            ``seconds``: how long it may take; None: as long as anybody waits for an answer.

        Raises: TakesLong: that is not enough. InvalidInput: the file cannot be read.
        """

    def carry_out(self, actor: Actor, source: Source, options: ImportOptions, *, key: str | None = None) -> Import:
        """As `begin`, then `wait` to the end; what still works after a quarter of an hour goes on by itself."""

    def apply(self, actor: Actor, import_id: str) -> Import:
        """Do exactly what a plan says.

        Raises: Conflict("plan", …) if it is not planned, or what the plan has read was changed since.
        """

    def mend(self, actor: Actor, import_id: str, source: Source) -> Import:
        """Run refused rows again, mended, under the same import.

        Args: ``source``: a table with the import's headings and a column `ROW_HEADING`.

        Raises: InvalidInput without that column, or with rows that are none of the import's; Conflict("import", …)
            while the import is not done.
        """

    def find(self, actor: Actor, import_id: str) -> Import:
        """One import."""

    def recent(self, actor: Actor, *, limit: int = 100) -> list[Import]:
        """The newest imports first."""

    def progress(self, actor: Actor, import_id: str) -> Progress:
        """How far it is."""

    def wait(self, actor: Actor, import_id: str, *, seconds: float) -> Import:
        """The import once it is at rest, or as it is after so many seconds."""

    def cancel(self, actor: Actor, import_id: str) -> Import:
        """Ask it to stop; it does within seconds, and what it wrote can be undone.

        Raises: Conflict("import", …) if it is at rest.
        """

    def undo(self, actor: Actor, import_id: str) -> Import:
        """Start to take back all that it did, but for contacts that others have edited since: ``kept`` lists them.

        One that is undone but has kept some can be undone again: those go whose edits were taken back by then.

        Raises: Conflict("import", …) if it is not done, failed or cancelled, its overwrite is no longer the newest, or
            its book was overwritten since.
        """

    def forget(self, actor: Actor, import_id: str) -> None:
        """Remove an import at rest with its file, issues and way back, but not what it has written.

        Raises: Conflict("import", …) while it is not at rest.
        """

    def issues(self, actor: Actor, import_id: str, *, after: int = -1, limit: int = 1000) -> list[ImportIssue]:
        """Issues of whole rows with an index above ``after``, in order, of at most ``limit`` rows."""

    def issue_kinds(self, actor: Actor, import_id: str) -> list[IssueKind]:
        """Its issues by kind, the most frequent first, two hundred kinds at most."""

    def rows_of(self, actor: Actor, import_id: str, indexes: Iterable[int]) -> Iterator[OriginalRow]:
        """The rows of these ascending indexes, as the file has them; streamed. Raises: NotFound once it is gone."""

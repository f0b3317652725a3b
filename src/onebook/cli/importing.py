"""Importing a file from the command line: the engine runs in this very process, and a bar shows how far it is."""

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from onebook.cli.exporting import opened_to_write
from onebook.errors import InvalidInput, NotFound
from onebook.importing.source import Source, Spool
from onebook.model import country
from onebook.model.imports import AT_REST, OUTCOMES, Import, ImportIssue, ImportOptions, Progress
from onebook.operations import accounts, address_books, imports_reports
from onebook.operations.actor import Actor
from onebook.operations.imports_engine import Engine
from onebook.operations.imports_mappings import missing_in
from onebook.store.base import Store

ISSUES_SHOWN: Final = 20
LOOK_SECONDS: Final = 0.2
STOP_SECONDS: Final = 10.0
PIPED: Final = Path("-")
_PIECE_BYTES: Final = 1 << 20
#: Exit statuses; an error of ours, and an import that failed, are 2.
ALL_TAKEN, SOME_REFUSED, FAILED, INTERRUPTED = 0, 1, 2, 130


def options_of(store: Store, actor: Actor, book: str | None, mapping: str | None, **values: Any) -> ImportOptions:
    """What the caller wants.

    Args: ``book``: name of the book. ``mapping``: a JSON file, heading to target, or the name of a saved mapping.
        ``values``: as of `ImportOptions`.

    Raises: NotFound for an unknown book; InvalidInput for an unknown country or a mapping that is none.
    """
    number = None
    if book is not None:
        found = store.read(actor.account, lambda session: address_books.named(session, actor, book))
        if found is None:
            raise NotFound("address book", book)
        number = found.number
    file = Path(mapping) if mapping and (mapping.endswith(".json") or Path(mapping).is_file()) else None
    return ImportOptions(
        book=number,
        targets=_mapping(file) if file else None,
        mapping=None if file else mapping,
        country=_country(values.pop("country")),
        **values,
    )


def _mapping(file: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except OSError as error:
        raise InvalidInput.of("mapping", "unreadable", f"{file} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f'{file} must be a JSON object of headings and targets, such as {{"Nom": "name.family"}}.'
        raise InvalidInput.of("mapping", "unreadable", message) from error


def _country(text: str | None) -> str | None:
    if text is None:
        return None
    code = country.code_of(text)
    if code is None:
        raise InvalidInput.of("country", "unknown_country", "The country must be its two letters, such as FR.")
    return code


def source_of(file: Path) -> Source:
    """The file, or what comes on standard input. Raises: InvalidInput if there is none that can be read."""
    if file == PIPED:
        return _piped(sys.stdin.buffer)
    try:
        with file.open("rb") as opened:
            if file.is_fifo():  # as of ``<(…)`` in a shell, which can be read once
                return _piped(opened)
            if not file.is_file():
                raise InvalidInput.of("file", "unreadable", f"{file} is neither a file nor a pipe.")
            opened.read(1)  # a directory entry says nothing of the disk
            return Source.of_path(file)
    except OSError as error:
        raise InvalidInput.of("file", "unreadable", f"{file} cannot be read: {error.strerror}.") from error


def _piped(stream: BinaryIO) -> Source:
    with Spool(sys.maxsize, field="file") as spool:  # whoever pipes it in has the disk
        while some := stream.read(_PIECE_BYTES):
            spool.write(some)
        return spool.source()


class Wish(NamedTuple):
    """What is to be done: a file to be imported or with mended rows of an import; or something with one import."""

    file: Path | None
    mend: str | None
    show: str | None
    apply: str | None
    undo: str | None


class Sending(NamedTuple):
    """How a file is to be imported; ``options`` as of `ImportOptions`."""

    book: str | None
    mapping: str | None
    plan: bool
    key: str | None
    options: dict[str, Any]


class Desk:
    """Runs imports of one account to their end and tells of them.

    Args: ``as_json``: whether the result is one line of JSON on standard output. ``issues``: where all issues go.
    """

    def __init__(self, imports: Engine, store: Store, account: str, *, as_json: bool, issues: Path | None) -> None:
        self.actor = accounts.owner(accounts.named(store, account))
        self._imports = imports
        self._store = store
        self._as_json = as_json
        self._issues = issues
        if issues is not None and _format_of(issues) not in imports_reports.FORMATS:
            known = ", ".join(f".{name}" for name in imports_reports.FORMATS)
            raise InvalidInput.of("issues", "unknown", f"The file of issues must end in one of {known}.")
        # Asked before the import, which would otherwise be over when its issues find no place.
        if issues is not None and not os.access(issues if issues.exists() else issues.parent, os.W_OK):
            raise InvalidInput.of("issues", "unwritable", f"{issues} cannot be written.")

    def do(self, wish: Wish, sending: Sending) -> int:
        """Do what is wanted, wait for its end, tell of it; gives the exit status."""
        imports, actor = self._imports, self.actor
        file, mend, show, apply, undo = wish
        if file is not None:
            source = source_of(file)
            if mend is not None:
                return self.run(lambda: imports.mend(actor, mend, source))
            options = options_of(self._store, actor, sending.book, sending.mapping, **sending.options)
            return self.run(lambda: imports.begin(actor, source, options, key=sending.key, plan=sending.plan))
        if show is not None:
            return self.follow(show)
        if apply is not None:
            return self.run(lambda: imports.apply(actor, apply))
        return self.run(lambda: imports.undo(actor, str(undo)))

    def run(self, begin: Callable[[], Import]) -> int:
        """Begin something, wait for its end, tell of it; gives the exit status."""
        begun = begin()
        try:
            ended = self._waited(begun)
        except KeyboardInterrupt:
            return self._interrupted(begun)
        return self._end(ended)

    def follow(self, import_id: str) -> int:
        """Wait for the end of an import that runs elsewhere, or has ended, and tell of it; gives the exit status.

        Raises: NotFound.
        """
        begun = self._imports.find(self.actor, import_id)
        try:
            return self._end(self._waited(begun))
        except KeyboardInterrupt:  # who looks on stops nothing
            return INTERRUPTED

    def _end(self, ended: Import) -> int:
        if self._issues is not None:
            self._write_issues(ended, self._issues)
        shown = list(islice(imports_reports.every_issue(self._imports, self.actor, ended.id), ISSUES_SHOWN))
        self._tell(ended, shown)
        return status_of(ended)

    def _waited(self, begun: Import) -> Import:
        with _bar() as move:
            while True:
                found = self._imports.wait(self.actor, begun.id, seconds=LOOK_SECONDS)
                progress = self._imports.progress(self.actor, begun.id)
                move(progress)
                if found.state in AT_REST:
                    return found

    def _interrupted(self, begun: Import) -> int:
        """Ctrl-C: what was written stays, and can be undone; an undo goes on at the next start."""
        if self._imports.find(self.actor, begun.id).state in ("planning", "waiting", "running"):
            self._imports.cancel(self.actor, begun.id)
            self._imports.wait(self.actor, begun.id, seconds=STOP_SECONDS)
        self._tell(self._imports.find(self.actor, begun.id), [])
        return INTERRUPTED

    def _write_issues(self, ended: Import, file: Path) -> None:
        pieces = imports_reports.report(self._imports, self.actor, ended, _format_of(file))
        with opened_to_write(file) as opened:
            opened.writelines(pieces)

    def _tell(self, ended: Import, shown: list[ImportIssue]) -> None:
        if self._as_json:
            print(json.dumps({**result_of(ended), "issues": msgspec.to_builtins(shown)}))
            return
        print("\n".join([*_lines(ended, self.actor.account.name), *map(_line_of, shown)]))
        if shown and self._issues is None:
            print(
                "All issues: --issues FILE.csv (or .json, or .xlsx: the refused rows, to be mended).", file=sys.stderr
            )


def _format_of(file: Path) -> str:
    return file.suffix.removeprefix(".").lower()


def status_of(ended: Import) -> int:
    """The exit status that an import deserves."""
    if ended.state in ("failed", "cancelled") or ended.state not in AT_REST:
        return FAILED
    return SOME_REFUSED if ended.refused and ended.state != "undone" else ALL_TAKEN


def result_of(ended: Import) -> dict[str, Any]:
    """What is told of an import to programs."""
    seconds = ended.active_milliseconds / 1000
    return {
        "id": ended.id,
        "state": ended.state,
        "rows": ended.counts.rows,
        **{name: getattr(ended, name) for name in OUTCOMES},
        "mapping_from": ended.options.mapping_from,
        "headings_missing": missing_in(ended),
        "seconds": seconds,
        "rows_per_second": round(ended.counts.rows / seconds, 1) if seconds else None,
        "kept": len(ended.kept),
        "samples": msgspec.to_builtins(ended.samples),
        "code": ended.code,
        "message": ended.message,
    }


_LINES: Final = {
    "planned": "Planned as {id}; nothing was written. To do it: onebook import --account {account} --apply {id}",
    "done": "Imported as {id}. To take it back: onebook import --account {account} --undo {id}",
    "undone": "{id} was undone.",
    "cancelled": "{id} was cancelled.",
    "failed": "{id} failed: {message}",
}
_WAY_BACK: Final = "To take back what was written: onebook import --account {account} --undo {id}"


def _lines(ended: Import, account: str) -> Iterator[str]:
    line = _LINES.get(ended.state, "{id} is {state}; it goes on at the next start.")
    if ended.state in ("cancelled", "failed") and (ended.created or ended.updated) and not ended.options.overwrite:
        line = f"{line} {_WAY_BACK}"
    yield line.format(id=ended.id, state=ended.state, message=ended.message, account=shlex.quote(account))
    if ended.state == "undone":
        if ended.kept:
            yield f"Edited by others since, and therefore left as they are: {_counted(len(ended.kept), 'contact')}."
        return
    if absent := missing_in(ended):
        yield f"The file has no heading {', '.join(map(repr, absent))}, which the mapping names."
    rows = _counted(ended.counts.rows, "row")
    yield f"{rows}: " + ", ".join(f"{getattr(ended, name):,} {name}" for name in OUTCOMES)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _line_of(issue: ImportIssue) -> str:
    value = f" ({issue.value!r})" if issue.value else ""
    return f"  row {issue.row}, {issue.field or 'the row'}{value}: {issue.message}"


def _end_of(now: Progress) -> str:
    if not now.seconds_left:
        return ""
    return f"until about {time.strftime('%H:%M:%S', time.localtime(time.time() + now.seconds_left))}"


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """A bar on standard error, where that is a terminal, with the figures that the API has too."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[refused]:,} refused"),
        TextColumn("{task.fields[speed]:,.0f} rows/s"),
        TextColumn("{task.fields[end]}"),
    )
    with Bar(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("waiting", total=None, speed=0.0, refused=0, end="")

        def move(now: Progress) -> None:
            bar.update(
                task,
                description=now.state,
                completed=now.rows,
                total=now.rows_total,
                refused=now.counts.refused,
                speed=now.rows_per_second,
                end=_end_of(now),
            )

        yield move

"""PackageX: a file in ``csv_url`` goes to the import engine, and the answer waits for its end.

The import is like any other: it is found in onebook's own API, where it can be undone, and it goes on by itself if the
server stops or the client hangs up.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from msgspec import Struct

from onebook.dialects.base import Engine
from onebook.dialects.packagex.readers import WantedFile
from onebook.dialects.packagex.tables import COLUMNS, METADATA_PREFIX
from onebook.dialects.packagex.values import METADATA_KEY, METADATA_PAIRS, METADATA_VALUE
from onebook.errors import InvalidInput, LimitExceeded, OnebookError, Unavailable
from onebook.importing.fetch import open_url
from onebook.model import ids
from onebook.model.imports import AT_REST, Import, ImportIssue, ImportOptions, Rules
from onebook.operations.imports_engine import Engine as Imports
from onebook.store.base import Session

FIELD: Final = "csv_url"
DATA_URL_CHARACTERS: Final = 7_864_320  # 7.5 MiB: the vendor's "about 7.5 MB", read so that all of it passes
RULES: Final = Rules(
    name_required=True,
    full_name_wins=True,
    addresses_taken_apart=True,
    fields_named=True,
    exact_groups=True,
    surplus_passed_over=True,
)
_ISSUES_AT_A_TIME: Final = 10_000
_ASK_AGAIN_SECONDS: Final = 60
#: Codes of imports that failed for other reasons than their file.
_NOT_OF_THE_FILE: Final = frozenset({"Faulty", "HandLost", "Unavailable"})


class RefusedRow(Struct, frozen=True):
    """A row that was left out: its index from 0, and the fields at fault in their order."""

    index: int
    fields: list[str]


class Loaded(Struct, frozen=True):
    """What a file did: the ids of the new contacts in the order of their rows, and the rows left out."""

    ids: list[str]
    refused: list[RefusedRow]


class Loading:
    """Loads files; None where the routes are only described."""

    def __init__(self, imports: Imports | None) -> None:
        self._given = imports

    def __call__(self, engine: Engine, wanted: WantedFile) -> None:
        """Make contacts of a file's rows."""
        if self._given is None:
            raise RuntimeError
        limits = engine.limits
        source = open_url(
            wanted.url,
            field=FIELD,
            data_url_characters=DATA_URL_CHARACTERS,
            fetch_bytes=limits.fetch_bytes,
            fetch_seconds=limits.fetch_seconds,
            allow=limits.fetch_allow,
        )
        options = options_of(wanted, limits.import_rows)
        ended = self._given.carry_out(engine.actor, source, options, key=wanted.key)
        if ended.state != "done":
            raise _why(ended)
        # Not in the last transaction: a hundred thousand ids would hold up whoever writes.
        loaded = engine.store.read(engine.actor.account, lambda session: loaded_by(session, ended))
        engine.finish(lambda _: loaded)


def options_of(wanted: WantedFile, max_rows: int) -> ImportOptions:
    """The vendor's rules, in the words of the engine."""
    return ImportOptions(
        overwrite=wanted.overwrite,
        all_books=True,
        make_groups=False,
        country=wanted.country,
        targets=COLUMNS,
        custom_prefix=METADATA_PREFIX,
        recall=False,
        custom_pairs=METADATA_PAIRS,
        custom_key=METADATA_KEY,
        custom_value=METADATA_VALUE,
        max_rows=max_rows,
        rules=RULES,
        tables_only=True,
        whole=True,
        field=FIELD,
    )


def _why(imported: Import) -> OnebookError:
    """Why there is no answer: what was wrong with the file, or that its import has not come to its end."""
    if imported.state not in AT_REST:
        message = (
            f"The file is still being imported, as import {imported.id} of onebook's own API. The same request with "
            "the same Idempotency-Key waits for it again."
        )
        return Unavailable(_ASK_AGAIN_SECONDS, message=message)
    if imported.code is None:
        return Unavailable(message=f"The import {imported.id} was cancelled or undone.")
    if imported.code in _NOT_OF_THE_FILE:
        return Unavailable()
    if imported.code == LimitExceeded.__name__:
        return LimitExceeded(FIELD, imported.options.max_rows, "rows")
    return InvalidInput.of(FIELD, imported.code, imported.message or "The file cannot be read.")


def loaded_by(session: Session, imported: Import) -> Loaded:
    """What an import made, and which rows it refused."""
    place = (imported.book, imported.generation)
    made = [
        ids.contact_id(uid)
        for first, last in session.bulk.created(imported.id, imported.first_seq)
        for uid in session.bulk.uids(first, last, *place)
    ]
    rows = groupby(_issues(session, imported.id), lambda issue: issue.index)
    return Loaded(made, [RefusedRow(index, [issue.field for issue in some]) for index, some in rows])


def _issues(session: Session, import_id: str) -> Iterator[ImportIssue]:
    after = -1
    while page := session.bulk.issues(import_id, after, _ISSUES_AT_A_TIME):
        yield from page
        after = page[-1].index

"""An import: a file of contacts on its way into a book, what became of its rows, and what it would take to go back."""

from typing import Any, Literal

from msgspec import Struct

MatchKey = Literal["external_id", "phone", "email", "none"]
Found = Literal["update", "fill", "keep"]
Outcome = Literal["created", "updated", "unchanged", "refused", "skipped"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "refused", "skipped")
MappingFrom = Literal["given", "saved", "remembered", "recognised"]
State = Literal["planning", "planned", "waiting", "running", "done", "failed", "cancelled", "undoing", "undone"]
#: States in which nothing more happens by itself.
AT_REST: frozenset[State] = frozenset({"planned", "done", "failed", "cancelled", "undone"})

#: The others: somebody works on it, or is to.
UNDER_WAY: frozenset[State] = frozenset({"planning", "waiting", "running", "undoing"})

#: Headings of the two columns that a correction workbook has beside the original ones: the sheet's own number of the
#: row, by which a mended row finds its place, and what is wrong with it.
ROW_HEADING = "onebook row"
REASON_HEADING = "onebook reason"


class Rules(Struct, frozen=True, kw_only=True):
    """What rows are held to.

    Args:
        name_required: without it a row may instead have a number, a mail address, an organization or an external id.
        full_name_wins: a full name beside parts of one: whether the parts are then taken from it.
        addresses_taken_apart: whether addresses that are a text are read into fields.
        fields_named: whether issues speak of fields (``email``) instead of headings.
        exact_groups: whether the names of groups are compared letter by letter, those of the file's own groups first,
            wherever they stand, then those of all books that the key sees.
        surplus_passed_over: whether cells beyond the headings are nothing, instead of a fault; the lines with which a
            report ends are then rows like any other.
    """

    name_required: bool = False
    full_name_wins: bool = False
    addresses_taken_apart: bool = False
    fields_named: bool = False
    exact_groups: bool = False
    surplus_passed_over: bool = False


class ImportOptions(Struct, frozen=True):
    """What the caller wants.

    Args:
        book: number of the book; None for the one that contacts without a named one go to.
        match: the key by which a row finds its contact in the book; ``none``: every row is a new contact.
        found: what happens to a contact that a row finds: the row's filled cells replace what is there, they fill
            only what is empty, or all stays as it is.
        overwrite: the file replaces all contacts of the book, at once and at the end.
        all_books: the import looks at every book that the key sees; with ``overwrite`` all of them are emptied, as
            one overwrite.
        skip_opted_out: leave rows out of which a number or mail address is marked as opted out.
        demand_valid: refuse numbers outside the ranges that their country has assigned.
        make_groups: whether a group that rows name, but that is nowhere, is made; else the name is passed over.
        country: where national numbers are dialled, ISO 3166-1 alpha-2, if no column says it; None for the account's.
        targets: heading to target, as in `importing.draft`; None: as they are recognised.
        custom_prefix: with ``targets``: headings that begin so are custom fields, the rest is their key.
        encoding, delimiter, sheet: of the file; None: found out.
        custom_pairs, custom_key, custom_value: how many custom fields a row may have, and characters in their keys
            and values.
        max_rows: the most rows that are not blank.
        mapping: name of a saved mapping, in place of ``targets``.
        recall: whether the mapping that files with the same headings were imported with is used, where neither is
            given; and whether this one's is remembered.
        mapping_from: where ``targets`` are from, once the file is taken over; ``recognised``: None are.
        rules: what rows are held to.
        tables_only: whether files without headings are refused.
        whole: a file that turns out to be broken leaves nothing: what was made of its first rows is taken back.
        field: the caller's word for the file, for what is wrong with all of it.
        media_type, charset: what the sender says of the file; taken from it as it comes.
        address: where on the web the file is, as long as it is still to be fetched; it may hold a secret.
    """

    book: int | None = None
    match: MatchKey = "none"
    found: Found = "update"
    overwrite: bool = False
    all_books: bool = False
    skip_opted_out: bool = False
    demand_valid: bool = False
    make_groups: bool = True
    country: str | None = None
    targets: dict[str, str] | None = None
    custom_prefix: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    custom_pairs: int = 1_000
    custom_key: int = 1_000
    custom_value: int = 100_000
    max_rows: int = 10_000_000
    mapping: str | None = None
    recall: bool = True
    mapping_from: MappingFrom | None = None
    rules: Rules = Rules()
    tables_only: bool = False
    whole: bool = False
    field: str = "file"
    media_type: str | None = None
    charset: str | None = None
    address: str | None = None


class Counts(Struct, frozen=True):
    """Rows by outcome; their sum is always the number of rows read."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: int = 0

    @property
    def rows(self) -> int:
        """All rows read so far: records that are not blank."""
        return self.created + self.updated + self.unchanged + self.refused + self.skipped

    def __add__(self, more: "Counts") -> "Counts":
        """Outcome by outcome."""
        return Counts(*(getattr(self, name) + getattr(more, name) for name in OUTCOMES))


class Sample(Struct, frozen=True, omit_defaults=True):
    """What a plan shows of one row.

    Args:
        index, row: position among the data rows from 0; the sheet's own number.
        contact: uid of the contact that it finds. name: what the row's contact is called.
        changes: field to (before, after), for rows that would update.
        codes: why it is refused or skipped.
    """

    index: int
    row: int
    outcome: Outcome
    contact: str | None = None
    name: str | None = None
    changes: dict[str, tuple[Any, Any]] = {}
    codes: tuple[str, ...] = ()


class Import(Struct, frozen=True):
    """One import, as it is kept.

    Args:
        id: UUIDv7 as text. key: the caller's idempotency key, if any. digest: SHA-256 of the file and the options.
        book: number of the book. generation: the one written into. seen: numbers of the books that it looks at: those
            that an overwrite replaces.
        name: the file's own name. size: in bytes; 0 once somebody was erased who may be in it, so that the file goes.
            headings: of the file, once it is read.
        created … skipped: rows by outcome. next_index: how far the file is read, blank records included: the
            checkpoint. rows_total: rows of the file, once all are read; an estimate before.
        first_seq: the log's last entry before the import. read_seq: up to where a plan knows the log; of one that is
            undone, the log's last entry before that.
        active_milliseconds: how long it has worked so far, interruptions left out.
        kept: numbers of contacts that an undo left, since others have edited them, or who is in them.
        code, message: why it failed.
        actor, dialect: whose key, and by which door.
        epoch, leased_until: who may write: the fence counts up with each runner; milliseconds since 1970.
        created_at, updated_at, ended_at: milliseconds since 1970.
    """

    id: str
    state: State
    key: str | None
    digest: str
    book: int
    generation: int
    seen: tuple[int, ...]
    name: str | None
    size: int
    headings: tuple[str, ...]
    options: ImportOptions
    created: int
    updated: int
    unchanged: int
    refused: int
    skipped: int
    next_index: int
    rows_total: int | None
    first_seq: int
    read_seq: int
    samples: tuple[Sample, ...]
    kept: tuple[int, ...]
    code: str | None
    message: str | None
    actor: str
    dialect: str
    cancel_asked: bool
    epoch: int
    leased_until: int
    active_milliseconds: int
    created_at: int
    updated_at: int
    ended_at: int | None

    @property
    def counts(self) -> Counts:
        """Rows by outcome."""
        return Counts(self.created, self.updated, self.unchanged, self.refused, self.skipped)


class SavedMapping(Struct, frozen=True):
    """Which columns are what, under a name that is the account's; ``targets``: heading to target."""

    number: int
    name: str
    targets: dict[str, str]
    created_at: int
    updated_at: int


class RememberedMapping(Struct, frozen=True):
    """Which columns were what in the last import of such headings into a book; ``headings``: a digest of them."""

    book: int
    headings: str
    targets: dict[str, str]
    updated_at: int


class Progress(Struct, frozen=True):
    """How far an import is.

    Args:
        state: of the import. counts: rows by outcome. rows: all read so far.
        rows_total: of the file; None until it is known or can be told roughly.
        rows_per_second: since it began to work. seconds_left: None if that cannot be told.
    """

    id: str
    state: State
    counts: Counts
    rows: int
    rows_total: int | None
    rows_per_second: float
    seconds_left: float | None
    code: str | None = None
    message: str | None = None


class ImportIssue(Struct, frozen=True):
    """Why a row was refused or skipped, or what in it was left aside; a row may have several.

    Args:
        index: of the row, from 0. place: counts the row's issues, from 0. row: the sheet's own number.
        field: the heading. value: the cell, cut to 200 characters. code: a short stable word.
        message: a sentence for the person who will mend the file.
        outcome: ``refused`` or ``skipped``; the row's own.
    """

    index: int
    place: int
    row: int
    field: str
    value: str | None
    code: str
    message: str
    outcome: Outcome


class IssueKind(Struct, frozen=True):
    """Issues of one kind. Args: ``count``: how many; ``row``, ``value``, ``message``: of one of them."""

    outcome: Outcome
    code: str
    field: str
    count: int
    row: int
    value: str | None
    message: str


class OriginalRow(Struct, frozen=True):
    """A row as it stands in the file: position among the data rows from 0, the sheet's own number, the cells."""

    index: int
    row: int
    cells: tuple[str, ...]

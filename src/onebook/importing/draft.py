"""What a file's records mean: each becomes a draft of a contact, or all the reasons why it cannot."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from onebook.errors import Issue
from onebook.importing.blocks import CARD_BEGINS, Block
from onebook.importing.faults import Faults
from onebook.importing.fields import Said, Words
from onebook.importing.json_card import read_line
from onebook.importing.mapping import Mapping, recognise
from onebook.importing.record import FAULTS
from onebook.importing.row_reader import Limits, RowReader, Rules
from onebook.importing.rows import CardRow, Row, rows_in
from onebook.importing.vcard_card import read_card
from onebook.model.contact import ContactDraft

__all__ = ["Limits", "Mapping", "ReadPlan", "RowDraft", "Rules", "plan_of", "read_block", "read_rows", "recognise"]


class RowDraft(Struct, frozen=True):
    """What became of a row.

    Args:
        index, row: as in `Row`.
        draft: the contact; None exactly if there are issues.
        groups: the cell that names groups, trimmed, otherwise as it stands.
        issues: all that is wrong, at most one a field, in the order name, email, phone, address, type, metadata;
            or a single one of the field ``row``, if it could not even be split into cells.
        named_groups: the groups that the contact is in, where the file says their names one by one.
        tags, lists: names.
        cells: of a row with issues, as they stand; of a vCard or a line of JSON its text.
    """

    index: int
    row: int
    draft: ContactDraft | None
    groups: str
    issues: tuple[Issue, ...] = ()
    named_groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


class ReadPlan(Struct, frozen=True):
    """How to make drafts of the records of one file; small, so that it can be sent to where they are made.

    Args:
        headings: of the file. targets: of each column; empty where nobody knows it.
        country: where numbers without a country code are dialled, ISO 3166-1 alpha-2, unless the row says it.
        limits, rules: what rows are held to.
    """

    headings: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    country: str | None = None
    limits: Limits = Limits()
    rules: Rules = Rules()

    @property
    def mapping(self) -> Mapping:
        """Which column is what."""
        return Mapping({column: target for column, target in enumerate(self.targets) if target})


def plan_of(
    headings: tuple[str, ...],
    mapping: Mapping,
    *,
    country: str | None = None,
    limits: Limits | None = None,
    rules: Rules | None = None,
) -> ReadPlan:
    """A plan for a file with these headings."""
    targets = tuple(mapping.columns.get(column, "") for column in range(len(headings)))
    return ReadPlan(headings, targets, country, limits or Limits(), rules or Rules())


def read_block(block: Block, plan: ReadPlan) -> list[RowDraft]:
    """The drafts of a block's records that are not blank."""
    read = _reader(plan)
    return [read(row) for row in rows_in(block, len(plan.headings))]


def read_rows(
    rows: Iterable[Row | CardRow],
    mapping: Mapping,
    *,
    country: str | None,
    limits: Limits,
    headings: tuple[str, ...] = (),
    rules: Rules | None = None,
) -> Iterator[RowDraft]:
    """Make drafts of rows, one by one.

    Args:
        rows: of an open file. mapping: which column is what.
        country, limits, rules, headings: as in `ReadPlan`; without rules, a name is required, and issues speak of
            fields.
    """
    strict = Rules(name_required=True, full_name_wins=True, addresses_taken_apart=True, fields_named=True)
    return map(_Reader(RowReader(headings, mapping, country, limits, rules or strict), country).read, rows)


@lru_cache(maxsize=8)
def _reader(plan: ReadPlan) -> Callable[[Row | CardRow], RowDraft]:
    columns = RowReader(plan.headings, plan.mapping, plan.country, plan.limits, plan.rules)
    return _Reader(columns, plan.country).read


class _Reader:
    def __init__(self, columns: RowReader, country: str | None) -> None:
        self._columns = columns
        self._words = Words(country)

    def read(self, row: Row | CardRow) -> RowDraft:
        """One record."""
        if isinstance(row, CardRow):
            faults = Faults(row.index, any_nul=True)
            return self._draft(row, self._said(row.text, faults), faults, (row.text,))
        if row.fault:
            issue = Issue("row", row.fault, FAULTS[row.fault], row.index)
            return RowDraft(row.index, row.row, None, "", (issue,))
        # One look at the whole row, since nearly no row has the character.
        faults = Faults(row.index, any_nul="\0" in "".join(row.cells))
        return self._draft(row, self._columns.read(row.cells, faults), faults, row.cells)

    def _said(self, text: str, faults: Faults) -> Said:
        if CARD_BEGINS.match(text):
            return read_card(text, self._words, faults)
        return read_line(text, self._columns, self._words, faults)

    def _draft(self, row: Row | CardRow, said: Said, faults: Faults, cells: tuple[str, ...]) -> RowDraft:
        self._columns.judge(said, faults)
        groups = "" if said.groups else said.groups_cell
        if faults.issues:
            return RowDraft(row.index, row.row, None, groups, tuple(faults.issues), cells=cells)
        draft = ContactDraft(said.card, said.kind, said.external_id)
        return RowDraft(row.index, row.row, draft, groups, (), said.groups, said.tags, said.lists)

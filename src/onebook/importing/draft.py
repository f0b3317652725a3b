"""What a file's records mean: each becomes a draft of a contact, or all the reasons why it cannot."""

from functools import lru_cache

from msgspec import Struct

from onebook.importing.blocks import Block
from onebook.importing.card_cutting import is_card
from onebook.importing.columns import Columns, Limits, Rules
from onebook.importing.faults import Faults
from onebook.importing.fields import Said, Words
from onebook.importing.json_card import LineReader
from onebook.importing.mapping import Mapping, recognise
from onebook.importing.plain import PlainReader
from onebook.importing.record import FAULTS
from onebook.importing.row_draft import Drafts, RowDraft
from onebook.importing.row_reader import RowReader
from onebook.importing.rows import CardRow, Row, Rows, cards_in, is_table
from onebook.importing.vcard_card import read_card
from onebook.model.contact import ContactDraft

__all__ = ["Drafts", "Limits", "Mapping", "ReadPlan", "RowDraft", "Rules", "plan_of", "read_block", "recognise"]


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


def read_block(block: Block, plan: ReadPlan) -> Drafts:
    """The drafts of a block's records that are not blank."""
    reader = _reader(plan)
    if is_table(block):
        return reader.table(Rows(block, len(plan.headings), strict=not plan.rules.surplus_passed_over))
    return Drafts.of(list(map(reader.row, cards_in(block))))


@lru_cache(maxsize=8)
def _reader(plan: ReadPlan) -> "_Reader":
    return _Reader(Columns.found(plan.headings, plan.mapping, plan.country, plan.limits, plan.rules))


class _Reader:
    """Reads records, plain rows column by column, all others one by one."""

    def __init__(self, columns: Columns) -> None:
        self._rows = RowReader(columns)
        self._plain = PlainReader(columns)
        self._lines = LineReader(columns)
        self._words = Words(columns.country)

    def table(self, rows: Rows) -> Drafts:
        """The rows of a table."""
        if not rows:
            return Drafts.of([])
        drafts, odd = self._plain.read(rows)
        for at in odd:
            drafts.put(at, self.row(rows.row(at)))
        return drafts

    def row(self, row: Row | CardRow) -> RowDraft:
        """One record."""
        if isinstance(row, CardRow):
            faults = Faults(row.index, any_nul=True)
            return self._draft(row, self._said(row.text, faults), faults, (row.text,))
        if row.fault:
            faults = Faults(row.index, any_nul=False)
            faults.add("row", row.fault, FAULTS[row.fault], row.shown)
            return RowDraft(row.index, row.row, None, "", tuple(faults.issues), cells=row.cells)
        # One look at the whole row, since nearly no row has the character.
        faults = Faults(row.index, any_nul="\0" in "".join(row.cells))
        return self._draft(row, self._rows.read(row.cells, faults), faults, row.cells)

    def _said(self, text: str, faults: Faults) -> Said:
        if is_card(text):
            return read_card(text, self._words, faults)
        return self._lines.read(text, self._words, faults)

    def _draft(self, row: Row | CardRow, said: Said, faults: Faults, cells: tuple[str, ...]) -> RowDraft:
        self._rows.judge(said, faults)
        groups = "" if said.groups else said.groups_cell
        if faults.issues:
            return RowDraft(row.index, row.row, None, groups, tuple(faults.issues), cells=cells)
        draft = ContactDraft(said.card, said.kind, said.external_id)
        beside = (said.groups, said.tags, said.lists)
        return RowDraft(
            row.index,
            row.row,
            draft,
            groups,
            (),
            *beside,
            opt_outs=said.opt_outs,
            members=said.members,
            places=said.places,
            parts=said.parts,
        )

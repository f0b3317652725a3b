"""How files are read by the strictest rules, as PackageX has them."""

from collections.abc import Sequence

from onebook.importing.blocks import Block
from onebook.importing.draft import Limits, Mapping, ReadPlan, RowDraft, Rules, plan_of, read_block
from onebook.importing.record import Record

LIMITS = Limits(custom_pairs=25, custom_key=100, custom_value=500)
_RULES = Rules(
    name_required=True, full_name_wins=True, addresses_taken_apart=True, fields_named=True, surplus_passed_over=True
)


def strict_plan(headings: Sequence[str], mapping: Mapping, country: str | None, limits: Limits = LIMITS) -> ReadPlan:
    """A plan for a file with these headings."""
    return plan_of(tuple(headings), mapping, country=country, limits=limits, rules=_RULES)


def read_records(plan: ReadPlan, *records: Record) -> list[RowDraft]:
    """The drafts of records of a table whose headings stand in its second row."""
    block = Block(records[0].row - 2, records[0].row, len(records), "records", records=records)
    return list(read_block(block, plan))

"""Real, ugly files, each beside what must come of it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from onebook.importing.draft import RowDraft, read_block, recognise
from onebook.importing.reading import ReadOptions, open_records
from onebook.importing.source import Source
from tests.importing.make_files import FILES
from tests.importing.strictly import strict_plan

FOLDER = Path(__file__).parent / "files"
NAMES = {
    "name": "name.full",
    "first name": "name.given",
    "last name": "name.family",
    "email": "email",
    "phone": "phone",
    "address": "address.text",
    "address line2": "address.line2",
    "type": "kind",
    "groups": "groups",
}
OPTIONS = ReadOptions(field="csv_url", headings=True, tables_only=True)


def outcome(row: RowDraft) -> dict[str, Any]:
    """A row as the expected file has it: short, and issues without their sentences."""
    found: dict[str, Any] = {"index": row.index, "row": row.row}
    if row.draft:
        found |= {"kind": row.draft.kind, "card": msgspec.json.decode(msgspec.json.encode(row.draft.card))}
    if row.groups:
        found["groups"] = row.groups
    if row.issues:
        found["issues"] = [f"{issue.field} {issue.code}" for issue in row.issues]
    return found


def outcomes(path: Path) -> dict[str, Any]:
    with Source.of_path(path) as source, open_records(source, options=OPTIONS) as table:
        mapping = recognise(table.headings, NAMES)
        plan = strict_plan(table.headings, mapping, "US")
        return {
            "columns": {table.headings[column]: target for column, target in mapping.columns.items()},
            "rows": [outcome(row) for block in table.blocks() for row in read_block(block, plan)],
        }


@pytest.mark.parametrize("name", FILES)
def test_file_gives_its_drafts_and_issues(name: str) -> None:
    path = FOLDER / name
    expected = msgspec.json.decode(path.with_suffix(".expected.json").read_bytes())
    assert outcomes(path) == expected


def test_files_are_as_they_were_made() -> None:
    assert {name: (FOLDER / name).read_bytes() for name in FILES} == FILES


def test_each_file_has_its_expectation_and_no_other() -> None:
    expected = {path.name for path in FOLDER.glob("*.expected.json")}
    assert expected == {Path(name).with_suffix(".expected.json").name for name in FILES}

"""Issues as JSON and as CSV: each of them, with all that a program and a person need."""

import csv
import io
import json
from collections.abc import Iterator

from onebook.exporting import issues
from onebook.model.imports import ImportIssue

BAD_PHONE = ImportIssue(4, 0, 6, "Mobile", "+1 no", "invalid", 'This is "no" number.', "refused")
NO_NAME = ImportIssue(9, 0, 11, "Name", None, "required", "A contact needs a name.", "refused")


def test_json_is_one_array() -> None:
    told = json.loads(b"".join(issues.as_json([BAD_PHONE, NO_NAME])))
    assert told == [
        {
            "index": 4,
            "row": 6,
            "heading": "Mobile",
            "value": "+1 no",
            "code": "invalid",
            "message": 'This is "no" number.',
            "outcome": "refused",
        },
        {
            "index": 9,
            "row": 11,
            "heading": "Name",
            "value": None,
            "code": "required",
            "message": "A contact needs a name.",
            "outcome": "refused",
        },
    ]


def test_none_are_an_empty_array_or_headings_alone() -> None:
    assert json.loads(b"".join(issues.as_json([]))) == []
    assert b"".join(issues.as_csv([])).decode("utf-8-sig") == "index,row,heading,value,code,message,outcome\r\n"


def test_csv_is_a_line_each_and_no_cell_runs() -> None:
    text = b"".join(issues.as_csv([BAD_PHONE, NO_NAME])).decode("utf-8-sig")
    _, bad_phone, no_name = csv.reader(io.StringIO(text, newline=""))
    assert bad_phone == ["4", "6", "Mobile", "'+1 no", "invalid", 'This is "no" number.', "refused"]
    assert no_name == ["9", "11", "Name", "", "required", "A contact needs a name.", "refused"]


def test_issues_are_taken_as_they_are_sent() -> None:
    taken = 0

    def many() -> Iterator[ImportIssue]:
        nonlocal taken
        for _ in range(100_000):
            taken += 1
            yield BAD_PHONE

    for write in (issues.as_json, issues.as_csv):
        taken = 0
        assert len(next(iter(write(many())))) < 100_000
        assert taken < 2_000

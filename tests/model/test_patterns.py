"""Patterns mean the same in all versions of Python that onebook runs on."""

import re
from pathlib import Path

import onebook

# CPython's gh-106052: up to 3.11.4 such groups may match what they should not, and miss what they should.
POSSESSIVE_GROUP = re.compile(r"[^(]\)(?:[*+?]|\{[0-9,]+\})\+")


def test_no_group_is_repeated_possessively() -> None:
    [folder] = onebook.__path__
    files = list(Path(folder).rglob("*.py"))
    assert files
    assert [file.name for file in files if POSSESSIVE_GROUP.search(file.read_text("utf-8"))] == []

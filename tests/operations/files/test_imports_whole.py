"""Imports that are to leave nothing where their file turns out to be broken, and those that a caller waits for."""

import pytest

from onebook.errors import Conflict
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions, Rules
from onebook.operations import imports_passage, imports_run

from .conftest import TARGETS, Desk

ROWS = "Name,Groups,Kind\n" + "".join(f"Person {number},Crew,\n" for number in range(30_000)) + "Crew,,group\n"
BROKEN = b"\xef\xbb\xbf" + ROWS.encode() + b"\xff\xfe\xe9" * 2_000
EXACT = Rules(name_required=True, exact_groups=True)


@pytest.fixture
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports_run, "CHUNK_SECONDS_ALONE", 0.01)
    monkeypatch.setattr(imports_run, "CHUNK_SECONDS", 0.01)


def source(content: bytes) -> Source:
    return Source(content, len(content), name="people.csv")


@pytest.mark.usefixtures("_short_chunks")
@pytest.mark.parametrize(("broken", "code"), [(BROKEN, "encoding"), (ROWS.encode(), "LimitExceeded")])
def test_what_was_made_of_a_broken_file_is_taken_back(desk: Desk, broken: bytes, code: str) -> None:
    desk.run("Name,Kind\nAda,\nCrew,group\n")
    before = desk.hash()
    options = ImportOptions(targets=TARGETS, whole=True, rules=EXACT, field="csv_url", max_rows=30_000)
    ended = desk.engine.carry_out(desk.actor, source(broken), options)
    assert (ended.state, ended.code) == ("undone", code)
    assert ended.created > 0
    assert desk.hash() == before


@pytest.mark.usefixtures("_short_chunks")
def test_without_that_the_rows_before_stay(desk: Desk) -> None:
    ended = desk.engine.carry_out(desk.actor, source(BROKEN), ImportOptions(targets=TARGETS))
    assert (ended.state, ended.code) == ("failed", "encoding")
    assert len(desk.contacts()) > 0


def test_the_same_file_with_the_same_key_is_the_same_import(desk: Desk) -> None:
    options = ImportOptions(targets=TARGETS)
    first = desk.engine.carry_out(desk.actor, source(b"Name\nAda\n"), options, key="one")
    again = desk.engine.carry_out(desk.actor, source(b"Name\nAda\n"), options, key="one")
    assert (first.id, first.state) == (again.id, again.state) == (first.id, "done")
    with pytest.raises(Conflict):
        desk.engine.carry_out(desk.actor, source(b"Name\nBea\n"), options, key="one")
    assert [contact.card.full for contact in desk.contacts()] == ["Ada"]


def test_a_fault_of_ours_ends_the_import_and_is_not_tried_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("onebook.operations.imports_passage.time.sleep", lambda _: None)
    monkeypatch.setattr(imports_passage, "Run", fault)
    ended = desk.engine.carry_out(desk.actor, source(b"Name\nAda\n"), ImportOptions(targets=TARGETS))
    assert (ended.state, ended.code) == ("failed", "Faulty")
    assert ended.message == "Something went wrong inside the service."


def test_names_of_groups_count_letter_by_letter_where_that_is_asked(desk: Desk) -> None:
    rows = "Name,Kind,Groups\nAda,,crew\nBea,,Crew\nCy,,Other\nCrew,group,\n"
    desk.run(rows, rules=EXACT, make_groups=False)
    assert desk.members("Crew") == ["Bea"]
    assert "Other" not in desk.named()


def test_the_sender_s_word_for_the_encoding_is_heeded_when_the_file_is_read_again(desk: Desk) -> None:
    content = "Name\nŁukasz Żółć\nŁucja\n".encode("iso8859-2")
    sent = Source(content, len(content), "text/csv", "iso-8859-2", "people.csv")
    desk.engine.carry_out(desk.actor, sent, ImportOptions(targets=TARGETS))
    assert set(desk.named()) == {"Łukasz Żółć", "Łucja"}

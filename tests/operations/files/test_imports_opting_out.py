"""Columns that say who has opted out: marks are set where a mapping says so, and never taken away."""

import pytest

from onebook.importing.opting_out import CHANNELS, says_so, target_of
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions
from onebook.model.opt_out import OptOut

from .conftest import Desk

FILE = (
    "Name,Phone,Email,Unsubscribed\n"
    "Ada,020 7946 0001,ada@example.com,yes\n"
    "Ben,020 7946 0002,ben@example.com,no\n"
    "Cy,020 7946 0003,cy@example.com,\n"
    "Dee,12,dee@example.com,yes\n"
)
BASIC = {"Name": "name.full", "Phone": "phone", "Email": "email"}
ADAS = [("email", "ada@example.com"), ("phone", "+442079460001")]


def marks(desk: Desk) -> list[tuple[str, str]]:
    found = desk.store.read(desk.actor.account, lambda session: session.all(OptOut))
    assert {one.source for one in found} <= {"import"}
    return sorted((one.channel, one.key) for one in found)


@pytest.mark.parametrize(
    ("target", "expected"), [("opt_out", ADAS), ("opt_out.email", ADAS[:1]), ("opt_out.phone", ADAS[1:])]
)
def test_a_column_of_opt_outs_sets_marks(desk: Desk, target: str, expected: list[tuple[str, str]]) -> None:
    done = desk.run(FILE, targets={**BASIC, "Unsubscribed": target})
    assert (done.created, done.refused, marks(desk)) == (3, 1, expected)


def test_no_file_and_no_undoing_takes_one_away(desk: Desk) -> None:
    targets = {**BASIC, "Unsubscribed": "opt_out"}
    done = desk.run(FILE, targets=targets)
    desk.run(FILE.replace("yes", "no"), targets=targets)
    desk.rest(desk.engine.undo(desk.actor, done.id))
    assert marks(desk) == ADAS


def test_a_row_that_changes_nothing_else_sets_them_too_and_once(desk: Desk) -> None:
    targets = {**BASIC, "Unsubscribed": "opt_out.email"}
    desk.run(FILE.replace("yes", ""), targets=targets)
    for _ in range(2):
        again = desk.run(FILE, targets=targets, match="phone")
        assert (again.created, again.unchanged, marks(desk)) == (0, 3, ADAS[:1])


@pytest.mark.parametrize("skip", [False, True])
def test_who_opts_out_by_the_file_is_left_out_where_that_is_asked_for(desk: Desk, *, skip: bool) -> None:
    targets = {**BASIC, "Unsubscribed": "opt_out"}
    text = FILE + "Ada again,020 7946 0001,,\n"
    wanted = {"targets": targets, "skip_opted_out": skip}
    planned = desk.run(text, plan=True, **wanted)
    assert marks(desk) == []
    done = desk.rest(desk.engine.apply(desk.actor, planned.id))
    assert done.counts == planned.counts
    assert (done.created, done.skipped) == ((2, 2) if skip else (4, 0))
    assert marks(desk) == ADAS


def test_a_recognised_column_is_proposed_but_not_taken(desk: Desk) -> None:
    source = Source(FILE.encode(), len(FILE))
    shown = desk.engine.preview(desk.actor, source, ImportOptions(country="GB"))
    assert [column.target for column in shown.columns][-1] == "opt_out.email"
    desk.run(FILE, targets=None)
    assert marks(desk) == []
    assert desk.named()["Ada"].card.custom == {"Unsubscribed": "yes"}


def test_json_lines_may_have_one_too(desk: Desk) -> None:
    line = '{"Name": "Ada", "Phone": "020 7946 0001", "Email": "ada@example.com", "Unsubscribed": "yes"}\n'
    desk.run(line, targets={**BASIC, "Unsubscribed": "opt_out"})
    assert marks(desk) == ADAS


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Unsubscribed", "opt_out.email"),
        ("HasOptedOutOfEmail", "opt_out.email"),
        ("Email Opt-Out", "opt_out.email"),
        ("Do Not Call", "opt_out.phone"),
        ("opt_out", "opt_out"),
        ("Désabonné", "opt_out.email"),
        ("Opt in", None),
        ("Email", None),
        ("Outlook", None),
    ],
)
def test_headings(heading: str, target: str | None) -> None:
    assert target_of(heading) == target
    assert target is None or target in CHANNELS


@pytest.mark.parametrize("cell", ["", "no", "0", "false", "nein", "?", "maybe", "2024", "subscribed"])
def test_what_is_no_yes_is_no_opt_out(cell: str) -> None:
    assert not says_so(cell)


@pytest.mark.parametrize(
    "cell", ["1", "YES", "x", "Ja", "oui", "2024-05-01", "2024-05-01 10:22:01", "1.5.24", "5/1/2024"]
)
def test_a_yes_or_a_day_is_one(cell: str) -> None:
    assert says_so(cell)

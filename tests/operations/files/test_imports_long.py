"""Names that no index could hold: a clear refusal of their rows, on every database."""

import random

import pytest

from .conftest import Desk

DICE = random.Random(1)
LONG = "".join(DICE.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9_000))  # nothing packs it
MANY = ", ".join(LONG[at : at + 200] for at in range(0, 8_000, 200))


@pytest.mark.parametrize("heading", ["Groups", "Tags"])
@pytest.mark.parametrize("columns", ["Name,{}", "Name,{},Kind"])
def test_a_name_that_is_too_long_is_an_issue(desk: Desk, heading: str, columns: str) -> None:
    done = desk.run(f"{columns.format(heading)}\nAda,{LONG}\nBen,short\n")
    assert (done.state, done.created, done.refused) == ("done", 1, 1)
    assert [(one.row, one.field, one.code) for one in desk.engine.issues(desk.actor, done.id)] == [
        (2, heading, "too_long")
    ]


def test_a_cell_of_many_names_waits_for_each_of_them(desk: Desk) -> None:
    done = desk.run(f'Name,Groups,Kind\nAda,"{MANY}",\n')
    assert (done.state, done.refused) == ("done", 0)
    assert desk.members(LONG[:200]) == ["Ada"]

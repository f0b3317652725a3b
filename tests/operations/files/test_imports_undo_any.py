"""Whatever a file does to whatever was there: undone, the book's content hash is what it was."""

import csv
import io
import random
from typing import Any

import pytest

from .conftest import Desk

SEEDS = range(3)
COLUMNS = ("ID", "Name", "Email", "Phone", "Groups", "Kind", "Notes", "Shoe", "Tags")


def some(dice: random.Random, *texts: str) -> str:
    """One of them, or nothing."""
    return dice.choice((*texts, "", ""))


def made_up(dice: random.Random, rows: int) -> str:
    """A file of few different keys, so that rows meet each other and who is there; some are groups, some are wrong."""
    text = io.StringIO()
    writer = csv.writer(text)
    columns = [one for one in COLUMNS if one in ("ID", "Name") or dice.random() < 0.8]
    writer.writerow(columns)
    for _ in range(rows):
        number = dice.randrange(30)
        cells = {
            "ID": some(dice, f"id {number}", f"id {dice.randrange(30)}"),
            "Name": some(dice, f"Person {number}", "Team", "Crew", "No one"),
            "Email": some(dice, f"p{number}@example.com", f"P{dice.randrange(30)}@example.com", "wrong"),
            "Phone": some(dice, f"020 7946 {number:04d}", "12"),
            "Groups": some(dice, "Team", "Crew, Team", "Team; Choir"),
            "Kind": some(dice, "group"),
            "Notes": some(dice, "one", "two"),
            "Shoe": some(dice, "38", "39"),
            "Tags": some(dice, "red", "red, blue"),
        }
        writer.writerow([cells[one] for one in columns])
    return text.getvalue()


def wish(dice: random.Random) -> dict[str, Any]:
    """Options of an import."""
    match = dice.choice(("external_id", "phone", "email", "none"))
    found = dice.choice(("update", "fill", "keep"))
    return {"match": match, "found": found, "make_groups": dice.random() < 0.7, "overwrite": dice.random() < 0.2}


@pytest.mark.parametrize("seed", SEEDS)
def test_undone_it_never_was(desk: Desk, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(2):
        desk.run(made_up(dice, 40), **wish(dice))
    hashes = [desk.hash()]
    done = []
    for _ in range(3):
        done.append(desk.run(made_up(dice, 40), **wish(dice)))
        hashes.append(desk.hash())
    for imported, after, before in zip(reversed(done), hashes[:0:-1], hashes[-2::-1], strict=True):
        assert desk.hash() == after
        if imported.state == "done":
            undone = desk.rest(desk.engine.undo(desk.actor, imported.id))
            assert (undone.state, undone.kept) == ("undone", ())
        assert desk.hash() == before

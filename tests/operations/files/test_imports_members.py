"""Groups of vCards, which name their members by uids."""

import pytest

from onebook.errors import Conflict

from .conftest import Desk
from .test_imports_mend import mended

ADA, BEN = "03a0e51f-d1aa-4385-8a53-e29025acd8af", "b8767877-b4a1-4c70-9acc-505d3819e519"


def card(name: str, uid: str, *lines: str) -> str:
    return "\n".join(("BEGIN:VCARD", "VERSION:4.0", f"UID:{uid}", f"FN:{name}", *lines, "END:VCARD", ""))


def team(*members: str, uid: str = "team", name: str = "Team") -> str:
    return card(name, uid, "KIND:group", *(f"MEMBER:{one}" for one in members))


PEOPLE = card("Ada Okafor", f"urn:uuid:{ADA}", "EMAIL:ada@example.com") + card("Ben Berg", BEN, "EMAIL:ben@example.com")


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (PEOPLE + team(f"urn:uuid:{BEN}", f"urn:uuid:{ADA}"), ["Ben Berg", "Ada Okafor"]),
        (team(ADA.upper(), "mailto:BEN@example.com", "urn:uuid:nobody") + PEOPLE, ["Ada Okafor", "Ben Berg"]),
        (
            card("Team", "team", "X-ADDRESSBOOKSERVER-KIND:group", f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{BEN}")
            + PEOPLE,
            ["Ben Berg"],
        ),
    ],
    ids=["behind its members", "before them", "of Apple"],
)
def test_a_group_has_the_members_that_it_names(desk: Desk, text: str, members: list[str]) -> None:
    done = desk.run(text, targets=None, match="external_id")
    assert (done.state, done.created) == ("done", 3)
    assert desk.members("Team") == members
    again = desk.run(text, targets=None, match="external_id")
    assert (again.unchanged, desk.members("Team")) == (3, members)


@pytest.mark.parametrize("found", ["fill", "keep"])
def test_a_member_is_found_also_where_it_keeps_another_id(desk: Desk, found: str) -> None:
    desk.run("ID,Name,Email\ncrm-1,Ada,ada@example.com\n")
    before = desk.hash()
    done = desk.run(team(ADA, BEN) + PEOPLE, targets=None, match="email", found=found)
    assert desk.members("Team") == ["Ada", "Ben Berg"]
    desk.rest(desk.engine.undo(desk.actor, done.id))
    assert desk.hash() == before


def test_undoing_takes_who_was_there_out_of_a_group_that_was_there(desk: Desk) -> None:
    desk.run(PEOPLE + team(), targets=None)
    before = desk.hash()
    done = desk.run(team(ADA) + card("Inner", "inner", "KIND:group") + PEOPLE, targets=None, match="external_id")
    assert desk.members("Team") == ["Ada Okafor"]
    desk.rest(desk.engine.undo(desk.actor, done.id))
    assert desk.hash() == before


def test_groups_within_groups_never_hold_each_other(desk: Desk) -> None:
    desk.run(team("inner", ADA) + team("team", uid="inner", name="Inner") + PEOPLE, targets=None)
    assert ("Inner" in desk.members("Team")) != ("Team" in desk.members("Inner"))


def test_a_plan_is_refused_once_a_member_that_it_did_not_know_is_there(desk: Desk) -> None:
    plan = desk.rest(desk.begin(team(ADA), targets=None, match="external_id", plan=True))
    desk.run(PEOPLE, targets=None)
    with pytest.raises(Conflict):
        desk.engine.apply(desk.actor, plan.id)


def test_a_mended_row_joins_the_group_that_it_names(desk: Desk) -> None:
    done = desk.run("ID,Name,Email,Phone,Notes,Kind,Groups\n3,Cy,not an address,,,,Crew\n")
    row = ["3", "Cy", "cy@example.com", "", "", "", "Crew"]
    headings = "ID,Name,Email,Phone,Notes,Kind,Groups"
    desk.engine.mend(desk.actor, done.id, mended(done.id, (2, row), headings=headings))
    assert desk.members("Crew") == ["Cy"]

"""Groups: their members are known contacts that the key sees, and never hold each other in a circle."""

import itertools

import pytest

from onebook.errors import InvalidInput
from onebook.model.contact import Contact, ContactPatch
from onebook.operations import groups
from tests.operations.desk import Desk


def fill(desk: Desk, group: Contact, *members: Contact | str, primary: Contact | None = None) -> None:
    uids = [member if isinstance(member, str) else member.uid for member in members]
    wanted = [(uid, primary is not None and uid == primary.uid) for uid in uids]
    desk.write(lambda session, actor: groups.set_members(session, actor, group, wanted, field="children"))


def members_of(desk: Desk, group: Contact) -> list[tuple[str | None, bool]]:
    found = desk.read(lambda session, _: groups.members(session, [group]))
    return [(member.contact.card.full, member.primary) for member in found.get(group.number, [])]


def refused(desk: Desk, group: Contact, *members: Contact | str) -> str:
    with pytest.raises(InvalidInput) as error:
        fill(desk, group, *members)
    (issue,) = error.value.issues
    assert issue.field == "children"
    return issue.code


def test_members_in_the_order_given(desk: Desk) -> None:
    group, ada, bob = desk.create("All", kind="group"), desk.create("Ada"), desk.create("Bob")
    fill(desk, group, bob, ada, primary=ada)
    assert members_of(desk, group) == [("Bob", False), ("Ada", True)]


def test_a_member_named_twice_counts_once_and_keeps_its_mark(desk: Desk) -> None:
    group, ada = desk.create("All", kind="group"), desk.create("Ada")
    twice = [(ada.uid, True), (ada.uid, False)]
    desk.write(lambda session, actor: groups.set_members(session, actor, group, twice))
    assert members_of(desk, group) == [("Ada", True)]


def test_groups_may_hold_groups(desk: Desk) -> None:
    outer, inner, ada = desk.create("Outer", kind="group"), desk.create("Inner", kind="group"), desk.create("Ada")
    fill(desk, inner, ada)
    fill(desk, outer, inner, ada)
    assert members_of(desk, outer) == [("Inner", False), ("Ada", False)]
    holding = desk.read(lambda session, actor: groups.groups_holding(session, actor, ada))
    assert [group.card.full for group in holding] == ["Outer", "Inner"]


def test_no_group_holds_itself(desk: Desk) -> None:
    group = desk.create("All", kind="group")
    assert refused(desk, group, group) == "cycle"


@pytest.mark.parametrize("length", [2, 3, 10])
def test_no_group_holds_itself_through_others(desk: Desk, length: int) -> None:
    chain = [desk.create(f"Group {n}", kind="group") for n in range(length)]
    for outer, inner in itertools.pairwise(chain):
        fill(desk, outer, inner)
    ada = desk.create("Ada")
    assert refused(desk, chain[-1], ada, chain[0]) == "cycle"
    assert members_of(desk, chain[-1]) == [], "nothing of a refused call is kept"
    fill(desk, chain[0])
    fill(desk, chain[-1], chain[0])
    assert members_of(desk, chain[-1]) == [("Group 0", False)], "once the chain is broken it may"


def test_a_diamond_is_no_circle(desk: Desk) -> None:
    top, left, right, bottom = (desk.create(name, kind="group") for name in ("top", "left", "right", "bottom"))
    for side in (left, right):
        fill(desk, side, bottom)
    fill(desk, top, left, right, bottom)
    assert len(members_of(desk, top)) == 3


def test_only_groups_have_members(desk: Desk) -> None:
    ada, bob = desk.create("Ada"), desk.create("Bob")
    assert refused(desk, ada, bob) == "not_a_group"
    fill(desk, ada)


def test_unknown_members_are_refused(desk: Desk) -> None:
    group, gone = desk.create("All", kind="group"), desk.create("Gone")
    desk.delete(gone)
    stranger = Desk(desk.store, "stranger").create("Stranger")
    for member in ("", "x", "0190a6c2-0000-7000-8000-000000000001", gone, stranger):
        assert refused(desk, group, member) == "unknown_member"


def test_a_bound_key_puts_in_only_whom_it_sees(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    group, mine, theirs = desk.create("All", kind="group"), desk.create("Mine"), desk.create("Theirs", book=friends)
    bound = desk.as_("write", book=1)
    assert refused(bound, group, mine, theirs) == "unknown_member"
    fill(bound, group, mine)


def test_a_bound_key_leaves_in_whom_it_does_not_see(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    group, mine, other = desk.create("All", kind="group"), desk.create("Mine"), desk.create("Other")
    theirs = desk.create("Theirs", book=friends)
    fill(desk, group, theirs, mine, primary=theirs)
    bound = desk.as_("write", book=1)
    fill(bound, group, other)
    assert members_of(desk, group) == [("Other", False), ("Theirs", True)]
    bound.write(lambda session, actor: groups.add(session, actor, group, [mine.uid]))
    bound.write(lambda session, actor: groups.rearrange(session, actor, group, mine.uid, "up"))
    assert members_of(desk, group) == [("Mine", False), ("Other", False), ("Theirs", True)]
    fill(bound, group)
    assert members_of(desk, group) == [("Theirs", True)]


def test_a_group_with_members_stays_a_group(desk: Desk) -> None:
    group, ada = desk.create("All", kind="group"), desk.create("Ada")
    fill(desk, group, ada)
    with pytest.raises(InvalidInput) as error:
        desk.update(group, ContactPatch(kind="individual"))
    assert error.value.issues[0].code == "has_members"
    fill(desk, group)
    assert desk.update(group, ContactPatch(kind="individual")).kind == "individual"


def test_who_is_gone_is_no_member(desk: Desk) -> None:
    group, ada, bob = desk.create("All", kind="group"), desk.create("Ada"), desk.create("Bob")
    fill(desk, group, ada, bob)
    desk.delete(ada)
    assert members_of(desk, group) == [("Bob", False)]


def test_filling_as_before_is_no_change(desk: Desk) -> None:
    group, ada = desk.create("All", kind="group"), desk.create("Ada")

    def entries() -> int:
        return len(desk.read(lambda session, _: session.changes(0, 1000)))

    fill(desk, group, ada)
    before = entries()
    fill(desk, group, ada)
    assert entries() == before
    fill(desk, group, ada, primary=ada)
    assert entries() == before + 1

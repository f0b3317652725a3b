"""Lists and tags: made when first named, attached and detached; deleting one leaves its contacts."""

import pytest

from onebook.errors import Conflict, InvalidInput, NotFound, NotPermitted
from onebook.model.contact import Contact
from onebook.model.label import Label, LabelKind
from onebook.operations import labels
from tests.operations.desk import Desk


def made(desk: Desk, kind: LabelKind, *names: str) -> list[int]:
    return desk.write(lambda session, actor: labels.numbers_of(session, actor, kind, names))


def attach(desk: Desk, numbers: list[int], *people: Contact) -> None:
    desk.write(lambda session, _: labels.attach(session, numbers, [contact.number for contact in people]))


def borne(desk: Desk, contact: Contact) -> list[tuple[LabelKind, str]]:
    return desk.read(lambda session, _: session.labels.of_contacts([contact.number])).get(contact.number, [])


def named(desk: Desk, kind: LabelKind, name: str) -> Label:
    return desk.read(lambda session, _: labels.named(session, kind, name))


def test_made_when_first_named_and_found_after(desk: Desk) -> None:
    first = made(desk, "list", "club", "team", "club")
    assert made(desk, "list", "team", "new", "club")[::2] == first[::-1]
    assert made(desk, "list") == []
    assert len(desk.read(lambda session, _: session.all(Label))) == 3


def test_names_are_compared_with_their_case_and_by_kind(desk: Desk) -> None:
    numbers = [*made(desk, "list", "Club", "club"), *made(desk, "tag", "club")]
    assert len(set(numbers)) == 3


def test_one_of_each_name(desk: Desk) -> None:
    made(desk, "list", "club")
    with pytest.raises(Conflict) as conflict:
        desk.write(lambda session, actor: labels.create(session, actor, "list", "club"))
    assert (conflict.value.kind, conflict.value.key) == ("list", "club")
    team = desk.write(lambda session, actor: labels.create(session, actor, "list", "team"))
    with pytest.raises(Conflict):
        desk.write(lambda session, actor: labels.rename(session, actor, team, "club"))
    assert desk.write(lambda session, actor: labels.rename(session, actor, team, "crew")).name == "crew"


@pytest.mark.parametrize("name", ["", " ", "\t\n"])
def test_a_blank_name_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidInput):
        desk.write(lambda session, actor: labels.create(session, actor, "tag", name))
    label = desk.write(lambda session, actor: labels.create(session, actor, "tag", "vip"))
    with pytest.raises(InvalidInput):
        desk.write(lambda session, actor: labels.rename(session, actor, label, name))


def test_unknown_ones(desk: Desk) -> None:
    (number,) = made(desk, "list", "club")
    with pytest.raises(NotFound) as error:
        named(desk, "tag", "club")
    assert error.value.kind == "tag"
    with pytest.raises(NotFound):
        desk.read(lambda session, _: labels.get(session, "tag", number))


def test_replacing_leaves_exactly_the_named_ones_of_that_kind(desk: Desk) -> None:
    ada = desk.create("Ada")
    attach(desk, [*made(desk, "list", "a", "b"), *made(desk, "tag", "t")], ada)
    desk.write(lambda session, actor: labels.replace(session, actor, "list", ada.number, ["b", "c", "c"]))
    assert borne(desk, ada) == [("list", "b"), ("list", "c"), ("tag", "t")]
    desk.write(lambda session, actor: labels.replace(session, actor, "tag", ada.number, []))
    assert borne(desk, ada) == [("list", "b"), ("list", "c")]


def test_deleting_or_clearing_one_leaves_its_contacts(desk: Desk) -> None:
    ada = desk.create("Ada")
    attach(desk, made(desk, "list", "club", "team"), ada)
    desk.write(lambda session, actor: labels.delete(session, actor, labels.named(session, "list", "club")))
    desk.write(lambda session, actor: labels.clear(session, actor, labels.named(session, "list", "team")))
    assert desk.names() == ["Ada"]
    assert borne(desk, ada) == []
    assert named(desk, "list", "team").name == "team"
    with pytest.raises(NotFound):
        named(desk, "list", "club")


def test_who_was_on_which_is_in_the_log(desk: Desk) -> None:
    ada, bob = desk.create("Ada"), desk.create("Bob")
    (club,) = made(desk, "list", "club")
    attach(desk, [club], ada, bob)
    desk.write(lambda session, _: labels.detach(session, [club], [ada.number]))
    log = desk.read(lambda session, _: session.changes(0, 100))
    told = [(change.first, change.before["labels"]) for change in log if change.verb == "labelled"]
    assert told == [(ada.number, []), (bob.number, []), (ada.number, [["list", "club"]])]


def test_a_bound_key_neither_empties_nor_removes_what_others_are_on(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    mine, theirs = desk.create("Mine"), desk.create("Theirs", book=friends)
    attach(desk, made(desk, "list", "shared"), mine, theirs)
    attach(desk, made(desk, "list", "own"), mine)
    bound, shared, own = desk.as_("write", book=1), named(desk, "list", "shared"), named(desk, "list", "own")
    with pytest.raises(NotPermitted):
        bound.read(lambda session, actor: labels.must_hold_only_seen(session, actor, shared))
    bound.read(lambda session, actor: labels.must_hold_only_seen(session, actor, own))
    desk.read(lambda session, actor: labels.must_hold_only_seen(session, actor, shared))


def test_a_reading_key_makes_none(desk: Desk) -> None:
    with pytest.raises(NotPermitted):
        desk.as_("read").write(lambda session, actor: labels.create(session, actor, "list", "club"))

"""What was done to many can be taken back: same numbers, same uids, all ties; what others changed since stays."""

import pytest

from onebook.errors import InvalidInput, LimitExceeded, NotFound
from onebook.model.contact import Card, Contact, ContactDraft, ContactPatch, CustomChange, Email, Phone
from onebook.model.label import Member
from onebook.operations import contacts, groups, history, labels, many, undo
from onebook.operations.actor import Actor
from onebook.operations.many import Done
from onebook.operations.undo import Taken
from onebook.store.base import Condition, Session
from tests.operations.contents import content_hash
from tests.operations.desk import Desk


def content(desk: Desk) -> str:
    return desk.read(lambda session, actor: content_hash(session, actor, 1))


def again(desk: Desk, contact: Contact) -> Contact:
    return desk.read(lambda session, actor: contacts.get(session, actor, contact.uid))


def take_back(desk: Desk, done: Done) -> Taken:
    return desk.write(lambda session, actor: undo.take_back(session, actor, done.first, done.last))


@pytest.fixture
def people(desk: Desk) -> list[Contact]:
    card = Card(full="Ada Lovelace", phones=(Phone("+33612345678", "+33612345678", primary=True),))
    made = [desk.create(card, external_id="a"), desk.create("Grace"), desk.create("Team", kind="group")]
    desk.write(
        lambda session, actor: groups.set_members(session, actor, made[2], [(made[0].uid, False), (made[1].uid, True)])
    )
    desk.write(lambda session, actor: many.label(session, actor, made[:1], "tag", "old"))
    return made


@pytest.mark.parametrize("chosen", [(0,), (2,), (0, 2), (0, 1, 2)], ids=str)
def test_deleted_contacts_come_back_with_all_their_ties(
    desk: Desk, people: list[Contact], chosen: tuple[int, ...]
) -> None:
    before = [again(desk, one) for one in people]
    done = desk.write(lambda session, actor: many.delete(session, actor, [people[at] for at in chosen]))
    assert len(desk.names()) == len(people) - len(chosen)
    assert take_back(desk, done) == Taken(len(chosen), 0)
    assert [(one.number, one.uid, one.external_id, one.card) for one in (again(desk, one) for one in people)] == [
        (one.number, one.uid, one.external_id, one.card) for one in before
    ]
    assert desk.read(lambda session, _: session.labels.of_contacts([people[0].number])) == {
        people[0].number: [("tag", "old")]
    }
    members = desk.read(lambda session, _: session.groups.members([people[2].number]))[people[2].number]
    assert {one.contact for one in members} == {people[0].number, people[1].number}
    found = desk.read(lambda session, actor: contacts.find(session, actor, (_words("ada"),), limit=5))
    assert [one.uid for one in found] == [people[0].uid]
    assert desk.read(lambda session, actor: contacts.count(session, actor, ())) == len(people)


def test_a_member_comes_back_to_its_place(desk: Desk, people: list[Contact]) -> None:
    def members() -> list[Member]:
        return desk.read(lambda session, _: session.groups.members([people[2].number]))[people[2].number]

    third = desk.create("Edith")
    named = [(people[0].uid, True), (people[1].uid, True), (third.uid, False)]
    desk.write(lambda session, actor: groups.set_members(session, actor, people[2], named))
    before = members()
    done = desk.write(lambda session, actor: many.delete(session, actor, people[:2]))
    assert members() == before[2:]
    assert take_back(desk, done) == Taken(2, 0)
    assert members() == before


@pytest.mark.parametrize("backwards", [False, True])
def test_groups_come_back_with_those_deleted_with_them(desk: Desk, *, backwards: bool) -> None:
    """Each in its place and as primary as it was, in whatever order they were chosen."""
    first, outer, second, inner, third = (
        desk.create(name, kind="group" if name in ("Outer", "Inner") else "individual")
        for name in ("Ada", "Outer", "Grace", "Inner", "Edith")
    )
    kept = {
        inner.number: [Member(third.number), Member(first.number, primary=True), Member(second.number)],
        outer.number: [Member(second.number), Member(inner.number, primary=True), Member(first.number)],
    }

    def fill(session: Session, _: Actor) -> None:
        for number, members in kept.items():
            session.groups.set_members(number, members)

    desk.write(fill)
    chosen = sorted((first, outer, inner), key=lambda one: one.number, reverse=backwards)
    done = desk.write(lambda session, actor: many.delete(session, actor, chosen))
    assert take_back(desk, done) == Taken(3, 0)
    assert desk.read(lambda session, _: session.groups.members(kept)) == kept


def _words(word: str) -> Condition:
    return Condition("words", "eq", ((word,),))


def test_an_external_id_that_is_taken_by_then_is_left_to_its_new_owner(desk: Desk, people: list[Contact]) -> None:
    done = desk.write(lambda session, actor: many.delete(session, actor, people[:1]))
    desk.create("New", external_id="a")
    assert take_back(desk, done) == Taken(1, 0)
    assert again(desk, people[0]).external_id is None


def test_tags_lists_and_groups_are_taken_back(desk: Desk, people: list[Contact]) -> None:
    before = content(desk)
    team = desk.create("Second team", kind="group")
    desk.delete(team)
    for run in (
        lambda session, actor: many.label(session, actor, people, "tag", "new"),
        lambda session, actor: many.label(session, actor, people, "tag", "old"),
        lambda session, actor: many.label(session, actor, people, "list", "autumn"),
        lambda session, actor: many.unlabel(session, actor, people, "tag", "old"),
    ):
        done = desk.write(run)
        assert content(desk) != before
        take_back(desk, done)
        assert content(desk) == before


def test_a_group_is_as_it_was_before_others_came(desk: Desk, people: list[Contact]) -> None:
    third = desk.create("Third")
    before = content(desk)
    done = desk.write(lambda session, actor: many.group(session, actor, [third], people[2].uid))
    assert content(desk) != before
    assert take_back(desk, done) == Taken(1, 0)
    assert content(desk) == before


def test_a_change_of_a_card_is_taken_back(desk: Desk, people: list[Contact]) -> None:
    before, seq = content(desk), desk.read(lambda session, _: session.last_seq())
    desk.update(again(desk, people[0]), ContactPatch(full="Ada King"))
    assert take_back(desk, Done(1, seq + 1, seq + 1)) == Taken(1, 0)
    assert content(desk) == before


def test_what_was_changed_since_stays(desk: Desk, people: list[Contact]) -> None:
    done = desk.write(lambda session, actor: many.label(session, actor, people[:2], "tag", "new"))
    desk.update(again(desk, people[0]), ContactPatch(full="Ada King"))
    assert take_back(desk, done) == Taken(1, 1)
    bearing = desk.read(lambda session, _: session.labels.of_contacts([people[0].number]))
    assert ("tag", "new") in bearing[people[0].number]


def test_what_is_taken_back_once_is_not_taken_back_again(desk: Desk, people: list[Contact]) -> None:
    done = desk.write(lambda session, actor: many.delete(session, actor, people[:1]))
    take_back(desk, done)
    assert take_back(desk, done) == Taken(0, 1)


def test_only_ones_own_can_be_taken_back(desk: Desk, people: list[Contact]) -> None:
    done = desk.write(lambda session, actor: many.delete(session, actor, people[:1]))
    with pytest.raises(NotFound):
        take_back(desk.as_("write"), done)


def test_a_deleted_list_comes_back_with_those_on_it(desk: Desk, people: list[Contact]) -> None:
    before, seq = content(desk), desk.read(lambda session, _: session.last_seq())
    desk.write(lambda session, actor: labels.delete(session, actor, labels.named(session, "tag", "old")))
    assert content(desk) != before
    take_back(desk, Done(0, seq + 1, seq + 1))
    assert content(desk) == before


def test_nobody_chosen_or_too_many_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput):
        desk.read(lambda session, actor: many.chosen(session, actor, [7], None))
    monkeypatch.setattr(many, "MOST", 1)
    for name in ("Ada", "Grace"):
        desk.create(name)
    with pytest.raises(LimitExceeded):
        desk.read(lambda session, actor: many.chosen(session, actor, (), ()))


def test_history_tells_what_brought_each_value(desk: Desk) -> None:
    made = desk.create(Card(full="Ada", custom={"x": "1"}))
    changed = desk.update(made, ContactPatch(emails=(Email("ada@example.org"),), custom=CustomChange({"x": "2"})))
    desk.write(lambda session, actor: many.label(session, actor, [changed], "tag", "new"))
    desk.update(again(desk, made), ContactPatch(notes="Countess"))
    now = again(desk, made)
    told = desk.read(lambda session, actor: history.of(session, actor, now))
    assert [(event.change.verb, event.changed) for event in told.events] == [
        ("updated", ("notes",)),
        ("labelled", ()),
        ("updated", ("emails", "custom")),
        ("created", ()),
    ]
    at = {place: told.events.index(event) for place, event in told.origins.items()}
    assert at == {("full", ""): 3, ("emails", "ada@example.org"): 2, ("custom", "x"): 2, ("notes", ""): 0}


def test_history_knows_ranges_and_nothing_of_others(desk: Desk) -> None:
    placed = [contacts.Placed(ContactDraft(Card(full=name)), 1) for name in ("Ada", "Grace", "Edith")]
    made = desk.write(lambda session, actor: contacts.create(session, actor, placed))
    desk.update(made[0], ContactPatch(notes="x"))
    told = desk.read(lambda session, actor: history.of(session, actor, made[1]))
    assert [(event.change.verb, event.change.last - event.change.first) for event in told.events] == [("created", 2)]

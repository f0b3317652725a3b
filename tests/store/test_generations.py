"""Generations: what is staged nobody sees; publishing replaces at once; what is old is cleaned away."""

import pytest

from onebook.errors import Conflict
from onebook.model.contact import Contact
from onebook.store.base import Condition, Session, Store
from tests.store.engines import Clock
from tests.store.house import House, card

DAY = 86_400_000


@pytest.fixture
def house(store: Store) -> House:
    house = House(store)
    house.insert_named("Ada", "Bob")
    return house


def staged(house: House, *names: str, book: int | None = None, external_id: str | None = None) -> int:
    """A new generation with contacts of these names; each is staged in a work of its own."""
    place = house.book if book is None else book
    generation = house.write(lambda session: session.contacts.new_generation(place))
    for name in names:
        house.stage(generation, house.placement(card(name), book=place, external_id=external_id))
    return generation


def sweep(house: House, clock: Clock, *, answers: int = 0, generations: int = 0) -> int:
    """Sweep what is older than so many milliseconds."""
    now = clock.now + 1
    return house.store.sweep(answers_before=now - answers, generations_before=now - generations)


def everybody(house: House) -> list[Contact]:
    return house.read(lambda session: session.contacts.page((), limit=1000))


def test_nobody_sees_what_is_staged(house: House) -> None:
    staged(house, "Eve", "Zoe")
    assert house.find() == ["Ada", "Bob"]
    assert (house.count(), house.contacts_of(house.book)) == (2, 2)
    assert house.count(Condition("number", "gt", 0)) == 2
    assert house.find(Condition("words", "eq", (("eve",),))) == []
    assert house.read(lambda session: session.contacts.by_numbers([1, 2, 3, 4])).keys() == {1, 2}
    assert [change.last for change in house.read(lambda session: session.changes(0, 10))] == [2]


def test_published_in_place_of_what_was_there(house: House) -> None:
    before = everybody(house)
    assert house.publish(staged(house, "Eve", "Zoe")) == 2
    assert house.find() == ["Eve", "Zoe"]
    assert (house.count(), house.contacts_of(house.book), house.count(Condition("number", "gt", 0))) == (2, 2, 2)
    assert house.find(Condition("words", "eq", (("ada",),))) == []
    assert house.find(Condition("words", "eq", (("zoe",),))) == ["Zoe"]
    assert house.read(lambda session: session.contacts.by_uid(before[0].uid)) is None
    replaced, created = house.read(lambda session: session.changes(1, 10))
    assert (replaced.noun, replaced.verb, replaced.first) == ("book", "replaced", house.book)
    assert replaced.before["contacts"] == 2
    assert (created.noun, created.verb, created.first, created.last) == ("contact", "created", 3, 4)


def test_several_books_replaced_by_one(house: House) -> None:
    friends = house.new_book("Friends")
    house.insert(house.placement(card("Uma"), book=friends))
    house.publish(staged(house, "Eve"), emptied=[friends])
    assert house.find() == ["Eve"]
    assert (house.contacts_of(house.book), house.contacts_of(friends), house.count()) == (1, 0, 1)
    house.insert(house.placement(card("New"), book=friends))
    assert house.find() == ["Eve", "New"]
    assert house.contacts_of(friends) == 1


def test_external_ids_of_the_replaced_are_free(house: House) -> None:
    house.insert(house.placement(card("Uma"), external_id="e"))
    house.publish(staged(house, "Eve", external_id="e"))
    assert house.find(Condition("external_id", "eq", "e")) == ["Eve"]
    with pytest.raises(Conflict):
        house.insert(house.placement(card("Zoe"), external_id="e"))


def test_external_id_taken_meanwhile_by_one_who_is_replaced_is_free(house: House) -> None:
    generation = staged(house, "Eve", external_id="e")
    house.insert(house.placement(card("Zoe"), external_id="e"))
    house.publish(generation)
    assert house.find(Condition("external_id", "eq", "e")) == house.find() == ["Eve"]


def test_writing_goes_on_while_a_generation_is_staged(house: House) -> None:
    generation = staged(house, "Eve")
    house.insert_named("Meanwhile")
    house.write(lambda session: session.contacts.delete([everybody(house)[0]]))
    assert (house.find(), house.contacts_of(house.book)) == (["Bob", "Meanwhile"], 2)
    house.publish(generation)
    assert (house.find(), house.contacts_of(house.book)) == (["Eve"], 1)


def test_an_empty_generation_empties_the_book(house: House) -> None:
    assert house.publish(staged(house)) == 0
    assert (house.find(), house.count()) == ([], 0)


def test_numbers_and_uids_go_on_after_a_replacement(house: House) -> None:
    house.publish(staged(house, "Eve"))
    assert house.insert_named("Zoe")[0].number == 4


def test_generations_that_exist_have_different_numbers(house: House) -> None:
    given = [staged(house, "Eve"), staged(house, "Zoe")]
    house.publish(given[1])
    given.append(staged(house))
    assert len(set(given)) == len(given)
    house.publish(given[0])
    assert house.find() == ["Eve"]


def test_a_generation_that_was_swept_away_never_comes_again(house: House, clock: Clock) -> None:
    gone = staged(house, "Eve")
    clock.move_on(2 * DAY)
    sweep(house, clock, answers=DAY, generations=30 * DAY)
    assert staged(house, "Zoe") > gone


# --- cleaning ---


def test_what_was_replaced_is_kept_for_a_while_then_cleaned(house: House, clock: Clock) -> None:
    house.publish(staged(house, "Eve"))
    clock.move_on(29 * DAY)
    assert sweep(house, clock, answers=DAY, generations=30 * DAY) == 0
    clock.move_on(2 * DAY)
    assert sweep(house, clock, answers=DAY, generations=30 * DAY) >= 2
    assert house.find() == ["Eve"]
    assert house.contacts_of(house.book) == 1
    assert sweep(house, clock) == 0


def test_what_was_staged_and_never_published_goes_sooner(house: House, clock: Clock) -> None:
    staged(house, "Eve", "Zoe")
    clock.move_on(2 * DAY)
    assert sweep(house, clock, answers=DAY, generations=30 * DAY) >= 2
    assert house.find() == ["Ada", "Bob"]
    assert house.contacts_of(house.book) == 2


def test_what_is_staged_just_now_stays(house: House, clock: Clock) -> None:
    generation = staged(house, "Eve")
    clock.move_on(DAY // 2)
    assert sweep(house, clock, answers=DAY, generations=30 * DAY) == 0
    assert house.publish(generation) == 1
    assert house.find() == ["Eve"]


def test_cleaning_goes_in_steps(house: House) -> None:
    generation = staged(house, *"abcde")

    def clean(session: Session) -> int:
        return session.contacts.clean(house.book, generation, 2)

    assert [house.write(clean) for _ in range(4)] == [2, 2, 1, 0]


def test_many_are_cleaned_by_one_sweep(house: House, clock: Clock) -> None:
    generation = staged(house)
    house.stage(generation, *(house.placement(card(f"No {n}")) for n in range(450)))
    clock.move_on(2 * DAY)
    assert sweep(house, clock, answers=DAY, generations=30 * DAY) == 450
    assert house.find() == ["Ada", "Bob"]


def test_old_answers_are_swept(house: House, clock: Clock) -> None:
    house.write(lambda session: session.keep_answer("old", b"h", 200, "", b""))
    clock.move_on(DAY)
    house.write(lambda session: session.keep_answer("new", b"h", 200, "", b""))
    assert sweep(house, clock, answers=DAY // 2) == 1
    assert house.read(lambda session: session.answer("old")) is None
    assert house.read(lambda session: session.answer("new")) is not None

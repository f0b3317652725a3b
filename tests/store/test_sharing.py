"""Many works share one commit: each happens wholly or leaves nothing, whatever happens to its neighbours."""

import random
import threading
from functools import partial

import pytest

from onebook.errors import Conflict, NotFound
from onebook.model.label import Label
from onebook.store.base import Outcome, Session, Store
from tests.patience import PATIENCE_SECONDS
from tests.store.house import House, all_at_once, card


class Stumbled(Exception):
    """What a work that is made to fail raises."""


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def everything(house: House, name: str, stumbles: bool, session: Session) -> int:
    """A work that writes in every way there is, then perhaps fails."""
    ada, bob = session.contacts.insert([house.placement(card(f"{name} {n}"), external_id=f"{name}{n}") for n in "12"])
    label = Label(session.next_serial(), "list", name, 0)
    session.add(label)
    session.labels.attach([label.number], [ada.number, bob.number])
    session.contacts.delete([bob])
    session.keep_answer(name, b"hash", 201, "application/json", name.encode())
    if stumbles:
        raise Stumbled(name)
    return ada.number


def test_a_failed_work_takes_back_itself_only(house: House) -> None:
    stumbling = [number % 3 == 1 for number in range(30)]
    works = [house.work(partial(everything, house, f"n{n}", stumbles)) for n, stumbles in enumerate(stumbling)]
    outcomes = all_at_once(house.store, works)
    assert [isinstance(outcome.error, Stumbled) for outcome in outcomes] == stumbling
    good = [n for n, stumbles in enumerate(stumbling) if not stumbles]
    assert house.find() == [f"n{n} 1" for n in good]
    assert [outcomes[n].value for n in good] == [1 + 2 * place for place in range(len(good))], "numbers without gaps"
    seqs = [change.seq for change in house.read(lambda session: session.changes(0, 1000))]
    assert seqs == list(range(1, 2 * len(good) + 1))
    assert {label.name for label in house.read(lambda session: session.all(Label))} == {f"n{n}" for n in good}
    kept = [house.read(partial(_answer_of, f"n{n}")) is not None for n in range(30)]
    assert kept == [not stumbles for stumbles in stumbling]
    assert (house.count(), house.contacts_of(house.book)) == (len(good), len(good))


def _answer_of(key: str, session: Session) -> tuple[bytes, int, str, bytes] | None:
    return session.answer(key)


def insert(house: House, name: str, session: Session) -> int:
    return session.contacts.insert([house.placement(card(name))])[0].number


def test_works_of_many_accounts_do_not_mix(store: Store) -> None:
    houses = [House(store, f"house {n}") for n in range(4)]
    works = [house.work(partial(insert, house, name)) for name in "abcde" for house in houses]
    outcomes = all_at_once(store, works)
    assert [outcome.error for outcome in outcomes] == [None] * 20
    for place, house in enumerate(houses):
        assert house.find() == list("abcde")
        assert [outcome.value for outcome in outcomes[place::4]] == [1, 2, 3, 4, 5]
        assert house.count() == 5


def test_many_threads_write_at_once(house: House) -> None:
    """Of 16 threads that race for 60 external ids each is won exactly once, and the losers are told by whom."""
    won: list[int] = []
    lost: list[Conflict] = []

    def race(seed: int) -> None:
        ids = random.Random(seed).sample(range(60), 60)
        for name in ids:
            try:
                won.append(house.insert(house.placement(card(f"{seed}"), external_id=str(name)))[0].number)
            except Conflict as conflict:
                lost.append(conflict)

    threads = [threading.Thread(target=race, args=(seed,)) for seed in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(won) == list(range(1, 61))
    assert len(lost) == 15 * 60
    assert {conflict.kind for conflict in lost} == {"external_id"}
    assert all(conflict.existing in range(1, 61) for conflict in lost)
    assert house.count() == house.contacts_of(house.book) == 60


def test_a_work_sees_what_works_before_it_wrote_in_the_same_commit(house: House) -> None:
    def write(session: Session) -> None:
        session.contacts.insert([house.placement(card("Ada"))])

    def look(session: Session) -> int:
        return len(session.contacts.page((), limit=10))

    outcomes = all_at_once(house.store, [house.work(run) for run in (look, write, look, write, look)])
    assert [outcome.value for outcome in outcomes] == [0, None, 1, None, 2]


def test_done_is_called_after_the_commit(house: House) -> None:
    """Whoever is told that it is done finds it with a reader of its own."""
    seen: list[list[str | None]] = []
    finished = threading.Event()

    def done(outcome: Outcome) -> None:
        def look() -> None:
            seen.append(house.find())
            finished.set()

        threading.Thread(target=look).start()

    house.store.submit(house.work(lambda session: session.contacts.insert([house.placement(card("Ada"))])), done)
    assert finished.wait(PATIENCE_SECONDS)
    assert seen == [["Ada"]]


@pytest.mark.parametrize("error", [NotFound("contact", 1), ValueError("x"), KeyboardInterrupt(), SystemExit(3)])
def test_the_error_of_a_work_is_its_own(house: House, error: BaseException) -> None:
    def fail(_session: Session) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        house.write(fail)
    assert raised.value is error
    assert house.insert_named("Ada")[0].number == 1, "the writer lives on"


def test_readers_see_one_state_however_long_they_read(house: House) -> None:
    house.insert_named("Ada")
    before_and_after: list[int] = []

    def look(session: Session) -> None:
        before_and_after.append(len(session.contacts.page((), limit=10)))
        writer = threading.Thread(target=house.insert_named, args=("Bob",))
        writer.start()
        writer.join(PATIENCE_SECONDS)
        before_and_after.append(len(session.contacts.page((), limit=10)))

    house.read(look)
    assert before_and_after == [1, 1]
    assert house.find() == ["Ada", "Bob"]


def test_a_reading_work_cannot_write(house: House) -> None:
    def sneak(session: Session) -> None:
        session.contacts.insert([house.placement(card("Ada"))])

    with pytest.raises(Exception, match=r".+"):
        house.read(sneak)
    assert house.find() == []


def test_answers_are_kept_with_the_write_and_found_by_key(house: House) -> None:
    house.write(lambda session: session.keep_answer("k", b"\x00hash", 201, "application/json", b"\xffbody"))
    assert house.read(lambda session: session.answer("k")) == (b"\x00hash", 201, "application/json", b"\xffbody")
    assert house.read(lambda session: session.answer("K")) is None
    assert House(house.store, "next door").read(lambda session: session.answer("k")) is None


def test_closing_finishes_what_is_queued(house: House) -> None:
    names = [f"n{n}" for n in range(50)]
    outcomes: list[Outcome] = []

    for name in names:
        house.store.submit(house.work(partial(insert, house, name)), outcomes.append)
    house.store.close()
    assert [outcome.error for outcome in outcomes] == [None] * 50

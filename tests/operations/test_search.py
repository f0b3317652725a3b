"""Searching: whole words before beginnings before misspelt ones; only what the key sees."""

import pytest

from onebook.model.contact import Card, Email, Phone
from onebook.operations import search
from onebook.operations.search import Hit
from onebook.store.base import Condition
from tests.operations.desk import Desk


def hits(desk: Desk, text: str, *where: Condition, enough: int = 10, all_words: bool = False) -> list[Hit]:
    return desk.read(
        lambda session, actor: search.search(session, actor, text, where, enough=enough, all_words=all_words)
    )


def found(desk: Desk, text: str, **options: bool) -> list[str | None]:
    return [hit.contact.card.full for hit in hits(desk, text, **options)]


def test_whole_words_then_longer_ones_then_slips(desk: Desk) -> None:
    for name in ("Annabelle", "Martin Smith", "Annabel", "Smithson", "Smiht"):
        desk.create(name)
    assert found(desk, "smith") == ["Martin Smith", "Smithson", "Smiht"]
    assert found(desk, "annabel") == ["Annabel", "Annabelle"]


def test_more_of_the_words_are_better(desk: Desk) -> None:
    for name in ("Ada Stone", "Bob Byron", "Ada Byron"):
        desk.create(name)
    assert found(desk, "ada byron") == ["Ada Byron", "Ada Stone", "Bob Byron"]
    assert found(desk, "ada byron", all_words=True) == ["Ada Byron"]


def test_ties_go_by_number(desk: Desk) -> None:
    made = [desk.create("Ada Twin").number for _ in range(5)]
    assert [hit.contact.number for hit in hits(desk, "twin")] == made


def test_scores_are_between_none_and_one(desk: Desk) -> None:
    for name in ("Ada", "Adam", "Adah", "Adm Xyz", "Zoe Ada"):
        desk.create(name)
    scores = [hit.score for hit in hits(desk, "ada zoe")]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert next(hit.score for hit in hits(desk, "adam")) == 1


@pytest.mark.parametrize("slip", ["lovelcae", "lovelac", "lovelacee", "lovelxce", "Lovelaçe", "LOVELACE"])
def test_one_slip_of_the_finger_is_forgiven(desk: Desk, slip: str) -> None:
    desk.create("Ada Lovelace")
    desk.create("Bob Stone")
    assert found(desk, slip) == ["Ada Lovelace"]


@pytest.mark.parametrize("text", ["lovelxcf", "oovelace", "adx", "ad ba", "x", "", "  ", "-- ''", "\0", "*", '"'])
def test_what_is_not_there_is_not_found(desk: Desk, text: str) -> None:
    desk.create("Lovelace")
    assert found(desk, text) == []


def test_misspelt_words_are_not_looked_for_when_there_is_enough(desk: Desk) -> None:
    for name in ("Smith", "Smyth"):
        desk.create(name)
    assert [hit.contact.card.full for hit in hits(desk, "smith", enough=1)] == ["Smith"]
    assert [hit.contact.card.full for hit in hits(desk, "smith", enough=2)] == ["Smith", "Smyth"]


def test_misspelt_words_must_all_be_there_when_all_are_asked_for(desk: Desk) -> None:
    for name in ("Ada Lovelace", "Ada Stone", "Bob Lovelace"):
        desk.create(name)
    assert found(desk, "ada lovelcae", all_words=True) == ["Ada Lovelace"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("0612", "Numbered"),
        ("+33612345678", "Numbered"),
        ("612345678", "Numbered"),
        ("quux@example", "Mailed"),
        ("crm-4711", "Identified"),
        ("fooling", "Custom"),
        ("muller", "Müller"),
        ("MÜLLER", "Müller"),
    ],
)
def test_by_what_contacts_are_found(desk: Desk, text: str, name: str) -> None:
    desk.create(Card(full="Numbered", phones=(Phone("06 12 34 56 78", "+33612345678", primary=True),)))
    desk.create(Card(full="Mailed", emails=(Email("quux@example.org", primary=True),)))
    desk.create("Identified", external_id="crm-4711")
    desk.create(Card(full="Custom", custom={"note": "no fooling around", "number": 7}))
    desk.create("Müller")
    assert found(desk, text)[0] == name


def test_notes_are_not_searched(desk: Desk) -> None:
    desk.create(Card(full="Ada", notes="xylophone"))
    assert found(desk, "xylophone") == []


def test_only_what_the_key_sees(desk: Desk) -> None:
    friends = desk.new_book("Friends")
    desk.create("Ada Mine")
    desk.create("Ada Theirs", book=friends)
    assert found(desk.as_("read", book=1), "ada") == ["Ada Mine"]
    assert found(Desk(desk.store, "stranger"), "ada") == []
    assert [hit.contact.card.full for hit in hits(desk, "ada", Condition("book", "eq", friends))] == ["Ada Theirs"]


def test_misspelt_words_of_other_accounts_find_nobody(desk: Desk) -> None:
    stranger = Desk(desk.store, "stranger")
    stranger.create("Lovelace")
    desk.create("Bob")
    assert found(desk, "lovelcae") == []
    assert found(stranger, "lovelcae") == ["Lovelace"]


def test_a_search_of_many_words_stays_bounded(desk: Desk) -> None:
    desk.create("Ada Lovelace")
    many = " ".join(f"wordy{n}" for n in range(300))
    assert found(desk, f"{many} lovelace") == ["Ada Lovelace"]
    assert found(desk, many, all_words=True) == []

"""Files of contacts through the engine: every row has one outcome, and what is found follows the rule."""

import pytest

from onebook.errors import Conflict, InvalidInput, NotFound
from onebook.model.opt_out import OptOut
from onebook.operations import integrity
from onebook.operations.imports_base import Imports
from onebook.store.base import Condition, Session

from .conftest import Desk

PEOPLE = """ID,Name,Email,Phone,Notes
1,Ada Okafor,ada@example.com,020 7946 0001,first
2,Ben Berg,ben@example.com,020 7946 0002,
3,Cy Cole,not an address,020 7946 0003,
4,Dee Dorn,dee@example.com,12,
5,Eve Ekman,eve@example.com,020 7946 0005,last
"""


def test_the_engine_is_what_the_protocol_says(desk: Desk) -> None:
    engine: Imports = desk.engine
    assert engine.recent(desk.actor) == []


def test_every_row_has_one_outcome_and_every_refusal_its_reasons(desk: Desk) -> None:
    done = desk.run(PEOPLE)
    assert (done.state, done.created, done.refused, done.counts.rows) == ("done", 3, 2, 5)
    issues = desk.engine.issues(desk.actor, done.id)
    assert [(one.index, one.row, one.field, one.value, one.outcome) for one in issues] == [
        (2, 4, "Email", "not an address", "refused"),
        (3, 5, "Phone", "12", "refused"),
    ]
    assert all(one.message and one.code for one in issues)
    assert sorted(name or "" for name in desk.named()) == ["Ada Okafor", "Ben Berg", "Eve Ekman"]


def test_refused_rows_come_back_as_they_stand(desk: Desk) -> None:
    done = desk.run(PEOPLE)
    rows = list(desk.engine.rows_of(desk.actor, done.id, [2, 3]))
    assert [(one.index, one.row, one.cells[1]) for one in rows] == [(2, 4, "Cy Cole"), (3, 5, "Dee Dorn")]


@pytest.mark.parametrize("match", ["external_id", "email", "phone"])
def test_a_key_finds_who_is_there_and_the_same_file_changes_nothing(desk: Desk, match: str) -> None:
    desk.run(PEOPLE, match=match)
    before = desk.hash()
    again = desk.run(PEOPLE, match=match)
    assert (again.created, again.unchanged, again.refused) == (0, 3, 2)
    assert desk.hash() == before


@pytest.mark.parametrize(
    ("found", "outcome", "notes", "email"),
    [
        ("update", "updated", "new", "ada@new.example"),
        ("fill", "updated", "first", "ada@example.com"),
        ("keep", "unchanged", "first", "ada@example.com"),
    ],
)
def test_the_rule_for_what_is_found(desk: Desk, found: str, outcome: str, notes: str, email: str) -> None:
    desk.run(PEOPLE)
    done = desk.run("ID,Name,Email,Notes,Shoe\n1,,ada@new.example,new,38\n", match="external_id", found=found)
    assert getattr(done, outcome) == 1
    ada = desk.named()["Ada Okafor"]
    assert (ada.card.notes, ada.card.emails[0].address, len(ada.card.phones)) == (notes, email, 1)
    assert ada.card.custom == ({} if found == "keep" else {"Shoe": "38"})


def test_a_second_row_for_the_same_contact_is_left_out(desk: Desk) -> None:
    rows = "".join(f"{number},Person {number}\n" for number in range(30))
    done = desk.run(f"ID,Name\n{rows}7,Seven again\n{rows}", match="external_id")
    assert (done.created, done.skipped) == (30, 31)
    issues = desk.engine.issues(desk.actor, done.id)
    assert {one.code for one in issues} == {"doubled"}
    assert [one.index for one in issues] == list(range(30, 61))


def test_an_id_that_is_taken_refuses_the_row(desk: Desk) -> None:
    desk.run(PEOPLE)
    done = desk.run("ID,Name\n1,Somebody\n9,Nine\n9,Nine again\n")
    assert (done.created, done.refused) == (1, 2)
    assert [one.code for one in desk.engine.issues(desk.actor, done.id)] == ["taken", "taken"]


def test_who_opted_out_is_left_out_only_if_asked(desk: Desk) -> None:
    def mark(session: Session) -> None:
        session.add(OptOut(session.next_serial(), "phone", "+442079460001", "test", session.now))

    desk.write(mark)
    asked = desk.run(PEOPLE, skip_opted_out=True)
    assert (asked.created, asked.skipped) == (2, 1)
    assert desk.run(PEOPLE.replace("\n1,", "\n,")[: PEOPLE.index("\n2,")], match="none").created == 1


def test_groups_are_found_or_made(desk: Desk) -> None:
    desk.run('Name,Groups\nAda,Friends\nBen,"Friends, Chess"\nCy,\n')
    desk.run("Name,Groups\nDee,friends\n")
    assert desk.members("Friends") == ["Ada", "Ben", "Dee"]
    assert desk.members("Chess") == ["Ben"]


def test_groups_of_the_file_itself_may_come_last_and_never_hold_themselves(desk: Desk) -> None:
    done = desk.run(
        "Name,Kind,Groups\nAda,person,Team\nTeam,group,Firm\nFirm,group,Team\nBen,person,Firm\n", make_groups=False
    )
    assert (done.state, done.created) == ("done", 4)
    assert "Ada" in desk.members("Team")
    assert "Ben" in desk.members("Firm")
    assert not ("Firm" in desk.members("Team") and "Team" in desk.members("Firm"))


def test_a_file_sent_again_with_its_key_is_the_same_import(desk: Desk) -> None:
    first = desk.rest(desk.begin(PEOPLE, key="once"))
    again = desk.begin(PEOPLE, key="once")
    assert again.id == first.id
    assert len(desk.contacts()) == 3
    with pytest.raises(Conflict):
        desk.begin(PEOPLE + "6,Fay\n", key="once")


def test_a_file_that_says_nothing_is_refused_at_once(desk: Desk) -> None:
    for text in ("", "\n\n", "Colour,Weight\nred,7\n"):
        with pytest.raises(InvalidInput):
            desk.begin(text)
    assert desk.engine.recent(desk.actor) == []


def test_an_import_of_another_book_is_not_seen(desk: Desk) -> None:
    done = desk.run(PEOPLE)
    bound = desk.actor.__class__(desk.actor.account, desk.actor.key.__class__("k", "admin", 99, True, None, 0), "test")
    with pytest.raises(NotFound):
        desk.engine.find(bound, done.id)
    assert desk.engine.recent(bound) == []


# --- overwrite ---


def test_an_overwrite_replaces_the_book(desk: Desk) -> None:
    desk.run(PEOPLE)
    done = desk.run("ID,Name\n1,Zoe\n7,Yan\n", overwrite=True)
    assert (done.state, done.created) == ("done", 2)
    assert set(desk.named()) == {"Zoe", "Yan"}


def test_an_overwrite_without_a_good_row_deletes_nothing(desk: Desk) -> None:
    desk.run(PEOPLE)
    before = desk.hash()
    done = desk.run("Name,Email\nZoe,nonsense\n", overwrite=True)
    assert (done.state, done.code, done.refused) == ("failed", "no_row", 1)
    assert desk.hash() == before


def test_an_overwrite_is_undone_by_going_back(desk: Desk) -> None:
    desk.run(PEOPLE)
    before = desk.hash()
    done = desk.run("Name\nZoe\n", overwrite=True)
    undone = desk.rest(desk.engine.undo(desk.actor, done.id))
    assert (undone.state, undone.kept) == ("undone", ())
    assert desk.hash() == before


def test_who_came_after_an_overwrite_stays_when_it_is_undone(desk: Desk) -> None:
    desk.run(PEOPLE)
    done = desk.run("Name\nZoe\n", overwrite=True)
    desk.run("ID,Name\n1,Later\n")
    undone = desk.rest(desk.engine.undo(desk.actor, done.id))
    assert set(desk.named()) == {"Ada Okafor", "Ben Berg", "Eve Ekman", "Later"}
    assert undone.kept == (desk.named()["Later"].number,)


def test_an_overwrite_that_was_overwritten_cannot_be_undone(desk: Desk) -> None:
    done = desk.run("Name\nZoe\n", overwrite=True)
    desk.run("Name\nYan\n", overwrite=True)
    with pytest.raises(Conflict):
        desk.engine.undo(desk.actor, done.id)


def test_words_that_a_row_says_twice_leave_with_the_contact(desk: Desk) -> None:
    def found(word: str) -> list[str]:
        where = (Condition("words", "eq", ((word,),)),)
        page = desk.store.read(desk.actor.account, lambda session: session.contacts.page(where, limit=10))
        return sorted(contact.card.full or "" for contact in page)

    text = "ID,Name,Email,Notes\n1,Ada  Ada,ada.byron@ada.example,\n2,Bo Byron,bo@bo.example,\n"
    desk.run(text)
    assert found("ada") == ["Ada  Ada"]
    assert found("byron") == ["Ada  Ada", "Bo Byron"]
    # With the same words in another number, or in another order.
    desk.run("ID,Name,Notes\n1,Ada,met\n", match="external_id")
    assert found("ada") == ["Ada"]
    desk.rename("Ada", "Byron Ada")
    assert list(integrity.check(desk.store)) == []
    desk.write(lambda session: session.contacts.delete([desk.named()["Byron Ada"]]))
    assert (found("ada"), found("byron"), found("bo")) == ([], ["Bo Byron"], ["Bo Byron"])
    assert list(integrity.check(desk.store)) == []

"""A plan writes no contact, says what would happen, and what it says then happens."""

from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace

from onebook.errors import Conflict
from onebook.model.opt_out import OptOut
from onebook.operations import accounts
from onebook.operations.imports_records import begin_again
from onebook.store.base import Session
from tests.patience import PATIENCE_SECONDS

from .conftest import Desk
from .test_imports_undo import AFTER, BEFORE

MIXED = (
    "ID,Name,Email,Phone,Groups,Notes\n"
    "1,Person 1,p1@example.com,,,\n"
    "2,Changed,p2@example.com,020 7946 7002,Chess,\n"
    "2,Again,,,,\n"
    "50,New,new@example.com,020 7946 7050,Chess,\n"
    "51,Newer,new@example.com,020 7946 7050,,\n"
    "50,Doubled,,,,\n"
    ",Nobody,nonsense,,,\n"
)


@pytest.mark.parametrize("match", ["external_id", "email", "phone", "none"])
@pytest.mark.parametrize("found", ["update", "fill", "keep"])
@pytest.mark.parametrize("text", [AFTER, MIXED, BEFORE], ids=["after", "mixed", "same"])
def test_applying_does_what_was_planned(desk: Desk, text: str, match: Any, found: Any) -> None:
    desk.run(BEFORE, match="external_id")
    before = desk.hash()
    planned = desk.rest(desk.begin(text, plan=True, match=match, found=found))
    assert planned.state == "planned"
    assert desk.hash() == before
    issues = desk.engine.issues(desk.actor, planned.id)
    done = desk.rest(desk.engine.apply(desk.actor, planned.id))
    assert done.state == "done"
    assert done.counts == planned.counts
    assert desk.engine.issues(desk.actor, done.id) == issues


def test_a_plan_shows_samples_and_changes_field_by_field(desk: Desk) -> None:
    desk.run(BEFORE, match="external_id")
    planned = desk.rest(desk.begin(MIXED, plan=True, match="external_id"))
    samples = {sample.index: sample for sample in planned.samples}
    assert samples[1].outcome == "updated"
    assert samples[1].changes["full"] == ("Person 2", "Changed")
    assert samples[2].codes == ("doubled",)
    assert samples[3].outcome == "created"


def test_a_plan_is_refused_once_what_it_read_was_changed(desk: Desk) -> None:
    desk.run(BEFORE, match="external_id")
    planned = desk.rest(desk.begin(AFTER, plan=True, match="external_id"))
    desk.rename("Person 25", "Edited")
    with pytest.raises(Conflict):
        desk.engine.apply(desk.actor, planned.id)


def test_a_plan_is_refused_once_a_key_that_it_read_is_taken(desk: Desk) -> None:
    desk.run(BEFORE, match="external_id")
    planned = desk.rest(desk.begin(AFTER, plan=True, match="external_id"))
    desk.run("ID,Name\n70,Came between\n")
    with pytest.raises(Conflict):
        desk.engine.apply(desk.actor, planned.id)


def test_a_plan_holds_while_others_change_what_it_did_not_read(desk: Desk) -> None:
    desk.run(BEFORE, match="external_id")
    planned = desk.rest(desk.begin(AFTER, plan=True, match="external_id"))
    desk.rename("Person 3", "Edited")
    desk.run("ID,Name\n900,Came between\n")
    done = desk.rest(desk.engine.apply(desk.actor, planned.id))
    assert (done.state, done.counts) == ("done", planned.counts)


def test_a_plan_that_minds_opt_outs_is_refused_after_a_new_one(desk: Desk) -> None:
    planned = desk.rest(desk.begin(BEFORE, plan=True, skip_opted_out=True))

    def mark(session: Any) -> None:
        session.add(OptOut(session.next_serial(), "phone", "+442079460001", "test", session.now))
        session.log("opt_out", "created", 1)

    desk.write(mark)
    with pytest.raises(Conflict):
        desk.engine.apply(desk.actor, planned.id)


def test_a_plan_is_applied_once(desk: Desk) -> None:
    planned = desk.rest(desk.begin(BEFORE, plan=True))
    desk.rest(desk.engine.apply(desk.actor, planned.id))
    with pytest.raises(Conflict):
        desk.engine.apply(desk.actor, planned.id)


def test_a_plan_that_was_applied_is_refused_if_somebody_writes_before_its_first_row(desk: Desk) -> None:
    desk.run(BEFORE, match="external_id")
    planned = desk.rest(desk.begin(AFTER, plan=True, match="external_id"))
    person = desk.named()["Person 25"]

    def apply_then_write(session: Session) -> None:
        begin_again(session, desk.actor, planned)
        session.contacts.update(person, replace(person, card=replace(person.card, notes="Edited")))

    desk.write(apply_then_write)
    desk.engine.look()
    failed = desk.rest(planned)
    assert (failed.state, failed.code, failed.counts.rows) == ("failed", "Conflict", 0)
    assert [name for name in desk.named() if name and name.startswith("Renamed")] == []
    assert desk.named()["Person 25"].card.notes == "Edited"


def test_a_plan_is_applied_while_its_planner_has_only_just_not_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who plans writes that it is done, and then goes; in between the plan can be applied already."""
    gone, go = Event(), desk.engine._passage.go

    def lingering(*arguments: Any, **more: Any) -> None:
        go(*arguments, **more)
        assert gone.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(desk.engine._passage, "go", lingering)
    planned = desk.rest(desk.begin("Name\nAda\n", plan=True))
    desk.engine.apply(desk.actor, planned.id)
    gone.set()
    assert desk.rest(planned).state == "done"


def in_country(desk: Desk, country: str | None) -> Desk:
    """The same desk once its account has this country."""
    desk.write(lambda session: accounts.set_default_country(session, country))
    return desk._replace(actor=replace(desk.actor, account=accounts.named(desk.store, "desk")))


@pytest.mark.parametrize(("before", "after", "created"), [(None, "FR", 0), ("FR", None, 1), ("FR", "US", 1)])
def test_a_plan_keeps_the_country_of_its_day(desk: Desk, before: str | None, after: str | None, created: int) -> None:
    today = in_country(desk, before)
    planned = today.rest(today.begin("Name,Phone\nZoe,06 12 34 56 78\n", plan=True, country=None))
    later = in_country(desk, after)
    done = later.rest(later.engine.apply(later.actor, planned.id))
    assert (planned.created, done.created) == (created, created)

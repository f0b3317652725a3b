"""Drafts: a file that waits to be imported is its account's alone, and goes after a day."""

import os
import time
from pathlib import Path

import pytest
from msgspec import structs

from onebook.errors import InvalidInput, LimitExceeded, NotFound, NotPermitted
from onebook.importing.source import Source
from onebook.model.account import Account, Key
from onebook.operations.actor import Actor
from onebook.operations.imports_drafts import KEPT_SECONDS, Drafts, chosen, match_for, targets_of
from onebook.operations.imports_preview import Preview, PreviewColumn

FILE = b"name,phone\nAda,+12025550143\n"


def actor(account: int = 1) -> Actor:
    key = Key("k", "write", None, enabled=True, expires_at=None, created_at=0)
    return Actor(Account(account, "u", "n", "l", None, 0), key, "pages")


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "imports" / "drafts")


def source(content: bytes = FILE) -> Source:
    return Source(content, len(content), name="a.csv")


def test_a_draft_is_found_with_what_was_chosen(drafts: Drafts) -> None:
    made = drafts.take(actor(), source())
    drafts.keep(actor(), chosen(made, match="phone"))
    found = drafts.find(actor(), made.id)
    assert (found.name, found.size, found.options.match, found.chosen) == ("a.csv", len(FILE), "phone", True)
    with drafts.source(actor(), found) as file, file.open() as reader:
        assert reader.read() == FILE


def test_another_account_finds_none(drafts: Drafts) -> None:
    made = drafts.take(actor(1), source())
    with pytest.raises(NotFound):
        drafts.find(actor(2), made.id)
    with pytest.raises(NotFound):
        drafts.landed(actor(2), made)


@pytest.mark.parametrize("name", ["../1/x", "..", "", "a" * 33, "A" * 32, "/etc/passwd"])
def test_an_id_leads_nowhere_else(drafts: Drafts, name: str) -> None:
    with pytest.raises(NotFound):
        drafts.find(actor(), name)


def test_an_empty_or_too_large_file_leaves_nothing(drafts: Drafts, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        drafts.take(actor(), source(b""))
    with pytest.raises(LimitExceeded):
        drafts.take(actor(), source(), limit_bytes=3)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_who_may_only_read_has_no_drafts(drafts: Drafts) -> None:
    viewer = structs.replace(actor(), key=structs.replace(actor().key, scope="read"))
    with pytest.raises(NotPermitted):
        drafts.take(viewer, source())


def test_landing_keeps_the_draft_until_it_is_dropped(drafts: Drafts, tmp_path: Path) -> None:
    made = drafts.take(actor(), source())
    landed = drafts.landed(actor(), made)
    assert landed.digest == made.digest
    drafts.drop(actor(), made.id)
    with landed.open() as reader:
        assert reader.read() == FILE
    landed.discard()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_nobody_has_touched_for_a_day_goes(drafts: Drafts) -> None:
    old, new = drafts.take(actor(), source()), drafts.take(actor(), source())
    before = time.time() - KEPT_SECONDS - 60
    for draft in (old, new):
        path = Path(str(drafts.source(actor(), draft).content))
        for one in (path, path.with_suffix(".json")):
            os.utime(one, (before, before))
    drafts.find(actor(), new.id)
    assert drafts.sweep() == 2
    assert drafts.find(actor(), new.id) == new
    with pytest.raises(NotFound):
        drafts.find(actor(), old.id)


def test_targets_are_kept_by_headings() -> None:
    assert targets_of(("a", "b", "b"), ("phone", "", "email")) == {"a": "phone", "b [2]": "email"}
    with pytest.raises(InvalidInput) as error:
        targets_of(("a", "b"), ("phone", "nonsense"))
    assert error.value.issues[0].field == "target-1"


@pytest.mark.parametrize(
    ("filled", "match"),
    [
        ({"phone:mobile": 1.0, "external_id": 1.0}, "external_id"),
        ({"email/2": 0.0}, "email"),
        ({"name.full": 1.0}, "none"),
        ({"external_id": 0.2, "phone": 0.9, "phone/2": 0.1, "email": 0.95}, "email"),
        ({"external_id": 0.96, "phone": 1.0}, "external_id"),
    ],
)
def test_rows_find_contacts_by_the_surest_column_that_most_have(filled: dict[str, float], match: str) -> None:
    columns = tuple(PreviewColumn(target, target, 1.0, (), share) for target, share in filled.items())
    assert match_for(Preview("a", 1, "csv", None, None, "recognised", columns)) == match


def test_cards_find_contacts_by_number() -> None:
    assert match_for(Preview("a", 1, "vcard", None, None, "recognised", ())) == "phone"

"""Merging: what a patch makes of a card, entry by entry, and always with one primary."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from onebook.model import merge, phone
from onebook.model.contact import Address, Card, ContactPatch, CustomChange, Email, Phone
from onebook.model.merge import apply

HOME = Phone("650-555-0101", "+16505550101", "home", primary=True)
WORK = Phone("650-555-0102", "+16505550102", "work")
CELL = Phone("650-555-0103", "+16505550103", "mobile")
ADA = Email("ada@example.org", "home", primary=True)
BYRON = Email("byron@example.org", "work")
PARIS = Address("home", line1="12 rue de la Paix", city="Paris")
AUSTIN = Address("work", line1="1 Main St", city="Austin")
CARD = Card(full="Ada Byron", phones=(HOME, WORK, CELL), emails=(ADA, BYRON), addresses=(PARIS, AUSTIN))


def raws(phones: tuple[Phone, ...]) -> list[str]:
    """The last digits of the numbers, the primary one marked."""
    return [entry.raw[-1] + ("*" if entry.primary else "") for entry in phones]


@pytest.mark.parametrize(
    ("flags", "chosen"),
    [((), None), ((False,), 0), ((False, False), 0), ((False, True, True), 1), ((True, False), 0)],
)
def test_exactly_one_is_primary(flags: tuple[bool, ...], chosen: int | None) -> None:
    found = merge.one_primary([Phone(str(at), primary=flag) for at, flag in enumerate(flags)])
    assert [at for at, entry in enumerate(found) if entry.primary] == ([] if chosen is None else [chosen])


def test_equal_entries_count_once_and_a_mark_is_not_lost() -> None:
    again = Phone("+1 650 555 0101", "+16505550101", "work", primary=True)
    assert merge.unique_phones([Phone("650-555-0101", "+16505550101", "home"), WORK, again]) == (HOME, WORK)
    assert merge.unique_emails([ADA, BYRON, Email("ADA@example.org")]) == (ADA, BYRON)


def test_adding_appends_what_is_not_there() -> None:
    added = [Phone("+1 650 555 0102", "+16505550102", "fax"), Phone("9", primary=True), Phone("9")]
    assert raws(merge.add_phones((HOME, WORK), added)) == ["1*", "2", "9"]
    assert merge.add_emails((ADA,), [Email("Ada@Example.org"), BYRON]) == (ADA, BYRON)
    assert raws(merge.add_phones((), [Phone("7")])) == ["7*"]


@pytest.mark.parametrize(
    ("new", "shown"),
    [
        ((Phone("9"),), ["9*"]),
        ((Phone("9"), HOME), ["9*", "1"]),
        ((Phone("9", primary=True), HOME), ["9*", "1"]),
        ((), []),
    ],
)
def test_a_new_list_replaces_the_old_one(new: tuple[Phone, ...], shown: list[str]) -> None:
    new = tuple(Phone(entry.raw, entry.e164, primary=entry.raw == "9") for entry in new)
    assert raws(apply(CARD, ContactPatch(phones=new)).phones) == shown


def test_of_a_new_list_without_marks_the_old_primary_stays_primary() -> None:
    kept = Phone("+1 650 555 0101", "+16505550101")
    assert apply(CARD, ContactPatch(phones=(Phone("9"), kept))).phones == (
        Phone("9"),
        Phone("+1 650 555 0101", "+16505550101", "home", primary=True),
    )
    assert raws(apply(CARD, ContactPatch(phones=(WORK, CELL))).phones) == ["2*", "3"]


def test_a_kept_entry_keeps_its_type_unless_it_brings_one() -> None:
    new = (Phone("6505550102", "+16505550102"), Phone("6505550103", "+16505550103", "pager"))
    assert [entry.type for entry in apply(CARD, ContactPatch(phones=new)).phones] == ["work", "pager"]
    emails = apply(CARD, ContactPatch(emails=(Email("Byron@Example.org"),))).emails
    assert emails == (Email("Byron@Example.org", "work", primary=True),)


def test_a_list_that_replaces_afresh_takes_nothing_over() -> None:
    new = (Phone("9"), Phone("+1 650 555 0101", "+16505550101"))
    assert apply(CARD, ContactPatch(phones=new, afresh=True)).phones == (Phone("9", primary=True), new[1])
    emails = apply(CARD, ContactPatch(emails=(Email("Byron@Example.org"),), afresh=True)).emails
    assert emails == (Email("Byron@Example.org", primary=True),)


@pytest.mark.parametrize(
    ("value", "after"),
    [
        (Phone("9"), (Phone("9", None, "home", primary=True), WORK, CELL)),
        (Phone("9", None, "fax"), (Phone("9", None, "fax", primary=True), WORK, CELL)),
        (Phone("6505550102", "+16505550102"), (Phone("6505550102", "+16505550102", "work", primary=True), CELL)),
    ],
)
def test_setting_the_slot_replaces_the_primary_in_place(value: Phone, after: tuple[Phone, ...]) -> None:
    assert apply(CARD, ContactPatch(phone=value)).phones == after


def test_setting_the_slot_of_a_card_without_entries_adds_one() -> None:
    card = apply(Card(), ContactPatch(phone=Phone("9"), email=Email("a@b.example"), address=PARIS))
    assert card.phones == (Phone("9", primary=True),)
    assert card.emails == (Email("a@b.example", primary=True),)
    assert card.addresses == (PARIS,)


def test_clearing_the_slot_makes_the_next_one_primary() -> None:
    second = Card(phones=merge.one_primary([Phone("1"), Phone("2", primary=True), Phone("3")]))
    cleared = ContactPatch(phone=None, email=None, address=None)
    assert raws(apply(CARD, cleared).phones) == ["2*", "3"]
    assert raws(apply(second, cleared).phones) == ["1", "3*"]
    assert raws(apply(apply(second, cleared), cleared).phones) == ["1*"]
    assert apply(CARD, cleared).addresses == (AUSTIN,)
    assert apply(Card(), cleared) == Card()


def test_the_first_address_is_the_slot_and_keeps_its_type() -> None:
    lyon = Address(city="Lyon")
    assert apply(CARD, ContactPatch(address=lyon)).addresses == (Address("home", city="Lyon"), AUSTIN)
    assert apply(CARD, ContactPatch(addresses=(lyon,))).addresses == (lyon,)


@pytest.mark.parametrize(
    ("card", "patch", "name"),
    [
        (Card(), {"full": "Augusta Ada King"}, ("Augusta Ada King", "Augusta Ada", "King")),
        (CARD, {"full": "Eve"}, ("Eve", "Eve", None)),
        (CARD, {"full": None}, (None, None, None)),
        (CARD, {"full": " "}, (None, None, None)),
        (CARD, {"given": "Eve"}, ("Eve Byron", "Eve", "Byron")),
        (CARD, {"family": "King"}, ("Ada King", "Ada", "King")),
        (CARD, {"given": None}, ("Byron", None, "Byron")),
        (CARD, {"given": None, "family": ""}, (None, None, None)),
        (Card(full="Dr. A. Byron", given="Ada", family="Byron"), {"given": "Ada"}, ("Dr. A. Byron", "Ada", "Byron")),
        (Card(full="Dr. A. Byron", given="Ada", family="Byron"), {"given": "Eve"}, ("Eve Byron", "Eve", "Byron")),
        (Card(), {"full": "Dr. A. Byron", "given": "Ada"}, ("Dr. A. Byron", "Ada", "Byron")),
        (Card(), {"full": None, "given": "Ada"}, ("Ada", "Ada", None)),
    ],
)
def test_names_follow_what_was_sent(card: Card, patch: dict[str, Any], name: tuple[str | None, ...]) -> None:
    after = apply(card, ContactPatch(**patch))
    assert (after.full, after.given, after.family) == name


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (CustomChange(merge={"plan": "gold", "age": None}), {"plan": "gold", "tags": [1], "city": "Paris"}),
        (CustomChange(merge={"plan": "gold"}, drop="texts"), {"plan": "gold", "age": 36, "tags": [1]}),
        (CustomChange(merge={"plan": "gold"}, drop="all"), {"plan": "gold"}),
        (CustomChange(drop="all"), {}),
    ],
)
def test_custom_fields_are_dropped_then_merged(change: CustomChange, after: dict[str, Any]) -> None:
    card = Card(custom={"plan": "free", "age": 36, "tags": [1], "city": "Paris"})
    assert apply(card, ContactPatch(custom=change)).custom == after


def test_the_organizations_name_stays_only_while_it_is_a_text() -> None:
    card = Card(organization="Analytical Engines", notes="old")
    assert apply(card, ContactPatch(organization="Other")).organization == "Other"
    assert apply(card, ContactPatch(organization=7)).organization is None
    assert apply(card, ContactPatch(organization=None)).organization is None
    assert apply(card, ContactPatch(notes=None, locations=("u",))) == Card(
        organization="Analytical Engines", locations=("u",)
    )


def test_a_patch_of_nothing_changes_nothing() -> None:
    assert apply(CARD, ContactPatch(kind="group", external_id="x")) is CARD


TYPES = st.sampled_from([None, "home", "work"])
PHONES = st.builds(Phone, raw=st.sampled_from("1234"), type=TYPES, primary=st.booleans())
EMAILS = st.builds(Email, address=st.sampled_from(["a@b.example", "A@b.example", "c@d.example"]), type=TYPES)
ADDRESSES = st.builds(Address, type=TYPES, city=st.sampled_from([None, "Paris"]))
NAMES = st.sampled_from([UNSET, None, "", "Ada", "Ada Byron"])
CARDS = st.builds(
    Card,
    full=st.sampled_from([None, "Ada Byron"]),
    phones=st.lists(PHONES, max_size=4).map(merge.unique_phones).map(merge.one_primary),
    emails=st.lists(EMAILS, max_size=4).map(merge.unique_emails).map(merge.one_primary),
    custom=st.dictionaries(st.sampled_from("abc"), st.text(max_size=2) | st.integers(), max_size=3),
)
SETTING = {
    "full": NAMES,
    "given": NAMES,
    "family": NAMES,
    "phones": st.just(UNSET) | st.lists(PHONES, max_size=4).map(merge.unique_phones),
    "emails": st.just(UNSET) | st.lists(EMAILS, max_size=4).map(merge.unique_emails),
    "addresses": st.just(UNSET) | st.lists(ADDRESSES, max_size=3).map(tuple),
    "add_phones": st.lists(PHONES, max_size=3).map(tuple),
    "add_emails": st.lists(EMAILS, max_size=3).map(tuple),
    "notes": st.sampled_from([UNSET, None, "note"]),
    "custom": st.just(UNSET)
    | st.builds(
        CustomChange,
        merge=st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(), max_size=2),
        drop=st.sampled_from(["nothing", "texts", "all"]),
    ),
}
PATCHES = st.builds(ContactPatch, **SETTING)
SLOTS = st.builds(ContactPatch, phone=st.none() | PHONES, email=st.none() | EMAILS, address=st.none() | ADDRESSES)


@given(CARDS, PATCHES | SLOTS)
def test_after_any_patch_one_is_primary_and_none_is_there_twice(card: Card, patch: ContactPatch) -> None:
    after = apply(card, patch)
    for entries in (after.phones, after.emails):
        assert sum(entry.primary for entry in entries) == min(1, len(entries))
    assert merge.unique_phones(after.phones) == after.phones
    assert merge.unique_emails(after.emails) == after.emails


@given(CARDS, PATCHES)
def test_a_patch_applied_twice_is_as_good_as_once(card: Card, patch: ContactPatch) -> None:
    once = apply(card, patch)
    assert apply(once, patch) == once


@given(CARDS, PHONES, EMAILS)
def test_a_slot_set_twice_is_as_good_as_once(card: Card, number: Phone, address: Email) -> None:
    patch = ContactPatch(phone=number, email=address, address=Address(city="Paris"))
    once = apply(card, patch)
    assert apply(once, patch) == once
    assert next(entry for entry in once.phones if entry.primary).raw == number.raw


@given(CARDS, PHONES)
def test_setting_a_slot_loses_no_other_number(card: Card, number: Phone) -> None:
    others = {phone.key_of(entry) for entry in card.phones if not entry.primary}
    after = {phone.key_of(entry) for entry in apply(card, ContactPatch(phone=number)).phones}
    assert after == others | {phone.key_of(number)}

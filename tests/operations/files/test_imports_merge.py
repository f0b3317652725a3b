"""A row that has found its contact: its cells replace what they are about, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from onebook.model import email, merge, phone
from onebook.model.contact import Address, Card, Contact, ContactDraft, Email, Phone
from onebook.operations import contacts
from onebook.operations.imports_merge import Way, merged

from .conftest import Desk

Entries = list[tuple[str | None, str]]
ADA = Card("Ada Okafor", "Ada", "Okafor", emails=(Email("a@x.com", primary=True),))
FULL = Card("Dr. Ada Maria Okafor", "Ada", "Okafor", emails=ADA.emails)


def phones(*said: tuple[str | None, str]) -> tuple[Phone, ...]:
    return merge.one_primary([Phone(f"+1650555{end}", f"+1650555{end}", type_) for type_, end in said])


def emails(*said: tuple[str | None, str]) -> tuple[Email, ...]:
    return merge.one_primary([Email(address, type_) for type_, address in said])


def imported(desk: Desk, old: Card, text: str, **options: Any) -> Card:
    """What the contact says after the file."""
    placed = contacts.Placed(ContactDraft(old), desk.book)
    desk.write(lambda session: contacts.create(session, desk.actor, [placed]))
    done = desk.run(text, **{"targets": None, "country": "US", "match": "email", **options})
    assert (done.state, done.created, done.refused) == ("done", 0, 0)
    [contact] = desk.contacts()
    return contact.card


NUMBERS: dict[str, tuple[Entries, str, Entries]] = {
    "several of a type are all kept": (
        [],
        "Email,Mobile,Mobile 2\na@x.com,6505550198,6505550199\n",
        [("mobile", "0198"), ("mobile", "0199")],
    ),
    "one that the row names stays, another of its type goes": (
        [("mobile", "0134"), ("mobile", "0135")],
        "Email,Mobile,Mobile 2\na@x.com,6505550134,6505550199\n",
        [("mobile", "0134"), ("mobile", "0199")],
    ),
    "two in a cell are two": (
        [("mobile", "0134")],
        "Email,Mobile\na@x.com,+1 650-555-0198 / +1 650-555-0199\n",
        [("mobile", "0198"), ("mobile", "0199")],
    ),
    "a lone one without a type takes the place of the primary one without a type": (
        [(None, "0134"), ("mobile", "0135"), (None, "0136")],
        "Email,Phone\na@x.com,6505550199\n",
        [(None, "0199"), ("mobile", "0135"), (None, "0136")],
    ),
    "beside a typed one it is alone still": (
        [(None, "0134"), ("mobile", "0135")],
        "Email,Phone,Mobile\na@x.com,6505550199,6505550135\n",
        [(None, "0199"), ("mobile", "0135")],
    ),
    "it never takes the place of a typed one": (
        [("work", "0134")],
        "Email,Phone\na@x.com,6505550199\n",
        [("work", "0134"), (None, "0199")],
    ),
    "a later one does not take the place of the first": (
        [(None, "0134"), (None, "0135"), (None, "0136")],
        "Email,Phone 2\na@x.com,6505550199\n",
        [(None, "0134"), (None, "0135"), (None, "0136"), (None, "0199")],
    ),
    "where the file has several, a lone one may be any of them": (
        [(None, "0134"), (None, "0135")],
        "Email,Phone 1,Phone 2\na@x.com,,6505550199\n",
        [(None, "0134"), (None, "0135"), (None, "0199")],
    ),
    "blank cells take nothing away": ([("work", "0134")], "Email,Phone,Mobile\na@x.com,,\n", [("work", "0134")]),
}


@pytest.mark.parametrize(("old", "text", "new"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(desk: Desk, old: Entries, text: str, new: Entries) -> None:
    card = imported(desk, structs.replace(ADA, phones=phones(*old)), text)
    assert [(one.type and one.type.lower(), (one.e164 or "")[-4:]) for one in card.phones] == new
    assert [one.primary for one in card.phones] == [True, *[False] * (len(new) - 1)]


GOOGLE = "E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value"
MAILS: dict[str, tuple[Entries, str, Entries]] = {
    "several of a type": (
        [("Work", "old@x.com")],
        f"Phone,{GOOGLE}\n6505550134,Work,b@x.com,Work,c@x.com\n",
        [("Work", "b@x.com"), ("Work", "c@x.com")],
    ),
    "a lone one beside a typed primary one": (
        [("Work", "a@x.com")],
        "Phone,Email\n6505550134,b@x.com\n",
        [("Work", "a@x.com"), (None, "b@x.com")],
    ),
    "a lone one and a primary one without a type": (
        [(None, "a@x.com")],
        "Phone,Email\n6505550134,b@x.com\n",
        [(None, "b@x.com")],
    ),
}


@pytest.mark.parametrize(("old", "text", "new"), MAILS.values(), ids=MAILS)
def test_mail_addresses(desk: Desk, old: Entries, text: str, new: Entries) -> None:
    ada = structs.replace(ADA, emails=emails(*old), phones=phones((None, "0134")))
    card = imported(desk, ada, text, match="phone")
    assert [(one.type, one.address) for one in card.emails] == new


NAMES: dict[str, tuple[Card, str, tuple[str, str | None, str | None]]] = {
    "given": (Card("Ada Maria Okafor", "Ada Maria", "Okafor"), "First Name\nEda", ("Eda Okafor", "Eda", "Okafor")),
    "family": (FULL, "Last Name\nSmith", ("Ada Smith", "Ada", "Smith")),
    "both as they are": (FULL, "First Name,Last Name\nAda,Okafor", (FULL.full or "", "Ada", "Okafor")),
    "both new": (FULL, "First Name,Last Name\nEda,Smith", ("Eda Smith", "Eda", "Smith")),
    "of all parts": (FULL, "First Name,Middle Name,Last Name\nAda,B.,Okafor", ("Ada B. Okafor", "Ada", "Okafor")),
    "of some parts": (ADA, "First Name,Middle Name,Last Name\n,B.,Smith", ("Ada B. Smith", "Ada", "Smith")),
    "prefix alone": (Card("Ada Okafor"), "Prefix,First Name\nDr.,", ("Dr. Ada Okafor", "Ada", "Okafor")),
    "no prefix": (FULL, "Prefix,First Name,Last Name\n,Ada,Okafor", (FULL.full or "", "Ada", "Okafor")),
    "full": (FULL, "Full Name\nEda", ("Eda", "Eda", None)),
    "full of the same parts": (FULL, "Full Name\nAda Okafor", ("Ada Okafor", "Ada", "Okafor")),
    "full as it is": (FULL, f"Full Name\n{FULL.full}", (FULL.full or "", "Ada", "Okafor")),
    "full blank, given filled": (ADA, "Full Name,First Name\n,Eda", ("Eda Okafor", "Eda", "Okafor")),
    "full filled, given blank": (ADA, "Full Name,First Name\nEda,", ("Eda", "Eda", None)),
    "none there": (Card(), "Last Name\nOkafor", ("Okafor", None, "Okafor")),
    "middle alone again": (Card("B."), "Middle Name,First Name\nB.,", ("B.", None, None)),
    "blank": (FULL, "First Name,Last Name\n,", (FULL.full or "", "Ada", "Okafor")),
}


@pytest.mark.parametrize(("old", "cells", "new"), NAMES.values(), ids=NAMES)
def test_names(desk: Desk, old: Card, cells: str, new: tuple[str | None, ...]) -> None:
    headings, row = cells.split("\n")
    ada = structs.replace(old, emails=ADA.emails)
    card = imported(desk, ada, f"Email,{headings}\na@x.com,{row}\n")
    assert (card.full, card.given, card.family) == new


def test_parts_of_a_name_in_json_are_parts(desk: Desk) -> None:
    card = imported(desk, FULL, '{"emails": ["a@x.com"], "name": {"given": "Eda"}}\n')
    assert (card.full, card.given, card.family) == ("Eda Okafor", "Eda", "Okafor")


WORK = Address("work", "2 W", None, "Boston", None, "MA", "02110", "United States", "US")
HOME = Address("home", "1 H", None, "Salem")
ADDRESSES: dict[str, tuple[tuple[Address, ...], str, tuple[Address, ...]]] = {
    "a city alone": ((WORK,), "Work City\nDenver", (structs.replace(WORK, city="Denver"),)),
    "the same street": (
        (WORK,),
        "Work Street,Work Zip\n2 w,02111",
        (structs.replace(WORK, line1="2 w", postal_code="02111"),),
    ),
    "another street": (
        (HOME, WORK),
        "Work Street,Work City\n3 W,Denver",
        (HOME, Address("work", "3 W", city="Denver")),
    ),
    "a part as it is": ((WORK,), "Work City\nBoston", (WORK,)),
    "a state goes with its code": (
        (structs.replace(WORK, state="Massachusetts"),),
        "Work State\nColorado",
        (structs.replace(WORK, state="Colorado", subdivision=None),),
    ),
    "of another type": ((HOME,), "Work City\nBoston", (HOME, Address("work", city="Boston"))),
    "without a type": ((HOME,), "Street,City\n3 W,Denver", (HOME, Address(None, "3 W", city="Denver"))),
    "two without a type": (
        (Address(None, "3 W"),),
        "Street,City,Address 2 - Street,Address 2 - City\n4 W,Denver,5 W,Reno",
        (Address(None, "4 W", city="Denver"), Address(None, "5 W", city="Reno")),
    ),
}


@pytest.mark.parametrize(("old", "cells", "new"), ADDRESSES.values(), ids=ADDRESSES)
def test_postal_addresses(desk: Desk, old: tuple[Address, ...], cells: str, new: tuple[Address, ...]) -> None:
    headings, row = cells.split("\n")
    card = imported(desk, structs.replace(ADA, addresses=old), f"Email,{headings}\na@x.com,{row}\n")
    assert tuple(structs.replace(one, type=one.type and one.type.lower()) for one in card.addresses) == new


def test_two_addresses_of_a_type_are_two() -> None:
    new = (Address("home", "3 H", city="Reno"), Address("home", "4 H", city="Reno"))
    assert after(structs.replace(ADA, addresses=(HOME, WORK)), Card(addresses=new)).addresses == (new[0], WORK, new[1])


def test_an_address_in_a_street_that_is_there_is_that_one() -> None:
    other = structs.replace(HOME, line1="5 H")
    new = structs.replace(other, city="Reno")
    assert after(Card(addresses=(HOME, other)), Card(addresses=(new,))).addresses == (HOME, new)


# --- what holds of any contact and any row ---

TYPES = st.sampled_from((None, None, "work", "Work", "mobile"))
PHONES = st.lists(st.builds(Phone, st.sampled_from([f"+1650555013{end}" for end in range(6)]), type=TYPES), max_size=4)
EMAILS = st.lists(st.builds(Email, st.sampled_from([f"{name}@x.com" for name in "abcAB"]), TYPES), max_size=4)
TEXTS = st.sampled_from((None, None, "one", "two", "ONE"))
PLACES = st.builds(Address, TYPES, *[TEXTS] * 9).filter(lambda one: one != Address(type=one.type))
CARDS = st.builds(
    Card,
    *[TEXTS] * 3,
    phones=PHONES.map(merge.unique_phones).map(merge.one_primary),
    emails=EMAILS.map(merge.unique_emails).map(merge.one_primary),
    addresses=st.lists(PLACES, max_size=3).map(tuple),
    notes=TEXTS,
)
WORDS = st.sampled_from(("", "Ada", "Eda", "Okafor"))
NUMBERED = st.sets(st.sampled_from(("phone", "email", "address")))


def in_parts(card: Card, parts: tuple[str, ...], numbered: set[str]) -> tuple[Card, Way]:
    """A row with a name in these parts, or else with its own."""
    name = Card(" ".join(filter(None, parts)), parts[1] or None, parts[3] or None) if any(parts) else card
    card = structs.replace(card, full=name.full, given=name.given, family=name.family)
    return card, Way(parts if any(parts) else (), numbered)


ROWS = st.builds(in_parts, CARDS, st.tuples(*[WORDS] * 5), NUMBERED)


def after(old: Card, new: Card, way: Way | None = None) -> Card:
    return merged(contact_of(old), ContactDraft(new), "update", way or Way()).card


def contact_of(card: Card) -> Contact:
    return Contact(1, "u", 1, "individual", None, None, 1, 0, 0, card)


@given(CARDS, ROWS)
def test_everything_that_the_row_says_is_there_afterwards(old: Card, row: tuple[Card, Way]) -> None:
    new, way = row
    card = after(old, new, way)
    assert {phone.key_of(one) for one in new.phones} <= {phone.key_of(one) for one in card.phones}
    assert {email.key_of(one.address) for one in new.emails} <= {email.key_of(one.address) for one in card.emails}
    for one in new.addresses:
        assert any(says(there, one) for there in card.addresses)
    for entries in (card.phones, card.emails):
        assert sum(one.primary for one in entries) == bool(entries)


def says(there: Address, one: Address) -> bool:
    fields = structs.asdict(one).items()
    return all(not text or getattr(there, name) == text for name, text in fields if name != "type")


@given(CARDS, ROWS)
def test_the_same_row_again_changes_nothing(old: Card, row: tuple[Card, Way]) -> None:
    new, way = row
    card = contact_of(after(old, new, way))
    assert merged(card, ContactDraft(new), "update", way) is card


@given(CARDS, NUMBERED)
def test_a_blank_row_takes_nothing_away(old: Card, numbered: set[str]) -> None:
    contact = contact_of(old)
    assert merged(contact, ContactDraft(Card()), "update", Way((), numbered)) is contact


@given(CARDS, ROWS)
def test_nothing_happens_to_what_is_to_be_kept(old: Card, row: tuple[Card, Way]) -> None:
    new, way = row
    contact = contact_of(old)
    assert merged(contact, ContactDraft(new), "keep", way) is contact

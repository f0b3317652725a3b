"""vCards of every version, as programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.importing.blocks import Block
from onebook.importing.draft import Limits, Mapping, RowDraft, read_block
from onebook.importing.vcard import properties
from onebook.model.contact import Address, Card, Email, Phone
from tests.importing.strictly import strict_plan


def read_text(text: str, country: str | None) -> RowDraft:
    [row] = read_block(Block(3, 9, 1, "cards", text), strict_plan((), Mapping({}), country, Limits()))
    return row


def read(*lines: str, country: str | None = "US") -> RowDraft:
    return read_text("\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""]), country)


def card(*lines: str) -> Card:
    row = read(*lines)
    assert row.draft is not None, row.issues
    return row.draft.card


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["FN:Ada Okafor"], ("Ada Okafor", "Ada", "Okafor")),
        (["FN:Dr. Ada Okafor", "N:Okafor;Ada;;Dr.;"], ("Dr. Ada Okafor", "Ada", "Okafor")),
        (["N:Okafor;Ada;Maria;;"], ("Ada Maria Okafor", "Ada", "Okafor")),
        (
            ["N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BC=", "rgen;;;"],
            ("Jürgen Müller", "Jürgen", "Müller"),
        ),
        (["N;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller;;;;"], ("Müller", None, "Müller")),
        (["FN:Smith\\, Ada\\; Esq."], ("Smith, Ada; Esq.", "Smith, Ada;", "Esq.")),
        (["FN:Ada Oka", " for"], ("Ada Okafor", "Ada", "Okafor")),
        (["fn;language=en:Ada"], ("Ada", "Ada", None)),
    ],
)
def test_name(lines: list[str], name: tuple[str | None, ...]) -> None:
    found = card(*lines)
    assert (found.full, found.given, found.family) == name


@pytest.mark.parametrize(
    ("lines", "full", "custom"),
    [
        (
            ["FN:Ada Okafor", "N:Okafor;Ada;Maria;Dr.;PhD"],
            "Ada Okafor",
            {"name_middle": "Maria", "name_prefix": "Dr.", "name_suffix": "PhD"},
        ),
        (["FN:Dr. Ada M. Okafor", "N:Okafor;Ada;M.;Dr.;"], "Dr. Ada M. Okafor", {}),
        (["N:Okafor;Ada;Maria;Dr.;"], "Dr. Ada Maria Okafor", {"name_prefix": "Dr."}),
        (["FN;PREF=2:Ada O.", "FN;PREF=1:Ada Okafor"], "Ada Okafor", {"fn": "Ada O."}),
        (["FN:Ada Okafor", "FN:Ada Okafor", "FN:Addy"], "Ada Okafor", {"fn": "Addy"}),
        (["FN:Ada", "ORG:Acme;Sales", "ORG:Beta"], "Ada", {"department": "Sales", "org": "Beta"}),
        (["FN:Ada", "UID:1", "UID:2"], "Ada", {"uid": "2"}),
        (
            [
                *("FN:Ada", "item1.X-ABRELATEDNAMES:Bob", "item1.X-ABLabel:_$!<Spouse>!$_", "item2.URL:https://a.com"),
                *("item2.X-ABLabel:Blog", "item3.X-ABRELATEDNAMES:Carl", "item3.X-ABLabel:_$!<Brother>!$_"),
                *("item4.X-ABDATE:2001-02-03", "item4.X-ABLabel:_$!<Anniversary>!$_"),
            ],
            "Ada",
            {
                "x-abrelatednames": "Bob (spouse)\nCarl (brother)",
                "url": "https://a.com (Blog)",
                "x-abdate": "2001-02-03 (anniversary)",
            },
        ),
        (
            ["FN:Ada", "RELATED;TYPE=spouse;VALUE=text:Bob", "URL;type=pref:a.com"],
            "Ada",
            {"related": "Bob (spouse)", "url": "a.com"},
        ),
    ],
)
def test_what_has_no_field_is_kept_beside(lines: list[str], full: str, custom: dict[str, str]) -> None:
    found = card(*lines)
    assert (found.full, found.custom) == (full, custom)


@pytest.mark.parametrize(
    ("lines", "notes"),
    [
        (
            ["NOTE:this note was broken", "by a program", "", "without care", "ORG:Acme"],
            "this note was broken\nby a program\n\nwithout care",
        ),
        (["NOTE;ENCODING=BASE64:SGVsbG8g", "V29ybGQ=", ""], "Hello World"),
        (["NOTE;ENCODING=b:w4k="], "É"),
        (["NOTE;ENCODING=b;CHARSET=ISO-8859-1:yQ=="], "É"),
        (["NOTE;ENCODING=b:AAEC"], "AAEC"),
        (["NOTE;ENCODING=b:no base64"], "no base64"),
        (["TEL:+16505550134", "call her mother", "NOTE:first"], "call her mother\nfirst"),
        (["NOTE:n", "PHOTO;ENCODING=BASE64:AAAA", "BBBB", ""], "n"),
    ],
)
def test_notes_however_they_are_written(lines: list[str], notes: str) -> None:
    assert card("FN:Ada", *lines).notes == notes


@pytest.mark.parametrize(
    ("lines", "addresses"),
    [
        (["LABEL;TYPE=WORK:1 Main\\nOakland"], [Address("work", "1 Main, Oakland", text="1 Main\nOakland")]),
        (
            ["ADR;TYPE=home:;;1 Main;Oakland;;;", "LABEL;TYPE=HOME,POSTAL:1 Main\\nOakland", "LABEL;WORK:2 Side"],
            [
                Address("home", "1 Main", city="Oakland", text="1 Main\nOakland"),
                Address("work", "2 Side", text="2 Side"),
            ],
        ),
        (["ADR;TYPE=home:1 Main\\, Oakland"], [Address("home", "1 Main, Oakland", text="1 Main, Oakland")]),
        (["ADR:;;1 Main", "Apt 4;Oakland;;;"], [Address(None, "1 Main\nApt 4", city="Oakland")]),
    ],
)
def test_addresses_as_texts(lines: list[str], addresses: list[Address]) -> None:
    assert card("FN:Ada", *lines).addresses == tuple(addresses)


@pytest.mark.parametrize(
    ("line", "phone"),
    [
        ("TEL;TYPE=CELL,VOICE:+1 650 555 0134", Phone("+1 650 555 0134", "+16505550134", "mobile", primary=True)),
        ("TEL;CELL;PREF:650-555-0134", Phone("650-555-0134", "+16505550134", "mobile", primary=True)),
        (
            'TEL;VALUE=uri;TYPE="work,voice":tel:+1-650-555-0134',
            Phone("+1-650-555-0134", "+16505550134", "work", primary=True),
        ),
        ("TEL;TYPE=FAX;TYPE=HOME:+16505550134", Phone("+16505550134", "+16505550134", "home fax", primary=True)),
        (
            "item1.TEL:+16505550134\nitem1.X-ABLabel:_$!<Main>!$_",
            Phone("+16505550134", "+16505550134", "main", primary=True),
        ),
        (
            "item1.TEL:+16505550134\nitem1.X-ABLabel:At the Lake",
            Phone("+16505550134", "+16505550134", "At the Lake", primary=True),
        ),
    ],
)
def test_phone(line: str, phone: Phone) -> None:
    assert card("FN:Ada", line).phones == (phone,)


def test_several_entries_have_one_primary() -> None:
    found = card(
        "TEL:+16505550134",
        "TEL;PREF=1:+16505550135",
        "TEL:+1 650 555 0134",
        "EMAIL:a@example.com",
        "EMAIL;TYPE=pref:b@example.com",
    )
    assert [(phone.e164, phone.primary) for phone in found.phones] == [("+16505550134", False), ("+16505550135", True)]
    assert found.emails == (Email("a@example.com"), Email("b@example.com", None, primary=True))


def test_address_organization_and_the_rest() -> None:
    found = card(
        "FN:Ada",
        'ADR;TYPE=work;LABEL="1 Main St^nSpringfield":;Apt 4;1 Main St;Springfield;IL;62701;USA',
        "ORG:Acme\\, Inc.;Sales",
        "NOTE:two\\nlines",
        "TITLE:Chief",
        "BDAY:1990-01-02",
        "X-SKYPE:ada",
        "PHOTO;ENCODING=b;TYPE=JPEG:AAAA",
        " AAAA",
        "REV:20200101T000000Z",
    )
    assert found.addresses == (
        Address(
            "work",
            "1 Main St",
            "Apt 4",
            "Springfield",
            "Illinois",
            "IL",
            "62701",
            "USA",
            "US",
            "1 Main St\nSpringfield",
        ),
    )
    assert (found.organization, found.notes) == ("Acme, Inc.", "two\nlines")
    assert found.custom == {"department": "Sales", "title": "Chief", "bday": "1990-01-02", "x-skype": "ada"}


def test_categories_are_tags_and_the_uid_is_the_callers_id() -> None:
    row = read("FN:Ada", "UID:abc", "CATEGORIES:Friends,Night\\, shift,Friends", "KIND:group")
    assert row.tags == ("Friends", "Night, shift")
    assert row.draft is not None
    assert (row.draft.external_id, row.draft.kind) == ("abc", "group")


def test_card_within_a_card_is_left_out() -> None:
    found = card("FN:Ada", "AGENT:", "BEGIN:VCARD", "FN:Bob", "END:VCARD", "ORG:Acme")
    assert (found.full, found.organization) == ("Ada", "Acme")


@pytest.mark.parametrize(
    ("lines", "issues"),
    [
        (["TEL:12", "EMAIL:x"], [("TEL", "invalid"), ("EMAIL", "invalid")]),
        (["FN:A\0da"], [("FN", "nul")]),
        (["VERSION:4.0"], [("name", "required")]),
        (["FN:Ada", "KIND:robot"], [("KIND", "invalid")]),
    ],
)
def test_faults_are_issues_of_the_property(lines: list[str], issues: list[tuple[str, str]]) -> None:
    row = read(*lines)
    assert [(issue.field, issue.code) for issue in row.issues] == issues
    assert row.draft is None
    assert row.cells[0].startswith("BEGIN:VCARD")


def test_card_cut_short_is_an_issue() -> None:
    row = read_text("BEGIN:VCARD\nFN:Ada\n", None)
    assert [issue.code for issue in row.issues] == ["unclosed_card"]


@given(st.text(st.sampled_from('AB:;=",.^\\\n \tTYPE'), max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(list(properties(text)), list)
    read(text)

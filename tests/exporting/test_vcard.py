"""vCards: lines that any reader takes, types and labels, groups, and what only onebook can read again."""

import re

import pytest
from hypothesis import given

from onebook.exporting import vcard
from onebook.exporting.formats import FORMATS
from onebook.model import exact, sheet
from onebook.model.contact import Email, Phone
from onebook.model.exported import Exported
from tests.exporting import people

VERSIONS: tuple[vcard.Version, ...] = ("4.0", "3.0")
ESCAPED = re.compile(r"\\(.)")


def lines_of(one: Exported, version: vcard.Version = "4.0") -> list[str]:
    """The lines of a card, unfolded."""
    text = vcard.card_of(one, version=version).decode()
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def value_of(lines: list[str], name: str) -> str:
    [line] = [line for line in lines if re.match(rf"(?:item\d+\.)?{name}[;:]", line)]
    return ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], line.partition(":")[2])


def test_a_card_of_version_4() -> None:
    assert lines_of(people.ada())[:-2] == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "PRODID:-//onebook//EN",
        "UID:urn:uuid:0190a000-0000-7000-8000-000000000001",
        "KIND:individual",
        "FN:Ada Byron",
        "N:Byron;Ada;;;",
        "TEL;TYPE=cell;PREF=1:+16505550134",
        "item6.TEL:+442079460123",
        "item6.X-ABLabel:Narrow boat",
        "EMAIL;TYPE=work;PREF=1:ada@example.org",
        "ADR;TYPE=home;PREF=1:;;12 Quay Row;Hull;;HU1 1AA;United Kingdom",
        "ORG:Analytical Engines",
        "NOTE:Likes engines.\\nWrites.",
        "CATEGORIES:poets,weavers",
        "REV:20260101T000001Z",
    ]


def test_a_card_of_version_3() -> None:
    lines = lines_of(people.ada(), "3.0")
    assert lines[1] == "VERSION:3.0"
    assert not any(line.startswith("KIND") for line in lines)
    assert "TEL;TYPE=CELL;TYPE=PREF:+16505550134" in lines
    assert "EMAIL;TYPE=INTERNET;TYPE=WORK;TYPE=PREF:ada@example.org" in lines
    assert "REV:2026-01-01T00:00:01.456Z" in lines


@pytest.mark.parametrize("version", VERSIONS)
@given(one=people.EXPORTED)
def test_no_text_breaks_out_of_its_line(version: vcard.Version, one: Exported) -> None:
    lines = lines_of(one, version)
    assert [line for line in lines if line.startswith(("BEGIN:", "END:"))] == ["BEGIN:VCARD", "END:VCARD"]
    assert all(re.match(r"(?:item\d+\.)?[A-Za-z-]+[;:]", line) for line in lines)
    assert not any(set("\r\n\x0b\x0c\x85\u2028\u2029") & set(line) for line in lines)


@given(people.EXPORTED)
def test_lines_are_folded_within_75_octets_and_never_within_a_character(one: Exported) -> None:
    parts = vcard.card_of(one).split(b"\r\n")
    assert max(map(len, parts)) <= 75
    assert "".join(part.decode() for part in parts) == b"".join(parts).decode()


@pytest.mark.parametrize("version", VERSIONS)
@given(one=people.EXPORTED)
def test_what_the_card_cannot_say_is_read_back_whole(version: vcard.Version, one: Exported) -> None:
    own = vcard.own_of(one)
    if own:
        said = exact.read(value_of(lines_of(one, version), vcard.OWN)).fields
        assert said.keys() == own.keys() - {"opted_out"}
        assert {field: said[field] for field in said if field not in ("name", "phones")} == {
            field: own[field] for field in said if field not in ("name", "phones")
        }


@given(people.EXPORTED)
def test_each_field_is_said_by_the_card_or_beside_it(one: Exported) -> None:
    own, lines, card = vcard.own_of(one), lines_of(one), one.contact.card
    for field, text, name in (("notes", card.notes, "NOTE"), ("organization", one.organization, "ORG")):
        if text is not None:
            assert field in own or value_of(lines, name) == text
    assert own.get("custom", {}) == card.custom
    assert "name" in own or value_of(lines, "FN") == card.full


def test_a_contact_without_a_name_is_called_by_its_number() -> None:
    one = people.exported(phones=(Phone("+16505550134", "+16505550134", None, primary=True),))
    lines = lines_of(one)
    assert "FN:+16505550134" in lines
    assert "N:;;;;" in lines
    assert exact.read(value_of(lines, vcard.OWN)).name is None


def test_a_plain_contact_needs_nothing_of_ours() -> None:
    emails = (Email("ada@example.org", primary=True),)
    lines = lines_of(people.exported(full="Ada Byron", given="Ada", family="Byron", emails=emails))
    assert not any(line.startswith(vcard.OWN) for line in lines)


@pytest.mark.parametrize(
    ("version", "kind", "member"),
    [("4.0", "KIND:group", "MEMBER"), ("3.0", "X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER")],
)
def test_a_group_names_its_members(version: vcard.Version, kind: str, member: str) -> None:
    lines = lines_of(people.group(3, "Family", (1, True), (2, False)), version)
    assert kind in lines
    told = [line.partition(":") for line in lines if line.startswith(member)]
    assert [value for _, _, value in told] == [f"urn:uuid:{people.UIDS.format(number)}" for number in (1, 2)]
    assert [";PREF=1" in name for name, _, _ in told] == [version == "4.0", False]


@pytest.mark.parametrize(("word", "types"), [("Home Fax", "TYPE=home;TYPE=fax"), ("MOBILE", "TYPE=cell")])
def test_a_known_type_is_found_in_any_letter_case(word: str, types: str) -> None:
    one = people.exported(full="Ada", phones=(Phone("650", None, word, primary=True),))
    assert f"TEL;{types};PREF=1:650" in lines_of(one)
    assert exact.read(value_of(lines_of(one), vcard.OWN)).fields["phones"] == one.contact.card.phones


def test_a_file_is_one_card_after_the_other() -> None:
    data = b"".join(FORMATS["vcard3"].write([people.ada(1), people.ada(2)], sheet.Layout()))
    assert data.count(b"BEGIN:VCARD\r\nVERSION:3.0\r\n") == 2

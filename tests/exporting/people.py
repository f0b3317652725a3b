"""Contacts for exports: plain ones, ugly ones, and made-up ones of every kind."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from onebook.model import merge
from onebook.model import name as names
from onebook.model.contact import Address, Card, Contact, Email, Kind, Phone
from onebook.model.exported import Exported, Place, Standing

UIDS = "0190a000-0000-7000-8000-{:012d}"

# What people, other programs and attackers put into names.
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\tTab",
    "\rReturn",
    "'t Hooft",
    "''quoted",
    "'=1",
    '=HYPERLINK("http://x.example","y")',
    'a","b',
    'say "hi", then; go | on',
    "two\nlines",
    "two\r\nlines",
    "END:VCARD\r\nBEGIN:VCARD",
    "a;b,c\\d\\n",
    " blanks around ",
    "\u00a0hard blank\u00a0",
    "\u2028separator\u2029",
    "\x07bell\x1b[31m",
    "\x7f\x85\ufeff\ufffe\uffff",
    "_x0041_ _x000D_",
    "https://example.org",
    "007",
    "1e5",
    "{}",
    '{"name":null}',
    "{{7*7}}",
    "<b>&amp;</b>",
    "שלום",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿 ñ 中文",
    "x" * 300,
    "\n" * 5 + "end",
)


def contact(number: int = 1, *, kind: Kind = "individual", external_id: str | None = None, **card: Any) -> Contact:
    """A contact with this card."""
    times = (1_767_225_600_123, 1_767_225_601_456)
    return Contact(number, UIDS.format(number), 1, kind, external_id, None, 1, *times, Card(**card))


def exported(number: int = 1, **said: Any) -> Exported:
    """A contact to be exported; what is none of the card's or the contact's goes around it."""
    around = {name: said.pop(name) for name in Exported.__struct_fields__ if name in said}
    return Exported(contact(number, **said), **around)


def ada(number: int = 1) -> Exported:
    """A contact with everything, as a person would have entered it."""
    return exported(
        number,
        full="Ada Byron",
        given="Ada",
        family="Byron",
        phones=(
            Phone("(650) 555-0134", "+16505550134", "mobile", primary=True),
            Phone("+442079460123", "+442079460123", "Narrow boat"),
        ),
        emails=(Email("ada@example.org", "work", primary=True),),
        addresses=(Address("home", "12 Quay Row", None, "Hull", None, None, "HU1 1AA", "United Kingdom", "GB"),),
        notes="Likes engines.\nWrites.",
        custom={"tier": "gold", "visits": 3, "vip": True, "tags": ["a", {"b": None}]},
        external_id="crm-17",
        organization="Analytical Engines",
        lists=("friends",),
        tags=("poets", "weavers"),
        groups=("Family",),
        places=(Standing("Family", 3, primary=True),),
        opted_out=("+16505550134",),
    )


def hostile() -> Iterator[Exported]:
    """Contacts that bear a hostile text wherever a text can be."""
    for number, text in enumerate(HOSTILE, 1):
        yield exported(
            number,
            full=text,
            given=text,
            family=text,
            phones=(Phone(text, None, text, primary=True),),
            emails=(Email(text, text, primary=True),),
            addresses=(Address(*[text] * len(Address.__struct_fields__)),),
            notes=text,
            custom={text: text, "key": text},
            external_id=text[:255],
            organization=text,
            lists=(text,),
            tags=(text, "plain"),
            groups=(text,),
            places=(Standing(text, number),),
        )


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(CHARACTERS, min_size=1, max_size=12) | st.sampled_from(HOSTILE)
MAYBE = st.none() | TEXTS
TYPES = st.none() | st.sampled_from(["mobile", "home", "work", "Mobile", "other", "* home"]) | TEXTS
NUMBERS = st.sampled_from(["+16505550134", "+442079460123", "+33639981234"])
PHONES = st.builds(Phone, TEXTS, st.none() | NUMBERS, TYPES) | st.builds(
    lambda e164, type_: Phone(e164, e164, type_), NUMBERS, TYPES
)
EMAILS = st.builds(Email, TEXTS | st.sampled_from(["a@example.org", "B@Example.org"]), TYPES)
ADDRESSES = st.builds(Address, *[MAYBE] * len(Address.__struct_fields__)).filter(lambda address: address != Address())
JSON = st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS, max_size=5),
    lambda inner: (
        st.lists(inner | st.none(), max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = st.lists(TEXTS, max_size=3, unique=True).map(tuple)
PLACES = st.lists(
    st.builds(Standing, TEXTS, st.integers(0, 2**31), st.booleans()), max_size=3, unique_by=lambda place: place.group
).map(tuple)


def _card(values: dict[str, Any]) -> Card:
    """A card as the dialects make them: parts of a name make a full one; of equal entries the first is kept."""
    if not values["full"]:
        values["full"] = names.join(values["given"], values["family"])
    values["phones"] = merge.one_primary(merge.unique_phones(values["phones"]))
    values["emails"] = merge.one_primary(merge.unique_emails(values["emails"]))
    return Card(**values)


CARDS = st.fixed_dictionaries(
    {
        "full": MAYBE,
        "given": MAYBE,
        "family": MAYBE,
        "phones": st.lists(PHONES, max_size=4),
        "emails": st.lists(EMAILS, max_size=4),
        "addresses": st.lists(ADDRESSES, max_size=3).map(tuple),
        "notes": MAYBE,
        "custom": st.dictionaries(TEXTS, TEXTS | JSON, max_size=4),
    }
).map(_card)
EXPORTED = st.builds(
    lambda card, external_id, organization, lists, tags, places: Exported(
        replace(contact(), card=card, external_id=external_id),
        organization,
        None,
        lists,
        tags,
        tuple(place.group for place in places),
        places=places,
    ),
    *(CARDS, st.none() | TEXTS.map(lambda text: text[:255]), MAYBE, NAMES, NAMES, PLACES),
)


def group(number: int, name: str, *members: tuple[int, bool]) -> Exported:
    """A group with members by their numbers."""
    places = tuple(Place(UIDS.format(member), primary) for member, primary in members)
    return exported(number, kind="group", full=name, given=name, members=places)


def is_known(row: Exported) -> bool:
    """Whether there is anything to know a contact by: an import asks for that."""
    card = row.contact.card
    return bool(card.full or card.phones or card.emails or row.organization or row.contact.external_id)

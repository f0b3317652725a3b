"""The four vendors' doors: how a client of each creates, sees and changes a contact, and made-up ones for each."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx2
from hypothesis import strategies as st

from onebook.dialects.alloy import contacts as alloy
from onebook.dialects.apptoto import tables as apptoto
from onebook.dialects.base import Field, Out
from onebook.dialects.octopush import CONTACT as OCTOPUSH
from onebook.dialects.packagex import tables as packagex
from onebook.model import ids, name
from tests.harness import Account

Json = dict[str, Any]


class Door(NamedTuple):
    """One vendor's way in and out.

    Args:
        bodies: made-up new contacts in the vendor's words, each with a usable primary number.
        changes: some fields of one, to be changed.
        create: takes a body. change: the contact as the native API shows it, and the fields.
        show: the contact as the vendor's client sees it; None if it cannot.
        expected: what such a client should see of a contact, from how the native API shows it.
        fields, shown: the dialect's own tables of what comes in and goes out.
    """

    name: str
    bodies: st.SearchStrategy[Json]
    changes: st.SearchStrategy[Json]
    create: Callable[[Account, Json], httpx2.Response]
    change: Callable[[Account, Json, Json], httpx2.Response]
    show: Callable[[Account, Json], Json] | None
    expected: Callable[[Json], Json]
    fields: tuple[Field, ...]
    shown: tuple[Out[Any], ...]

    def touched(self, change: Mapping[str, Any]) -> set[str]:
        """The parts of a contact that these fields name, by the dialect's table."""
        return {head(field.to) for field in self.fields if field.name in change and field.to}


def head(path: str) -> str:
    """The part of a contact that a path of the model lies in.

    >>> head("phones.raw")
    'phones'
    """
    return path.partition(".")[0]


# --- made-up values ---

LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"))
WORDS = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
TYPES = st.sampled_from([None, "mobile", "Home", "réception"])
NUMBERS = st.sampled_from(["+33612345678", "+33 6 12 34 56 79", "+16505550134", "+44 20 7946 0018", "+8613800138000"])
MAILS = st.sampled_from(["ada@example.org", "Ada.B@Example.org", "a+b@mail.example.com", "ünï@example.org"])
KEYS = st.sampled_from(["level", "param1", "Кличка", "a.b", "x-y z"])
FREE = st.one_of(WORDS, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.lists(WORDS, max_size=2))
PLACES: Json = {"line1": "1 Rue de la Paix", "city": "Paris", "postal_code": "75002", "country": "France"}


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Objects with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def all_of(rest: st.SearchStrategy[Json], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Objects with all of these fields, and of the rest any."""
    return st.builds(lambda needed, more: {**more, **needed}, st.fixed_dictionaries(fields), rest)


def said(entry: Json) -> Json:
    """An entry without what it does not say."""
    return {key: value for key, value in entry.items() if value is not None}


def entries(
    number: str, values: st.SearchStrategy[str], type_: str, *, least: int = 0
) -> st.SearchStrategy[list[Json]]:
    """Lists of entries with different values, each perhaps with a type."""
    entry = st.fixed_dictionaries({number: values, type_: TYPES}).map(said)
    return st.lists(entry, min_size=least, max_size=3, unique_by=lambda one: one[number].casefold())


# --- Apptoto ---


def _apptoto_primary(lists: tuple[list[Json], int]) -> list[Json]:
    phones, chosen = lists
    return [{**one, "is_primary": at == chosen % len(phones)} for at, one in enumerate(phones)]


APPTOTO_PHONES = st.tuples(entries("number", NUMBERS, "type", least=1), st.integers(0, 2)).map(_apptoto_primary)
APPTOTO_REST = {
    "email_addresses": entries("address", MAILS, "type"),
    "custom_data": st.dictionaries(KEYS, WORDS, max_size=3),
    "external_id": WORDS,
}


def _apptoto_seen(c: Json) -> Json:
    phones = [
        {"number": p["raw"], "normalized": p["e164"], "type": p["type"] or "other", "is_primary": p["primary"]}
        for p in c["phones"]
    ]
    emails = [{"address": e["address"], "type": e["type"] or "other", "is_primary": e["primary"]} for e in c["emails"]]
    return {
        "id": c["number"],
        "external_id": c["external_id"],
        "name": display(c),
        "first_name": c["name"]["given"],
        "last_name": c["name"]["family"],
        "phone": primary(c["phones"], "raw"),
        "email": primary(c["emails"], "address"),
        "phone_numbers": phones,
        "email_addresses": emails,
        "custom_data": {key: value for key, value in c["custom"].items() if isinstance(value, str)},
    }


def display(c: Json) -> str:
    """What to call a contact."""
    called = c["name"]["full"] or primary(c["phones"], "raw") or primary(c["emails"], "address") or name.NO_NAME
    return str(called)


def primary(found: list[Json], key: str) -> Any:
    """A value of the primary entry."""
    return next((one[key] for one in found if one["primary"]), None)


def _apptoto_show(account: Account, c: Json) -> Json:
    found: Json = account.apptoto.get("/contact", params={"id": c["number"]}).json()
    for entry in (*found["phone_numbers"], *found["email_addresses"]):
        entry.pop("id")
        entry.pop("is_mobile", None)
    return found


APPTOTO = Door(
    name="apptoto",
    bodies=all_of(some(**APPTOTO_REST), name=WORDS, phone_numbers=APPTOTO_PHONES)
    | all_of(some(**APPTOTO_REST), first_name=WORDS, last_name=WORDS, phone_numbers=APPTOTO_PHONES),
    changes=some(name=WORDS, **APPTOTO_REST) | some(first_name=WORDS, last_name=WORDS, phone_numbers=APPTOTO_PHONES),
    create=lambda account, body: account.apptoto.post(
        "/contacts", json={"contacts": [{"address_book": "Contacts", **body}]}
    ),
    change=lambda account, c, fields: account.apptoto.put(
        "/contacts", json={"contacts": [{"id": c["number"], **fields}]}
    ),
    show=_apptoto_show,
    expected=_apptoto_seen,
    fields=apptoto.UPDATE,
    shown=apptoto.CONTACT_OUT,
)

# --- PackageX ---

PACKAGEX_REST = {
    "email": MAILS,
    "notes": WORDS,
    "metadata": st.dictionaries(KEYS, FREE, max_size=3),
    "address": st.just(PLACES),
}
PARTS = ("line1", "line2", "city", "state", "postal_code", "country", "country_code")


def _packagex_seen(c: Json) -> Json:
    primary_phone = next((p for p in c["phones"] if p["primary"]), None)
    return {
        "id": ids.contact_id(c["uid"]),
        "name": display(c),
        "email": primary(c["emails"], "address"),
        "phone": (primary_phone["e164"] or primary_phone["raw"]) if primary_phone else None,
        "notes": c["notes"],
        "metadata": c["custom"],
        "address": {part: c["addresses"][0][part] for part in PARTS} if c["addresses"] else None,
    }


def _packagex_show(account: Account, c: Json) -> Json:
    found: Json = account.packagex.get(f"/contacts/{ids.contact_id(c['uid'])}").json()["data"]
    if found["address"]:
        found["address"] = {part: found["address"][part] for part in PARTS}
    return found


PACKAGEX = Door(
    name="packagex",
    bodies=all_of(some(**PACKAGEX_REST), name=WORDS, phone=NUMBERS),
    changes=some(name=WORDS, phone=NUMBERS, **PACKAGEX_REST),
    create=lambda account, body: account.packagex.post("/contacts", json=body),
    change=lambda account, c, fields: account.packagex.post(f"/contacts/{ids.contact_id(c['uid'])}", json=fields),
    show=_packagex_show,
    expected=_packagex_seen,
    fields=packagex.CONTACT,
    shown=packagex.CONTACT_OUT,
)

# --- Alloy ---

ALLOY_PHONES = entries("phoneNumber", NUMBERS, "phoneNumberType", least=1)
ALLOY_PLACE = st.fixed_dictionaries(
    {"street1": WORDS, "city": WORDS, "addressType": TYPES, "country": st.sampled_from([None, "France"])}
).map(said)
ALLOY_REST = {
    "firstName": WORDS,
    "emailAddresses": entries("emailAddress", MAILS, "emailAddressType"),
    "addresses": st.lists(ALLOY_PLACE, max_size=2),
    "remoteFields": st.dictionaries(KEYS, FREE, max_size=3),
    "account": WORDS,
}
ALLOY_ADDRESS = {
    "type": "addressType",
    "line1": "street1",
    "line2": "street2",
    "city": "city",
    "state": "state",
    "subdivision": "countrySubdivision",
    "country": "country",
    "postal_code": "postalCode",
}


def _alloy_seen(c: Json) -> Json:
    given, family = c["name"]["given"], c["name"]["family"]
    if not (given or family):
        given, family = name.split(c["name"]["full"] or "")
    phones = [said({"phoneNumber": p["raw"], "phoneNumberType": p["type"]}) for p in c["phones"]]
    emails = [said({"emailAddress": e["address"], "emailAddressType": e["type"]}) for e in c["emails"]]
    addresses = [said({theirs: a[ours] for ours, theirs in ALLOY_ADDRESS.items()}) for a in c["addresses"]]
    return {
        "id": c["uid"],
        "remoteId": str(c["number"]),
        "firstName": given,
        "lastName": family,
        "account": c["organization"],
        "phoneNumbers": phones,
        "emailAddresses": emails,
        "addresses": addresses,
        **({"remoteFields": c["custom"]} if c["custom"] else {}),
    }


ALLOY = Door(
    name="alloy",
    bodies=all_of(some(**ALLOY_REST), lastName=WORDS, phoneNumbers=ALLOY_PHONES),
    changes=some(lastName=WORDS, phoneNumbers=ALLOY_PHONES, **ALLOY_REST),
    create=lambda account, body: account.alloy.post("/crm/contacts", json=body),
    change=lambda account, c, fields: account.alloy.patch(f"/crm/contacts/{c['uid']}", json=fields),
    show=lambda account, c: account.alloy.get(f"/crm/contacts/{c['uid']}").json()["contact"],
    expected=_alloy_seen,
    fields=alloy.CONTACT,
    shown=alloy.SHOWN,
)

# --- Octopush ---

OCTOPUSH_REST = {
    "first_name": WORDS,
    "last_name": WORDS,
    "email": MAILS,
    **{f"param{number}": WORDS for number in range(1, 6)},
}


def _octopush_create(account: Account, body: Json) -> httpx2.Response:
    return account.octopush.post("/contact/create", json={"contacts": [body]})


def _octopush_change(account: Account, c: Json, fields: Json) -> httpx2.Response:
    """By the number, which is all that its clients know a contact by."""
    return _octopush_create(account, {"phone_number": primary(c["phones"], "e164"), **fields})


OCTOPUSH_DOOR = Door(
    name="octopush",
    bodies=all_of(some(**OCTOPUSH_REST), phone_number=NUMBERS),
    changes=some(**OCTOPUSH_REST),
    create=_octopush_create,
    change=_octopush_change,
    show=None,
    expected=lambda _: {},
    fields=OCTOPUSH,
    shown=(),
)

DOORS = (APPTOTO, PACKAGEX, ALLOY, OCTOPUSH_DOOR)

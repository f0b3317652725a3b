"""A contact as a form: what was typed, as rows of text, and the wish that it becomes."""

import json
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from onebook.errors import InvalidInput, Issue
from onebook.model import email, merge, phone
from onebook.model.contact import Address, Card, Contact, ContactPatch, CustomChange, Email, Phone
from onebook.model.label import LabelKind
from onebook.operations.wishes import Wish
from onebook.web.visit import Values

ADDRESS: Final = ("type", "line1", "line2", "postal_code", "city", "state", "country", "text")
_KEPT: Final = ("subdivision", "country_code")  # shown by no input, carried along while the country stays
MOST_ENTRIES: Final = 100  # as by the native API
LONGEST: Final = {"notes": 65_536}
_LONG: Final = 1_000

Rows = list[dict[str, str]]


class Typed(Struct, frozen=True):
    """What stands in the inputs. Args: rows have a ``key`` each, which the primary one is named by."""

    texts: dict[str, str]
    phones: Rows
    emails: Rows
    addresses: Rows
    custom: Rows
    version: int = 0


_TEXTS: Final = ("kind", "book", "full", "given", "family", "organization", "notes", "external_id", "lists", "tags")
_ROWS: Final = {
    "phones": ("key", "raw", "type"),
    "emails": ("key", "address", "type"),
    "addresses": ("key", *ADDRESS, *_KEPT),
    "custom": ("key", "name", "value", "json"),
}


def empty(kind: str, book: int) -> Typed:
    """An empty form."""
    texts = dict.fromkeys(_TEXTS, "") | {"kind": kind, "book": str(book), "phone_primary": "0", "email_primary": "0"}
    return Typed(texts, [], [], [], [])


def typed_of(form: Values) -> Typed:
    """What somebody typed."""
    texts = {name: form[name] for name in (*_TEXTS, "phone_primary", "email_primary")}
    rows = {of: _rows(form, of, names) for of, names in _ROWS.items()}
    return Typed(texts, rows["phones"], rows["emails"], rows["addresses"], rows["custom"], form.number("version"))


def _rows(form: Values, of: str, names: tuple[str, ...]) -> Rows:
    columns = {name: form.all(f"{of}.{name}") for name in names}
    height = max(map(len, columns.values()), default=0)
    rows = [{name: (texts[at] if at < len(texts) else "") for name, texts in columns.items()} for at in range(height)]
    return [row for row in rows if any(text for name, text in row.items() if name not in ("key", "type", "json"))]


def typed_from(contact: Contact, organization: str, lists: list[str], tags: list[str]) -> Typed:
    """A stored contact, ready to be changed."""
    card = contact.card
    primary = {
        "phone_primary": next((str(at) for at, one in enumerate(card.phones) if one.primary), "0"),
        "email_primary": next((str(at) for at, one in enumerate(card.emails) if one.primary), "0"),
    }
    texts = {
        "kind": contact.kind, "book": str(contact.book), "full": card.full or "", "given": card.given or "",
        "family": card.family or "", "organization": organization, "notes": card.notes or "",
        "external_id": contact.external_id or "", "lists": ", ".join(lists), "tags": ", ".join(tags), **primary,
    }  # fmt: skip
    return Typed(
        texts,
        [{"key": str(at), "raw": one.raw, "type": one.type or ""} for at, one in enumerate(card.phones)],
        [{"key": str(at), "address": one.address, "type": one.type or ""} for at, one in enumerate(card.emails)],
        [
            {"key": str(at), **{name: getattr(one, name) or "" for name in (*ADDRESS, *_KEPT)}}
            for at, one in enumerate(card.addresses)
        ],
        [{"key": str(at), "name": name, **_said(value)} for at, (name, value) in enumerate(card.custom.items())],
        contact.version,
    )


def _said(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {"value": value, "json": ""}
    return {"value": msgspec.json.encode(value).decode(), "json": "1"}


def wish_of(typed: Typed, old: Contact | None, organization: str, country: str | None) -> Wish:
    """The wish of what was typed: only what differs from ``old`` is touched.

    Args:
        organization: the name that ``old`` shows. country: where national numbers are dialled.

    Raises: InvalidInput with all that is wrong, by the names of the form's fields.
    """
    issues: list[Issue] = []
    card = old.card if old else Card()
    texts = typed.texts
    changes: dict[str, Any] = _names(texts, card)
    for name in ("notes",):
        changes |= _differs(name, texts[name].replace("\r\n", "\n"), getattr(card, name))
    changes |= _differs("external_id", texts["external_id"].strip(), old.external_id if old else None)
    if texts["organization"] != organization:
        changes["organization"] = texts["organization"].strip() or None
    changes |= _entries(typed, card, country, issues)
    if old is None:
        changes["kind"] = "group" if texts["kind"] == "group" else "individual"
    issues += [
        Issue(name, "too_long", f"At most {LONGEST.get(name, _LONG):,} characters.")
        for name, text in texts.items()
        if len(text) > LONGEST.get(name, _LONG)
    ]
    if issues:
        raise InvalidInput(issues)
    labels: dict[LabelKind, tuple[str, ...]] = {"list": _split(texts["lists"]), "tag": _split(texts["tags"])}
    book = int(texts["book"]) if texts["book"].isdecimal() and len(texts["book"]) < 16 else None  # noqa: PLR2004
    return Wish(ContactPatch(**changes, afresh=True), book, UNSET, labels)


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def _differs(name: str, said: str, was: str | None) -> dict[str, Any]:
    return {} if said == (was or "") else {name: said or None}


def _names(texts: dict[str, str], card: Card) -> dict[str, Any]:
    """A full name that is changed gives the parts; parts that are changed go before it."""
    changes: dict[str, Any] = {}
    for name in ("full", "given", "family"):
        changes |= _differs(name, texts[name].strip(), getattr(card, name))
    return changes


def _entries(typed: Typed, card: Card, country: str | None, issues: list[Issue]) -> dict[str, Any]:
    phones = _phones(typed, card, country, issues)
    emails = _emails(typed, issues)
    changes: dict[str, Any] = {}
    if phones != card.phones:
        changes["phones"] = phones
    if emails != card.emails:
        changes["emails"] = emails
    addresses = tuple(_address(row) for row in typed.addresses)
    if addresses != card.addresses:
        changes["addresses"] = addresses
    custom = _custom(typed.custom, issues)
    if msgspec.json.encode(custom) != msgspec.json.encode(card.custom):
        changes["custom"] = CustomChange(custom, "all")
    for name, rows in (("phones", phones), ("emails", emails), ("addresses", addresses)):
        if len(rows) > MOST_ENTRIES:
            issues.append(Issue(name, "too_many", f"At most {MOST_ENTRIES}."))
    return changes


def _phones(typed: Typed, card: Card, country: str | None, issues: list[Issue]) -> tuple[Phone, ...]:
    known = {one.raw: one.e164 for one in card.phones}
    found: list[Phone] = []
    for row in typed.phones:
        raw, primary = row["raw"].strip(), row["key"] == typed.texts["phone_primary"]
        if len(raw) > phone.LONGEST_TEXT:
            issues.append(Issue(f"phones.{row['key']}", "too_long", f"At most {phone.LONGEST_TEXT} characters."))
            continue
        one = phone.read(raw, country, type=row["type"].strip() or None, primary=primary)
        found.append(msgspec.structs.replace(one, e164=known[raw]) if raw in known else one)
    return merge.one_primary(merge.unique_phones(found))


def _emails(typed: Typed, issues: list[Issue]) -> tuple[Email, ...]:
    found: list[Email] = []
    for row in typed.emails:
        said = row["address"].strip()
        address = email.normalize(said)
        if address is None:
            message = "This is no e-mail address. It should look like name@example.org."
            issues.append(Issue(f"emails.{row['key']}", "not_an_email", message))
            continue
        kept = said if email.key_of(said) == email.key_of(address) else address
        found.append(Email(kept, row["type"].strip() or None, primary=row["key"] == typed.texts["email_primary"]))
    return merge.one_primary(merge.unique_emails(found))


def _address(row: dict[str, str]) -> Address:
    return Address(**{name: row[name].strip() or None for name in (*ADDRESS, *_KEPT)})


def _custom(rows: Rows, issues: list[Issue]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        name, value = row["name"].strip(), row["value"]
        if not name:
            issues.append(Issue(f"custom.{row['key']}", "required", "A custom field needs a name."))
        elif row["json"]:
            try:
                found[name] = json.loads(value)
            except (ValueError, RecursionError):
                issues.append(Issue(f"custom.{row['key']}", "not_json", "This was no text before; it must be JSON."))
        else:
            found[name] = value
    return found

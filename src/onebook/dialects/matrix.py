"""The matrix of fields: what each dialect calls what is stored. Written from the dialects' own tables.

``python -m onebook.dialects.matrix docs/dialects/matrix.md`` writes the page anew.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from onebook.dialects.base import Dialect

#: What is stored, in the order of the page, and what it is in a few words.
MEANINGS: Final = {
    "number": "counted up in the account",
    "uid": "UUIDv7",
    "external_id": "the caller's own id",
    "book": "the address book it is in",
    "kind": "individual or group",
    "name": "the name",
    "name.full": "as sent",
    "name.given": "given name",
    "name.family": "family name",
    "phones": "telephone numbers",
    "phones.raw": "as written",
    "phones.e164": "E.164, if possible",
    "phones.type": "mobile, home…",
    "phones.primary": "the one to use first",
    "emails": "mail addresses",
    "emails.address": "the address",
    "emails.type": "home, work…",
    "emails.primary": "the one to use first",
    "addresses": "postal addresses",
    "addresses.type": "home, billing…",
    "addresses.line1": "street and house number",
    "addresses.line2": "unit",
    "addresses.city": "town",
    "addresses.state": "state or region in words",
    "addresses.subdivision": "its code, ISO 3166-2",
    "addresses.postal_code": "postal code",
    "addresses.country": "country in words",
    "addresses.country_code": "ISO 3166-1 alpha-2",
    "addresses.text": "free text that it was read from",
    "notes": "free text",
    "organization": "the organization it belongs to",
    "locations": "the places it belongs to",
    "custom": "custom fields: name to any JSON value",
    "members": "who is in a group, in order",
    "members.primary": "a group's main contacts",
    "lists": "the lists it is on",
    "tags": "the tags it bears",
    "opt_out": "a number or address has opted out",
    "version": "counts changes",
    "created_at": "when it was stored",
    "updated_at": "when it was last changed",
    "book.number": "a book's number",
    "book.name": "its name",
    "book.kind": "decides its types",
    "book.phone_types": "words for numbers",
    "book.email_types": "words for mail addresses",
    "book.mobile_type": "its word for mobiles",
    "label.name": "a list's or tag's name",
    "opt_out.channel": "phone or email",
    "opt_out.key": "which number or address",
    "opt_out.source": "who said so",
    "opt_out.created_at": "since when",
    "organization.name": "an organization's name",
    "organization.fields": "all else that is said of it",
    "organization.description": "one of these",
    "organization.industry": "one of these",
    "organization.website": "one of these",
    "organization.employees": "one of these",
    "organization.owner": "one of these",
    "organization.phones": "one of these",
    "organization.addresses": "one of these",
    "organization.custom": "one of these",
    "location.name": "a place's name",
    "location.address": "its address",
}
TITLE: Final = "What each dialect calls what is stored"
OPENING: Final = """\
A dash means that the dialect has no word for it: what another dialect stored there stays, unseen. `in` marks what is
only taken, `out` what is only shown. A name with a dot is a field of an object within. Fields that steer a request and
are not stored are on the dialects' own pages.

This page is made from the dialects' tables by `make matrix`; a test holds it to them.
"""
# Tables of these names are the contact itself, whose fields need no prefix.
_CONTACT: Final = ("contact", "new contact", "create", "created")


def matrix(dialects: Sequence[Dialect]) -> str:
    """The page, in Markdown: one row for each thing stored, one column for each dialect."""
    used = {path for dialect in dialects for path, _, _ in _entries(dialect)}
    rows = [(path, [_cell(dialect, path) for dialect in dialects]) for path in MEANINGS if path in used]
    head = ["stored", "is", *(dialect.title for dialect in dialects)]
    lines = [head, ["---"] * len(head), *([f"`{path}`", MEANINGS[path], *cells] for path, cells in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"# {TITLE}\n\n{OPENING}\n{table}\n"


def unknown(dialects: Iterable[Dialect]) -> set[str]:
    """Things stored that a table names and this page does not know."""
    return {path for dialect in dialects for path, _, _ in _entries(dialect)} - MEANINGS.keys()


def _entries(dialect: Dialect) -> Iterable[tuple[str, str, str]]:
    """Path in the model, direction, and the dialect's name of each field that is stored."""
    for table, fields in dialect.in_tables.items():
        yield from ((field.to, "in", _named(table, field.name)) for field in fields if field.to)
    for table, outs in dialect.out_tables.items():
        yield from ((out.of, "out", _named(table, out.name)) for out in outs if out.of)


def _named(table: str, field: str) -> str:
    return field if table.lower() in _CONTACT else f"{table[:1].lower()}{table[1:]}.{field}"


def _cell(dialect: Dialect, path: str) -> str:
    ways: dict[str, set[str]] = {}
    for at, way, name in _entries(dialect):
        if at == path:
            ways.setdefault(name, set()).add(way)
    return ", ".join(f"`{name}`{'' if len(way) > 1 else f' {next(iter(way))}'}" for name, way in ways.items()) or "–"


def main() -> None:
    """Write the page to the path that is given."""
    from onebook.dialects import alloy, apptoto, native, octopush, packagex  # noqa: PLC0415 - only this command needs all

    page = matrix([module.DIALECT for module in (native, apptoto, packagex, alloy, octopush)])
    Path(sys.argv[1]).write_text(page, "utf-8")


if __name__ == "__main__":
    main()

"""1 Tables: the fields that Apptoto's page lists, in its order and spelling, and the keys of its answers."""

from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from onebook.dialects import strict
from onebook.dialects.base import REFUSED, Field, Out, Schema, schema_of, write_fields
from onebook.errors import Issue
from onebook.model import name
from onebook.model.book import Book
from onebook.model.contact import Contact, Email, Phone

PAGE_SIZE: Final = 30  # what the vendor gives of events
LARGEST_PAGE: Final = 500  # judgement: some hundred kilobytes
MOST_ENTRIES: Final = 200  # judgement: numbers, or addresses, of one person
LONGEST_KEY: Final = 1_000  # judgement: characters of a text to be found by, so that it fits into a query
UNTYPED: Final = "other"


class _Said(Struct, frozen=True):
    """A text that is not blank."""

    @property
    def schema(self) -> Schema:
        return {**strict.Text.schema, "pattern": r"\S"}

    def read(self, value: Any, at: str, issues: list[Issue]) -> Any:
        if isinstance(value, str) and not value.strip():
            issues.append(Issue(at, "required", f"{at} must not be blank."))
            return REFUSED
        return strict.Text.read(value, at, issues)


# --- what comes in ---

SAID: Final = _Said()
INTEGER_OR_NULL: Final = strict.integer(-strict.INT_MAX, null=True)
KEY: Final = strict.text(longest=LONGEST_KEY)
KEY_OR_NULL: Final = strict.text(longest=LONGEST_KEY, null=True)

PHONE: Final = (
    Field("number", SAID, need=True, to="phones.raw"),
    Field("is_mobile", strict.FlagOrNull, to="phones.type", note="True: the type is the book's mobile type."),
    Field("type", strict.TextOrNull, to="phones.type", note="One of the book's phone types."),
    Field("is_primary", strict.FlagOrNull, to="phones.primary", note="The number to use first."),
)
EMAIL: Final = (
    Field("address", SAID, need=True, to="emails.address"),
    Field("type", strict.TextOrNull, to="emails.type", note="One of the book's mail types."),
    Field("is_primary", strict.FlagOrNull, to="emails.primary", note="The address to use first."),
)
PHONES: Final = strict.Array(strict.Object(PHONE), null=True, most=MOST_ENTRIES)
EMAILS: Final = strict.Array(strict.Object(EMAIL), null=True, most=MOST_ENTRIES)

CREATE: Final = (
    Field("address_book", strict.TextOrNull, to="book", note="A book's name; an unknown one makes the book."),
    Field("address_book_id", INTEGER_OR_NULL, to="book", note="In place of address_book, and wins over it."),
    Field("name", strict.Text, to="name.full", note="The full name; wins over first_name and last_name."),
    Field("first_name", strict.TextOrNull, to="name.given", note="With last_name, in place of name."),
    Field("last_name", strict.TextOrNull, to="name.family", note="With first_name, in place of name."),
    Field("phone", strict.TextOrNull, to="phones", note="One number."),
    Field("email", strict.TextOrNull, to="emails", note="One address."),
    Field("phone_numbers", PHONES, to="phones", note="Several numbers."),
    Field("email_addresses", EMAILS, to="emails", note="Several addresses."),
    Field("email_address", EMAILS, to="emails", note="Another name of email_addresses."),
    Field("external_id", KEY_OR_NULL, to="external_id", note="The caller's own id, unique in the book."),
    Field("custom_data", strict.Map(strict.Text, null=True), to="custom", note="Free fields, text to text."),
)
UPDATE: Final = (
    Field("id", INTEGER_OR_NULL, to="number", note="Which contact to update."),
    *CREATE,
    Field("add_phone", strict.TextOrNull, to="phones", note="Adds one number."),
    Field("add_email", strict.TextOrNull, to="emails", note="Adds one address."),
)
CLEARED_BY_BLANK: Final = frozenset(("first_name", "last_name", "external_id"))

COUNT: Final = strict.Digits(blank=True)
ID: Final = Field("id", strict.Digits(-strict.INT_MAX, blank=True), to="number")
EXTERNAL_ID: Final = Field("external_id", KEY, to="external_id")
BOOK_ID: Final = Field("address_book_id", strict.Digits(-strict.INT_MAX, blank=True), to="book")
ONE: Final = (ID, EXTERNAL_ID, BOOK_ID)
ONE_IN_BODY: Final = (
    Field("id", INTEGER_OR_NULL, to="number"),
    Field("external_id", KEY_OR_NULL, to="external_id"),
    Field("address_book_id", INTEGER_OR_NULL, to="book"),
)
LIST: Final = (
    Field("page", COUNT, note="From 1."),
    Field("page_size", COUNT, note=f"{PAGE_SIZE} if not given; more than {LARGEST_PAGE} counts as that."),
    Field("limit", COUNT, note="Another name of page_size."),
    BOOK_ID,
    Field("phone_number", KEY, to="phones", note="Only contacts that have this number, in any spelling."),
    Field("email_address", KEY, to="emails", note="Only contacts that have this address."),
    ID,
    EXTERNAL_ID,
)


# --- what goes out ---


class Shown(Struct, frozen=True):
    """A contact as it is answered: with its book, and whether it has just been deleted."""

    contact: Contact
    book: Book
    deleted: bool = False


class ShownPhone(Struct, frozen=True):
    """A number with its place, from 1, and whether it is a mobile one."""

    place: int
    phone: Phone
    is_mobile: bool


class ShownEmail(Struct, frozen=True):
    """A mail address with its place, from 1."""

    place: int
    email: Email


TEXT: Final[Schema] = {"type": "string"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
INTEGER: Final[Schema] = {"type": "integer"}
FLAG: Final[Schema] = {"type": "boolean"}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}

PHONE_OUT: Final[tuple[Out[ShownPhone], ...]] = (
    Out("id", attrgetter("place"), INTEGER),
    Out("number", attrgetter("phone.raw"), TEXT, of="phones.raw"),
    Out("normalized", attrgetter("phone.e164"), TEXT_OR_NULL, of="phones.e164"),
    Out("type", lambda one: one.phone.type or UNTYPED, TEXT, of="phones.type"),
    Out("is_mobile", attrgetter("is_mobile"), FLAG, of="phones.type"),
    Out("is_primary", attrgetter("phone.primary"), FLAG, of="phones.primary"),
)
EMAIL_OUT: Final[tuple[Out[ShownEmail], ...]] = (
    Out("id", attrgetter("place"), INTEGER),
    Out("address", attrgetter("email.address"), TEXT, of="emails.address"),
    Out("type", lambda one: one.email.type or UNTYPED, TEXT, of="emails.type"),
    Out("is_primary", attrgetter("email.primary"), FLAG, of="emails.primary"),
)


def _number(one: Shown) -> str | None:
    primary = name.primary_phone(one.contact.card)
    return primary.raw if primary is not None else None


def _address(one: Shown) -> str | None:
    primary = name.primary_email(one.contact.card)
    return primary.address if primary is not None else None


def _phones(one: Shown) -> list[dict[str, Any]]:
    mobile = one.book.mobile_type.casefold()
    return [
        write_fields(PHONE_OUT, ShownPhone(place, phone, (phone.type or "").casefold() == mobile))
        for place, phone in enumerate(one.contact.card.phones, 1)
    ]


def _emails(one: Shown) -> list[dict[str, Any]]:
    return [write_fields(EMAIL_OUT, ShownEmail(place, email)) for place, email in enumerate(one.contact.card.emails, 1)]


def _texts(one: Shown) -> dict[str, str]:
    """The custom fields whose value is text: others cannot be said here."""
    return {key: value for key, value in one.contact.card.custom.items() if isinstance(value, str)}


CONTACT_OUT: Final[tuple[Out[Shown], ...]] = (
    Out("id", attrgetter("contact.number"), INTEGER, of="number"),
    Out("address_book_id", attrgetter("book.number"), INTEGER, of="book"),
    Out("address_book", attrgetter("book.name"), TEXT, of="book"),
    Out("external_id", attrgetter("contact.external_id"), TEXT_OR_NULL, of="external_id"),
    Out("name", lambda one: name.display(one.contact.card), TEXT, of="name.full"),
    Out("first_name", attrgetter("contact.card.given"), TEXT_OR_NULL, of="name.given"),
    Out("last_name", attrgetter("contact.card.family"), TEXT_OR_NULL, of="name.family"),
    Out("phone", _number, TEXT_OR_NULL, of="phones"),
    Out("email", _address, TEXT_OR_NULL, of="emails"),
    Out("phone_numbers", _phones, {"type": "array", "items": schema_of(PHONE_OUT)}, of="phones"),
    Out("email_addresses", _emails, {"type": "array", "items": schema_of(EMAIL_OUT)}, of="emails"),
    Out("custom_data", _texts, {"type": "object", "additionalProperties": TEXT}, of="custom"),
    Out("is_deleted", attrgetter("deleted"), FLAG),
)
BOOK_OUT: Final[tuple[Out[Book], ...]] = (
    Out("id", attrgetter("number"), INTEGER, of="book.number"),
    Out("name", attrgetter("name"), TEXT, of="book.name"),
    Out("type", attrgetter("kind"), TEXT, of="book.kind"),
    Out("phone_types", attrgetter("phone_types"), TEXTS, of="book.phone_types"),
    Out("email_types", attrgetter("email_types"), TEXTS, of="book.email_types"),
)

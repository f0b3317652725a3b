"""Names: a full name and its two parts."""

from typing import Final

from onebook.model.contact import Card, Email, Phone

NO_NAME: Final = "(no name)"


def split(full: str) -> tuple[str | None, str | None]:
    """Take a full name apart: the last word is the family name, a single word is the given name.

    Returns:
        given, family: each None if there is none.
    """
    words = full.split()
    if not words:
        return None, None
    if len(words) == 1:
        return words[0], None
    return " ".join(words[:-1]), words[-1]


def join(given: str | None, family: str | None) -> str | None:
    """The full name of two parts: given, blank, family; None if both are missing or blank."""
    parts = [part for part in ((given or "").strip(), (family or "").strip()) if part]
    return " ".join(parts) or None


def display(card: Card) -> str:
    """What to call a contact: its full name, else its primary number as sent, else its address, else ``(no name)``."""
    if card.full and not card.full.isspace():
        return card.full
    phone = primary_phone(card)
    if phone is not None and phone.raw:
        return phone.raw
    email = primary_email(card)
    if email is not None and email.address:
        return email.address
    return NO_NAME


def primary_phone(card: Card) -> Phone | None:
    """The number to use first: the one marked primary, else the first."""
    for phone in card.phones:
        if phone.primary:
            return phone
    return card.phones[0] if card.phones else None


def primary_email(card: Card) -> Email | None:
    """The mail address to use first: the one marked primary, else the first."""
    for email in card.emails:
        if email.primary:
            return email
    return card.emails[0] if card.emails else None

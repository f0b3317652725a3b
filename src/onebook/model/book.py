"""An address book: a named part of an account in which every contact has its place."""

from msgspec import Struct

DEFAULT_BOOK = "Contacts"


class BookKind(Struct, frozen=True):
    """The words that a kind of book offers for phones and mail addresses; ``mobile`` is the one for mobiles."""

    phone_types: tuple[str, ...]
    email_types: tuple[str, ...]
    mobile: str


# Judgement: the second kind follows the words of office mail programs, so that a moved client finds its own.
BOOK_KINDS = {
    "standard": BookKind(
        ("mobile", "home", "work", "main", "home fax", "work fax", "pager", "other"),
        ("home", "work", "other"),
        "mobile",
    ),
    "office": BookKind(
        ("Mobile", "Business", "Business 2", "Home", "Home 2", "Business Fax", "Company", "Pager", "Other"),
        ("E-mail", "E-mail 2", "E-mail 3"),
        "Mobile",
    ),
}


class Book(Struct, frozen=True):
    """One book of one account.

    Args:
        number: counted up in the account. name: unique in the account, compared exactly.
        generation: the generation whose contacts readers see; an overwrite moves it on.
        contacts: how many contacts the current generation has, groups included.
    """

    number: int
    name: str
    kind: str
    phone_types: tuple[str, ...]
    email_types: tuple[str, ...]
    mobile_type: str
    generation: int
    contacts: int
    created_at: int


def spelled(types: tuple[str, ...], word: str | None) -> str | None:
    """The book's own spelling of a type word, found without regard to case; an unknown word stays as it is.

    >>> spelled(("Mobile", "Home"), "mobile")
    'Mobile'
    """
    if word is None or word in types:
        return word
    wanted = word.casefold()
    return next((known for known in types if known.casefold() == wanted), word)

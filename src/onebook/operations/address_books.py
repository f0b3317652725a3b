"""Address books: found by number or name, made when first named, counted."""

from collections.abc import Sequence

from onebook.errors import Conflict, InvalidInput, NotFound
from onebook.model.account import Credential, Key
from onebook.model.book import BOOK_KINDS, DEFAULT_BOOK, Book
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session


def seen(session: Session, actor: Actor) -> list[Book]:
    """The books that the key may see, by number."""
    bound = actor.key.book
    return session.all(Book) if bound is None else session.all(Book, number=bound)


def get(session: Session, actor: Actor, number: int) -> Book:
    """Raises: NotFound("address book"); NotPermitted if the key is bound to another one."""
    return _seen(session.get(Book, number=number), actor, number)


def known(session: Session, actor: Actor, number: int) -> Book:
    """As `get`, for what is read often and hardly ever changes: a book's counts may be old."""
    return _seen(session.known(Book, number=number), actor, number)


def _seen(book: Book | None, actor: Actor, number: int) -> Book:
    if book is None:
        raise NotFound("address book", number)
    actor.must_see(number)
    return book


def named(session: Session, actor: Actor, name: str) -> Book | None:
    """The book of this name, blanks at its ends apart; None if there is none.

    Raises: NotPermitted if the key is bound to another one, or to any while the name is new.
    """
    book = session.get(Book, name=name.strip())
    actor.must_see(book.number if book else 0)
    return book


def default(session: Session, actor: Actor) -> Book:
    """The book that contacts without a named one go to: the key's own, else the account's first."""
    if actor.key.book is not None:
        return get(session, actor, actor.key.book)
    return session.get(Book, name=DEFAULT_BOOK) or session.all(Book)[0]


def named_or_made(session: Session, actor: Actor, name: str) -> Book:
    """The book of this name; a new one of the standard kind if there is none."""
    return named(session, actor, name) or create(session, actor, name)


def create(
    session: Session,
    actor: Actor,
    name: str,
    *,
    kind: str = "standard",
    phone_types: Sequence[str] | None = None,
    email_types: Sequence[str] | None = None,
    mobile_type: str | None = None,
) -> Book:
    """Make a book; words not given are those of its kind.

    Args:
        kind: one of `BOOK_KINDS`, or the caller's own word, which then has the standard words.

    Raises: InvalidInput for a blank name; Conflict if the name is taken; NotPermitted for a bound key.
    """
    actor.must_see(0)
    if not name.strip():
        raise InvalidInput.of("name", "required", "An address book needs a name.")
    words = BOOK_KINDS.get(kind, BOOK_KINDS["standard"])
    phones = tuple(phone_types) if phone_types is not None else words.phone_types
    book = Book(
        number=session.next_serial(),
        name=name.strip(),
        kind=kind,
        phone_types=phones,
        email_types=tuple(email_types) if email_types is not None else words.email_types,
        mobile_type=mobile_type or next((word for word in phones if word.casefold() == "mobile"), words.mobile),
        generation=1,
        contacts=0,
        created_at=session.now,
    )
    session.add(book)
    session.log("book", "created", book.number)
    return book


def update(session: Session, actor: Actor, number: int, **values: object) -> Book:
    """Set a book's name, kind or words. Raises: NotFound; NotPermitted; Conflict if the name is taken."""
    before = get(session, actor, number)
    if values:
        session.change(Book, {"number": number}, **values)
        session.log("book", "updated", number, before=before)
    return get(session, actor, number)


def delete(session: Session, actor: Actor, number: int) -> None:
    """Remove an empty book that is not the default one.

    Raises: NotFound; NotPermitted; Conflict while it has contacts, is the default, a key or credential names it, or a
    file is on its way into it.
    """
    book = get(session, actor, number)
    if book.contacts:
        raise Conflict("address book", number, message="An address book with contacts cannot be deleted.")
    if book.number == default(session, actor).number:
        raise Conflict("address book", number, message="The default address book cannot be deleted.")
    _must_be_unnamed(session, number)
    if any(one.book == number for one in session.imports.under_way()):
        raise Conflict("address book", number, message="A file is being imported into this address book.")
    session.remove(Book, number=number)
    session.log("book", "deleted", number, before=book)


def _must_be_unnamed(session: Session, number: int) -> None:
    keys, credentials = session.all(Key, book=number), session.all(Credential, book=number)
    if keys or credentials:
        raise Conflict("address book", number, message="A key or credential still names this address book.")


def within(book: int) -> Condition:
    """The filter for one book."""
    return Condition("book", "eq", book)

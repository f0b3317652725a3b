"""The book: finding contacts, choosing many of them, and taking them away as a file."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from onebook.dialects.base import Answer, Pieces
from onebook.model.contact import Contact
from onebook.model.label import Label
from onebook.operations import address_books, contacts, exports, many, opt_outs, search, undo
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session, Where
from onebook.web import guard
from onebook.web.filters import COLUMNS, ORDERS, Look, look_of
from onebook.web.visit import Cookie, Gone, Notice, PageRoute, Reply, Sent, Shown, Values, Visit

PAGE: Final = 50
PALETTE: Final = 8
_REMEMBERED_SECONDS: Final = 365 * 86_400
FORMATS: Final = ("csv", "xlsx", "vcard")


class Row(Struct, frozen=True):
    """A contact as the list shows it."""

    contact: Contact
    organization: str
    lists: list[str]
    tags: list[str]
    opted_out: bool


class Found(Struct, frozen=True):
    """A page of the list. Args: ``after``: where the next one begins; empty if there is none."""

    rows: list[Row]
    after: str
    total: int | None
    similar: bool = False


def rows_of(session: Session, found: Sequence[Contact]) -> list[Row]:
    """Contacts with what the list shows of them."""
    borne = session.labels.of_contacts([one.number for one in found])
    tied, marked = contacts.organizations_of(session, found), opt_outs.marked_contacts(session, found)

    def row(one: Contact) -> Row:
        labels = borne.get(one.number, [])
        organization = tied[one.organization].name if one.organization in tied else one.card.organization or ""
        lists, tags = ([name for of, name in labels if of == kind] for kind in ("list", "tag"))
        return Row(one, organization, lists, tags, one.number in marked)

    return [row(one) for one in found]


def find(session: Session, actor: Actor, look: Look) -> Found:
    """One page; where no contact has the words, those that have similar ones."""
    order, where = ORDERS[look.order], look.where
    page = contacts.find(session, actor, (*where, *look.beyond), order=order, limit=PAGE + 1)
    total = contacts.count(session, actor, where) if not look.chosen and not look.q else None
    if not page and look.q and not look.after:
        others = tuple(test for test in where if test.field != "words")
        hits = search.search(session, actor, look.q, others, enough=1, all_words=True)[:PAGE]
        return Found(rows_of(session, [hit.contact for hit in hits]), "", None, similar=bool(hits))
    after = look.place(page[PAGE - 1]) if len(page) > PAGE else ""
    if total is None and not look.after and not after:
        total = len(page)
    return Found(rows_of(session, page[:PAGE]), after, total)


def around(session: Session, actor: Actor) -> dict[str, Any]:
    """What can be chosen from: books, lists, tags, groups."""
    labels = sorted(session.all(Label), key=lambda label: label.name.casefold())
    groups = contacts.find(session, actor, (Condition("group", "eq", value=True),), order=ORDERS["name"], limit=500)
    return {
        "books": {book.number: book for book in address_books.seen(session, actor)},
        "lists": [label for label in labels if label.kind == "list"],
        "tags": [label for label in labels if label.kind == "tag"],
        "groups": groups,
    }


def show(visit: Visit) -> Reply:
    """The list, or for htmx what was found."""
    look = look_of(visit.query, visit.columns)
    values = _listed(visit, look)
    cookies: tuple[Cookie, ...] = ()
    if "columns" in visit.query:
        cookies = (Cookie(guard.COLUMNS, ".".join(look.columns) or "none", _REMEMBERED_SECONDS),)
    if not visit.swap:
        return Shown("contacts/list.html", values, cookies=cookies)
    if look.after:
        return Shown("contacts/rows.html", values)
    return Shown("contacts/found.html", values, headers={"HX-Replace-Url": _address(visit, look)}, cookies=cookies)


def _address(visit: Visit, look: Look) -> str:
    query = look.query()
    return f"{visit.base}/contacts{'?' if query else ''}{query}"


def _listed(visit: Visit, look: Look) -> dict[str, Any]:
    found, choices = visit.read(lambda session, actor: (find(session, actor, look), around(session, actor)))
    fixed = {"look": look, "orders": tuple(ORDERS), "all_columns": COLUMNS, "formats": FORMATS, "most": many.MOST}
    return {"found": found, **fixed, **choices}


def show_groups(visit: Visit) -> Reply:
    """The groups: the list, with a filter."""
    return Gone(f"{visit.base}/contacts?kind=group")


def palette(visit: Visit) -> Reply:
    """A few contacts for the palette."""
    words = visit.query["q"].strip()
    if not search.words_of(words):
        return Shown("contacts/palette.html", {"hits": []})
    look = look_of(Values([("q", words)]))
    hits = visit.read(lambda session, actor: contacts.find(session, actor, look.where, limit=PALETTE))
    return Shown("contacts/palette.html", {"hits": hits})


# --- many at once ---


def change_many(visit: Visit) -> Reply:
    """Tag, list, group, export or delete what is chosen."""
    form, look = visit.form, look_of(visit.form)
    act, name = form["act"], form["name"]
    where = look.where if form["every"] else None
    numbers = [int(text) for text in form.all("number") if text.isascii() and text.isdecimal() and len(text) < 16]  # noqa: PLR2004
    if act == "export":
        return file_of(visit, (Condition("number", "in", tuple(numbers)),) if where is None else where, form["format"])

    def run(session: Session, actor: Actor) -> many.Done:
        chosen = many.chosen(session, actor, numbers, where)
        if act == "delete":
            return many.delete(session, actor, chosen)
        if act == "group":
            return many.group(session, actor, chosen, form["group_uid"])
        change = many.unlabel if act.startswith("un") else many.label
        return change(session, actor, chosen, "list" if act.endswith("list") else "tag", name)

    done = visit.write(run)
    said = act if act in ("delete", "group", "tag", "list", "untag", "unlist") else "tag"
    return Gone(_address(visit, look), told(visit, f"many.done.{said}", done.contacts, (done.first, done.last), name))


def told(visit: Visit, key: str, number: int, seqs: tuple[int, int], name: str = "") -> Notice:
    """What was done to how many, with the way back."""
    sentence = f"{key}.{'one' if number == 1 else 'other'}"
    way_back = f"{visit.base}/undo/{seqs[0]}/{seqs[1]}" if seqs[0] <= seqs[1] else ""
    return Notice(sentence, {"number": visit.words.number(number), "name": name}, way_back)


def take_back(visit: Visit) -> Reply:
    """Undo what the person did, by the entries of the log that tell of it."""
    first, last = (int(visit.params[name]) for name in ("first", "last"))
    taken = visit.write(lambda session, actor: undo.take_back(session, actor, first, last))
    sentence = "many.undone_but" if taken.kept else "many.undone"
    return Gone(f"{visit.base}/contacts", Notice(sentence, {"done": taken.done, "kept": taken.kept}))


# --- as a file ---


def export(visit: Visit) -> Reply:
    """What is filtered, as a file."""
    return file_of(visit, look_of(visit.query).where, visit.query["format"])


def file_of(visit: Visit, where: Where, wanted: str) -> Reply:
    """A file of the contacts of a filter, streamed."""
    to = exports.format_of(wanted if wanted in FORMATS else "csv")
    pieces = exports.export(visit.house.store, visit.who, where, to)
    name = ("Content-Disposition", f'attachment; filename="contacts.{to.extension}"')
    return Sent(Answer(200, Pieces(pieces), (name,), to.media_type))


ROUTES: Final = (
    PageRoute("GET", "/accounts/{account:int}/contacts", show),
    PageRoute("GET", "/accounts/{account:int}/groups", show_groups),
    PageRoute("GET", "/accounts/{account:int}/contacts/palette", palette),
    PageRoute("GET", "/accounts/{account:int}/contacts/export", export),
    PageRoute("POST", "/accounts/{account:int}/contacts/many", change_many, "read"),
    PageRoute("POST", "/accounts/{account:int}/undo/{first:int}/{last:int}", take_back, "write"),
)

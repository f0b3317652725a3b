"""The book: finding contacts."""

from typing import Final

from onebook.web.visit import PageRoute, Reply, Shown, Visit


def show(visit: Visit) -> Reply:
    """The list."""
    found = visit.read(lambda session, actor: session.contacts.page(actor.sees, limit=50))
    return Shown("contacts/list.html", {"found": found})


ROUTES: Final = (PageRoute("GET", "/accounts/{account:int}/contacts", show),)

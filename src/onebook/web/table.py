"""The table of all pages: each room of pages gives its rows."""

from typing import Final

from onebook.web import contact, contacts, entering, labels
from onebook.web.visit import PageRoute

PAGES: Final[tuple[PageRoute, ...]] = (
    *entering.ROUTES,
    *contacts.ROUTES,
    *contact.ROUTES,
    *labels.ROUTES,
)

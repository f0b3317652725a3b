"""The table of all pages: each room of pages gives its rows."""

from typing import Final

from onebook.web import contact, contacts, entering, imports, imports_drafts, keys, labels, people, running
from onebook.web.visit import PageRoute

PAGES: Final[tuple[PageRoute, ...]] = (
    *entering.ROUTES,
    *contacts.ROUTES,
    *contact.ROUTES,
    *labels.ROUTES,
    *imports_drafts.ROUTES,
    *imports.ROUTES,
    *keys.ROUTES,
    *people.ROUTES,
    *running.ROUTES,
)

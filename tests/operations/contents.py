"""What a book holds, as one hash: equal exactly if its contacts, memberships and opt-outs are.

Versions, times and counters are left out, so that taking something back brings the hash back.
"""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from onebook.model import lookup
from onebook.model.contact import Contact
from onebook.operations.actor import Actor
from onebook.store.base import Condition, Session

_PAGE = 500
_MODULUS = 1 << 256
_encode = msgspec.json.Encoder(order="sorted").encode


def content_hash(session: Session, actor: Actor, book: int) -> str:
    """The hash of a book's contents, 64 hexadecimal digits; memory is flat in their number.

    A sum of hashes, one a contact by its uid, so that their order makes no difference.

    Raises: NotPermitted if the key is bound to another book.
    """
    actor.must_see(book)
    total, after = 0, 0
    while page := session.contacts.page((Condition("book", "eq", book), Condition("number", "gt", after)), limit=_PAGE):
        after = page[-1].number
        for said in _said(session, page):
            total = (total + int.from_bytes(hashlib.sha256(said).digest(), "big")) % _MODULUS
    return f"{total:064x}"


def _said(session: Session, page: Sequence[Contact]) -> Iterable[bytes]:
    """All that counts of each contact of a page."""
    numbers = [contact.number for contact in page]
    members = session.groups.members(contact.number for contact in page if contact.kind == "group")
    labels = session.labels.of_contacts(numbers)
    inside = {member.contact for some in members.values() for member in some}
    uids = {number: contact.uid for number, contact in session.contacts.by_numbers(inside).items()}
    phones = session.opted_out("phone", {key for contact in page for key in lookup.phones(contact.card)})
    emails = session.opted_out("email", {key for contact in page for key in lookup.emails(contact.card)})
    for contact in page:
        yield _encode(
            (
                contact.uid,
                contact.kind,
                contact.external_id,
                contact.organization,
                contact.card,
                [(uids.get(member.contact), member.primary) for member in members.get(contact.number, ())],
                sorted(labels.get(contact.number, ())),
                sorted(phones.intersection(lookup.phones(contact.card))),
                sorted(emails.intersection(lookup.emails(contact.card))),
            )
        )

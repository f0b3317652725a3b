"""From a block of a file to columns that the store takes as they are: all that can be done without the store."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from onebook.errors import Issue
from onebook.importing.draft import RowDraft
from onebook.model import fold, lookup
from onebook.model import phone as phones
from onebook.model.contact import Card, ContactDraft, Kind
from onebook.model.imports import ImportIssue
from onebook.model.label import LabelKind
from onebook.store.base import Entries, NewContacts

T = TypeVar("T")

_to_json = msgspec.json.Encoder().encode
_read_card = msgspec.json.Decoder(Card).decode


class Lookups(Struct, array_like=True):
    """`Entries`, of which ``at`` are positions among the good rows."""

    at: list[int] = []
    keys: list[str] = []
    more: list[bool | str] = []

    def add(self, at: int, entries: dict[str, bool] | dict[str, str]) -> None:
        """The entries of one row."""
        for key, more in entries.items():
            self.at.append(at)
            self.keys.append(key)
            self.more.append(more)

    def entries(self) -> Entries:
        """As the store takes them."""
        return Entries(self.at, self.keys, self.more)

    def of(self, chosen: dict[int, int]) -> Entries:
        """Those of some rows, which have new positions."""
        kept = [entry for entry in zip(self.at, self.keys, self.more, strict=True) if entry[0] in chosen]
        return Entries([chosen[at] for at, _, _ in kept], [key for _, key, _ in kept], [more for _, _, more in kept])


class Prepared(Struct, array_like=True):
    """What became of a block's rows, column by column; the good ones have everything that is stored of them.

    Args:
        next_index: of the record behind the block. last_row: the sheet's own number of its last record.
        indexes, rows: of the good rows: position in the file, and the sheet's own number.
        groups, labels: positions of good rows that name groups, or lists and tags, with the names.
            refused: how many rows were refused.
        issues: of the refused rows.
    """

    next_index: int
    indexes: list[int] = []
    rows: list[int] = []
    kinds: list[str] = []
    external_ids: list[str | None] = []
    givens: list[str | None] = []
    families: list[str | None] = []
    sort_keys: list[str] = []
    cards: list[str] = []
    words: list[str] = []
    phones: Lookups = msgspec.field(default_factory=Lookups)
    emails: Lookups = msgspec.field(default_factory=Lookups)
    addresses: Lookups = msgspec.field(default_factory=Lookups)
    groups: list[tuple[int, list[str]]] = []
    labels: list[tuple[int, LabelKind, list[str]]] = []
    refused: int = 0
    issues: list[ImportIssue] = []

    def draft(self, at: int) -> ContactDraft:
        """The draft of a good row."""
        kind: Kind = "group" if self.kinds[at] == "group" else "individual"
        return ContactDraft(_read_card(self.cards[at]), kind, self.external_ids[at])

    def new_contacts(self, chosen: Sequence[int] | None = None) -> NewContacts:
        """All good rows, or those at some positions, as the store takes them."""
        if chosen is None:
            chosen = range(len(self.cards))
            phones, emails, addresses = (one.entries() for one in (self.phones, self.emails, self.addresses))
        else:
            places = {at: new for new, at in enumerate(chosen)}
            phones, emails, addresses = (one.of(places) for one in (self.phones, self.emails, self.addresses))
        every = len(chosen) == len(self.cards)

        def picked(column: list[T]) -> list[T]:
            return column if every else [column[at] for at in chosen]

        return NewContacts(
            picked(self.kinds),
            picked(self.external_ids),
            picked(self.givens),
            picked(self.families),
            picked(self.sort_keys),
            picked(self.cards),
            picked(self.words),
            phones,
            emails,
            addresses,
        )


class Wish(Struct, frozen=True, array_like=True):
    """What preparing depends on beside the drafts.

    Args:
        account_id: for the search text. demand_valid: refuse phones outside assigned ranges; phone: their heading.
        start: rows before this index were done before.
    """

    account_id: int
    demand_valid: bool = False
    phone: str = "phone"
    start: int = 0


def prepare(drafts: Iterable[RowDraft], wish: Wish, next_index: int) -> Prepared:
    """Make columns of drafts.

    Args:
        drafts: of a block's rows that are not blank, in order. next_index: of the record behind the block.
    """
    made = Prepared(next_index)
    for row in drafts:
        if row.index < wish.start:
            continue
        issues = row.issues if not wish.demand_valid else (*row.issues, *_not_valid(row, wish.phone))
        if row.draft is None or issues:
            made.refused += 1
            made.issues += _kept(row, issues)
        else:
            _add(made, row, row.draft, wish.account_id)
    return made


def _add(made: Prepared, row: RowDraft, draft: ContactDraft, account_id: int) -> None:
    card, at = draft.card, len(made.cards)
    made.indexes.append(row.index)
    made.rows.append(row.row)
    made.kinds.append(draft.kind)
    made.external_ids.append(draft.external_id)
    made.givens.append(card.given)
    made.families.append(card.family)
    made.sort_keys.append(fold.sort_key(card))
    made.cards.append(_to_json(card).decode())
    made.words.append(fold.index_text(account_id, card, draft.external_id))
    made.phones.add(at, lookup.phones(card))
    made.emails.add(at, lookup.emails(card))
    if card.addresses:
        made.addresses.add(at, lookup.addresses(card))
    if row.groups:
        made.groups.append((at, [row.groups]))
    elif row.named_groups:
        made.groups.append((at, list(row.named_groups)))
    if row.lists:
        made.labels.append((at, "list", list(row.lists)))
    if row.tags:
        made.labels.append((at, "tag", list(row.tags)))


def _kept(row: RowDraft, issues: Iterable[Issue]) -> list[ImportIssue]:
    return [
        ImportIssue(
            row.index,
            place,
            row.row,
            issue.field,
            None if issue.value is None else str(issue.value),
            issue.code,
            issue.message,
            "refused",
        )
        for place, issue in enumerate(issues)
    ]


def _not_valid(row: RowDraft, heading: str) -> list[Issue]:
    message = "This number lies in no range that its country has assigned."
    if row.draft is None:
        return []
    found = (entry for entry in row.draft.card.phones if entry.e164 is not None and not phones.is_valid(entry.e164))
    return [Issue(heading, "not_valid", message, row.index, entry.raw) for entry in found]

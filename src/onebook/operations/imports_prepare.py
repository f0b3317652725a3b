"""From a block of a file to columns that the store takes as they are: all that can be done without the store."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, compress
from typing import Self, TypeVar

import msgspec
from msgspec import Struct, structs

from onebook.errors import Issue
from onebook.importing.draft import Drafts
from onebook.model import email as emails
from onebook.model import fold, lookup
from onebook.model import phone as phones
from onebook.model.contact import Card, ContactDraft, Kind
from onebook.model.exported import Standing
from onebook.model.imports import ImportIssue
from onebook.model.label import LabelKind
from onebook.model.opt_out import Channel
from onebook.store.bulk_base import Entries, NewContacts

T = TypeVar("T")

_to_json = msgspec.json.Encoder().encode
_read_card = msgspec.json.Decoder(Card).decode


class Lookups(Struct, array_like=True):
    """`Entries` in the order of their keys, of which ``at`` are positions among the good rows."""

    at: list[int] = []
    keys: list[str] = []
    more: list[bool | str] = []

    @classmethod
    def found(cls, cards: Iterable[Card], keys_of: Callable[[Card], Mapping[str, bool] | Mapping[str, str]]) -> Self:
        """The entries of all cards, of each as it is looked up by."""
        at, keys, more = list[int](), list[str](), list[bool | str]()
        for row, card in enumerate(cards):
            entries = keys_of(card)
            if entries:
                at += [row] * len(entries)
                keys += entries
                more += entries.values()
        return cls.sorted(at, keys, more)

    @classmethod
    def sorted(cls, at: list[int], keys: list[str], more: list[bool | str]) -> Self:
        """Entries in whatever order: neighbours in the tree are written together, and here there is time to sort."""
        order = sorted(range(len(keys)), key=keys.__getitem__)
        return cls([at[one] for one in order], [keys[one] for one in order], [more[one] for one in order])

    def of(self, places: Sequence[int]) -> Entries:
        """Those of some rows. Args: ``places``: by position of a row its new one, or -1."""
        at = list(map(places.__getitem__, self.at))
        if -1 not in at:
            return Entries(at, self.keys, self.more)
        kept = [place >= 0 for place in at]
        return Entries(list(compress(at, kept)), list(compress(self.keys, kept)), list(compress(self.more, kept)))


class Prepared(Struct, array_like=True):
    """What became of a block's rows, column by column; the good ones have everything that is stored of them.

    Args:
        next_index: of the record behind the block. last_row: the sheet's own number of its last record.
        indexes, rows: of the good rows: position in the file, and the sheet's own number.
        groups, labels: positions of good rows that name groups, or lists and tags, with the names.
        members: positions of groups that name their members, with the names. places: positions of good rows that say
            where they stand in those groups. located: positions of those that name locations, with the uids.
            refused: how many rows were refused.
        in_parts: whether names stand in parts. parts: positions of good rows that tell for themselves, with the parts.
        issues: of the refused rows. opt_outs: positions of good rows whose person has opted out, and of what.
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
    opt_outs: list[tuple[int, list[Channel]]] = []
    members: list[tuple[int, list[str]]] = []
    places: list[tuple[int, list[Standing]]] = []
    located: list[tuple[int, list[str]]] = []
    in_parts: bool = False
    parts: list[tuple[int, tuple[str, ...]]] = []

    def opting_out(self, channel: Channel) -> set[str]:
        """The keys of a channel of those who have opted out of it."""
        rows = {at for at, channels in self.opt_outs if channel in channels}
        entries = self.phones if channel == "phone" else self.emails
        return {key for at, key in zip(entries.at, entries.keys, strict=True) if at in rows} if rows else set()

    def draft(self, at: int) -> ContactDraft:
        """The draft of a good row."""
        kind: Kind = "group" if self.kinds[at] == "group" else "individual"
        return ContactDraft(_read_card(self.cards[at]), kind, self.external_ids[at])

    def locate(self, known: Callable[[str], bool]) -> None:
        """Leave locations out that are not known here, as those of the account that a file is from."""
        for place, (at, uids) in enumerate(self.located):
            there = [uid for uid in dict.fromkeys(map(str.lower, uids)) if known(uid)]
            self.located[place] = (at, there)
            if there != uids:
                self.cards[at] = _to_json(structs.replace(self.draft(at).card, locations=tuple(there))).decode()

    def new_contacts(self, chosen: Sequence[int]) -> NewContacts:
        """The good rows at some positions, ascending, as the store takes them."""
        places = [-1] * len(self.cards)
        for new, at in enumerate(chosen):
            places[at] = new
        every = len(chosen) == len(places)
        kept = [place >= 0 for place in places]

        def picked(column: list[T]) -> list[T]:
            return column if every else list(compress(column, kept))

        return NewContacts(
            picked(self.kinds),
            picked(self.external_ids),
            picked(self.givens),
            picked(self.families),
            picked(self.sort_keys),
            picked(self.cards),
            picked(self.words),
            self.phones.of(places),
            self.emails.of(places),
            self.addresses.of(places),
            [(places[at], uid) for at, uids in self.located for uid in uids if places[at] >= 0],
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


def prepare(drafts: Drafts, wish: Wish, next_index: int) -> Prepared:
    """Make columns of drafts.

    Args:
        drafts: of a block's rows that are not blank, in order. next_index: of the record behind the block.
    """
    faults = _faults(drafts, wish)
    good = [index >= wish.start and at not in faults for at, index in enumerate(drafts.indexes)]
    made = _columns(drafts, good, wish.account_id, next_index)
    for at in sorted(faults):
        if drafts.indexes[at] >= wish.start:
            made.refused += 1
            made.issues += _kept(drafts.indexes[at], drafts.rows[at], faults[at])
    places = list(accumulate(good, initial=0))
    odd = [(places[at], row) for at, row in sorted(drafts.odd.items()) if good[at]]
    made.opt_outs = [(at, list(row.opt_outs)) for at, row in odd if row.opt_outs]
    made.places = [(at, list(row.places)) for at, row in odd if row.places]
    made.located = [(at, list(row.draft.card.locations)) for at, row in odd if row.draft and row.draft.card.locations]
    made.in_parts = drafts.in_parts
    made.parts = [(at, row.parts) for at, row in odd if row.parts or drafts.in_parts]
    made.members = [(at, list(row.members)) for at, row in odd if row.members]
    return made


def _faults(drafts: Drafts, wish: Wish) -> dict[int, Sequence[Issue]]:
    """What is wrong with rows, by their positions."""
    faults: dict[int, Sequence[Issue]] = {at: row.issues for at, row in drafts.odd.items() if row.draft is None}
    if wish.demand_valid:
        for at, card in enumerate(drafts.cards):
            if found := _not_valid(drafts.indexes[at], card, wish.phone):
                faults[at] = found
    return faults


def _columns(drafts: Drafts, good: list[bool], account_id: int, next_index: int) -> Prepared:
    """The columns of good rows."""

    def picked(column: Iterable[T]) -> list[T]:
        return list(compress(column, good))

    cards, external_ids = picked(drafts.cards), picked(drafts.external_ids)
    return Prepared(
        next_index,
        picked(drafts.indexes),
        picked(drafts.rows),
        picked(drafts.kinds),
        external_ids,
        [card.given for card in cards],
        [card.family for card in cards],
        fold.sort_keys(cards),
        [_to_json(card).decode() for card in cards],
        fold.index_texts(account_id, cards, external_ids, picked(drafts.found_by)),
        _phones(cards),
        _emails(cards),
        Lookups.found(cards, lookup.addresses) if any(card.addresses for card in cards) else Lookups(),
        [(at, list(names)) for at, names in enumerate(picked(drafts.groups)) if names],
        list(_labels(picked(drafts.lists), picked(drafts.tags))),
    )


def _phones(cards: list[Card]) -> Lookups:
    """The numbers; cards of a table with one column of them have one at most, which needs no look for doubled ones."""
    numbers = [card.phones for card in cards]
    if max(map(len, numbers), default=0) > 1:
        return Lookups.found(cards, lookup.phones)
    at = [row for row, some in enumerate(numbers) if some]
    keys = [some[0].e164 or phones.key_of(some[0]) for some in numbers if some]
    return Lookups.sorted(at, keys, [some[0].primary for some in numbers if some])


def _emails(cards: list[Card]) -> Lookups:
    addresses = [card.emails for card in cards]
    if max(map(len, addresses), default=0) > 1:
        return Lookups.found(cards, lookup.emails)
    at = [row for row, some in enumerate(addresses) if some]
    keys = [emails.key_of(some[0].address) for some in addresses if some]
    return Lookups.sorted(at, keys, [some[0].primary for some in addresses if some])


def _labels(
    lists: Iterable[Sequence[str]], tags: Iterable[Sequence[str]]
) -> Iterator[tuple[int, LabelKind, list[str]]]:
    for at, (in_lists, tagged) in enumerate(zip(lists, tags, strict=True)):
        if in_lists:
            yield at, "list", list(in_lists)
        if tagged:
            yield at, "tag", list(tagged)


def _kept(index: int, row: int, issues: Iterable[Issue]) -> list[ImportIssue]:
    return [
        ImportIssue(
            index,
            place,
            row,
            issue.field,
            None if issue.value is None else str(issue.value),
            issue.code,
            issue.message,
            "refused",
        )
        for place, issue in enumerate(issues)
    ]


def _not_valid(index: int, card: Card, heading: str) -> list[Issue]:
    message = "This number lies in no range that its country has assigned."
    found = (entry for entry in card.phones if entry.e164 is not None and not phones.is_valid(entry.e164))
    return [Issue(heading, "not_valid", message, index, entry.raw) for entry in found]

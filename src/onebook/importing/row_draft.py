"""What became of a row: a draft of a contact, or all the reasons why there is none; and of the rows of a block."""

from collections.abc import Iterator, Sequence
from typing import Final, Self

from msgspec import Struct

from onebook.errors import Issue
from onebook.importing.columns import parts_said
from onebook.model import fold
from onebook.model.contact import Card, ContactDraft, Kind
from onebook.model.exported import Standing
from onebook.model.opt_out import Channel


class RowDraft(Struct, frozen=True):
    """What became of a row.

    Args:
        index, row: as in `Row`.
        draft: the contact; None exactly if there are issues.
        groups: the cell that names groups, trimmed, otherwise as it stands.
        issues: all that is wrong, at most one a field, in the order name, email, phone, address, type, metadata;
            or a single one of the field ``row``, if it could not even be split into cells.
        named_groups: the groups that the contact is in, where the file says their names one by one.
        tags, lists: names.
        members: of a group: uids, such as ``urn:uuid:…``, or mail addresses, ``mailto:…``.
        places: where the contact stands in such groups, if onebook wrote the file.
        opt_outs: what the person has opted out of.
        parts: of the name, as of `columns.parts_said`: what a contact that the row finds gets of it.
        cells: of a row with issues, as they stand; of a vCard or a line of JSON its text.
    """

    index: int
    row: int
    draft: ContactDraft | None
    groups: str
    issues: tuple[Issue, ...] = ()
    named_groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    opt_outs: tuple[Channel, ...] = ()
    members: tuple[str, ...] = ()
    places: tuple[Standing, ...] = ()
    parts: tuple[str, ...] = ()


_NOBODY: Final = ContactDraft(Card())


class Drafts(Struct):
    """What became of the rows of a block, column by column: to make and read an object a row takes longer.

    Args:
        indexes, rows, tags, lists: as in `RowDraft`. cards, kinds, external_ids: as in its draft; without one they
            say nothing. groups: the cell that names groups, or their names.
        found_by: as of `fold.found_by`.
        odd: by position those rows of which the columns may not tell all, such as the ones with issues.
        in_parts: whether the names of the others stand in parts, each in its cell.
    """

    indexes: list[int]
    rows: list[int]
    cards: list[Card]
    kinds: list[Kind]
    external_ids: list[str | None]
    groups: list[tuple[str, ...]]
    tags: list[tuple[str, ...]]
    lists: list[tuple[str, ...]]
    found_by: list[str]
    odd: dict[int, RowDraft]
    in_parts: bool = False

    @classmethod
    def of(cls, rows: Sequence[RowDraft]) -> Self:
        """Of rows that were read one by one."""
        drafts = [row.draft or _NOBODY for row in rows]
        cards, external_ids = [draft.card for draft in drafts], [draft.external_id for draft in drafts]
        return cls(
            [row.index for row in rows],
            [row.row for row in rows],
            cards,
            [draft.kind for draft in drafts],
            external_ids,
            [_groups(row) for row in rows],
            [row.tags for row in rows],
            [row.lists for row in rows],
            fold.found_by(cards, external_ids),
            dict(enumerate(rows)),
        )

    def put(self, at: int, row: RowDraft) -> None:
        """Replace what is said of a row."""
        draft = row.draft or _NOBODY
        self.cards[at], self.kinds[at], self.external_ids[at] = draft.card, draft.kind, draft.external_id
        [self.found_by[at]] = fold.found_by([draft.card], [draft.external_id])
        self.groups[at], self.tags[at], self.lists[at] = _groups(row), row.tags, row.lists
        self.odd[at] = row

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.indexes)

    def __iter__(self) -> Iterator[RowDraft]:
        """The rows, one by one."""
        for at, (index, row) in enumerate(zip(self.indexes, self.rows, strict=True)):
            draft = ContactDraft(self.cards[at], self.kinds[at], self.external_ids[at])
            beside = "".join(self.groups[at]), (), (), self.tags[at], self.lists[at]
            yield self.odd.get(at) or RowDraft(index, row, draft, *beside, parts=self._parts(draft.card))

    def _parts(self, card: Card) -> tuple[str, ...]:
        return parts_said((card.full, card.given, card.family)) if self.in_parts else ()


def _groups(row: RowDraft) -> tuple[str, ...]:
    return (row.groups,) if row.groups else row.named_groups

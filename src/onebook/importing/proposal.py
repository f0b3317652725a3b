"""What the columns of a file seem to be, and that each is something of its own."""

from collections import Counter
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from onebook.importing import opting_out
from onebook.importing.mapping import CUSTOM, ENTRIES, Mapping, entry_target, parse_target

# From this confidence on a column is taken for what it seems to be; below it, it becomes a custom field, unless its
# heading is beyond doubt: what is no number under ``Phone`` is for a person to mend, not to be kept unseen.
SURE: Final = 0.5


class Column(Struct, frozen=True):
    """What a column seems to be.

    Args:
        heading: as it stands. target: as of `mapping`; empty for a column that says nothing about a contact.
        confidence: 0 to 1; 0 for a custom field that is merely proposed, and for no target.
    """

    heading: str
    target: str
    confidence: float


class Proposal(Struct, frozen=True):
    """What the columns of a file seem to be, in their order."""

    columns: tuple[Column, ...]

    def mapping(self, *, custom: bool = True) -> Mapping:
        """The mapping that follows if nobody looks at it: a column of opt-outs is then a custom field.

        Args:
            custom: whether columns that are not recognised become custom fields; else they are left out.
        """
        columns = [
            replace(column, target=CUSTOM + column.heading.strip(), confidence=0.0)
            if column.target in opting_out.CHANNELS
            else column
            for column in self.columns
        ]
        return Mapping(
            {
                position: column.target
                for position, column in enumerate(keys_told_apart(columns))
                if column.target and (custom or column.confidence > 0)
            }
        )


def as_custom(column: Column) -> Column:
    """The column as a custom field that is called like it."""
    return Column(column.heading, CUSTOM + column.heading.strip(), 0.0)


def name_of(target: str) -> str:
    """A target without its number and type."""
    return target.partition("/")[0].partition(":")[0]


def one_each(columns: list[Column]) -> list[Column]:
    """Let each target be one column's: of several the surest; more phones and mail addresses get numbers."""
    taken, numbered = set[str](), dict[str, int]()
    order = sorted(range(len(columns)), key=lambda position: (-columns[position].confidence, position))
    found = list(columns)
    for position in order:
        column = found[position]
        target = column.target
        if target in taken and target:
            name = name_of(target)
            if name in ("phone", "email") or (name in ENTRIES and name.endswith(".text")):
                target = _free(target, taken, numbered)
            elif not target.startswith(CUSTOM):
                column = as_custom(column)
                target = column.target
            found[position] = replace(column, target=target)
        taken.add(target)
    return found


def keys_told_apart(columns: list[Column]) -> list[Column]:
    """Let each custom field be one column's: of two that are called ``Interest`` the second is ``Interest 2``."""
    taken = {column.target for column in columns}
    seen = Counter[str]()
    found = []
    for column in columns:
        target = column.target
        seen[target] += 1
        if target.startswith(CUSTOM) and seen[target] > 1:
            while (target := f"{column.target} {seen[column.target]}") in taken:
                seen[column.target] += 1
            taken.add(target)
        found.append(replace(column, target=target))
    return found


def _free(target: str, taken: set[str], numbered: dict[str, int]) -> str:
    """The next target of its family and type. Args: ``numbered``: how far each was counted, so that it is not again."""
    known = parse_target(target)
    if known is None:
        return target
    types = [known.type] if known.type else []
    slot = numbered.get(target, known.slot or 1) + 1
    while (candidate := entry_target(known.name, slot, types)) in taken:
        slot += 1
    numbered[target] = slot
    return candidate

"""The rows of a block read column by column, as far as they are plain: at a fifth of what row by row costs.

A row is *plain* if nothing in it is at fault, and nothing calls for a look at the row as a whole. What a plain row
says is found here with one loop in C for each step of a column, and is what `RowReader` would have found. This room
knows no fault and no message: a row that may have one is *odd*, and whoever asked reads it once more by
`RowReader`. So there are two ways through the same rules, but only one that says what is wrong.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import compress, repeat
from typing import Final, TypeVar

from onebook.importing import opting_out
from onebook.importing.columns import Columns, names_in
from onebook.importing.dialling import dial_code
from onebook.importing.entries import Entry, country_of, is_unknown, read_addresses, read_emails, read_phones
from onebook.importing.faults import Faults
from onebook.importing.fields import KINDS
from onebook.importing.row_draft import Drafts
from onebook.importing.row_reader import SHORT
from onebook.importing.rows import Rows
from onebook.model import cell as guards
from onebook.model import email as emails
from onebook.model import fold
from onebook.model import phone as phones
from onebook.model.contact import Address, Card, Email, Kind, Phone

T = TypeVar("T")
Number = tuple[str, str | None, str]

_NOTES_CHARACTERS: Final = 65_536


class Table:
    """The cells of some rows, column by column.

    Args: ``short``: rows of no more characters have no cell that is too long for anything. ``digits``: as in `Columns`.

    Attributes: odd: positions of the rows that are not plain, as far as anybody has noticed.
    """

    def __init__(self, rows: Rows, short: int, digits: frozenset[int]) -> None:
        self.size = len(rows)
        self.odd = set(rows.faults)
        self._digits = digits
        self._raw = list(zip(*rows.cells, strict=True))
        self._clean: dict[int, list[str]] = {}
        # One look at a row spares one at each of its cells: most are short and have no such character.
        self._special = [at for at, text in enumerate(rows.texts) if len(text) > short or "'" in text or "\0" in text]

    def column(self, at: int, longest: int = SHORT) -> list[str]:
        """The cells of a column, trimmed and unguarded; rows are odd whose cell is longer or has the character 0."""
        known = self._clean.get(at)
        if known is None:
            known = self._clean[at] = list(map(str.strip, self._raw[at]))
            unguard = guards.unguard_digits if at in self._digits else guards.unguard
            for row in self._special:
                cell = known[row] = unguard(known[row])
                if len(cell) > longest or "\0" in cell:
                    self.odd.add(row)
        return known

    def first(self, columns: Sequence[int], longest: int = SHORT) -> list[str]:
        """The first cell of each row that is filled, of these columns; empty where none is."""
        if not columns:
            return [""] * self.size
        found = self.column(columns[0], longest)
        for at in columns[1:]:
            found = [one or other for one, other in zip(found, self.column(at, longest), strict=True)]
        return found

    def rows(self, columns: Collection[int]) -> Iterator[list[str]]:
        """The rows, of which only these columns are filled."""
        blank = [""] * self.size
        return map(
            list, zip(*(self.column(at) if at in columns else blank for at in range(len(self._raw))), strict=True)
        )

    def mark(self, odd: Iterable[object]) -> None:
        """Note for each row in turn whether it is odd: anything that is true says so."""
        self.odd.update(compress(range(self.size), odd))


class PlainReader:
    """Reads the plain ones of the rows of one table."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._short = min(SHORT, columns.limits.custom_value)

    def read(self, rows: Rows) -> tuple[Drafts, set[int]]:
        """What the rows say, and which of them are odd."""
        table = Table(rows, self._short, self._columns.digits)
        table.mark(self._texts(table, "exact"))
        for target in opting_out.CHANNELS.keys() & self._columns.of.keys():
            table.mark(_each(self._texts(table, target), opting_out.says_so))
        self._mark_codes(table)
        numbers = self._numbers(table)
        cards = list(self._cards(table, numbers))
        external_ids = _filled(self._texts(table, "external_id"))
        found_by = self._found_by(table, cards, numbers)
        drafts = Drafts(
            rows.indexes,
            rows.numbers,
            cards,
            self._kinds(table),
            external_ids,
            [(cell,) if cell else () for cell in self._texts(table, "groups")],
            _each(self._texts(table, "tags"), names_in),
            _each(self._texts(table, "lists"), names_in),
            fold.found_by(cards, external_ids) if found_by is None else found_by,
            {},
            in_parts=not (self._columns.names[0] and any(table.first(self._columns.names[0]))),
        )
        table.mark([not card.full and _says_nothing(card, external_ids[at]) for at, card in enumerate(cards)])
        return drafts, table.odd

    def _found_by(self, table: Table, cards: Sequence[Card], numbers: Sequence[Number]) -> list[str] | None:
        """As `fold.found_by`; None where a look at each card is needed."""
        columns = self._columns
        full, given, family = columns.names
        custom = [table.first(some) for some in columns.custom.values()]
        several = columns.addresses or not (_is_simple(columns.phones) and _is_simple(columns.emails))
        if several or (full and (given or family)) or any(_longest(some) > fold.CUSTOM_CHARACTERS for some in custom):
            return None
        sent = fold.digits([text for text, _, _ in numbers])
        said = zip(numbers, sent, strict=False)  # of no numbers there is one text, an empty one
        rows = zip(
            [card.full or "" for card in cards],
            [f"{e164} {national} {digits}" if e164 else "" for (_, e164, national), digits in said] or repeat(""),
            [card.emails[0].address if card.emails else "" for card in cards],
            self._texts(table, "external_id"),
            self._texts(table, "organization"),
            *custom,
            strict=False,
        )
        return list(map(" ".join, rows))

    def _texts(self, table: Table, target: str, longest: int = SHORT) -> list[str]:
        return table.first(self._columns.of.get(target, ()), longest)

    def _cards(self, table: Table, numbers: Sequence[Number]) -> Iterator[Card]:
        return map(
            Card,
            *self._names(table),
            self._phones(table, numbers),
            self._emails(table),
            self._addresses(table),
            _filled(self._texts(table, "notes", _NOTES_CHARACTERS)),
            _filled(self._texts(table, "organization")),
            repeat(()),
            self._custom(table),
        )

    def _kinds(self, table: Table) -> list[Kind]:
        if "kind" not in self._columns.of:
            return ["individual"] * table.size
        kinds = _each(self._texts(table, "kind"), lambda word: KINDS.get(word.lower()))
        table.mark(kind is None for kind in kinds)
        return [kind or "individual" for kind in kinds]

    def _names(self, table: Table) -> Iterable[Sequence[str | None]]:
        columns = self._columns
        full, given, family = (table.first(some) for some in columns.names)
        if columns.names[0] or columns.parts:
            parts = zip(*map(table.first, columns.parts), strict=True) if columns.parts else repeat(())
            read = map(columns.name, full, given, family, parts)
            if "," in "".join(full):
                read = map(columns.listed_name, full, given, family, parts, self._texts(table, "organization"))
            names: Sequence[Sequence[str | None]] = tuple(zip(*read, strict=True))
            table.mark(self._in_parts(full, *names))
        else:
            both = zip(given, family, strict=True)
            joined = [f"{one} {other}" if one and other else one or other or None for one, other in both]
            names = (joined, _filled(given), _filled(family))
        if columns.rules.name_required:
            table.mark(not full for full in names[0])
        return names

    def _in_parts(
        self,
        cells: Sequence[str],
        full: Sequence[str | None],
        given: Sequence[str | None],
        family: Sequence[str | None],
    ) -> Iterable[object]:
        """For each row whether the columns of the name do not tell which of its parts the row says."""
        if not any(cells):
            names = zip(full, given, family, strict=True)
            return [name and not (one and other) and name not in (one, other) for name, one, other in names]
        if any(self._columns.names[1:]) or self._columns.parts:
            return [name and not cell for name, cell in zip(full, cells, strict=True)]
        return ()

    def _custom(self, table: Table) -> list[dict[str, str]]:
        columns, limits = self._columns.custom, self._columns.limits
        if not columns:
            return [{} for _ in range(table.size)]
        keys = tuple(columns)
        values = [table.first(some, limits.custom_value) for some in columns.values()]
        for key in self._columns.bad_keys:
            table.mark(values[keys.index(key)])
        found = list(map(dict, map(zip, repeat(keys), zip(*values, strict=True))))
        if any("" in column for column in values):
            found = [{key: value for key, value in custom.items() if value} for custom in found]
        if len(keys) > limits.custom_pairs:
            table.mark(len(custom) > limits.custom_pairs for custom in found)
        return found

    # --- entries ---

    def _numbers(self, table: Table) -> list[Number]:
        """What each cell of the only column of numbers says; none if there is no such column."""
        known = self._columns.phones
        if not known or not _is_simple(known):
            return []
        found = phones.read_cells(table.first(known[0].value), self._countries(table))
        table.mark([text and e164 is None for text, e164, _ in found])
        return found

    def _phones(self, table: Table, numbers: Sequence[Number]) -> Iterable[tuple[Phone, ...]]:
        known = self._columns.phones
        if not known:
            return repeat(())
        if numbers:
            type_ = known[0].type
            return [(Phone(text, e164, type_, primary=True),) if text else () for text, e164, _ in numbers]
        countries = self._countries(table)
        return _row_by_row(table, known, lambda cells, row, faults: read_phones(cells, known, countries[row], faults))

    def _countries(self, table: Table) -> list[str | None]:
        found = [self._columns.country] * table.size
        for column in reversed(self._columns.countries):
            cells = table.column(column)
            known = {cell: country_of(cell) for cell in set(cells)}
            found = [known[cell] or other for cell, other in zip(cells, found, strict=True)]
        return found

    def _mark_codes(self, table: Table) -> None:
        """What belongs to a number, or to nothing, takes a look at the row."""
        names = [at for codes, _ in self._columns.coded for at in codes]
        for columns, is_odd in ((self._columns.dialled, dial_code), (names, is_unknown)):
            for cells in map(table.column, columns):
                odd = set(filter(is_odd, set(cells)))
                if odd:
                    table.mark(cell in odd for cell in cells)

    def _emails(self, table: Table) -> Iterable[tuple[Email, ...]]:
        known = self._columns.emails
        if not known:
            return repeat(())
        if not _is_simple(known):
            return _row_by_row(table, known, lambda cells, _, faults: read_emails(cells, known, faults))
        texts = table.first(known[0].value)
        found = list(map(emails.normalize, texts))
        table.mark([text and address is None for text, address in zip(texts, found, strict=True)])
        type_ = known[0].type
        return [(Email(address, type_, primary=True),) if address else () for address in found]

    def _addresses(self, table: Table) -> Iterable[tuple[Address, ...]]:
        known, apart = self._columns.addresses, self._columns.rules.addresses_taken_apart
        if not known:
            return repeat(())
        return _row_by_row(
            table, known, lambda cells, _, faults: read_addresses(cells, known, faults, taken_apart=apart)
        )


def _is_simple(known: Sequence[Entry]) -> bool:
    """Whether a row has one such entry at most, and its type stands in the heading."""
    return len(known) <= 1 and not any(entry.types for entry in known)


def _row_by_row(
    table: Table, known: Sequence[Entry], read: Callable[[list[str], int, Faults], tuple[T, ...]]
) -> list[tuple[T, ...]]:
    """Where a row may have several entries, what `RowReader` calls too."""
    columns = {column for entry in known for column in entry.columns}
    faults, found = Faults(0, any_nul=False), []
    for row, cells in enumerate(table.rows(columns)):
        found.append(read(cells, row, faults))
        if faults.issues:
            table.odd.add(row)
            faults.issues.clear()
    return found


def _each(cells: list[str], read: Callable[[str], T]) -> list[T]:
    """What each cell says; equal ones are read once."""
    known = {cell: read(cell) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _longest(cells: list[str]) -> int:
    return max(map(len, cells))


def _filled(cells: list[str]) -> list[str | None]:
    return [cell or None for cell in cells]


def _says_nothing(card: Card, external_id: str | None) -> bool:
    """Whether a contact without a name has nothing else by which it could be known."""
    return not (card.phones or card.emails or card.organization or external_id)

"""What the headings of a file mean, as far as they and the cells below them tell.

Known are the exports of Google, Outlook, Apple, HubSpot, Salesforce, Mailchimp, LinkedIn, Apptoto, PackageX and
Octopush in English, German, French and Spanish, and whatever is made of the same words (``headings.toml``).
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from onebook.importing import opting_out
from onebook.importing.headless import letters, names_among
from onebook.importing.lexicon import Heading, take_apart
from onebook.importing.mapping import CUSTOM, ENTRIES, Mapping, parse_target
from onebook.model import email as emails
from onebook.model import phone as phones
from onebook.model import sheet
from onebook.model.fold import tokens
from onebook.model.imports import REASON_HEADING, ROW_HEADING

# From this confidence on a column is taken for what it seems to be; below it, it becomes a custom field, unless its
# heading is beyond doubt: what is no number under ``Phone`` is for a person to mend, not to be kept unseen.
SURE: Final = 0.5

# Judgement: headings in words that are all known may still mean something else in this file.
_KNOWN: Final = 0.95
_BY_CELLS: Final = 0.7
_DOUBTED: Final = 0.4
_MOST_CELLS: Final = 0.8
_FEW_CELLS: Final = 0.2
_CUSTOM_PREFIXES: Final = (CUSTOM, "metadata.", "custom_data.")
_PARAMETER: Final = re.compile(r"param[ _]?(\d{1,2})", re.IGNORECASE)  # Octopush's own five and more
_OURS: Final = frozenset({REASON_HEADING, ROW_HEADING, "onebook import"})
_PHONE_TYPES: Final = frozenset({"mobile", "fax"})
_HAS_SIGN: Final = re.compile(r"[./:]")
_EXTERNAL_ID: Final = ("external", "id")
_FEWEST_DIGITS: Final = 5
_FEWEST_DIALLED: Final = 6  # judgement: what is shorter is more often a year or an amount
_LINES: Final = 3
# Cells that answer whether there is a number or an address, or whether it may be used.
_ANSWERS: Final = frozenset(
    {
        *("", "yes", "no", "y", "n", "true", "false", "x", "on", "off", "0", "1", "opt in", "opt out"),
        *("ja", "nein", "oui", "non", "si"),
    }
)
_KINDS: Final = frozenset({"person", "group", "individual"})
_TYPE_ORDER: Final = ("home", "work", "other", "main")


class Column(Struct, frozen=True):
    """What a column seems to be.

    Args:
        heading: as it stands. target: as of `mapping`; empty for a column that says nothing about a contact.
        confidence: 0 to 1; 0 for a custom field that is merely proposed.
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
                for position, column in enumerate(columns)
                if column.target and (custom or column.confidence > 0)
            }
        )


def propose(headings: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> Proposal:
    """Find out which column is what.

    Args:
        headings: of the file. samples: cells of some rows, under the headings.
    """
    ours = sheet.EXACT in headings
    found = [
        _doubted(_column(heading, ours=ours), [row[position].strip() for row in samples if row[position].strip()])
        for position, heading in enumerate(headings)
    ]
    if tuple(headings) == letters(len(headings)):
        found = _named_by_cells(found, samples)
    return Proposal(tuple(_one_each(_names_told_apart(found))))


def looks_like_data(cells: Sequence[str]) -> bool:
    """Whether a first row is one of data: nobody calls a column by a mail address or a whole number."""
    return any(
        emails.normalize(cell.strip()) is not None or phones.e164_of(phones.clean_cell(cell), None) is not None
        for cell in cells
        if cell
    )


def has_numbers_of(country: str, cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a first row is one of data because a cell of it can be dialled in a country, as cells below it can.

    What can be dialled may still be a day, and head a column of something else, or stand beside known headings.
    """
    for column, cell in enumerate(cells):
        if _dials(cell, country):
            filled = [row[column] for row in below if column < len(row) and row[column].strip()]
            if not filled or any(_dials(one, country) for one in filled):
                return not known_among(cells)
    return False


def _dials(cell: str, country: str) -> bool:
    return (
        sum(letter.isdigit() for letter in cell) >= _FEWEST_DIALLED
        and phones.e164_of(phones.clean_cell(cell), country) is not None
    )


def known_among(cells: Sequence[str]) -> int:
    """How many cells are well-known headings."""
    return sum(_column(cell, ours=False).confidence > _BY_CELLS for cell in cells if cell.strip())


def are_headings(cells: Sequence[str]) -> bool:
    """Whether a row is surely one of headings: several of its cells are well-known ones."""
    return known_among(cells) > 1


def _column(heading: str, *, ours: bool) -> Column:
    text = heading.strip()
    for prefix in _CUSTOM_PREFIXES:
        if text[: len(prefix)].casefold() == prefix and len(text) > len(prefix):
            return Column(heading, CUSTOM + text[len(prefix) :].strip(), 1.0)
    certain = _certain(text, ours=ours)
    if certain is not None:
        return Column(heading, certain, 1.0)
    opted_out = opting_out.target_of(text)
    if opted_out is not None:
        return Column(heading, opted_out, _KNOWN)
    said = take_apart(text)
    target = None if said.other else _target(_one_subject(said))
    confidence = round(_KNOWN * said.known, 2)
    if target is None or confidence < SURE:
        return Column(heading, CUSTOM + text, 0.0)
    return Column(heading, target, confidence)


def _one_subject(said: Heading) -> Heading:
    """Of two subjects the one that is meant: ``E-mail 2 Address``, ``Company Phone``."""
    if {*said.subjects} == {"email", "address"}:
        return replace(said, subjects=("email",))
    if {*said.subjects} == {"organization", "name.full"}:
        return replace(said, subjects=("organization",))
    if len(said.subjects) == 2 and said.subjects[0] == "organization":  # noqa: PLR2004 -- it and another
        return replace(said, subjects=said.subjects[1:], types=("work", *said.types))
    return said


def _certain(text: str, *, ours: bool) -> str | None:
    """The target of a heading that is a target, of our own, or of a vendor's numbered fields."""
    if not text or text in _OURS or (ours and text in sheet.TOLD):
        return ""
    if text == sheet.EXACT:
        return "exact"
    if _HAS_SIGN.search(text) and parse_target(text) is not None:
        return text
    if tokens(text) == _EXTERNAL_ID:
        # Beside it a vendor's own ``Id`` is no id of the caller's.
        return "external_id"
    parameter = _PARAMETER.fullmatch(text)
    return f"{CUSTOM}param{parameter[1]}" if parameter else None


def _target(said: Heading) -> str | None:
    if len(said.subjects) > 1:
        return None
    subject = said.subjects[0] if said.subjects else None
    family, _, type_ = (subject or "").partition(":")
    types = [*([type_] if type_ else []), *said.types]
    if subject is None and not said.parts:
        # ``Mobile 2``, ``Home Fax``: a type that only numbers have.
        family = "phone" if _PHONE_TYPES.intersection(types) else ""
    if family == "address" or (not family and said.parts):
        return _address(said, types)
    if family in ("phone", "email"):
        if said.parts and said.parts != ("type",):
            return None
        name = f"{family}.type" if said.parts else family
        return _entry(name, said.number, [] if said.parts else types)
    if not family or types or [part for part in said.parts if part != "type"]:
        return None
    return family if not said.parts else None


def _address(said: Heading, types: list[str]) -> str | None:
    parts = said.parts or ("text",)
    if parts == ("type",):
        return _entry("address.type", said.number, types) if said.subjects else None
    part = next(part for part in parts if part != "type")
    number = said.number
    if part == "line1" and not said.subjects and number <= _LINES:
        # ``Straße geschäftlich 2`` goes on where ``Straße geschäftlich`` ends.
        part, number = f"line{number or 1}", 0
    return _entry(f"address.{part}", number, types)


def _entry(name: str, number: int, types: list[str]) -> str:
    kind = " ".join(sorted(types, key=lambda word: (word not in _TYPE_ORDER, word)))
    return name + (f"/{number}" if number else "") + (f":{kind}" if kind else "")


def _doubted(column: Column, cells: list[str]) -> Column:
    """Compare what a heading says with what stands below it."""
    if not cells:
        return column
    name = column.target.partition("/")[0].partition(":")[0]
    with_at = sum("@" in cell for cell in cells) / len(cells)
    with_digits = sum(_is_number(cell) for cell in cells) / len(cells)
    if (name == "email" and with_at < _FEW_CELLS) or (name == "phone" and with_digits < _FEW_CELLS):
        doubted = replace(column, confidence=round(column.confidence * _DOUBTED, 2))
        answers = {" ".join(tokens(cell)) for cell in cells} <= _ANSWERS
        return doubted if column.confidence >= _KNOWN and not answers else _custom(doubted)
    return column if column.confidence else replace(column, **_by_cells(column, cells))


def _by_cells(column: Column, cells: list[str]) -> dict[str, Any]:
    """What the cells alone say of a column whose heading says nothing."""
    share = 1 / len(cells)
    if sum("@" in cell for cell in cells) * share > _MOST_CELLS:
        return {"target": "email", "confidence": _BY_CELLS}
    if sum(cell[:1] == "+" and _is_number(cell) for cell in cells) * share > _MOST_CELLS:
        return {"target": "phone", "confidence": _BY_CELLS}
    if tokens(column.heading) == ("type",) and {cell.lower() for cell in cells} <= _KINDS:
        return {"target": "kind", "confidence": _BY_CELLS}
    return {}


def _named_by_cells(columns: list[Column], samples: Sequence[Sequence[str]]) -> list[Column]:
    """The columns of a table without headings, with those of names that its cells tell."""
    unknown = (position for position, column in enumerate(columns) if not column.confidence)
    named = names_among(unknown, samples)
    return [
        replace(column, target=named[position], confidence=SURE) if position in named else column
        for position, column in enumerate(columns)
    ]


def _is_number(cell: str) -> bool:
    return sum(letter.isdigit() for letter in cell) >= _FEWEST_DIGITS


def _custom(column: Column) -> Column:
    return Column(column.heading, CUSTOM + column.heading.strip(), 0.0) if column.confidence < SURE else column


def _names_told_apart(columns: list[Column]) -> list[Column]:
    """Beside ``Vorname``, ``Name`` is the family name, and ``Nombre`` beside ``Apellidos`` the given name."""
    there = {column.target for column in columns}
    if "name.full" not in there or {"name.given", "name.family"} <= there:
        return columns
    meaning = "name.family" if "name.given" in there else "name.given" if "name.family" in there else "name.full"
    return [
        replace(column, target=meaning)
        if column.target == "name.full" and tokens(column.heading) in (("name",), ("nom",), ("nombre",))
        else column
        for column in columns
    ]


def _one_each(columns: list[Column]) -> list[Column]:
    """Let each target be one column's: of several the surest; more phones and mail addresses get numbers."""
    taken: set[str] = set()
    order = sorted(range(len(columns)), key=lambda position: (-columns[position].confidence, position))
    found = list(columns)
    for position in order:
        column = found[position]
        target = column.target
        if target in taken and target:
            name = target.partition("/")[0].partition(":")[0]
            if name in ("phone", "email") or (name in ENTRIES and name.endswith(".text")):
                target = _free(target, taken)
            elif not target.startswith(CUSTOM):
                target, column = CUSTOM + column.heading.strip(), replace(column, confidence=0.0)
            found[position] = replace(column, target=target)
        taken.add(target)
    return found


def _free(target: str, taken: set[str]) -> str:
    known = parse_target(target)
    if known is None:
        return target
    slot = known.slot or 1
    while (candidate := _entry(known.name, slot + 1, [known.type] if known.type else [])) in taken:
        slot += 1
    return candidate

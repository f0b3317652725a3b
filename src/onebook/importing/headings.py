"""What the headings of a file mean, as far as they and the cells below them tell.

Known are the exports of Google, Outlook, Apple, HubSpot, Salesforce, Mailchimp, LinkedIn, Apptoto, PackageX and
Octopush in English, German, French and Spanish, and whatever is made of the same words (``headings.toml``).
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from onebook.importing import opting_out
from onebook.importing.by_cells import dial_codes_aside, doubted, guessed, named_by_cells
from onebook.importing.headless import letters
from onebook.importing.lexicon import Heading, take_apart
from onebook.importing.mapping import CUSTOM, entry_target, parse_target
from onebook.importing.proposal import SURE, Column, Proposal, as_custom, keys_told_apart, name_of, one_each
from onebook.model import email as emails
from onebook.model import phone as phones
from onebook.model import sheet
from onebook.model.fold import tokens
from onebook.model.imports import REASON_HEADING, ROW_HEADING

# Judgement: headings in words that are all known may still mean something else in this file.
_KNOWN: Final = 0.95
_WEAK: Final = 0.9
_WELL_KNOWN: Final = 0.7
_MOST_CELLS: Final = 0.8
_CUSTOM_PREFIXES: Final = (CUSTOM, "metadata.", "custom_data.")
_PARAMETER: Final = re.compile(r"param[ _]?(\d{1,2})", re.IGNORECASE)  # Octopush's own five and more
_OURS: Final = frozenset({REASON_HEADING, ROW_HEADING, "onebook import"})
_PHONE_TYPES: Final = frozenset({"mobile", "fax"})
_HAS_SIGN: Final = re.compile(r"[./:]")
_EXTERNAL_ID: Final = ("external", "id")
_FEWEST_DIALLED: Final = 6  # judgement: what is shorter is more often a year or an amount
_NUMBER: Final = ("number",)
_PHONES: Final = ("phone", *_NUMBER)
_LONGEST_WORDS: Final = 200
# ``name.first``, ``name.lastName``: what is an object elsewhere.
_OF_NAME: Final = re.compile(r"name\.(\w+)", re.IGNORECASE)
_LINES: Final = 3
_NO_PHONES: Final = frozenset({"billing", "shipping", "mailing"})
_NAMES: Final = frozenset({"name.given", "name.middle", "name.family"})
# The parts of an address of which one column holds no two, unless it is the whole.
_PLACES: Final = frozenset({"line1", "city", "state", "postal_code", "country"})


def propose(headings: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> Proposal:
    """Find out which column is what.

    Args:
        headings: of the file. samples: cells of some rows, under the headings.
    """
    names = letters(len(headings))
    cells = tuple([cell for row in samples if (cell := row[position].strip())] for position, _ in enumerate(headings))
    if tuple(headings) == names:
        columns = [Column(heading, CUSTOM + heading, 0.0) for heading in headings]
        found = named_by_cells(guessed(columns, cells, least=_MOST_CELLS), samples)
    else:
        ours = sheet.EXACT in headings
        columns = [
            doubted(_column(heading, ours=ours), some) if heading.strip() or not some else _unnamed(heading, name)
            for heading, name, some in zip(headings, names, cells, strict=True)
        ]
        found = _names_told_apart(dial_codes_aside(guessed(_weak_judged(columns), cells), cells))
    return Proposal(tuple(keys_told_apart(one_each(found))))


@lru_cache(maxsize=20_000)
def meaning(heading: str) -> str:
    """The target that the words of a heading alone name; empty if it is none that a contact has."""
    if len(heading) > _LONGEST_WORDS:
        return ""
    column = _column(heading, ours=False)
    known = column.confidence >= SURE and column.target not in (*opting_out.CHANNELS, "exact")
    return column.target if known and not column.target.startswith(CUSTOM) else ""


def beside(targets: Iterable[str], headings: Iterable[str]) -> list[str]:
    """The targets of columns that come behind others.

    Args:
        targets: of those others. headings: that have a `meaning`.
    """
    there = [Column("", target, 1.0) for target in targets]
    more = [Column(heading, meaning(heading), _KNOWN) for heading in headings]
    return [column.target for column in one_each([*there, *more])[len(there) :]]


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
    return sum(_column(cell, ours=False).confidence > _WELL_KNOWN for cell in cells if cell.strip())


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
        return Column(heading, certain, 1.0 if certain else 0.0)
    opted_out = opting_out.target_of(text)
    if opted_out is not None:
        return Column(heading, opted_out, _KNOWN)
    said = take_apart(text)
    target = None if said.other else _target(_one_subject(said))
    confidence = round(_KNOWN * said.known * (_WEAK if _is_weak(said) else 1), 2)
    if target is None or confidence < SURE:
        return Column(heading, CUSTOM + text, 0.0)
    return Column(heading, target, confidence)


def _unnamed(heading: str, letter: str) -> Column:
    """A column with cells and without a heading: called as a spreadsheet calls it."""
    return Column(heading, CUSTOM + letter, 0.0)


def _one_subject(said: Heading) -> Heading:
    """Of several subjects the one that is meant: ``E-mail 2 Address``, ``Company Phone``, ``Last Name, First Name``."""
    if len(said.subjects) > 1 and _NAMES.issuperset(said.subjects):
        return replace(said, subjects=("name.full" if "name.family" in said.subjects else "name.given",))
    if len(said.subjects) > 1 and all(subject.startswith(_PHONES) for subject in said.subjects):
        # ``WhatsApp Phone Number``, ``Phone 1 Number``
        return replace(said, subjects=(max(said.subjects, key=lambda subject: (":" in subject, subject == "phone")),))
    if {*said.subjects} == {"email", "address"}:
        return replace(said, subjects=("email",))
    if {*said.subjects} == {"organization", "name.full"}:
        return replace(said, subjects=("organization",))
    first, *others = said.subjects or ("",)
    if first == "organization" and len(others) == 1 and others != [*_NUMBER]:
        return replace(said, subjects=tuple(others), types=("work", *said.types))
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
    return f"{CUSTOM}param{parameter[1]}" if parameter else _part_of_name(text)


def _part_of_name(text: str) -> str | None:
    found = _OF_NAME.fullmatch(text)
    for phrase in (found[1], f"{found[1]} name") if found else ():
        said = take_apart(phrase)
        if said.known == 1 and not said.other and said.subjects[:1] and said.subjects[0].startswith("name."):
            return said.subjects[0]
    return None


def _target(said: Heading) -> str | None:
    if len(said.subjects) > 1:
        return None
    subject = said.subjects[0] if said.subjects else None
    family, _, type_ = (subject or "").partition(":")
    types = [*([type_] if type_ else []), *said.types]
    if subject is None and not said.parts:
        # ``Mobile 2``, ``Home Fax``: a type that only numbers have.
        family = "phone" if _PHONE_TYPES.intersection(types) else ""
    if family == "number":
        family = "" if _NO_PHONES.intersection(types) else "phone"
    if family == "address" or (not family and said.parts):
        return _address(said, types)
    if family in ("phone", "email"):
        if said.parts and said.parts != ("type",):
            return None
        name = f"{family}.type" if said.parts else family
        return entry_target(name, said.number, [] if said.parts else types)
    if not family or types or [part for part in said.parts if part != "type"]:
        return None
    return family if not said.parts else None


def _address(said: Heading, types: list[str]) -> str | None:
    parts = said.parts or ("text",)
    if parts == ("type",):
        return entry_target("address.type", said.number, types) if said.subjects else None
    if len(_PLACES.intersection(parts)) > 1:
        # ``Street, City, Zip`` is a whole address, ``PLZ/Ort`` is none, and neither part of one.
        return entry_target("address.text", said.number, types) if said.subjects or "line1" in parts else None
    part = next(part for part in parts if part != "type")
    number = said.number
    if part == "line1" and not said.subjects and number <= _LINES:
        # ``Straße geschäftlich 2`` goes on where ``Straße geschäftlich`` ends.
        part, number = f"line{number or 1}", 0
    return entry_target(f"address.{part}", number, types)


def _weak_judged(columns: list[Column]) -> list[Column]:
    """Beside a surer column, ``Nummer`` is of something else, and ``Company Email`` of somebody else."""
    weak = [_is_weak(take_apart(column.heading)) for column in columns]
    sure = {name_of(column.target) for column, doubtful in zip(columns, weak, strict=True) if not doubtful}
    return [
        as_custom(column) if doubtful and name_of(column.target) in sure else column
        for column, doubtful in zip(columns, weak, strict=True)
    ]


def _is_weak(said: Heading) -> bool:
    """Whether a heading that can be of a phone or mail address often is of none, or of an organization's."""
    return (said.subjects == _NUMBER and not said.types) or {*said.subjects} == {"organization", "email"}


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

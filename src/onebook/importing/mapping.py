"""Which column is what: a mapping from headings to targets, a value that can be kept as JSON.

A target is a text. Most are a word or two; an entry of which a contact may have several has a number and a type:
``phone``, ``phone:mobile``, ``phone/2:work``, ``phone.type/2``, ``address.city/1:home``. What belongs to one entry
has the same number and the same type. Whatever follows ``custom.`` is the key of a custom field, as it stands.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as AnyMapping
from typing import Final

from msgspec import Struct

from onebook.errors import InvalidInput, Issue
from onebook.model.fold import tokens

CUSTOM: Final = "custom."
ADDRESS_PARTS: Final = (
    *("text", "line1", "line2", "line3", "po_box", "city", "state", "subdivision"),
    *("postal_code", "country", "country_code", "type"),
)
# Targets that stand for one entry of several, and those that stand alone.
ENTRIES: Final = frozenset(
    {"phone", "phone.type", "email", "email.type", *(f"address.{part}" for part in ADDRESS_PARTS)}
)
SINGLES: Final = frozenset(
    {
        *("name.full", "name.given", "name.middle", "name.family", "name.prefix", "name.suffix", "kind", "groups"),
        *("country", "external_id", "organization", "notes", "tags", "lists", "exact"),
        *("opt_out", "opt_out.phone", "opt_out.email"),
    }
)
_TYPE_ORDER: Final = ("home", "work", "other", "main")
_TARGET: Final = re.compile(r"(?P<name>[a-z][a-z0-9_.]*)(?:/(?P<slot>[1-9]\d{0,3}))?(?::(?P<type>.{1,100}))?")


class Target(Struct, frozen=True):
    """A target taken apart.

    Args:
        name: of `ENTRIES` or `SINGLES`. slot: which of several entries. type: theirs, if the column says it.
    """

    name: str
    slot: int = 0
    type: str | None = None


class Mapping(Struct, frozen=True):
    """The columns of one file: position, from 0, to target; columns that nobody knows are left out."""

    columns: dict[int, str]

    def of(self, target: str) -> tuple[int, ...]:
        """The columns of a target, from left to right: a heading may stand there twice."""
        return tuple(sorted(column for column, known in self.columns.items() if known == target))

    @property
    def has_name(self) -> bool:
        """Whether rows can have a name at all."""
        return any(target.startswith("name.") or target == "exact" for target in self.columns.values())

    @property
    def custom(self) -> dict[str, tuple[int, ...]]:
        """The keys of custom fields with their columns, in the order of the file."""
        keys = dict.fromkeys(known for _, known in sorted(self.columns.items()) if known.startswith(CUSTOM))
        return {key.removeprefix(CUSTOM): self.of(key) for key in keys}


def parse_target(text: str) -> Target | None:
    """A target taken apart; None if it is none.

    >>> parse_target("phone/2:mobile")
    Target(name='phone', slot=2, type='mobile')
    """
    found = _TARGET.fullmatch(text)
    if found is None:
        return None
    name, slot, type_ = found.groups()
    if name in ENTRIES:
        return Target(name, int(slot or 0), type_)
    return Target(name) if name in SINGLES and slot is type_ is None else None


def entry_target(name: str, number: int, types: Iterable[str]) -> str:
    """The target of one entry of several.

    >>> entry_target("phone", 2, ["fax", "home"])
    'phone/2:home fax'

    Args:
        name: of `ENTRIES`. number: which of several; 0 for none. types: in any order.
    """
    kind = " ".join(sorted(types, key=lambda word: (word not in _TYPE_ORDER, word)))
    return name + (f"/{number}" if number else "") + (f":{kind}" if kind else "")


def is_target(text: str) -> bool:
    """Whether a text names what a column may be, a custom field included."""
    return (text.startswith(CUSTOM) and len(text) > len(CUSTOM)) or parse_target(text) is not None


def numbered(targets: Iterable[str]) -> frozenset[str]:
    """The families of which columns without a type say more than the first entry.

    >>> sorted(numbered(("phone", "phone:mobile", "email", "email/2", "address.line1", "address.city")))
    ['email']
    """
    known = (parse_target(text) for text in targets)
    slots = {(one.name.partition(".")[0], one.slot) for one in known if one and one.name in ENTRIES and not one.type}
    count = Counter(family for family, _ in slots)
    return frozenset(family for family, slot in slots if slot > 1 or count[family] > 1)


def recognise(headings: Iterable[str], names: AnyMapping[str, str], *, custom_prefix: str = "metadata.") -> Mapping:
    """Find out which column is what, from a table of exactly these headings.

    Letter case, blanks around and ``_`` for a blank make no difference.

    Args:
        headings: of the file.
        names: heading to target (``{"first name": "name.given"}``).
        custom_prefix: what a heading begins with if the rest of it, in its own letter case, is a custom field's key.
    """
    known = {_plain(name): target for name, target in names.items()}
    columns = {}
    for column, heading in enumerate(headings):
        key = _custom_key(heading.strip(), custom_prefix)
        target = CUSTOM + key if key else known.get(_plain(heading))
        if target is not None:
            columns[column] = target
    return Mapping(columns)


def _plain(heading: str) -> str:
    return " ".join(heading.replace("_", " ").split()).casefold()


def _custom_key(heading: str, prefix: str) -> str:
    return heading[len(prefix) :].strip() if heading[: len(prefix)].casefold() == prefix else ""


def kept(headings: Iterable[str], mapping: Mapping) -> dict[str, str]:
    """A mapping by headings, to be kept: ``{"E-mail": "email", "E-mail [2]": "email/2"}``.

    Args:
        headings: of the file; of equal ones the second is called ``… [2]``, and so on. mapping: of that file.
    """
    return {name: mapping.columns[column] for column, name in enumerate(_names(headings)) if column in mapping.columns}


def bound(headings: Iterable[str], targets: AnyMapping[str, str], *, field: str = "mapping") -> Mapping:
    """A mapping that was kept, or that a caller gives, on the columns of a file; order and letter case are free.

    Args:
        headings: of the file. targets: as of `kept`; a heading without ``[2]`` stands for all equal ones without an
            entry of their own. field: the caller's word for the mapping.

    Raises:
        InvalidInput: for each target that there is not.
    """
    wrong = [(heading, target) for heading, target in targets.items() if target and not is_target(target)]
    if wrong:
        message = "There is no such target; examples are name.full, phone, phone/2:mobile, custom.Shoe size."
        raise InvalidInput(Issue(f"{field}.{heading}", "unknown", message, value=target) for heading, target in wrong)
    known = {_plain(heading): target for heading, target in targets.items()}
    headings = tuple(headings)
    found = {}
    for column, (heading, name) in enumerate(zip(headings, _names(headings), strict=True)):
        # A column without a heading is no other one's equal.
        target = known.get(_plain(name), known.get(_plain(heading)) if heading.strip() else None)
        if target:
            found[column] = target
    return Mapping(found)


def missing(headings: Iterable[str], targets: AnyMapping[str, str]) -> tuple[str, ...]:
    """The headings of a mapping that a file has not, as `bound` compares them; none for a file without headings.

    >>> missing(("Name", "E-mail"), {"name": "name.full", "Mail": "email", "Size": ""})
    ('Mail',)
    """
    headings = tuple(headings)
    if not headings:
        return ()
    there = {_plain(heading) for heading in (*headings, *_names(headings))}
    return tuple(heading for heading, target in targets.items() if target and _plain(heading) not in there)


def _names(headings: Iterable[str]) -> Iterator[str]:
    """Headings, of which equal ones are told apart."""
    seen = Counter[str]()
    for heading in headings:
        seen[_plain(heading)] += 1
        count = seen[_plain(heading)]
        yield heading if count == 1 else f"{heading} [{count}]"


def fingerprint(headings: Iterable[str]) -> str:
    """What two files with the same headings have in common, whatever their letter case and signs: for remembering."""
    return "\n".join(" ".join(tokens(heading)) or heading.strip() for heading in headings)

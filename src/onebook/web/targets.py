"""What a column may become, as a choice that a person reads."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from onebook.importing.mapping import CUSTOM, is_target, parse_target
from onebook.web.words import Words

#: The usual ones, by the word above them; whatever else a file has been recognised to hold is offered beside them.
GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("name", ("name.full", "name.given", "name.middle", "name.family", "name.prefix", "name.suffix")),
    ("phone", ("phone", "phone:mobile", "phone:work", "phone:home", "phone/2", "phone/3", "phone.type")),
    ("email", ("email", "email:work", "email:home", "email/2", "email/3", "email.type")),
    (
        "address",
        (
            *("address.text", "address.line1", "address.line2", "address.postal_code", "address.city"),
            *("address.state", "address.country"),
        ),
    ),
    (
        "more",
        ("organization", "external_id", "notes", "tags", "lists", "groups", "opt_out", "country", "kind", "exact"),
    ),
)
_KNOWN: Final = frozenset(target for _, targets in GROUPS for target in targets)


class Option(Struct, frozen=True):
    """One choice of a list. Args: ``target``: empty to leave the column out."""

    target: str
    word: str


class Group(Struct, frozen=True):
    """Choices under a word."""

    word: str
    options: tuple[Option, ...]


def label(words: Words, target: str) -> str:
    """What a target is called: ``Phone 2 (work)``."""
    if target.startswith(CUSTOM):
        return words("target.own", name=target.removeprefix(CUSTOM))
    known = parse_target(target)
    if known is None:
        return target
    key = f"target.{known.name.replace('.', '_')}"
    word = words(key) if words.has(key) else known.name
    number = f" {known.slot}" if known.slot > 1 else ""
    return word + number + (f" ({known.type})" if known.type else "")


def groups(words: Words, heading: str, target: str) -> tuple[Group, ...]:
    """All that a column may become, its present target among it."""
    own = tuple(dict.fromkeys(_own(heading, target)))
    made = [
        Group(words(f"target.group.{key}"), tuple(Option(one, label(words, one)) for one in targets if is_target(one)))
        for key, targets in GROUPS
    ]
    return (Group(words("target.group.own"), tuple(Option(one, label(words, one)) for one in own)), *made)


def _own(heading: str, target: str) -> Iterator[str]:
    if target and target not in _KNOWN:
        yield target
    if heading.strip():
        yield CUSTOM + heading.strip()

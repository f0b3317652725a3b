"""Lists and tags: named, many-to-many with contacts. A label is what the two have in common."""

from typing import Literal

from msgspec import Struct

LabelKind = Literal["list", "tag"]


class Label(Struct, frozen=True):
    """A list or a tag; ``name`` is unique among the account's labels of that kind, compared with case."""

    number: int
    kind: LabelKind
    name: str
    created_at: int


class Place(Struct, frozen=True):
    """A contact's place in a group: the group's number, which place in its order, and whether as a primary contact."""

    group: int
    position: int
    primary: bool = False


class Member(Struct, frozen=True):
    """One place in a group: the member's contact number, and whether it is a primary contact of the group."""

    contact: int
    primary: bool = False

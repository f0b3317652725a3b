"""Organizations that contacts belong to, and locations: addresses with a name."""

from typing import Any

from msgspec import Struct

from onebook.model.contact import Address


class Organization(Struct, frozen=True):
    """A company or household; ``name_key`` is the name without regard to case, ``fields`` all else it says."""

    number: int
    uid: str
    name: str
    name_key: str
    fields: dict[str, Any]
    created_at: int
    updated_at: int


class Location(Struct, frozen=True):
    """A named address, so that an address can be given by its id."""

    number: int
    uid: str
    name: str
    address: Address
    address_id: str
    building: str
    created_at: int

"""A contact with all that stands around it, as files that go out say it."""

from msgspec import Struct

from onebook.model.contact import Contact


class Place(Struct, frozen=True):
    """A member of a group: its uid, and whether it is a primary one."""

    uid: str
    primary: bool = False


class Standing(Struct, frozen=True):
    """Where a contact stands in a group: the group's name, the place in its order, and whether as a primary one."""

    group: str
    position: int
    primary: bool = False


class Exported(Struct, frozen=True):
    """A contact and its surroundings.

    Args:
        organization: the name of the stored organization that it is tied to, else the text that it has instead.
        organization_uid: of the stored one.
        lists, tags: names. groups: names of the groups that hold it, in the order of their numbers.
        members: of a group, in their order. places: in those groups, where the contact stands.
        opted_out: those of its phone and mail keys that are marked.
    """

    contact: Contact
    organization: str | None = None
    organization_uid: str | None = None
    lists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    members: tuple[Place, ...] = ()
    opted_out: tuple[str, ...] = ()
    places: tuple[Standing, ...] = ()

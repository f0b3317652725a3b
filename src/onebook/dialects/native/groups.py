"""The members of a group: read and replaced as a whole.

Source:   docs/dialects/native.md, "Groups"
"""

from typing import Final

from msgspec import Struct

from onebook.dialects.base import Field, Request, Route
from onebook.dialects.native import cards
from onebook.dialects.native.answers import every, under
from onebook.dialects.native.contacts import read_one, uid_of
from onebook.dialects.native.reading import body_schema, read_body
from onebook.errors import NotFound
from onebook.model.contact import Contact
from onebook.operations import contacts, groups
from onebook.operations.actor import Actor
from onebook.operations.groups import Membership
from onebook.store.base import Session

MEMBERS: Final = (
    Field("members", cards.MEMBERS, need=True, to="members", note="In order; they replace those that are there."),
)


class Crew(Struct, frozen=True):
    """A group and its members to be: uid and primary flag of each."""

    uid: str
    members: tuple[tuple[str, bool], ...]


def read_crew(request: Request) -> Crew:
    """A body of PUT /contacts/{uid}/members."""
    return Crew(uid_of(request), cards.members_of(read_body(request, MEMBERS)["members"]))


def act_read(session: Session, actor: Actor, uid: str) -> list[Membership]:
    """The members that the key sees."""
    group = _group(session, actor, uid)
    return groups.members(session, [group], seen_by=actor).get(group.number, [])


def act_replace(session: Session, actor: Actor, crew: Crew) -> list[Membership]:
    """Replace the members."""
    groups.set_members(session, actor, _group(session, actor, crew.uid), crew.members)
    return act_read(session, actor, crew.uid)


def _group(session: Session, actor: Actor, uid: str) -> Contact:
    group = contacts.get(session, actor, uid)
    if group.kind != "group":
        raise NotFound("group", uid)
    return group


ROUTES: Final = (
    Route(
        "GET", "/contacts/{uid}/members", "readMembers", "Read a group's members",
        read_one, act_read, every("members", cards.MEMBER_OUT),
        access="read", writes=False, answers={200: under("members", cards.MEMBER_OUT)}, tags=("Groups",),
    ),
    Route(
        "PUT", "/contacts/{uid}/members", "replaceMembers", "Replace a group's members",
        read_crew, act_replace, every("members", cards.MEMBER_OUT),
        body=body_schema(MEMBERS), answers={200: under("members", cards.MEMBER_OUT)}, tags=("Groups",),
    ),
)  # fmt: skip

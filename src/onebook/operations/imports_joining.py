"""After the last row of a file: who waits for a group joins it."""

from collections.abc import Iterable
from typing import Final

from onebook.model.account import Account
from onebook.model.imports import Import
from onebook.operations import imports_members
from onebook.operations.imports_exact_groups import tie_exactly
from onebook.operations.imports_groups import Groups
from onebook.operations.imports_run import must_be_mine
from onebook.operations.imports_step import make_group
from onebook.store.base import Session, Store, Work

AT_A_TIME: Final = 2_000

Tie = tuple[int, int]  # a group, a contact in it


def join_all(store: Store, account: Account, claimed: Import) -> None:
    """Put all who wait into their groups, some at a time.

    Raises: Stopped if another runner has the import.
    """

    def run(session: Session) -> bool:
        session.import_id = must_be_mine(session, claimed).id
        return _join_some(session, claimed)

    if claimed.options.rules.exact_groups:
        tie_exactly(store, account, claimed)
    while store.write(Work(account, claimed.actor, claimed.dialect, run, alone=True)):
        pass


def _join_some(session: Session, imported: Import) -> bool:
    """Put some of those who wait into their groups; False once nobody waits."""
    waiting = session.bulk.ties(imported.id, AT_A_TIME)
    if waiting:
        named = [one for one in waiting if not imports_members.is_tie(one[0])]
        ties = [*imports_members.joined(session, imported, waiting), *_named(session, imported, named)]
        _join(session, imported, list(dict.fromkeys(ties)))
        session.bulk.untie(imported.id, waiting)
    return bool(waiting)


def _named(session: Session, imported: Import, waiting: list[tuple[str, int]]) -> Iterable[Tie]:
    """Those whose cells name groups; such groups are made if that is wanted."""
    groups = Groups(lambda keys: session.bulk.found("group", keys, imported.book, imported.generation))
    groups.look_up({cell for cell, _ in waiting})
    for cell, contact in waiting:
        known, unknown = groups.named(cell)
        if imported.options.make_groups:
            for name in unknown:
                groups.know(name, make_group(session, imported, name, shown=not imported.options.overwrite))
            known, _ = groups.named(cell)
        yield from ((group, contact) for group in known)


def _join(session: Session, imported: Import, ties: list[Tie]) -> None:
    """Write memberships, but none in a circle, and none of who is gone by now."""
    there = session.groups.of_contacts({number for _, number in ties})
    kinds = session.bulk.kinds({number for tie in ties for number in tie}, imported.book, imported.generation)
    ties = [(group, one) for group, one in ties if group not in there.get(one, ()) and kinds.get(group) == "group"]
    ends: dict[int, int] = {}
    joining = [tie for tie in ties if kinds.get(tie[1]) == "individual"]
    session.bulk.join(joining, ends)
    for group, inner in ties:  # one by one: each may close a circle with those before
        if kinds.get(inner) == "group" and not _holds(session, inner, group):
            session.bulk.join([(group, inner)], ends)
            joining.append((group, inner))
    for group in dict.fromkeys(group for group, _ in joining):
        session.log("contact", "updated", group)
    _log_joined(session, imported, joining)


def _log_joined(session: Session, imported: Import, joined: Iterable[Tie]) -> None:
    """Tell the log who joined what, for undoing it: of contacts that the import has not itself created."""
    if imported.options.overwrite:  # undone by going back to the generation before
        return
    created = session.bulk.created(imported.id, imported.first_seq)
    groups: dict[int, list[int]] = {}
    for group, contact in joined:
        if not any(first <= contact <= last for first, last in created):
            groups.setdefault(contact, []).append(group)
    session.log_each("contact", "updated", [(contact, {"joined": some}) for contact, some in groups.items()])


def _holds(session: Session, group: int, goal: int) -> bool:
    """Whether a group holds another contact, itself or through groups within it."""
    frontier, seen = {group}, set[int]()
    while frontier:
        if goal in frontier:
            return True
        seen |= frontier
        inner = session.groups.members(frontier)
        frontier = {member.contact for members in inner.values() for member in members} - seen
    return False

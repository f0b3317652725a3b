"""After the last row of a file: who waits for a group joins it."""

import itertools
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final

from onebook.model.account import Account
from onebook.model.imports import Import
from onebook.operations import imports_members, imports_places
from onebook.operations.imports_exact_groups import tie_exactly
from onebook.operations.imports_groups import Groups
from onebook.operations.imports_places import Wanted
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
        named = [Wanted(cell, contact, primary=False) for cell, contact in waiting if _is_cell(cell)]
        ties = dict.fromkeys(imports_members.joined(session, imported, waiting), False)
        for tie, primary in _named(session, imported, [*imports_places.wanted(waiting), *named]):
            ties.setdefault(tie, primary)
        _join(session, imported, ties)
        session.bulk.untie(imported.id, waiting)
    return bool(waiting)


def _is_cell(name: str) -> bool:
    return not (imports_members.is_tie(name) or imports_places.is_tie(name))


def _named(session: Session, imported: Import, wanted: Sequence[Wanted]) -> Iterable[tuple[Tie, bool]]:
    """Those who name groups, and whether as primary members; such groups are made if that is wanted."""
    groups = Groups(lambda keys: session.bulk.found("group", keys, imported.book, imported.generation))
    groups.look_up({one.group for one in wanted})
    for cell, contact, primary in wanted:
        known, unknown = groups.named(cell)
        if imported.options.make_groups:
            for name in unknown:
                groups.know(name, make_group(session, imported, name, shown=not imported.options.overwrite))
            known, _ = groups.named(cell)
        yield from (((group, contact), primary) for group in known)


def _join(session: Session, imported: Import, wanted: Mapping[Tie, bool]) -> None:
    """Write memberships, but none in a circle, and none of who is gone by now."""
    there = session.groups.of_contacts({number for _, number in wanted})
    kinds = session.bulk.kinds({number for tie in wanted for number in tie}, imported.book, imported.generation)
    ties = [(group, one) for group, one in wanted if group not in there.get(one, ()) and kinds.get(group) == "group"]
    created = _Created(session, imported)
    # In groups that were there before, those who are primary members stay the only ones.
    primary = {tie for tie, is_primary in wanted.items() if is_primary and tie[0] in created}
    ends: dict[int, int] = {}
    joined: list[Tie] = []
    for kind, some in itertools.groupby(ties, key=lambda tie: kinds.get(tie[1])):
        if kind == "individual":
            joining = list(some)
            session.bulk.join(joining, ends, primary)
            joined += joining
        elif kind == "group":
            for tie in some:  # one by one: each may close a circle with those before
                if not _holds(session, tie[1], tie[0]):
                    session.bulk.join([tie], ends, primary)
                    joined.append(tie)
    for group in dict.fromkeys(group for group, _ in joined):
        session.log("contact", "updated", group)
    if not imported.options.overwrite:  # that is undone by going back to the generation before
        _log_joined(session, joined, created)


class _Created(Container[int]):
    """The numbers of the contacts that an import has made."""

    def __init__(self, session: Session, imported: Import) -> None:
        self._all = imported.options.overwrite
        self._ranges = [] if self._all else session.bulk.created(imported.id, imported.first_seq)

    def __contains__(self, number: object) -> bool:
        return self._all or any(first <= number <= last for first, last in self._ranges if isinstance(number, int))


def _log_joined(session: Session, joined: Iterable[Tie], created: Container[int]) -> None:
    """Tell the log who joined what, for undoing it: of contacts that the import has not itself created."""
    groups: dict[int, list[int]] = {}
    for group, contact in joined:
        if contact not in created:
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

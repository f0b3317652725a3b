"""Who joins which group where names of groups count letter by letter, and only once all rows are there.

The groups of the file count before those that were there, wherever they stand in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Final

from onebook.model.account import Account
from onebook.model.imports import Import
from onebook.operations.imports_groups import key_of, parts
from onebook.operations.imports_run import must_be_mine
from onebook.store.base import Session, Store, Work

_WAITING_AT_A_TIME: Final = 2_000

Tie = tuple[int, int]  # a group, a contact in it
Waiting = tuple[str, int]  # the cell that names groups, the contact


def tie_exactly(store: Store, account: Account, claimed: Import) -> None:
    """Put all who wait into the groups that their cells name: groups at once, then people in the order of their rows.

    At once, since an interruption must not hide half of a circle from whoever goes on.
    """
    waiting, known, inner = store.read(account, lambda session: _looked_up(session, claimed))
    joining: dict[int, list[int]] = {}
    for group, contact in without_circles(list(_ties(waiting, known))):
        joining.setdefault(contact, []).append(group)
    groups = [one for one in waiting if one[1] in inner]
    people = [one for one in waiting if one[1] not in inner]
    _write(store, account, claimed, groups, joining)
    for start in range(0, len(people), _WAITING_AT_A_TIME):
        _write(store, account, claimed, people[start : start + _WAITING_AT_A_TIME], joining)


def _looked_up(session: Session, claimed: Import) -> tuple[list[Waiting], dict[str, int], set[int]]:
    """Who waits, in the order of rows; the groups that they may mean, by name; those who wait and are groups."""
    waiting = session.bulk.ties(claimed.id, claimed.options.max_rows)
    waiting.sort(key=lambda one: one[1])
    known = _known(session, claimed, {cell for cell, _ in waiting})
    kinds = session.bulk.kinds([contact for _, contact in waiting], claimed.book, claimed.generation)
    return waiting, known, {number for number, kind in kinds.items() if kind == "group"}


def _write(
    store: Store, account: Account, claimed: Import, waiting: Sequence[Waiting], joining: Mapping[int, list[int]]
) -> None:
    def run(session: Session) -> None:
        session.import_id = must_be_mine(session, claimed).id
        session.bulk.join([(group, contact) for _, contact in waiting for group in joining.get(contact, ())], {})
        session.bulk.untie(claimed.id, waiting)
        for group in sorted({group for _, contact in waiting for group in joining.get(contact, ())}):
            session.log("contact", "updated", group)

    store.write(Work(account, claimed.actor, claimed.dialect, run, alone=True))


def _known(session: Session, imported: Import, cells: Iterable[str]) -> dict[str, int]:
    """The groups that cells may mean, by their names."""
    keys = sorted({key_of(name) for cell in cells for name in (cell.strip(), *parts(cell))})
    own: dict[str, int] = {}
    there: dict[str, int] = {}
    shown = session.bulk.created(imported.id, imported.first_seq)
    for number, name in session.bulk.groups_called(keys, imported.book, imported.generation):
        mine = imported.options.overwrite or any(first <= number <= last for first, last in shown)
        (own if mine else there).setdefault(name.strip(), number)
    if imported.options.overwrite:
        return own
    for book in set(imported.seen) - {imported.book}:
        for number, name in session.bulk.groups_called(keys, book, session.generation_of(book)):
            there[name.strip()] = min(number, there.get(name.strip(), number))
    return there | own


def _ties(waiting: Iterable[Waiting], known: Mapping[str, int]) -> Iterable[Tie]:
    for cell, contact in waiting:
        names = (cell.strip(),) if cell.strip() in known else parts(cell)
        yield from dict.fromkeys((known[name], contact) for name in names if name in known)


def without_circles(ties: list[Tie]) -> list[Tie]:
    """The ties but those between groups that would hold each other in a circle.

    Only contacts of the file are put into groups, so a circle can only be among them.
    """
    left = set(ties)
    for direction in (1, -1):
        left = _blocked(left, direction)
    return [tie for tie in ties if tie not in left]


def _blocked(ties: set[Tie], direction: int) -> set[Tie]:
    """The ties from which one never gets out, going from groups to members (or back)."""
    graph: dict[int, list[int]] = {}
    for tie in ties:
        start, end = tie[::direction]
        graph.setdefault(start, []).append(end)
    sorter, free = TopologicalSorter(graph), set[int]()
    with suppress(CycleError):  # it still gives out all that no circle blocks
        sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        free.update(ready)
        sorter.done(*ready)
    return {tie for tie in ties if not free.intersection(tie)}

"""One block written: its decisions become contacts, changes, memberships and issues, in the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from onebook.model import fold
from onebook.model import name as names
from onebook.model.contact import Card, Contact
from onebook.model.imports import Counts, Import, ImportIssue
from onebook.model.label import Label, LabelKind
from onebook.model.opt_out import CHANNELS, Channel
from onebook.model.place import Location, Organization
from onebook.operations import imports_groups, imports_members, imports_places, opt_outs
from onebook.operations.imports_groups import Ends, Groups
from onebook.operations.imports_memory import Memory
from onebook.operations.imports_prepare import Prepared
from onebook.operations.imports_rows import Decided, Headings, decide
from onebook.store.base import Session
from onebook.store.bulk_base import Entries, NewContacts

LABEL_KINDS: tuple[LabelKind, ...] = ("list", "tag")
_NONE = Entries((), (), ())
_to_json = msgspec.json.Encoder().encode


class Stored:
    """`imports_rows.World` as a transaction sees it."""

    def __init__(self, session: Session, imported: Import, memory: Memory) -> None:
        self._session = session
        self._place = (imported.book, imported.generation)
        self._memory = memory

    def found(self, field: str, keys: Sequence[str]) -> dict[str, int]:
        """As `Bulk.found`."""
        return self._session.bulk.found(field, keys, *self._place)

    def contacts(self, numbers: Sequence[int]) -> Mapping[int, Contact]:
        """Contacts by number, but those that an earlier row meant."""
        return self._session.contacts.by_numbers(number for number in numbers if not self._memory.has_met(number))

    def opted_out(self, field: str, keys: Sequence[str]) -> set[str]:
        """Those keys that are marked."""
        channel: Channel = "phone" if field == "phone" else "email"
        return self._session.opted_out(channel, keys)

    def has_met(self, number: int) -> bool:
        """Whether an earlier row meant this contact."""
        return self._memory.has_met(number)

    def organization(self, number: int) -> str | None:
        """The name of a stored organization."""
        found = self._session.get(Organization, number=number)
        return found.name if found else None


class Step:
    """Writes blocks of one import in one transaction."""

    def __init__(
        self,
        session: Session,
        imported: Import,
        memory: Memory,
        headings: Headings,
        *,
        shown: bool,
        ends: Ends | None = None,
    ) -> None:
        """Args: ``shown``: whether readers see what is written at once. ``ends``: as the last step left them."""
        self._session = session
        self._import = imported
        self._memory = memory
        self._headings = headings
        self._shown = shown
        self._place = (imported.book, imported.generation)
        self._groups = Groups(lambda keys: session.bulk.found("group", keys, *self._place))
        # Rows of groups may still come: then who names one that is nowhere waits until the end of the file.
        self._makes_groups = imported.options.make_groups and not headings.kinds
        self._ends = ends or Ends()
        self._places = self._ends.now(session)
        self._grown: set[int] = set()
        self.counts = Counts()

    def finish(self) -> None:
        """After the last block of the transaction: tell the log which groups have more members."""
        for group in sorted(self._grown):
            self._session.log("contact", "updated", group)
        self._ends.keep(self._session)

    def write(self, prepared: Prepared) -> None:
        """Write a block; ``counts`` has its rows afterwards."""
        # Before anything is decided, as a row may be left out for what it says itself.
        for channel in CHANNELS:
            opt_outs.mark_all(self._session, channel, prepared.opting_out(channel), "import")
        prepared.locate(lambda uid: self._session.get(Location, uid=uid) is not None)
        world = Stored(self._session, self._import, self._memory)
        decided = decide(prepared, self._import.options, world, self._headings)
        # Updates first: a new contact may bear an id that one of them gave up.
        changed = self._update(decided)
        numbers = self._create(prepared, decided)
        joined = self._join(prepared, decided, numbers)
        self._session.log_each(
            "contact", "updated", [(number, {"joined": groups}) for number, groups in joined.items()]
        )
        self._await_members(prepared, decided, numbers)
        labelled = self._label(prepared, numbers, {old.number for _, old, _ in decided.found})
        updated = len(changed | joined.keys() | labelled)
        self._keep_issues([*prepared.issues, *decided.issues])
        self.counts += Counts(
            created=len(decided.created),
            updated=updated,
            unchanged=len(decided.found) - updated,
            refused=prepared.refused + decided.refused,
            skipped=decided.skipped,
        )

    def _create(self, prepared: Prepared, decided: Decided) -> dict[int, int]:
        """New contacts; gives the number of each row's contact, for rows that name groups."""
        naming = {at for at, _ in prepared.groups} | {at for at, _, _ in prepared.labels}
        naming |= {at for at, _ in prepared.members}
        numbers = {at: old.number for at, old, _ in decided.found if at in naming}
        if decided.created:
            first = self._session.bulk.insert(prepared.new_contacts(decided.created), *self._place, shown=self._shown)
            self._memory.meet(first, first + len(decided.created) - 1)
            numbers |= {at: first + rank for rank, at in enumerate(decided.created) if at in naming}
        return numbers

    def _update(self, decided: Decided) -> set[int]:
        """Change what was found; gives the numbers of those that have changed."""
        for _, old, _ in decided.found:
            self._memory.meet(old.number)
        changed = [(old, new) for _, old, new in decided.found if new is not old]
        self._session.bulk.update(changed)
        return {old.number for old, _ in changed}

    def _label(self, prepared: Prepared, numbers: Mapping[int, int], old: set[int]) -> set[int]:
        """Put rows' contacts on lists and tags; gives those that were there before and were not on all of them."""
        rows = [(numbers[at], kind, names) for at, kind, names in prepared.labels if at in numbers]
        if not rows:
            return set()
        labels = self._labels({(kind, name) for _, kind, names in rows for name in names})
        had = self._session.labels.of_contacts(old.intersection(number for number, _, _ in rows))
        bearing: dict[int, list[int]] = {}
        labelled: dict[int, list[int]] = {}
        for number, kind, wanted in rows:
            new = [labels[kind, name] for name in wanted if (kind, name) not in had.get(number, ())]
            for label in new:
                bearing.setdefault(label, []).append(number)
            if new and number in old:
                labelled.setdefault(number, []).extend(new)
        for label, contacts in bearing.items():
            self._session.labels.attach([label], contacts)
        self._session.log_each("contact", "updated", [(number, {"labelled": new}) for number, new in labelled.items()])
        return set(labelled)

    def _labels(self, wanted: set[tuple[LabelKind, str]]) -> dict[tuple[LabelKind, str], int]:
        """Numbers of lists and tags; those that do not exist are made."""
        found: dict[tuple[LabelKind, str], int] = {}
        for kind in LABEL_KINDS:
            names = sorted(name for of, name in wanted if of == kind)
            there = self._session.labels.numbered(kind, names) if names else {}
            for name in names:
                found[kind, name] = there.get(name) or self._made_label(kind, name)
        return found

    def _made_label(self, kind: LabelKind, name: str) -> int:
        label = Label(self._session.next_serial(), kind, name, self._session.now)
        self._session.add(label)
        self._session.log(kind, "created", label.number)
        return label.number

    def _keep_issues(self, issues: list[ImportIssue]) -> None:
        if issues:
            self._session.bulk.add_issues(self._import.id, issues)

    # --- groups ---

    def _join(self, prepared: Prepared, decided: Decided, numbers: Mapping[int, int]) -> dict[int, list[int]]:
        """Put rows' contacts into groups; gives those that were there before, with the groups that they joined."""
        old = {old.number for _, old, _ in decided.found}
        naming, placed = self._placed(prepared, numbers, old)
        if not naming and not placed:
            return {}
        self._groups.look_up({cell for _, cell in naming})
        kinds = prepared.kinds
        later = self._import.options.rules.exact_groups
        people = [(at, cell) for at, cell in naming if not later and kinds[at] != "group"]
        means = {cell: self._groups_of(cell) for cell in dict.fromkeys(cell for _, cell in people)}
        ties = [(group, numbers[at]) for at, cell in people for group in means[cell][0]]
        late = [(at, cell) for at, cell in naming if later or kinds[at] == "group" or means[cell][1]]
        waiting = [(name, numbers[at]) for at, cell in late for name in imports_groups.waiting(cell)]
        return self._tie(dict.fromkeys(ties), dict.fromkeys([*placed, *waiting]), old)

    def _placed(
        self, prepared: Prepared, numbers: Mapping[int, int], old: set[int]
    ) -> tuple[list[tuple[int, str]], list[tuple[str, int]]]:
        """Rows with the cells by which they name groups; and what waits, of new contacts that know their places."""
        exact = self._import.options.rules.exact_groups
        places = {at: some for at, some in prepared.places if not exact and numbers.get(at) not in old}
        naming = [(at, cell) for at, cells in prepared.groups if at in numbers for cell in cells]
        if not places:
            return naming, []
        others: list[tuple[int, str]] = []
        placed: list[tuple[str, int]] = []
        for at, cell in naming:
            there, left = imports_places.taken_apart(cell, places[at]) if at in places else ([], [cell])
            placed += [imports_places.tie(place, numbers[at]) for place in there]
            others += [(at, name) for name in left]
        return others, placed

    def _await_members(self, prepared: Prepared, decided: Decided, numbers: Mapping[int, int]) -> None:
        """Members may come after their group: who they are is looked up after the last row."""
        waiting = [
            tie for at, uids in prepared.members if at in numbers for tie in imports_members.ties(uids, numbers[at])
        ]
        if self._headings.cards:
            waiting += imports_members.aliases(prepared.external_ids, decided.found)
        if waiting:
            self._session.bulk.tie(self._import.id, waiting)

    def _groups_of(self, cell: str) -> tuple[list[int], bool]:
        """The groups that a cell names, and whether some of them may still come."""
        groups, unknown = self._groups.named(cell)
        if self._makes_groups:
            return [*groups, *(self._made(name) for name in unknown)], False
        return groups, bool(unknown)

    def _tie(
        self, ties: Iterable[tuple[int, int]], waiting: Collection[tuple[str, int]], old: set[int]
    ) -> dict[int, list[int]]:
        joined: dict[int, list[int]] = {}
        there = self._session.groups.of_contacts(old.intersection(number for _, number in ties)) if old else {}
        new = [tie for tie in ties if tie[0] not in there.get(tie[1], ())] if there else list(ties)
        for group, number in new if old else ():
            if number in old:
                joined.setdefault(number, []).append(group)
        if new:
            self._session.bulk.join(new, self._places)
            self._grown.update(group for group, _ in new)
        if waiting:
            self._session.bulk.tie(self._import.id, waiting)
        return joined

    def _made(self, name: str) -> int:
        """The number of a group that this import makes."""
        known, _ = self._groups.named(name)
        if known:
            return known[0]
        number = make_group(self._session, self._import, name, shown=self._shown)
        self._memory.meet(number)
        self._groups.know(name, number)
        return number


def make_group(session: Session, imported: Import, name: str, *, shown: bool) -> int:
    """Make an empty group where the import writes; returns its number."""
    given, family = names.split(name)
    card = Card(full=name, given=given, family=family)
    new = NewContacts(
        ("group",),
        (None,),
        (given,),
        (family,),
        (fold.sort_key(card),),
        (_to_json(card).decode(),),
        (fold.index_text(session.account.id, card, None),),
        *(_NONE, _NONE, _NONE),
    )
    return session.bulk.insert(new, imported.book, imported.generation, shown=shown)

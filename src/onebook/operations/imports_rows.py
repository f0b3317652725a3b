"""What is to happen to the rows of a block: which are new, which found a contact, which are left out and why.

Decided row by row in the order of the file, so that it makes no difference where blocks and chunks end.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from onebook.importing.columns import parts_said
from onebook.model import lookup
from onebook.model.contact import Card, Contact, ContactDraft
from onebook.model.imports import ImportIssue, ImportOptions, MatchKey, Outcome
from onebook.operations.imports_merge import Way, merged
from onebook.operations.imports_prepare import Prepared

#: Why a good row is left out, in the words of an issue.
REASONS = {
    "doubled": "An earlier row of the file is for the same contact.",
    "opted_out": "The person has opted out.",
    "taken": "This id is already that of another contact.",
}


class World(Protocol):
    """What is there: contacts of the book, as the rows before have left them."""

    def found(self, field: str, keys: Sequence[str]) -> dict[str, int]:
        """Number of the contact with each key, as `Bulk.found`."""

    def contacts(self, numbers: Sequence[int]) -> Mapping[int, Contact]:
        """Contacts by number."""

    def opted_out(self, field: str, keys: Sequence[str]) -> set[str]:
        """Those keys that are marked."""

    def has_met(self, number: int) -> bool:
        """Whether an earlier row meant this contact."""

    def organization(self, number: int) -> str | None:
        """The name of a stored organization."""


class Decided(Struct):
    """What happens to a block's good rows, by position among them.

    Args:
        created: to be new contacts. found: position, the contact, what becomes of it (the same: nothing).
        issues: of those left out; ``refused`` and ``skipped`` count their rows.
    """

    created: list[int] = field(default_factory=list)
    found: list[tuple[int, Contact, Contact]] = field(default_factory=list)
    refused: int = 0
    skipped: int = 0
    issues: list[ImportIssue] = field(default_factory=list)


class Headings(Struct, frozen=True):
    """The headings of the columns that reasons speak of.

    Args: ``kinds``: whether rows can be groups. ``cards``: whether they are vCards, so that groups name members.
        ``numbered``: as of `Way`.
    """

    of: dict[str, str] = {}
    kinds: bool = False
    cards: bool = False
    numbered: frozenset[str] = frozenset()

    def of_field(self, name: str) -> str:
        """The heading of a field; its own name if no column is known for it."""
        return self.of.get(name, name)


def decide(prepared: Prepared, options: ImportOptions, world: World, headings: Headings) -> Decided:
    """Decide what happens to a block's rows."""
    if options.match == "none" and not options.skip_opted_out and not any(prepared.external_ids):
        return Decided(list(range(len(prepared.cards))))
    return _Deciding(prepared, options, world, headings).run()


class _Deciding:
    """The decisions for one block.

    Most rows of a file share no key with anybody: they are new contacts, whatever becomes of the other rows, and are
    told apart all at once. Only the odd ones are decided row by row.
    """

    def __init__(self, prepared: Prepared, options: ImportOptions, world: World, headings: Headings) -> None:
        self._prepared = prepared
        self._parts = dict(prepared.parts)
        self._options = options
        self._world = world
        self._headings = headings
        self._decided = Decided()
        self._pairs = _keys_of(prepared, options.match)
        ids = _ids_of(prepared)
        # Who holds a key, before the block, and which keys rows of the block have taken or freed.
        self._held = world.found(options.match, self._pairs.keys) if self._pairs.keys else {}
        self._ids = self._held if options.match == "external_id" else world.found("external_id", ids) if ids else {}
        self._shared_ids = self._ids.keys() | _repeated(ids)
        self._taken_keys: set[str] = set()
        self._freed_keys: set[str] = set()
        self._taken_ids: set[str] = set()
        self._freed_ids: set[str] = set()
        self._met: set[int] = set()
        numbers = {number for number in self._held.values() if not world.has_met(number)}
        self._contacts = world.contacts(sorted(numbers)) if numbers else {}

    def run(self) -> Decided:
        """All rows."""
        marked = self._marked() if self._options.skip_opted_out else {}
        odd = sorted(self._odd() | marked.keys())
        for at in odd:
            if at in marked:
                self._leave_out(at, "opted_out", *marked[at])
            else:
                self._row(at, self._keys_at(at))
        rows = range(len(self._prepared.cards))
        self._decided.created = sorted(set(rows).difference(odd).union(self._decided.created)) if odd else list(rows)
        return self._decided

    def _odd(self) -> set[int]:
        """Rows that share a key or an id with a stored contact, or with each other."""
        keys = self._held.keys() | _repeated(self._pairs.keys)
        odd = {at for at, key in zip(self._pairs.at, self._pairs.keys, strict=True) if key in keys} if keys else set()
        if self._shared_ids and self._options.match != "external_id":
            odd.update(at for at, one in enumerate(self._prepared.external_ids) if one in self._shared_ids)
        return odd

    def _keys_at(self, at: int) -> list[str]:
        """The keys of a row in their order, as its card tells; only the odd ones are asked."""
        if self._options.match == "external_id":
            return list(filter(None, [self._prepared.external_ids[at]]))
        return _keys_in_order(self._prepared.draft(at), self._options.match)

    def _marked(self) -> dict[int, tuple[str, str]]:
        """Rows that hold a marked number or mail address, with its field and key."""
        found: dict[int, tuple[str, str]] = {}
        for name, entries in (("email", self._prepared.emails), ("phone", self._prepared.phones)):
            marked = self._world.opted_out(name, entries.keys) if entries.keys else set()
            if marked:
                pairs = zip(entries.at, entries.keys, strict=True)
                found |= {at: (name, key) for at, key in pairs if key in marked}
        return found

    def _row(self, at: int, keys: list[str]) -> None:
        """The first of the row's keys that anybody has says whose row it is."""
        for key in keys:
            number = None if key in self._freed_keys else self._held.get(key)
            if key in self._taken_keys or (number is not None and number not in self._contacts):
                self._leave_out(at, "doubled", self._options.match, key)
                return
            if number is not None:
                if number in self._met:
                    self._leave_out(at, "doubled", self._options.match, key)
                else:
                    self._find(at, self._contacts[number])
                return
        self._create(at, keys)

    def _create(self, at: int, keys: list[str]) -> None:
        external_id = self._prepared.external_ids[at]
        if external_id and self._is_taken(external_id, None):
            self._leave_out(at, "taken", "external_id", external_id)
            return
        self._taken_keys.update(keys)
        if external_id:
            self._taken_ids.add(external_id)
        self._decided.created.append(at)

    def _is_taken(self, external_id: str, by_other_than: int | None) -> bool:
        holder = None if external_id in self._freed_ids else self._ids.get(external_id)
        return external_id in self._taken_ids or holder not in (None, by_other_than)

    def _find(self, at: int, old: Contact) -> None:
        draft = self._prepared.draft(at)
        new = merged(old, draft, self._options.found, self._way(at, old, draft.card))
        if new.external_id != old.external_id:
            if self._is_taken(new.external_id or "", old.number):
                self._leave_out(at, "taken", "external_id", new.external_id or "")
                return
            self._taken_ids.add(new.external_id or "")
            self._freed_ids |= {old.external_id} if old.external_id else set()
        self._met.add(old.number)
        if new is not old:
            before, after = keys_of(old, self._options.match), keys_of(new, self._options.match)
            self._taken_keys |= after - before
            self._freed_keys |= before - after
        self._decided.found.append((at, old, new))

    def _way(self, at: int, old: Contact, card: Card) -> Way:
        parts = self._parts.get(at)
        if parts is None and self._prepared.in_parts:
            parts = parts_said((card.full, card.given, card.family))
        tied = self._world.organization(old.organization) if old.organization and card.organization else None
        return Way(parts or (), self._headings.numbered, tied)

    def _leave_out(self, at: int, code: str, name: str, value: str) -> None:
        outcome: Outcome = "refused" if code == "taken" else "skipped"
        if outcome == "refused":
            self._decided.refused += 1
        else:
            self._decided.skipped += 1
        prepared = self._prepared
        heading = self._headings.of_field(name)
        issue = ImportIssue(prepared.indexes[at], 0, prepared.rows[at], heading, value, code, REASONS[code], outcome)
        self._decided.issues.append(issue)


def keys_of(contact: Contact, match: MatchKey) -> set[str]:
    """By which keys of a kind a contact is found."""
    return set(_keys_in_order(contact, match))


def _keys_in_order(contact: Contact | ContactDraft, match: MatchKey) -> list[str]:
    if match == "external_id":
        return [contact.external_id] if contact.external_id else []
    if contact.kind == "group" or match == "none":
        return []
    return list(lookup.phones(contact.card) if match == "phone" else lookup.emails(contact.card))


class _Pairs(Struct, frozen=True):
    """Positions of rows, and the keys by which they find their contacts."""

    at: Sequence[int]
    keys: Sequence[str]


def _keys_of(prepared: Prepared, match: MatchKey) -> _Pairs:
    """The keys by which each row finds its contact; groups are found by their id only."""
    if match == "none":
        return _Pairs((), ())
    if match == "external_id":
        at = [at for at, key in enumerate(prepared.external_ids) if key]
        return _Pairs(at, _ids_of(prepared))
    entries, kinds = prepared.phones if match == "phone" else prepared.emails, prepared.kinds
    if "group" not in kinds:
        return _Pairs(entries.at, entries.keys)
    pairs = [(at, key) for at, key in zip(entries.at, entries.keys, strict=True) if kinds[at] != "group"]
    return _Pairs([at for at, _ in pairs], [key for _, key in pairs])


def _ids_of(prepared: Prepared) -> list[str]:
    return list(filter(None, prepared.external_ids))


def _repeated(keys: Sequence[str]) -> set[str]:
    """Those that come more than once."""
    return {key for key, count in Counter(keys).items() if count > 1} if len(set(keys)) < len(keys) else set()

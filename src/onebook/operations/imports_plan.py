"""Plans: the same decisions without writing a contact, and whether they would still be the same."""

import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from onebook.errors import Conflict
from onebook.model.account import Account
from onebook.model.change import Change, contact_kept
from onebook.model.contact import Contact
from onebook.model.imports import Counts, Import, ImportIssue, Outcome, Sample
from onebook.model.opt_out import CHANNELS
from onebook.operations.imports_groups import Groups, key_of
from onebook.operations.imports_keys import Fingerprints, fingerprint
from onebook.operations.imports_members import ids_of
from onebook.operations.imports_memory import Memory
from onebook.operations.imports_prepare import Prepared
from onebook.operations.imports_rows import Decided, Headings, decide, keys_of
from onebook.operations.imports_run import Blocks, Stopped, keep_progress, must_be_mine
from onebook.operations.imports_step import Stored
from onebook.store.base import Session, Store, Work

SAMPLES: Final = 5  # of each outcome
# Judgement: so many changes since a plan are looked through one by one; beyond them it is simply too old.
_MOST_CHANGES: Final = 10_000
_LOG_PAGE: Final = 1_000
_PLANNED: Final = 0  # stands for the number of a contact that would be there by then


class _Planned(Stored):
    """The world as the rows before would have left it."""

    def __init__(self, session: Session, imported: Import, memory: Memory, planning: "Planning") -> None:
        super().__init__(session, imported, memory)
        self._planning = planning

    def found(self, field: str, keys: Sequence[str]) -> dict[str, int]:
        """As `Bulk.found`, after what the rows before would have changed."""
        planning = self._planning
        stored = {} if planning.overwrites else super().found(field, keys)
        found = {}
        for key in keys:
            mark = fingerprint(field, key)
            if mark in planning.taken:
                found[key] = _PLANNED
            elif key in stored and mark not in planning.freed:
                found[key] = stored[key]
        return found

    def opted_out(self, field: str, keys: Sequence[str]) -> set[str]:
        """Those keys that are marked, or would be."""
        would_be = self._planning.opted_out[field]
        return super().opted_out(field, keys) | would_be.intersection(keys)


class Planning:
    """Plans one import from the beginning of its file; an interrupted one begins anew."""

    def __init__(self, store: Store, account: Account, imported: Import, stopping: Callable[[], bool]) -> None:
        self._store = store
        self._account = account
        self._import = imported
        self._stopping = stopping
        self._memory = Memory()
        self._counts = Counts()
        self._samples: dict[Outcome, list[Sample]] = {}
        self._issues: list[ImportIssue] = []
        self._read: list[int] = []
        self._parts = 0
        self._began = time.monotonic()
        self.overwrites = imported.options.overwrite
        self.taken = Fingerprints()
        self.freed: set[int] = set()
        self.opted_out: dict[str, set[str]] = {channel: set() for channel in CHANNELS}

    def run(self, blocks: Blocks, headings: Headings) -> None:
        """Plan all blocks. Raises: Stopped."""
        self._write(self._begin)
        kept = time.monotonic()
        while not blocks.ended:
            block = blocks.take(1.0)
            if self._stopping():
                raise Stopped
            if block is not None:
                self._store.read(self._account, lambda session: self._block(session, block, headings))  # noqa: B023 - it is run at once
            if time.monotonic() - kept > 1.0:
                self._write(self._keep)
                kept = time.monotonic()
        self._write(self._end)

    def _write(self, run: Callable[[Session, Import], None]) -> None:
        def work(session: Session) -> None:
            run(session, must_be_mine(session, self._import))

        self._store.write(Work(self._account, self._import.actor, self._import.dialect, work))

    def _begin(self, session: Session, now: Import) -> None:
        session.bulk.remove_issues(now.id)
        session.bulk.remove_parts(now.id)
        session.change(Import, {"id": now.id}, read_seq=session.last_seq())

    def _keep(self, session: Session, now: Import) -> None:
        """Progress, and what was read so far: the keys of the file go to the store, as they may be many."""
        session.bulk.add_issues(now.id, self._issues)
        self._parts += 1
        session.bulk.keep_part(now.id, self._parts, array("Q", self._read).tobytes())
        self._issues, self._read = [], []
        keep_progress(session, now, self._counts, round((time.monotonic() - self._began) * 1000))

    def _end(self, session: Session, now: Import) -> None:
        self._keep(session, now)
        session.bulk.keep_part(now.id, 0, msgspec.msgpack.encode(self._memory.ranges()))
        samples = tuple(sample for some in self._samples.values() for sample in some)
        session.change(
            Import, {"id": now.id}, state="planned", samples=samples, rows_total=self._counts.rows,
            cancel_asked=False, ended_at=session.now,
        )  # fmt: skip

    # --- a block ---

    def _block(self, session: Session, prepared: Prepared, headings: Headings) -> None:
        options = self._import.options
        for channel in CHANNELS:
            self.opted_out[channel] |= prepared.opting_out(channel)
        decided = decide(prepared, options, _Planned(session, self._import, self._memory, self), headings)
        joining = self._joining(session, prepared, decided, headings)
        joining |= self._labelling(session, prepared, decided)
        updated = {old.number for _, old, new in decided.found if new is not old or old.number in joining}
        self._remember(prepared, decided)
        self._counts += Counts(
            created=len(decided.created),
            updated=len(updated),
            unchanged=len(decided.found) - len(updated),
            refused=prepared.refused + decided.refused,
            skipped=decided.skipped,
        )
        self._issues += [*prepared.issues, *decided.issues]
        self._sample(prepared, decided, updated)

    def _remember(self, prepared: Prepared, decided: Decided) -> None:
        match = self._import.options.match
        ids = prepared.external_ids
        self._read += [fingerprint("external_id", one) for one in ids if one]
        entries = {"phone": prepared.phones, "email": prepared.emails}.get(match)
        if entries is not None:
            self._read += [fingerprint(match, key) for key in entries.keys]
        self._read += [fingerprint("group", key_of(cell)) for _, cells in prepared.groups for cell in cells]
        uids = (uid for _, uids in prepared.members for uid in uids)
        self._read += [fingerprint("external_id", one) for uid in uids for one in ids_of(uid)]
        created = set(decided.created)
        self.taken.add(fingerprint("external_id", ids[at] or "") for at in decided.created if ids[at])
        if entries is not None:
            pairs = zip(entries.at, entries.keys, strict=True)
            kinds = prepared.kinds
            self.taken.add(fingerprint(match, key) for at, key in pairs if at in created and kinds[at] != "group")
        keys = prepared.sort_keys
        groups = (at for at in decided.created if prepared.kinds[at] == "group")
        self.taken.add(fingerprint("group", keys[at]) for at in groups)
        for _, old, new in decided.found:
            self._memory.meet(old.number)
            for field in {"external_id", match} - {"none"}:
                before, after = keys_of(old, field), keys_of(new, field)
                self.taken.add(fingerprint(field, key) for key in after - before)
                self.freed |= {fingerprint(field, key) for key in before - after}

    def _joining(self, session: Session, prepared: Prepared, decided: Decided, headings: Headings) -> set[int]:
        """Numbers of found contacts that would join a group."""
        found = {at: old.number for at, old, _ in decided.found}
        naming = [(at, cell) for at, cells in prepared.groups if at in found for cell in cells]
        naming = [(at, cell) for at, cell in naming if prepared.kinds[at] != "group"]
        if not naming:
            return set()
        world = _Planned(session, self._import, self._memory, self)
        groups = Groups(lambda keys: world.found("group", keys))
        groups.look_up({cell for _, cell in naming})
        makes = self._import.options.make_groups and not headings.kinds
        joining = set()
        there = session.groups.of_contacts({found[at] for at, _ in naming})
        for at, cell in naming:
            known, unknown = groups.named(cell)
            if not set(known).issubset(there.get(found[at], ())) or (makes and unknown):
                joining.add(found[at])
        return joining

    @staticmethod
    def _labelling(session: Session, prepared: Prepared, decided: Decided) -> set[int]:
        """Numbers of found contacts that would be put on a list or tag."""
        found = {at: old.number for at, old, _ in decided.found}
        rows = [(found[at], kind, names) for at, kind, names in prepared.labels if at in found]
        had = session.labels.of_contacts({number for number, _, _ in rows}) if rows else {}
        return {
            number for number, kind, names in rows if any((kind, name) not in had.get(number, ()) for name in names)
        }

    # --- samples ---

    def _sample(self, prepared: Prepared, decided: Decided, updated: set[int]) -> None:
        for at in decided.created[:SAMPLES]:
            self._show(Sample(prepared.indexes[at], prepared.rows[at], "created", name=_name(prepared, at)))
        for at, old, new in decided.found:
            outcome: Outcome = "updated" if old.number in updated else "unchanged"
            if len(self._samples.get(outcome, ())) < SAMPLES:
                sample = Sample(prepared.indexes[at], prepared.rows[at], outcome, old.uid, _name(prepared, at))
                self._show(msgspec.structs.replace(sample, changes=changes_of(old, new)))
        rows: dict[int, list[ImportIssue]] = {}
        for issue in (*prepared.issues, *decided.issues):
            rows.setdefault(issue.index, []).append(issue)
        for issues in rows.values():
            first = issues[0]
            codes = tuple(issue.code for issue in issues)
            self._show(Sample(first.index, first.row, first.outcome, codes=codes))

    def _show(self, sample: Sample) -> None:
        shown = self._samples.setdefault(sample.outcome, [])
        if len(shown) < SAMPLES:
            shown.append(sample)


def _name(prepared: Prepared, at: int) -> str | None:
    return prepared.draft(at).card.full


def changes_of(old: Contact, new: Contact) -> dict[str, tuple[Any, Any]]:
    """Field by field what a contact said and would say."""
    before, after = msgspec.to_builtins(old.card), msgspec.to_builtins(new.card)
    before["external_id"], after["external_id"] = old.external_id, new.external_id
    fields = sorted(before.keys() | after.keys())
    return {name: (before.get(name), after.get(name)) for name in fields if before.get(name) != after.get(name)}


# --- is a plan still true? ---


def must_be_as_planned(session: Session, applied: Import) -> None:
    """Before the first row of an applied plan: again, as others may have written since; then its keys are forgotten.

    Raises: as `must_be_unchanged`.
    """
    if next(session.bulk.parts(applied.id), None) is not None:
        must_be_unchanged(session, applied)
        session.bulk.remove_parts(applied.id)


def must_be_unchanged(session: Session, planned: Import) -> None:
    """Raises: Conflict("plan", …) if a contact or key that the plan has read was changed since."""
    parts = session.bulk.parts(planned.id)
    met = Memory([next(parts, b"\x90")])
    since = _since(session, planned)
    if not all(_is_apart(planned, change, met) for change in since):
        raise _too_old(planned)
    keys = _keys_of(session, planned, since)
    if keys and any(not keys.isdisjoint(array("Q", part)) for part in parts):
        raise _too_old(planned)


def _too_old(planned: Import) -> Conflict:
    message = "Contacts that the plan has read were changed since; plan the file again."
    return Conflict("plan", planned.id, message=message)


def _since(session: Session, planned: Import) -> list[Change]:
    """Changes since the plan read. Raises: Conflict if they are too many to look through."""
    found: list[Change] = []
    after = planned.read_seq
    while page := session.changes(after, _LOG_PAGE):
        found += page
        after = page[-1].seq
        if len(found) > _MOST_CHANGES or sum(change.last - change.first + 1 for change in page) > _MOST_CHANGES:
            raise _too_old(planned)
    return found


def _is_apart(planned: Import, change: Change, met: Memory) -> bool:
    """Whether a change has nothing to do with what the plan read, as far as its kind and numbers tell."""
    if change.noun == "contact":
        return not any(met.has_met(number) for number in range(change.first, change.last + 1))
    if change.noun == "book":
        return change.first != planned.book or change.verb not in ("replaced", "deleted")
    return change.noun != "opt_out" or not planned.options.skip_opted_out


def _keys_of(session: Session, planned: Import, since: Sequence[Change]) -> set[int]:
    """Fingerprints of the keys that changed contacts bear now or bore before."""
    keys: set[int] = set()
    numbers: set[int] = set()
    for change in since:
        if change.noun == "contact":
            numbers.update(range(change.first, change.last + 1))
            before: Mapping[str, Any] = change.before if isinstance(change.before, dict) else {}
            if "contact" in before:
                keys |= _fingerprints(contact_kept(before["contact"]), planned)
    for contact in session.contacts.by_numbers(numbers).values():
        if contact.book == planned.book:
            keys |= _fingerprints(contact, planned)
    return keys


def _fingerprints(contact: Contact, planned: Import) -> set[int]:
    fields = {"external_id", planned.options.match} - {"none"}
    found = {fingerprint(field, key) for field in fields for key in keys_of(contact, field)}
    if contact.kind == "group" and contact.card.full:
        found.add(fingerprint("group", key_of(contact.card.full)))
    return found

"""Checking, mending, copying: what keeps a database whole."""

from collections.abc import Sequence
from pathlib import Path

from onebook import bootstrap
from onebook.errors import InvalidInput
from onebook.operations import integrity
from onebook.settings import Settings
from onebook.store.base import Store


def _tell(faults: Sequence[integrity.Fault]) -> None:
    for fault in faults:
        where = f"account {fault.account}: " if fault.account else ""
        print(f"{where}{fault.sentence}{'' if fault.mendable else ' This cannot be derived, so it cannot be mended.'}")


def check(store: Store) -> int:
    """Say what is wrong; 0 if nothing is, else 1."""
    faults = list(integrity.check(store))
    _tell(faults)
    print(f"{len(store.accounts())} accounts, {len(faults)} faults")
    return 1 if faults else 0


def repair(store: Store) -> int:
    """Mend what can be derived, then say what is left; 0 if nothing is, else 1."""
    integrity.repair(store)
    return check(store)


def backup(settings: Settings, file: Path) -> int:
    """Copy the database to a file while it is written, and check the copy; 0 if it is whole, else 1."""
    if file.exists():
        raise InvalidInput.of("file", "taken", f"{file} is there already.")
    copies = bootstrap.copies_of(settings)
    part = file.with_name(f"{file.name}.part")
    copies.discard(part)
    try:
        copies.take(part)
        if copies.is_current(part):
            with copies.opened(part) as store:
                faults = list(integrity.check(store))
        else:
            faults = []
            print("The database is of an earlier version, so its accounts were not checked.")
        if not faults:
            part.rename(file)
    finally:
        copies.discard(part)
    _tell(faults)
    print("The copy has faults and was not kept." if faults else f"{file}: {file.stat().st_size:,} bytes, checked")
    return 1 if faults else 0


def restore(settings: Settings, file: Path, *, replace: bool) -> int:
    """Make the database what a backup is, if nobody uses it and nothing is lost by it; 0 if it is whole, else 1."""
    if not file.is_file():
        raise InvalidInput.of("file", "missing", f"There is no file {file}.")
    copies = bootstrap.copies_of(settings)
    if not (replace or copies.is_empty()):
        raise InvalidInput.of("database", "not_empty", "The database has accounts; --replace gives them up.")
    copies.put_back(file)
    store = bootstrap.open_store(settings)
    try:
        return check(store)
    finally:
        store.close()


def move(source: Settings, target: Settings) -> int:
    """Move all that one database holds to another, and check that; 0 if the new one is whole, else 1."""
    for what, amount in bootstrap.move(source, target):
        print(f"{what}: {amount:,}" if isinstance(amount, int) else f"{what}: {amount:.2f}", flush=True)
    store = bootstrap.open_store(target)
    try:
        return check(store)
    finally:
        store.close()

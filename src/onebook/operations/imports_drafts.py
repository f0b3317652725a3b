"""Drafts of imports: a file that has come in, and what somebody wants with it, kept until they plan it or go away.

A draft lies outside the store: it is nobody's data yet. It belongs to an account, and to nobody else.
"""

import os
import re
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec
from msgspec import Struct, structs

from onebook.errors import InvalidInput, LimitExceeded, NotFound
from onebook.importing.mapping import Mapping, is_target, kept
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions, MatchKey
from onebook.operations.actor import Actor
from onebook.operations.imports_preview import Preview
from onebook.operations.imports_spool import Landed, Landing

#: A draft that nobody has touched for so long is removed.
KEPT_SECONDS: Final = 86_400.0
#: A key that so many have of those who have the most frequent one is as good as that (judgement).
_NEARLY: Final = 0.95
_BLOCK_BYTES: Final = 1 << 20
_ID: Final = re.compile(r"[0-9a-f]{32}")
_SAID: Final = ".json"


class Draft(Struct, frozen=True):
    """A file on its way to be imported.

    Args:
        id: 32 hexadecimal digits. name: the file's own. size: in bytes. digest: its SHA-256.
        options: what was chosen so far. chosen: whether a person has looked at them.
        taken_at: when it came in, in milliseconds since 1970.
    """

    id: str
    name: str | None
    size: int
    digest: str
    options: ImportOptions
    chosen: bool = False
    taken_at: int = 0


_read: Final = msgspec.json.Decoder(Draft).decode


class Drafts:
    """The drafts of all accounts. Args: ``folder``: beside the files of imports, on the same disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(
        self, actor: Actor, source: Source, *, limit_bytes: int | None = None, options: ImportOptions | None = None
    ) -> Draft:
        """Keep a file, and close it; one that has landed is not copied, only moved.

        Raises: InvalidInput for an empty one; LimitExceeded("file") for one that is too large.
        """
        actor.must_be_allowed("write")
        with source:
            if not source.size:
                raise InvalidInput.of("file", "empty", "This file is empty. Choose one with a row for each contact.")
            if limit_bytes is not None and source.size > limit_bytes:
                raise LimitExceeded("file", limit_bytes, "bytes")
            landed = source if isinstance(source, Landed) else self._copied(actor, source)
        taken_at = time.time_ns() // 1_000_000
        made = Draft(
            uuid4().hex, source.name, landed.size, landed.digest, options or ImportOptions(), taken_at=taken_at
        )
        Path(str(landed.content)).rename(self._file(actor, made.id))  # on one disk
        self.keep(actor, made)
        return made

    def _copied(self, actor: Actor, source: Source) -> Landed:
        landing = Landing(self._place(actor))
        try:
            with source.open() as reader:
                while block := reader.read(_BLOCK_BYTES):
                    landing.write([block])
            return landing.landed()
        except BaseException:
            landing.drop()
            raise

    def keep(self, actor: Actor, draft: Draft) -> None:
        """Write down what was chosen."""
        actor.must_be_allowed("write")
        path = self._said(actor, draft.id)
        part = path.with_suffix(f".{uuid4().hex}.part")
        part.write_bytes(msgspec.json.encode(draft))
        part.replace(path)

    def find(self, actor: Actor, draft_id: str) -> Draft:
        """Raises: NotFound("file") once it is gone."""
        actor.must_be_allowed("write")
        try:
            os.utime(self._file(actor, draft_id))
            return _read(self._said(actor, draft_id).read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            raise NotFound("file", draft_id) from None

    def source(self, actor: Actor, draft: Draft) -> Source:
        """The file, to be looked at."""
        return Source(self._file(actor, draft.id), draft.size, name=draft.name)

    def landed(self, actor: Actor, draft: Draft) -> Landed:
        """The file, to be given to an import; the draft keeps it too, in case the import cannot begin.

        Raises: NotFound("file") once it is gone.
        """
        path = self._folder.parent / f"{uuid4().hex}.new"
        try:
            os.link(self._file(actor, draft.id), path)
        except FileNotFoundError:
            raise NotFound("file", draft.id) from None
        return Landed(path, draft.size, name=draft.name, digest=draft.digest)

    def drop(self, actor: Actor, draft_id: str) -> None:
        """Forget a draft."""
        actor.must_be_allowed("write")
        self._file(actor, draft_id).unlink(missing_ok=True)
        self._said(actor, draft_id).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what nobody has touched for a day; returns how many files went."""
        old, gone = time.time() - KEPT_SECONDS, 0
        for path in self._folder.glob("*/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < old and not _younger(path.with_suffix(""), old):
                    path.unlink()
                    gone += 1
        return gone

    def has_any(self, account_id: int) -> bool:
        """Whether an account has drafts."""
        return any((self._folder / str(account_id)).glob("*"))

    def let_go(self, account_id: int, erased_at: int) -> None:
        """Remove the drafts of an account that were there as somebody was erased, in milliseconds since 1970."""
        for path in (self._folder / str(account_id)).glob("*"):
            with suppress(FileNotFoundError):
                if not path.suffix and self._taken_at(path) <= erased_at:
                    path.unlink()
                    path.with_suffix(_SAID).unlink(missing_ok=True)

    @staticmethod
    def _taken_at(path: Path) -> int:
        try:
            return _read(path.with_suffix(_SAID).read_bytes()).taken_at
        except (
            FileNotFoundError,
            msgspec.DecodeError,
        ):  # it is only just coming in, or was left by a process that died
            return round(path.stat().st_mtime * 1000)

    def _place(self, actor: Actor) -> Path:
        place = self._folder / str(actor.account.id)
        place.mkdir(parents=True, exist_ok=True)
        return place

    def _file(self, actor: Actor, draft_id: str) -> Path:
        if not _ID.fullmatch(draft_id):  # it comes from an address, and must not lead elsewhere
            raise NotFound("file", draft_id)
        return self._place(actor) / draft_id

    def _said(self, actor: Actor, draft_id: str) -> Path:
        return self._file(actor, draft_id).with_suffix(_SAID)


def _younger(path: Path, than: float) -> bool:
    """Whether the file that this is said of was touched since."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime >= than
    return False


def targets_of(headings: Sequence[str], targets: Sequence[str]) -> dict[str, str]:
    """A mapping, as it is kept, from what was chosen for each column.

    Args: ``targets``: one for each heading; empty to leave the column out.

    Raises: InvalidInput with an issue ``target-<position>`` for each that is none.
    """
    wrong = [place for place, target in enumerate(targets) if target and not is_target(target)]
    if wrong or len(headings) != len(targets):
        message = "There is no such target."
        raise InvalidInput.of(f"target-{wrong[0] if wrong else 0}", "unknown", message)
    return kept(headings, Mapping({place: target for place, target in enumerate(targets) if target}))


def match_for(preview: Preview) -> MatchKey:
    """By what rows of a file would best find their contacts: the surest key that nearly as many rows have as any."""
    if preview.format == "vcard":  # which says nothing of its columns; else cards that come again would all be new
        return "phone"
    filled: dict[str, float] = {}
    for column in preview.columns:
        key = column.target.partition("/")[0].partition(":")[0]
        filled[key] = max(filled.get(key, 0.0), column.filled)
    keys: Iterable[MatchKey] = ("external_id", "phone", "email")
    there = [key for key in keys if key in filled]
    enough = _NEARLY * max((filled[key] for key in there), default=0.0)
    return next((key for key in there if filled[key] >= enough), "none")


def chosen(draft: Draft, **values: object) -> Draft:
    """The draft with what a person has chosen."""
    return structs.replace(draft, options=structs.replace(draft.options, **values), chosen=True)

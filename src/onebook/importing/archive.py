"""What a workbook may cost, and the look into its zip directory before anything is unpacked."""

import struct
import zipfile
from typing import BinaryIO, Final, Literal

from msgspec import Struct

# Why a workbook is refused; `workbook` has a sentence for each.
Refusal = Literal["password", "damaged", "foreign", "no_sheet", "too_large", "too_costly", "long_cell"]

_ENCRYPTED = 0x1  # general purpose bit 0. Source: APPNOTE.TXT, 4.4.4
# Below this the ratio says nothing: a small sheet of equal cells packs very well.
_RATIO_COUNTS_FROM_BYTES = 64 << 20
# The record at a zip's end: its mark; where in it the count of entries and the bytes of the directory stand; and the
# longest comment that may follow. Source: APPNOTE.TXT, 4.3.16.
_END = b"PK\x05\x06"
_COUNTS = struct.Struct("<10xHI6x")
_COMMENT_BYTES = 65_535
# Judgement: what the directory says of an entry, long names included.
_ENTRY_BYTES = 500
# A zip with one of these is a workbook, of whichever of the three kinds.
_WORKBOOK_ENTRIES = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})


class WorkbookLimits(Struct, frozen=True):
    """What reading a workbook may cost.

    Args:
        memory_bytes: address space of the process that reads it.
        cpu_seconds: its time at work. wait_seconds: how long it may keep us waiting, in all.
        entries: files in the zip. unpacked_bytes: their sizes together. ratio: how many times larger than packed.
        text_characters: of all cells together, since one long text may be used by a million cells.
    """

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    wait_seconds: float = 120.0
    entries: int = 10_000
    unpacked_bytes: int = 1 << 30
    ratio: int = 200
    text_characters: int = 256 << 20


#: While somebody waits for the answer to a call; what takes longer is tried again while nobody does.
PROMPT: Final = WorkbookLimits(wait_seconds=8.0)
PATIENT: Final = WorkbookLimits()


def judge_archive(file: BinaryIO, size: int, limits: WorkbookLimits) -> Refusal | None:
    """Look whether a zip may be unpacked and is a workbook; it is only believed as far as sizes go.

    Whoever unpacks it stands under limits of his own, since a directory may lie.

    Args:
        file: the zip. size: its bytes. limits: what is too much.
    """
    if _has_long_directory(file, size, limits):
        return "too_large"
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return "damaged"
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        return "password"
    return _judge_sizes(entries, size, limits) or _judge_names([entry.filename for entry in entries])


def _has_long_directory(file: BinaryIO, size: int, limits: WorkbookLimits) -> bool:
    """Whether the directory has far too many entries: reading a million of them would take half a minute."""
    file.seek(max(0, size - _COUNTS.size - _COMMENT_BYTES))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _COUNTS.size:
        return False
    entries, directory_bytes = map(int, _COUNTS.unpack_from(tail, at))
    return entries > limits.entries or directory_bytes > limits.entries * _ENTRY_BYTES


def _judge_sizes(entries: list[zipfile.ZipInfo], size: int, limits: WorkbookLimits) -> Refusal | None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > limits.entries or unpacked > limits.unpacked_bytes:
        return "too_large"
    if unpacked > _RATIO_COUNTS_FROM_BYTES and unpacked > size * limits.ratio:
        return "too_large"
    # Entries that lie over each other make a bomb of a few bytes.
    return "damaged" if packed > size else None


def _judge_names(names: list[str]) -> Refusal | None:
    if len(set(names)) < len(names):
        # Two programs would read two different sheets.
        return "damaged"
    known = {name.lower().replace("\\", "/").lstrip("/") for name in names}
    return None if known & _WORKBOOK_ENTRIES else "foreign"

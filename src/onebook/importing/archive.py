"""What a workbook may cost, and the look into its zip directory before anything is unpacked."""

import zipfile
from typing import BinaryIO, Literal

from msgspec import Struct

# Why a workbook is refused; `workbook` has a sentence for each.
Refusal = Literal["password", "damaged", "foreign", "no_sheet", "too_large", "too_costly", "long_cell"]

_ENCRYPTED = 0x1  # general purpose bit 0. Source: APPNOTE.TXT, 4.4.4
# Below this the ratio says nothing: a small sheet of equal cells packs very well.
_RATIO_COUNTS_FROM_BYTES = 64 << 20
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
    cpu_seconds: int = 15
    wait_seconds: float = 30.0
    entries: int = 10_000
    unpacked_bytes: int = 1 << 30
    ratio: int = 200
    text_characters: int = 256 << 20


def judge_archive(file: BinaryIO, size: int, limits: WorkbookLimits) -> Refusal | None:
    """Look whether a zip may be unpacked and is a workbook; it is only believed as far as sizes go.

    Whoever unpacks it stands under limits of his own, since a directory may lie.

    Args:
        file: the zip. size: its bytes. limits: what is too much.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return "damaged"
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        return "password"
    return _judge_sizes(entries, size, limits) or _judge_names([entry.filename for entry in entries])


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

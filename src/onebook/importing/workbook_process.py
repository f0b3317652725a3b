"""The process that reads a workbook, alone and under limits: hostile files make such readers abort or swell.

Started by `workbook` as ``python -m onebook.importing.workbook_process LIMITS SHEET``; the workbook is its standard
input, and what it finds goes to its standard output as frames: four bytes of length, then MessagePack.
"""

import contextlib
import datetime as dt
import gc
import io
import math
import os
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum
from python_calamine import SheetVisibleEnum as Visible

from onebook.importing.archive import Refusal, WorkbookLimits, judge_archive
from onebook.importing.record import CELL_CHARACTERS, COLUMNS
from onebook.importing.window import Window

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
Row = tuple[int, list[str]]

_encode = msgspec.msgpack.Encoder().encode
_read_limits = msgspec.json.Decoder(WorkbookLimits).decode
_BATCH_ROWS = 2_000
_BATCH_CHARACTERS = 256 * 1024
_WHOLE_FLOATS = 1e21  # judgement: beyond it nobody takes the digits for those of an id
_TAIL = 64
_UNDER_PASSWORD = "EncryptedPackage".encode("utf-16-le")  # MS-OFFCRYPTO, 2.3.4.4


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """What goes to the parent: rows, then one frame that says how it ended.

    Args:
        first, last: the sheet's own numbers, from 1, of the first and the last row.
        rows: a list of `Row` as MessagePack, the number and the cells as text; blank rows are left out.
        ended: True in the last frame. refusal: why it ended early.
    """

    first: int = 0
    last: int = 0
    rows: bytes = b""
    ended: bool = False
    refusal: Refusal | None = None


class RefusedError(Exception):
    """The workbook is refused; the reason is its only argument."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal: Refusal = refusal
        super().__init__(refusal)


def main() -> None:
    """Read the workbook on standard input, and say at the end how it went."""
    limits = _read_limits(sys.argv[1])
    name = msgspec.json.decode(sys.argv[2], type=str | None)
    _limit(limits)
    out = sys.stdout.buffer
    gc.disable()  # rows are in no cycles, but would be looked through for them again and again
    try:
        for batch in _batches(_rows(sheet_of(io.BufferedReader(Window(0)), limits, name), limits)):
            _send(out, Frame(batch[0][0], batch[-1][0], _encode(batch)))
        last = Frame(ended=True)
    except RefusedError as error:
        last = Frame(ended=True, refusal=error.refusal)
    except MemoryError:
        last = Frame(ended=True, refusal="too_costly")
    except BaseException:  # noqa: BLE001 -- a panic of the reader is none of Exception; whatever it is, it is the file
        last = Frame(ended=True, refusal="damaged")
    _send(out, last)


def _limit(limits: WorkbookLimits) -> None:
    """Bind this process: memory, time, no files written, no core dump of somebody's contacts."""
    bounds = (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, bound in bounds:
        # macOS refuses to bound the address space; the other bounds and the parent's patience remain.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))


def sheet_of(file: BinaryIO, limits: WorkbookLimits, name: str | None = None) -> CalamineSheet:
    """The sheet of that name, else the first that a person sees and that has any row.

    Raises:
        RefusedError: if there is none, or the file is not to be opened.
    """
    if file.read(2) == b"PK":
        refusal = judge_archive(file, os.fstat(0).st_size, limits)
        if refusal:
            raise RefusedError(refusal)
    else:
        _refuse_under_password(file)
    file.seek(0)
    try:
        workbook = CalamineWorkbook.from_filelike(file)
        seen = [
            position
            for position, sheet in enumerate(workbook.sheets_metadata)
            if sheet.typ == SheetTypeEnum.WorkSheet
            and (sheet.name == name if name is not None else sheet.visible == Visible.Visible)
        ]
        if not seen:
            raise RefusedError("no_sheet")
        sheets = map(workbook.get_sheet_by_index, seen)
        filled = (sheet for sheet in sheets if next(_rows(sheet, limits), None))
        return next(filled, None) or workbook.get_sheet_by_index(seen[0])
    except PasswordError:
        raise RefusedError("password") from None
    except CalamineError as error:
        raise RefusedError("password" if "password" in str(error).lower() else "damaged") from None


def _refuse_under_password(file: BinaryIO) -> None:
    """A workbook of today under a password hides in the container of old ones, as a stream of this name."""
    file.seek(0)
    before = b""
    while block := file.read(1 << 20):
        if _UNDER_PASSWORD in before + block:
            raise RefusedError("password")
        before = block[-len(_UNDER_PASSWORD) :]


def _rows(sheet: CalamineSheet, limits: WorkbookLimits) -> Iterator[tuple[Row, int]]:
    """The rows that are not blank, without their blank ends, and their length."""
    characters = 0
    for row, cells in enumerate(sheet.iter_rows(), 1):
        # The quick way past the million rows that a stray cell far below makes.
        if cells.count("") == len(cells):
            continue
        kept = cells if len(cells) <= _TAIL else _kept(cells)
        # Nearly all cells are texts, which need no call.
        texts = [cell if type(cell) is str else text_of(cell) for cell in kept]
        while texts and not texts[-1].strip():
            texts.pop()
        if not texts:
            continue
        size = len("".join(texts))
        if size > CELL_CHARACTERS and max(map(len, texts)) > CELL_CHARACTERS:
            raise RefusedError("long_cell")
        characters += size
        if characters > limits.text_characters:
            raise RefusedError("too_large")
        yield (row, texts), size


def _kept(cells: list[Cell]) -> list[Cell]:
    """The cells without most of a long blank end; of those beyond the columns that there may be, the first filled one.

    One cell far to the right makes all rows of a sheet as wide.
    """
    if len(cells) > COLUMNS:
        rest = cells[COLUMNS:]
        # One more than there may be, so that the table sees that they are too many.
        filled = rest if rest.count("") < len(rest) else ()
        cells = [*cells[:COLUMNS], next((cell for cell in filled if text_of(cell).strip()), "")]
    end = len(cells)
    while end > _TAIL and cells[end - _TAIL : end].count("") == _TAIL:
        end -= _TAIL
    return cells[:end]


def text_of(cell: Cell) -> str:
    """A cell as a person would type it: whole numbers without a point, dates in ISO 8601, errors as nothing.

    >>> [text_of(cell) for cell in (4155550134.0, 1.5, True, dt.date(2031, 5, 1), "Ada")]
    ['4155550134', '1.5', 'true', '2031-05-01', 'Ada']
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return ""
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE_FLOATS else repr(cell)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _batches(rows: Iterator[tuple[Row, int]]) -> Iterator[list[Row]]:
    """Rows in groups, so that a frame is worth its way and never large."""
    batch: list[Row] = []
    characters = 0
    for row, size in rows:
        batch.append(row)
        characters += size
        if len(batch) >= _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _send(out: BinaryIO, frame: Frame) -> None:
    data = _encode(frame)
    out.write(len(data).to_bytes(4, "big") + data)
    out.flush()


if __name__ == "__main__":
    main()

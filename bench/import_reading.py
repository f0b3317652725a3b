"""What the reading half of an import costs a row, stage by stage, in microseconds of processor time.

Usage: python -m bench.import_reading [--rows 100000] [--rounds 3]

The stages are those of a process that prepares rows and of whoever waits for it: cutting the text into blocks and
sending them, making drafts and columns of a block, sending these, and taking them in at the writer's end.
"""

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec

from bench import import_rows, imports
from onebook.importing.blocks import Block
from onebook.importing.draft import read_block
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions
from onebook.operations.imports_prepare import Prepared, Wish, prepare
from onebook.operations.imports_reading import open_file

T = TypeVar("T")

_encode = msgspec.msgpack.Encoder().encode
_block = msgspec.msgpack.Decoder(Block).decode
_prepared = msgspec.msgpack.Decoder(Prepared).decode


class Stages:
    """Seconds of processor time by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, name: str, run: Callable[..., T], *given: object) -> T:
        """Run something as a part of a stage."""
        began = time.process_time()
        made = run(*given)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began
        return made


def one_round(csv: Path) -> dict[str, float]:
    """Microseconds a row of each stage, and their sum."""
    stages, rows, wish = Stages(), 0, Wish(1)
    with open_file(Source.of_path(csv), ImportOptions(targets=imports.TARGETS), None) as file:
        blocks = file.blocks(0)
        while (block := stages.time("cut", next, blocks, None)) is not None:
            sent = stages.time("send block", _encode, block)
            taken: Block = stages.time("send block", _block, sent)
            drafts = stages.time("draft", read_block, taken, file.plan)
            made = stages.time("prepare", prepare, drafts, wish, taken.index + taken.count)
            answer = stages.time("send columns", _encode, made)
            rows += len(drafts)
            stages.time("take columns in", _prepared, answer)
            gc.collect(0)
    each = {name: seconds / rows * 1e6 for name, seconds in stages.seconds.items()}
    return each | {"all": sum(each.values())}


def main() -> None:
    """Measure, and print the median of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--file", type=Path, help="instead of made-up rows, with the same headings")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        csv = given.file or Path(name) / "rows.csv"
        if given.file is None:
            import_rows.write(csv, given.rows)
        gc.disable()
        rounds = [one_round(csv) for _ in range(given.rounds)]
    print(json.dumps({stage: round(statistics.median(one[stage] for one in rounds), 1) for stage in rounds[0]}))


if __name__ == "__main__":
    main()

"""The command line, run in this process: its words, its exit status, and what it says where."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from onebook.cli import main
from tests.store.engines import engine as engine
from tests.store.engines import folder as folder


class Said(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said, which must be one line of JSON and nothing else."""
        assert self.status == 0, self.err
        assert self.err == ""
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def sentence(self) -> str:
        """The one sentence of an error of ours."""
        assert self.status == 2, (self.status, self.out, self.err)
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("onebook: ")
        assert line.endswith(".")
        assert "Traceback" not in line
        return line.removeprefix("onebook: ")


Run = Callable[..., Said]


@pytest.fixture
def onebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``onebook`` with these arguments, in an empty folder, on the database in its folder ``data``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONEBOOK_DATA", str(tmp_path / "data"))

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["onebook", *arguments])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 0
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return run

"""The shape of the house: short functions, short files, each module saying what it is for."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION = 60
LONGEST_FILE = 500
FOLDERS = ("src", "tests", "bench", "examples")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 20


def test_no_function_is_over_sixty_lines() -> None:
    long = [
        f"{name(path)}: {function.name}"
        for path in FILES
        for function in functions(path)
        if (function.end_lineno or function.lineno) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_no_file_is_over_five_hundred_lines() -> None:
    assert [name(path) for path in FILES if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE] == []


def test_every_module_says_what_it_is_for() -> None:
    modules = [path for path in FILES if path.is_relative_to(ROOT / "src")]
    assert [name(path) for path in modules if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [name(path) for path in FILES if path.stem in drawers] == []

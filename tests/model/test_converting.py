"""No kind of ours is made known to msgspec while several threads run: that has ended processes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import onebook
from onebook.model.converting import converting
from onebook.model.label import Member

SOURCE = Path(onebook.__file__).parent
PLAIN = {"Any", "None", "bool", "bytes", "dict", "float", "int", "list", "str", "tuple"}
#: Functions that are called by modules while these are imported, or with kinds of plain values.
EXCEPT = {
    ("model/converting.py", "converting"),
    ("store/records.py", "_reader"),
    ("dialects/native/reading.py", "place_of"),  # a tuple of numbers and texts
}


def kinds_of(call: ast.Call) -> Iterator[ast.expr]:
    """What a call tells msgspec to read."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "Decoder":
        yield from call.args[:1]
    elif name == "convert":
        yield from call.args[1:2]
    if name in ("Decoder", "convert", "decode", "partial"):
        yield from (given.value for given in call.keywords if given.arg == "type")


def told_at_run_time(path: Path) -> Iterator[tuple[str, str, str]]:
    """Module, function, and what is no plain kind of what the function tells msgspec to read."""
    module = path.relative_to(SOURCE).as_posix()
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and (module, function.name) not in EXCEPT:
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            for kind in (kind for call in calls for kind in kinds_of(call)):
                names = {node.id for node in ast.walk(kind) if isinstance(node, ast.Name)}
                if names - PLAIN:
                    yield module, function.name, ast.unparse(kind)


def test_kinds_are_made_known_while_modules_are_imported() -> None:
    assert [found for path in sorted(SOURCE.rglob("*.py")) for found in told_at_run_time(path)] == []


def test_values_are_read_as_a_kind() -> None:
    read = converting(Member)
    assert read({"contact": 3, "primary": True}) == Member(3, primary=True)
    with pytest.raises(msgspec.ValidationError):
        read({"contact": "three"})


@pytest.mark.parametrize(
    "line",
    ["msgspec.json.decode(text, type=Notice)", "msgspec.convert(value, list[Card])", "msgspec.json.Decoder(Card)"],
)
def test_the_look_finds_what_it_looks_for(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.SOURCE", tmp_path)
    path = tmp_path / "module.py"
    path.write_text(f"def read(text, value):\n    return {line}\n")
    assert len(list(told_at_run_time(path))) == 1

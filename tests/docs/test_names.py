"""Every setting, command and route has its line in the documents."""

import re
from pathlib import Path

import pytest
import typer

from onebook.bootstrap import DIALECTS
from onebook.cli.main import app
from onebook.dialects.base import Dialect, Route
from onebook.settings import SETTINGS, Setting

DOCS = Path(__file__).parents[2] / "docs"
RUNNING = (DOCS / "running.md").read_text("utf-8").splitlines()
PARAMETER = re.compile(r"\{\w+\}|:[a-z]\w*")
ROUTES = [(dialect, route) for dialect in DIALECTS for route in dialect.routes]


def commands(group: typer.Typer, path: str) -> list[str]:
    own = [
        f"{path} {command.name or command.callback.__name__}"
        for command in group.registered_commands
        if command.callback
    ]
    return own + [
        name
        for inner in group.registered_groups
        if inner.typer_instance
        for name in commands(inner.typer_instance, f"{path} {inner.name}")
    ]


COMMANDS = commands(app, "onebook")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_stands_in_the_table_with_its_variable_and_default(setting: Setting) -> None:
    default = "empty" if setting.default == "" else f"`{setting.default}`"
    assert any(line.startswith(f"| `{setting.name}` | `{setting.variable}` | {default} | ") for line in RUNNING)


def test_no_setting_in_the_table_has_gone() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \| `ONEBOOK_", "\n".join(RUNNING), re.MULTILINE))
    assert listed == {setting.name for setting in SETTINGS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_stands_in_the_table(command: str) -> None:
    assert any(line.startswith(f"| `{command}` | ") for line in RUNNING)


def test_no_command_in_the_table_has_gone() -> None:
    listed = set(re.findall(r"^\| `(onebook [\w -]+)` \|", "\n".join(RUNNING), re.MULTILINE))
    assert listed == set(COMMANDS)


@pytest.mark.parametrize(("dialect", "route"), ROUTES, ids=lambda part: part.name)
def test_a_route_stands_in_its_dialects_document(dialect: Dialect, route: Route) -> None:
    path = re.escape(PARAMETER.sub("{}", route.path.removeprefix("/one")))
    whole = re.compile(rf"(?<![\w/}}-]){path}(?![\w/{{-])")
    lines = PARAMETER.sub("{}", (DOCS / "dialects" / f"{dialect.name}.md").read_text("utf-8")).splitlines()
    assert any(whole.search(line) and re.search(rf"\b{route.method}\b", line) for line in lines)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_the_openapi_path_of_a_dialect_is_named(dialect: Dialect) -> None:
    assert any(f"`/openapi/{dialect.name}.json`" in line for line in RUNNING)

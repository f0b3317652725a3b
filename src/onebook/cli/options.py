"""What commands have in common: their options, the store that they work on, and how they answer."""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import typer

from onebook import bootstrap, settings
from onebook.store.base import Store

T = TypeVar("T")

Database = Annotated[str | None, typer.Option("--database", help="Database URL; ONEBOOK_DATABASE.")]
Data = Annotated[str | None, typer.Option("--data", help="Data directory; ONEBOOK_DATA.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one line of JSON.")]


def over_store(database: str | None, data: str | None, run: Callable[[Store], T], *, new: bool = False) -> T:
    """Do a command's work over the store, and close it; ``new``: one that is not there is made."""
    store = bootstrap.open_store(settings.load({"database": database, "data": data}), new=new)
    try:
        return run(store)
    finally:
        store.close()


def shown(values: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one answer, a value a line."""
    print(json.dumps(values) if as_json else "\n".join(f"{name}: {value}" for name, value in values.items()))


def listed(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print a list of answers: a JSON array, or a table with a line of headings."""
    if as_json:
        print(json.dumps(rows))
        return
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths)).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)

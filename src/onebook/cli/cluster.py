"""Spreading a database over a cluster."""

from typing import Annotated

import typer

from onebook import bootstrap, settings

cluster_app = typer.Typer(no_args_is_help=True, help="A cluster of PostgreSQL machines.")


@cluster_app.callback()
def cluster() -> None:
    """A cluster of PostgreSQL machines."""


@cluster_app.command("distribute")
def distribute(
    database: Annotated[str | None, typer.Option("--database", help="Database URL; ONEBOOK_DATABASE.")] = None,
    data: Annotated[str | None, typer.Option("--data", help="Data directory; ONEBOOK_DATA.")] = None,
) -> None:
    """Spread the tables over the machines of a Citus cluster; what is spread already stays as it is."""
    spread = bootstrap.distribute(settings.load({"database": database, "data": data}))
    print("\n".join(spread) if spread else "Everything is spread already.")

"""The commands."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from onebook import __version__, bootstrap, settings
from onebook.cli.accounts import account_app, key_app
from onebook.cli.cluster import cluster_app
from onebook.cli.options import AsJson, Data, Database, over_store, shown
from onebook.errors import InvalidInput, OnebookError
from onebook.model.imports import Found, MatchKey
from onebook.operations import accounts
from onebook.operations.actor import Actor
from onebook.store.base import Work

Delimiter = Literal[",", ";", "tab", "|", ":"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=f"onebook {__version__}: one book of contacts, four vendors' APIs.",
)
app.add_typer(account_app, name="account")
app.add_typer(key_app, name="key")
app.add_typer(cluster_app, name="cluster")
person_app = typer.Typer(no_args_is_help=True, help="People who use the pages.")
app.add_typer(person_app, name="person")


def main() -> None:
    """Run the command line; an error of ours is one sentence on standard error and exit status 2."""
    try:
        app()
    except InvalidInput as error:
        _fail(" ".join(issue.message for issue in error.issues))
    except OnebookError as error:
        _fail(str(error))


def _fail(sentence: str) -> NoReturn:
    print(f"onebook: {sentence}", file=sys.stderr)
    raise SystemExit(2)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; ONEBOOK_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; ONEBOOK_PORT.")] = None,
    database: Database = None,
    data: Data = None,
    worker: Annotated[bool, typer.Option(help="Run a worker beside the server.")] = True,
    demo: Annotated[bool, typer.Option("--demo", help="Make a demo account, once, and show how to call it.")] = False,
) -> None:
    """Serve the APIs until SIGTERM or Ctrl-C."""
    from onebook.cli import serving

    chosen = settings.load({"host": host, "port": port, "database": database, "data": data})
    serving.serve(chosen, worker=worker, demo=demo)


@app.command()
def worker(
    metrics_port: Annotated[int | None, typer.Option(help="Port for /metrics; ONEBOOK_METRICS_PORT.")] = None,
    database: Database = None,
    data: Data = None,
) -> None:
    """Work beside other processes' servers: going on with imports, keeping house."""
    from onebook.cli import serving

    serving.work(settings.load({"metrics_port": metrics_port, "database": database, "data": data}))


@app.command()
def migrate(database: Database = None, data: Data = None) -> None:
    """Bring the database to this version's schema; serving does it by itself."""
    bootstrap.open_store(settings.load({"database": database, "data": data}), new=True).close()


@app.command()
def check(database: Database = None, data: Data = None) -> None:
    """Look whether all that is stored agrees, account by account; exit status 1 if anything does not."""
    from onebook.cli import upkeep

    raise typer.Exit(over_store(database, data, upkeep.check))


@app.command()
def repair(database: Database = None, data: Data = None) -> None:
    """Mend what can be derived: look-up tables, counters, search index; exit status 1 if anything is left."""
    from onebook.cli import upkeep

    raise typer.Exit(over_store(database, data, upkeep.repair))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not be there yet.")],
    database: Database = None,
    data: Data = None,
) -> None:
    """Copy the database to a file while servers write, and check the copy; exit status 1 if it is faulty."""
    from onebook.cli import upkeep

    raise typer.Exit(upkeep.backup(settings.load({"database": database, "data": data}), file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="File that `onebook backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Give up the accounts that are there.")] = False,
    database: Database = None,
    data: Data = None,
) -> None:
    """Make the database what a backup is; no server or worker may have it open."""
    from onebook.cli import upkeep

    raise typer.Exit(upkeep.restore(settings.load({"database": database, "data": data}), file, replace=replace))


@app.command()
def move(
    from_: Annotated[str, typer.Option("--from", metavar="URL", help="Database that holds everything now.")],
    to: Annotated[str | None, typer.Option("--to", metavar="URL", help="Empty database, of whichever engine.")] = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Forget the move: servers go on with the old one.")
    ] = False,
    data: Data = None,
) -> None:
    """Move everything to another database while servers go on, and compare both."""
    from onebook.cli import upkeep

    source = settings.load({"database": from_, "data": data})
    if give_up == (to is not None):
        raise InvalidInput.of("to", "either", "A move needs --to, or --give-up to forget it.")
    if to is None:
        bootstrap.give_up_move(source)
    else:
        raise typer.Exit(upkeep.move(source, settings.load({"database": to, "data": data})))


@app.command()
def config(as_json: AsJson = False) -> None:
    """Show every setting, its value, and where the value came from."""
    chosen = settings.load()
    rows = {name: {"value": value.value, "source": value.source} for name, value in chosen.items()}
    if as_json:
        print(json.dumps(rows))
        return
    for setting in settings.SETTINGS:
        value, source = chosen[setting.name]
        print(f"{setting.name} = {value!r}  ({source}; {setting.variable}; {setting.unit})\n    {setting.sentence}")


@person_app.command("link")
def person_link(
    account: Annotated[str, typer.Argument(help="Name of the account.")],
    role: Annotated[str, typer.Option(help="owner, editor or viewer.")] = "owner",
    email: Annotated[str | None, typer.Option(help="Who alone may use it; a member's password is set anew.")] = None,
    database: Database = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a one-time link by which a person joins an account, or gets a new password; it is good for a day."""
    from onebook.operations import people

    chosen = settings.load({"database": database, "data": data})
    store = bootstrap.open_store(chosen)
    try:
        token = people.link(store, accounts.named(store, account), role, email)
    finally:
        store.close()
    shown({"account": account, "link": bootstrap.link_of(chosen, token)}, as_json=as_json)


@app.command()
def export(
    account: Annotated[str, typer.Option(help="Name of the account.")],
    book: Annotated[str | None, typer.Option(help="Name of a book; all of them if it is not given.")] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="NAME=VALUE", help="As GET /contacts filters, such as tag=vip; repeatable."),
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="csv, xlsx, vcard, vcard3 or jsonl; else as the file's name ends.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write; standard output if it is not given.")] = None,
    database: Database = None,
    data: Data = None,
) -> None:
    """Write contacts to a file that `onebook import` reads again with nothing lost."""
    from onebook.cli import exporting
    from onebook.operations.exports import FORMAT_NAMES

    chosen = exporting.chosen_format(format_, output)
    if chosen not in FORMAT_NAMES:
        _fail(f"The format is one of {', '.join(FORMAT_NAMES)}.")
    store = bootstrap.open_store(settings.load({"database": database, "data": data}))
    try:
        exporting.export(store, account, book, filters or (), chosen, output)
    finally:
        store.close()


@app.command("import")
def import_(  # noqa: PLR0913, PLR0917 - each option is an argument
    account: Annotated[str, typer.Option(help="Name of the account.")],
    file: Annotated[
        Path | None, typer.Argument(help="CSV, TSV, xlsx, xls, ods, vCard, JSON Lines; also .gz; - for stdin.")
    ] = None,
    book: Annotated[str | None, typer.Option(help="Name of the book; else the account's first.")] = None,
    match: Annotated[MatchKey, typer.Option(help="By what a row finds its contact in the book.")] = "none",
    found: Annotated[Found, typer.Option(help="What happens to a contact that a row finds.")] = "update",
    mapping: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="A saved mapping, or a JSON file; else recognised.")
    ] = None,
    recall: Annotated[
        bool, typer.Option(help="Use the mapping that the last file with such headings was imported with.")
    ] = True,
    country: Annotated[str | None, typer.Option(help="Where national numbers are dialled, such as FR.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Find out what would happen, and write nothing.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the book's contacts by the file's.")] = False,
    skip: Annotated[bool, typer.Option("--skip-opted-out", help="Leave out rows of who has opted out.")] = False,
    valid: Annotated[bool, typer.Option("--demand-valid", help="Refuse numbers that no country has assigned.")] = False,
    encoding: Annotated[str | None, typer.Option(help="Of a text, such as cp1252; else found out.")] = None,
    delimiter: Annotated[Delimiter | None, typer.Option(help="Between cells; else found out.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Name of a workbook's sheet; else the first.")] = None,
    issues: Annotated[Path | None, typer.Option(help="File for all issues: .json, .csv or .xlsx.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Idempotency key: the same file with the same key is the same import.")
    ] = None,
    apply: Annotated[str | None, typer.Option(metavar="ID", help="Do what this plan says.")] = None,
    undo: Annotated[str | None, typer.Option(metavar="ID", help="Take this import back.")] = None,
    show: Annotated[
        str | None, typer.Option(metavar="ID", help="Follow this import to its end and tell of it again.")
    ] = None,
    mend: Annotated[
        str | None, typer.Option(metavar="ID", help="The file is this import's workbook of refused rows, mended.")
    ] = None,
    database: Database = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Import a file of contacts, apply a plan, undo an import, or mend its refused rows.

    The exit status is 0 if every row was taken, 1 if rows were refused, 2 if it failed, 130 after Ctrl-C.
    """
    from onebook.cli import importing

    if [file, apply, undo, show].count(None) != 3 or (mend and not file):  # noqa: PLR2004 - all but one
        _fail("Name one of these: a file, --apply ID, --undo ID, --show ID; --mend ID goes with a file.")
    chosen = settings.load({"database": database, "data": data})
    store = bootstrap.open_store(chosen)
    imports = bootstrap.make_imports(chosen, store)
    try:
        desk = importing.Desk(imports, store, account, as_json=as_json, issues=issues)
        options = {"match": match, "found": found, "country": country, "overwrite": overwrite, "recall": recall}
        options |= {"skip_opted_out": skip, "demand_valid": valid}
        options |= {"encoding": encoding, "delimiter": "\t" if delimiter == "tab" else delimiter, "sheet": sheet}
        sending = importing.Sending(book, mapping, plan, key or None, options)
        status = desk.do(importing.Wish(file, mend, show, apply, undo), sending)
    finally:
        imports.stop()
        store.close()
    raise typer.Exit(status)


@app.command()
def erase(
    uid: str,
    account: Annotated[str, typer.Option(help="Name of the account.")],
    database: Database = None,
    data: Data = None,
) -> None:
    """Erase a contact: delete it and all that the log, the stored answers and imports remember of it."""
    from onebook.operations import contacts

    read = settings.load({"database": database, "data": data})
    store = bootstrap.open_store(read)
    try:
        owner = accounts.named(store, account)
        actor: Actor = accounts.owner(owner)
        store.write(
            Work(
                owner,
                "",
                "command",
                lambda session: contacts.erase(session, actor, contacts.erasable(session, actor, uid)),
            )
        )
        bootstrap.make_imports(read, store).let_go()
        store.sweep(answers_before=0, generations_before=0)  # nothing is that old: only what was erased leaves the file
    finally:
        store.close()

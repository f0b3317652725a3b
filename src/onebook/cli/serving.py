"""Running the server and the worker; the demo account of a newcomer's first hour."""

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import structlog
import uvloop

from onebook import bootstrap
from onebook.errors import InvalidInput
from onebook.operations import accounts, people
from onebook.operations.imports_engine import Engine
from onebook.server.listening import Listener
from onebook.settings import Settings
from onebook.store.base import Store
from onebook.worker import Worker

DEMO_ACCOUNT = "demo"
GREETING = """\
onebook is starting. Its demo account's key is in DEMO_ENV; in another terminal, first

  . DEMO_ENV

then one call for each dialect:

  # Apptoto: a contact in a named book
  curl -u "$ONEBOOK_LOGIN:$ONEBOOK_KEY" -H 'Content-Type: application/json' \\
    "$ONEBOOK_URL/apptoto/v1/contacts" \\
    -d '{"contacts":[{"address_book":"Contacts","name":"Ada Okafor","phone":"650-555-0134"}]}'

  # PackageX: the same person is already there
  curl -H "PX-API-KEY: $ONEBOOK_KEY" "$ONEBOOK_URL/packagex/v1/contacts?search=okafor"

  # Alloy: and here, as a CRM contact
  curl -H "Authorization: bearer $ONEBOOK_KEY" \\
    "$ONEBOOK_URL/alloy/2024-03/one/crm/contacts?credentialId=$ONEBOOK_CREDENTIAL"

  # Octopush: its number is the key; put it on a list
  curl -H "api-login: $ONEBOOK_LOGIN" -H "api-key: $ONEBOOK_KEY" -H 'Content-Type: application/json' \\
    "$ONEBOOK_URL/octopush/v1/public/contact/create" \\
    -d '{"contacts":[{"phone_number":"+16505550134","param1":"gold"}],"list_name":"friends"}'

Every API is shown at $ONEBOOK_URL/docs
"""

log = structlog.get_logger("onebook.serve")


def serve(settings: Settings, *, worker: bool, demo: bool) -> None:
    """Serve until SIGTERM or SIGINT; what was acknowledged is committed, what runs is finished."""
    bootstrap.set_up_logging(settings)
    _must_be_free(settings.host, settings.port)
    store = bootstrap.open_store(settings, new=True)
    if demo:
        print(_greeting(_demo_env(settings, store)), flush=True)
    _print_first_link(settings, store)
    beside = _worker(settings, store)
    imports = bootstrap.make_imports(settings, store)
    if worker:
        beside.start()
        imports.start()
    try:
        uvloop.run(_serve(settings, store, imports))
    finally:
        beside.stop()
        imports.stop()
        store.close()


def _print_first_link(settings: Settings, store: Store) -> None:
    """As long as nobody can sign in, each start prints a one-time link that makes the first person."""
    token = people.first_link(store)
    if token is not None:
        print(f"The pages wait for their first person; within a day, once:\n\n  {bootstrap.link_of(settings, token)}\n")
        sys.stdout.flush()


def _must_be_free(host: str, port: int) -> None:
    """Raises: InvalidInput if one cannot listen there; the server would say so in a way that helps nobody."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        sentence = f"The server cannot listen on {host}, port {port}: {error.strerror}."
        raise InvalidInput.of("port", "taken", sentence) from error


async def _serve(settings: Settings, store: Store, imports: Engine) -> None:
    app = bootstrap.make_app(settings, store, imports)
    gc.collect()
    gc.freeze()  # what the program is made of stays: a collection that looked through it would hold requests up
    listener = Listener(app.serve, settings.host, settings.port)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await listener.open()
    log.info("serving", address=f"http://{settings.host}:{settings.port}", process=os.getpid())
    await stopped.wait()
    app.end_streams()
    imports.halt()  # requests that wait for an import would keep us for as long as it takes
    await listener.close()
    app.close()


def _worker(settings: Settings, store: Store) -> Worker:
    return Worker(store, answer_hours=settings.answer_hours, undo_days=settings.undo_days)


def work(settings: Settings) -> None:
    """Work without serving until SIGTERM or SIGINT."""
    bootstrap.set_up_logging(settings)
    if settings.metrics_port:
        _must_be_free(settings.host, settings.metrics_port)
    store = bootstrap.open_store(settings, new=True)
    worker = _worker(settings, store)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    imports = bootstrap.make_imports(settings, store)
    close = bootstrap.show_figures(settings, store, imports)
    worker.start()
    imports.start()
    stopped.wait()
    close()
    worker.stop()
    imports.stop()
    store.close()


def _demo_env(settings: Settings, store: Store) -> Path:
    """The file that names the demo account's key, made with the account; its address is that of this start."""
    file = Path(settings.data) / "demo.env"
    if store.account_named(DEMO_ACCOUNT) is None:
        made = accounts.create(store, DEMO_ACCOUNT)
        names = {"LOGIN": made.login, "KEY": made.key, "CREDENTIAL": made.credential_id}
        lines = [f"ONEBOOK_{name}={value}" for name, value in names.items()]
    elif file.exists():
        lines = [line for line in file.read_text().splitlines() if not line.startswith("ONEBOOK_URL=")]
    else:
        return file
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write("\n".join([f"ONEBOOK_URL=http://{settings.host}:{settings.port}", *lines, ""]))
    return file


def _greeting(file: Path) -> str:
    """One call for each dialect, to be pasted."""
    return GREETING.replace("DEMO_ENV", str(file))

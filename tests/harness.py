"""How tests talk to onebook: a real server in a process of its own, and an account with a client for each dialect."""

import itertools
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
import uvloop

from onebook.operations import accounts
from onebook.store.base import Store
from tests.patience import PATIENCE_SECONDS
from tests.store.engines import POSTGRES, SQLITE, Engine

T = TypeVar("T")

_names = itertools.count(1)
# Never used, as nothing here is encrypted; but a client that is given none loads all certificates for itself.
_TLS = ssl.create_default_context()
# The same command, with the rules that statements must keep on a cluster held against each.
WATCHED = ("-c", "from tests.store import cluster_rules; cluster_rules.watch(); from onebook.cli import main; main()")


def statement(statement_id: str) -> pytest.MarkDecorator:
    """Mark the one test that holds a statement of docs/dialects/."""
    return pytest.mark.statement(statement_id)


def in_own_loop(run: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine gives, run in a thread of its own: a browser that is driven keeps a loop in ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: uvloop.run(run())).result()


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """``onebook serve`` in a process of its own, over a database in ``data``."""

    def __init__(
        self,
        data: Path,
        *,
        environment: dict[str, str] | None = None,
        worker: bool = False,
        engine: Engine = SQLITE,
        beside: "Server | None" = None,
    ) -> None:
        """Start.

        Args: ``beside``: another server, whose data and engine this one has as well.
        """
        self.data = data
        self._owns_data = beside is None
        self._worker = [] if worker else ["--no-worker"]
        self.engine = engine
        if self._owns_data:
            data.mkdir(parents=True, exist_ok=True)
            engine.create(data)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        self._environment = {**os.environ, "PYTHONPATH": path, **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None
        self._accounts: list[Account] = []
        self.start()

    def start(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Start, and wait until it answers."""
        arguments = ["serve", *self._worker, "--port", str(self.port), "--data", str(self.data)]
        arguments += ["--database", self.engine.url(self.data)]
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(WATCHED if self.engine is POSTGRES else ("-m", "onebook")), *arguments],
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        until = time.monotonic() + seconds
        with httpx2.Client(verify=_TLS, trust_env=False, timeout=1) as client:
            while time.monotonic() < until and self.process.poll() is None:
                try:
                    if client.get(f"{self.url}/readyz").status_code == 200:
                        return
                except httpx2.TransportError:
                    time.sleep(0.02)
        raise AssertionError((self.data.parent / f"{self.data.name}.log").read_text())

    def stop(self) -> int:
        """Ask it to stop, and let go of what the tests held of it; its exit status."""
        assert self.process is not None
        for account in self._accounts:
            account.close()
        if "_store" in self.__dict__:
            self._store.close()
        self.process.terminate()
        status = self.process.wait(PATIENCE_SECONDS)
        if self._owns_data:
            self.engine.drop(self.data)
        return status

    def kill(self) -> None:
        """Kill it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def ready(self) -> int:
        """The status that /readyz answers."""
        return httpx2.get(f"{self.url}/readyz", trust_env=False, verify=_TLS, timeout=30).status_code

    @cached_property
    def _store(self) -> Store:
        return self.engine.open(self.data, None)

    def new_account(self) -> "Account":
        """A fresh account of this server."""
        self._accounts.append(Account(accounts.create(self._store, f"account-{next(_names)}@example.org"), self.url))
        return self._accounts[-1]

    def beside(self) -> "Server":
        """Another server over the same data."""
        return Server(self.data, engine=self.engine, beside=self)

    @property
    def log(self) -> str:
        """All that the server logged."""
        return (self.data.parent / f"{self.data.name}.log").read_text()


class Account:
    """An account and, for each dialect, a client that has its base URL and key set."""

    def __init__(self, made: accounts.NewAccount, url: str) -> None:
        self.name = made.account
        self.login = made.login
        self.key = made.key
        self.credential_id = made.credential_id
        self.base_url = url
        self._clients: list[httpx2.Client] = []

    def client(self, base: str = "", **options: Any) -> httpx2.Client:
        """A client below ``base`` without credentials, but for what ``options`` give."""
        client = httpx2.Client(
            base_url=self.base_url + base, timeout=PATIENCE_SECONDS, trust_env=False, verify=_TLS, **options
        )
        self._clients.append(client)
        return client

    def at(self, server: Server) -> "Account":
        """The same account, called through another server; to be closed."""
        made = accounts.NewAccount(self.name, self.login, self.key, self.credential_id)
        return Account(made, server.url)

    def close(self) -> None:
        """Close the clients: a connection left open is a warning, and warnings are errors."""
        for client in self._clients:
            client.close()

    @cached_property
    def apptoto(self) -> httpx2.Client:
        return self.client("/apptoto/v1", auth=(self.login, self.key))

    @cached_property
    def packagex(self) -> httpx2.Client:
        return self.client("/packagex/v1", headers={"PX-API-KEY": self.key})

    @cached_property
    def alloy(self) -> httpx2.Client:
        return self.client(
            "/alloy/2024-03/one",
            headers={"Authorization": f"bearer {self.key}"},
            params={"credentialId": self.credential_id},
        )

    @cached_property
    def octopush(self) -> httpx2.Client:
        return self.client("/octopush/v1/public", headers={"api-login": self.login, "api-key": self.key})

    @cached_property
    def native(self) -> httpx2.Client:
        return self.client("/api/v1", headers={"Authorization": f"Bearer {self.key}"})


class FileServer:
    """A web server on the loopback address that hands out what it was given."""

    def __init__(self) -> None:
        files = self._files = dict[str, tuple[bytes, str]]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, media_type = files.get(self.path, (b"", ""))
                self.send_response(200 if self.path in files else 404)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def put(self, name: str, body: bytes, media_type: str = "text/csv") -> str:
        """Hand out ``body`` from now on; its address."""
        self._files[f"/{name}"] = (body, media_type)
        return f"http://127.0.0.1:{self.port}/{name}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

"""What the faults have in common: a quick client, a crowd of threads, a data folder that can be full, a last look."""

import http.client
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from tests.harness import Account, Server

J = TypeVar("J")
R = TypeVar("R")

AWAY = (503, 507)


class Said(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """The native API over one kept connection: a tenth of what a full client costs."""

    def __init__(self, server: Server, account: Account) -> None:
        self._port = server.port
        self._headers = {"Authorization": f"Bearer {account.key}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Said:
        """Send a request once. Raises: OSError or HTTPException if no answer came."""
        sent = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            self._connection.request(method, f"/api/v1{path}", sent, {**self._headers, **headers})
            answer = self._connection.getresponse()
            said = Said(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if said.headers.get("connection") == "close":
            self.close()
        return said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tries(self, method: str, path: str, body: Any = None, **headers: str) -> Said | None:
        """The answer, or None if none came."""
        try:
            return self.ask(method, path, body, **headers)
        except (OSError, http.client.HTTPException):
            return None

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def crowd(
    server: Server, account: Account, jobs: Sequence[J], run: Callable[[Client, J], R], *, threads: int = 32
) -> list[R]:
    """Do all jobs, by many threads that each have a client; the results in the order of the jobs."""
    results: dict[int, R] = {}
    numbers = iter(range(len(jobs)))
    lock = threading.Lock()

    def work() -> None:
        client = Client(server, account)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                client.close()
                return
            results[number] = run(client, jobs[number])

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [results[number] for number in range(len(jobs))]


def asked(server: Server, account: Account, method: str, path: str, body: Any = None) -> Any:
    """The JSON that one request is answered with."""
    with Client(server, account) as client:
        return client.ask(method, path, body).json


def names(server: Server, account: Account) -> list[str]:
    """The full names of all contacts."""
    found, cursor = [], ""
    with Client(server, account) as client:
        while True:
            page = client.ask("GET", f"/contacts?limit=500{cursor}").json
            found += [contact["name"]["full"] for contact in page["contacts"]]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"


def faults_of(server: Server) -> str:
    """What `onebook check` says of a server's database, which may be in use; empty if all is well."""
    command = [sys.executable, "-m", "onebook", "check", "--database", server.engine.url(server.data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


class Room:
    """A folder whose space can be taken away and given back: a small file system of its own, or a limit of file size.

    Args: ``mounted``: its megabytes if it is a file system.
    """

    def __init__(self, folder: Path, mounted: int | None) -> None:
        self.folder = folder
        self._mounted = mounted

    def take(self, server: Server) -> None:
        """From now on there is no room."""
        if self._mounted is None:
            largest = max(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
            _limit_files(server, largest)
            return
        with (self.folder / "ballast").open("ab", buffering=0) as ballast, suppress(OSError):
            for size in (1 << 20, 1 << 12):
                with suppress(OSError):
                    while ballast.write(bytes(size)):
                        pass

    def give_back(self, server: Server) -> None:
        """There is room again."""
        if self._mounted is None:
            _limit_files(server, resource.RLIM_INFINITY)
        else:
            (self.folder / "ballast").unlink()


def process_of(server: Server) -> subprocess.Popen[bytes]:
    """The process of a server that was started."""
    if server.process is None:
        raise RuntimeError
    return server.process


def may_mount() -> bool:
    """Whether this process may try to mount a file system."""
    return os.geteuid() == 0


def _limit_files(server: Server, size: int) -> None:
    resource.prlimit(process_of(server).pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def room(folder: Path, *, megabytes: int = 256) -> Iterator[Room]:
    """A folder with little room; a file system of its own where one may be mounted."""
    folder.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = may_mount() and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield Room(folder, megabytes if mounted else None)
    finally:
        if mounted:
            subprocess.run(["/bin/umount", "-l", str(folder)], check=True)

"""Clients that are slow on purpose, and a service that is asked to stop: neither may cost the others anything."""

import socket
import statistics
import threading
import time
from contextlib import suppress
from typing import NamedTuple

from bench.fault_kit import Client, crowd, faults_of, names, process_of
from tests.harness import Server

CREATED = 201


class Idle(NamedTuple):
    """What normal requests felt of many slow ones."""

    slow: int
    normal: int
    failed: int
    median_milliseconds: float
    p99_milliseconds: float

    @property
    def good(self) -> bool:
        """Whether normal requests went on normally."""
        return not self.failed and self.p99_milliseconds < 500  # noqa: PLR2004 - what is promised


class Drip(threading.Thread):
    """Holds connections open, half of them silent, half sending a byte a second."""

    def __init__(self, server: Server, connections: int) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self._sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(connections)]

    def run(self) -> None:
        """Drip until stopped."""
        head = b"POST /api/v1/contacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nX-Slow: "
        for at in range(10_000):
            for one in self._sockets[::2]:
                with suppress(OSError):  # the server may hang up on them, and that is well
                    one.sendall(head[at : at + 1] or b"x")
            if self.stopped.wait(1):
                break
        for one in self._sockets:
            one.close()


def slow_clients(server: Server, *, connections: int, requests: int) -> Idle:
    """Time creates and reads in turn beside slow connections."""
    account, drip = server.new_account(), Drip(server, connections)
    drip.start()
    time.sleep(1.0)

    def one(client: Client, number: int) -> tuple[int, float]:
        began = time.perf_counter()
        if number % 2:
            status = client.ask("GET", "/contacts?limit=20").status
        else:
            status = client.ask("POST", "/contacts", {"name": {"full": f"Normal {number}"}}).status
        return status, time.perf_counter() - began

    said = crowd(server, account, range(requests), one, threads=4)
    drip.stopped.set()
    drip.join()
    times = [1000 * seconds for _, seconds in said]
    failed = sum(status not in (200, CREATED) for status, _ in said)
    return Idle(connections, requests, failed, statistics.median(times), statistics.quantiles(times, n=100)[98])


class Stop(NamedTuple):
    """What became of writes when the service was asked to stop."""

    acknowledged: int
    lost: int
    status: int
    seconds: float
    strange: tuple[int, ...]
    faults: str

    @property
    def good(self) -> bool:
        """Whether it ended in time, and kept its word."""
        return not (self.lost or self.status or self.strange or self.faults) and self.seconds < 30  # noqa: PLR2004


def asked_to_stop(server: Server, *, seconds: float, writers: int = 16) -> Stop:
    """SIGTERM under load, then a start, and a look at what was acknowledged."""
    account = server.new_account()
    process, ended = process_of(server), list[float]()

    def stop() -> None:
        process.terminate()
        began = time.monotonic()
        process.wait(60)
        ended.append(time.monotonic() - began)

    def write(client: Client, writer: int) -> tuple[list[str], list[int]]:
        ledger, others = list[str](), list[int]()
        for count in range(1_000_000):
            name = f"Writer {writer} contact {count}"
            said = client.tries("POST", "/contacts", {"name": {"full": name}})
            if said is None:
                break
            if said.status == CREATED:
                ledger.append(name)
            else:
                others.append(said.status)
        return ledger, others

    timer = threading.Timer(seconds, stop)
    timer.start()
    told = crowd(server, account, range(writers), write, threads=writers)
    timer.join()
    server.start()
    ledger = {name for names_told, _ in told for name in names_told}
    strange = tuple({status for _, others in told for status in others} - {503})
    there = set(names(server, account))
    return Stop(len(ledger), len(ledger - there), process.returncode, ended[0], strange, faults_of(server))

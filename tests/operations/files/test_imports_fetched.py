"""Files that an import fetches by itself: as good as sent, and what goes wrong leaves nothing."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest

from onebook.errors import Conflict
from onebook.importing.source import Source
from onebook.model.imports import ImportOptions
from onebook.operations.imports_engine import Engine
from onebook.operations.imports_fetching import Fetchers, Fetching, Remote
from tests.importing.web import CSV, LIMIT, Answer, Server, body, serving
from tests.patience import PATIENCE_SECONDS, wait_until

from .conftest import Desk


@contextmanager
def fetching(desk: Desk, server: Server, seconds: float = 600.0, silence: float = 600.0) -> Iterator[Desk]:
    """A desk over the same store, whose imports may reach a server."""
    terms = Fetching(frozenset({f"127.0.0.1:{server.port}"}), LIMIT, seconds, silence)
    engine = Engine(desk.store, desk.folder / "spool", hands=0, fetching=terms)
    try:
        yield desk._replace(engine=engine)
    finally:
        engine.stop()


def begun(desk: Desk, address: str, *, key: str | None = None, plan: bool = False, overwrite: bool = False) -> str:
    remote, chosen = Remote(address), ImportOptions(country="GB", overwrite=overwrite)
    return desk.engine.begin(desk.actor, remote, chosen, key=key, plan=plan).id


def files(desk: Desk) -> list[str]:
    """What lies in the spool, but for locks."""
    return sorted(path.name for path in (desk.folder / "spool").iterdir() if path.suffix != ".lock" and path.is_file())


@pytest.mark.parametrize("path", ["/people.csv", "/named", "/gzip", "/to-file"])
def test_a_file_out_there_is_as_good_as_one_that_was_sent(desk: Desk, path: str) -> None:
    with serving() as server, fetching(desk, server) as there:
        made = there.engine.find(there.actor, begun(there, server.url(path)))
        done = there.rest(made)
    assert (made.size, done.state, done.created, done.code) == (0, "done", 1, None)
    assert (done.size, done.headings, done.options.address) == (len(CSV), ("Name", "Email"), None)
    assert (done.name, files(desk)) == (None if path == "/gzip" else "people.csv", [done.id])
    assert list(desk.named()) == ["Ada"]


def test_it_can_be_planned_applied_and_taken_back(desk: Desk) -> None:
    before = desk.hash()
    with serving() as server, fetching(desk, server) as there:
        planned = there.rest(there.engine.find(there.actor, begun(there, server.url("/people.csv"), plan=True)))
        assert (planned.state, planned.created, desk.hash()) == ("planned", 1, before)
        assert there.rest(there.engine.apply(there.actor, planned.id)).state == "done"
        assert (list(desk.named()), len(server.seen)) == (["Ada"], 1)
        assert there.rest(there.engine.undo(there.actor, planned.id)).state == "undone"
    assert desk.hash() == before


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/missing", "unreachable"),
        ("/cut", "unreachable"),
        ("/to-private", "unreachable"),
        ("/slow-body", "unreachable"),
        ("/page", "web_page"),
        ("/large", "LimitExceeded"),
        ("/bomb", "LimitExceeded"),
        ("/none", "empty"),
    ],
)
@pytest.mark.parametrize("overwrite", [False, True], ids=["into the book", "overwrite"])
def test_what_cannot_be_fetched_fails_and_leaves_nothing(desk: Desk, path: str, code: str, overwrite: bool) -> None:
    desk.run("Name\nZoe\n")
    before, there_before = desk.hash(), files(desk)
    with serving(more={"/none": body(b"")}) as server, fetching(desk, server, seconds=1.5) as there:
        failed = there.rest(there.engine.find(there.actor, begun(there, server.url(path), overwrite=overwrite)))
        there.engine.look()
    assert (failed.state, failed.code, failed.counts.rows) == ("failed", code, 0)
    assert (failed.options.address, desk.hash(), files(desk)) == (None, before, there_before)


def test_an_import_that_waits_for_its_file_is_cancelled_soon(desk: Desk) -> None:
    with serving() as server, fetching(desk, server) as there:
        made = begun(there, server.url("/slow-body"))
        wait_until(lambda: bool(server.seen))
        there.engine.cancel(there.actor, made)
        cancelled = there.rest(there.engine.find(there.actor, made))
    assert (cancelled.state, cancelled.options.address, files(desk)) == ("cancelled", None, [])


def silent(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.rfile.read()  # until the other side hangs up


def test_a_silent_address_ends_its_import(desk: Desk) -> None:
    with serving(more={"/silent": silent}) as server, fetching(desk, server, silence=0.5) as there:
        failed = there.rest(there.engine.find(there.actor, begun(there, server.url("/silent"))))
    assert (failed.state, failed.code) == ("failed", "unreachable")


def test_silent_addresses_hold_up_no_other_import(desk: Desk) -> None:
    with serving(more={"/silent": silent}) as server, fetching(desk, server) as there:
        waiting = [begun(there, server.url("/silent")) for _ in range(5)]
        wait_until(lambda: len(server.seen) == 2)
        assert there.run("Name\nZoe\n").state == "done"
        for made in waiting:
            there.engine.cancel(there.actor, made)
        ended = {there.rest(there.engine.find(there.actor, made)).state for made in waiting}
        assert ended == {"cancelled"}
        assert there.rest(there.engine.find(there.actor, begun(there, server.url("/people.csv")))).state == "done"


def test_each_account_fetches_a_few_at_a_time() -> None:
    fetchers, gate, ran = Fetchers(at_once=3, each=1), threading.Event(), list[str]()

    def waits(name: str) -> Callable[[], None]:
        def run() -> None:
            gate.wait(PATIENCE_SECONDS)
            ran.append(name)

        return run

    for name in ("first", "second", "third"):
        fetchers.submit(1, waits(name))
    fetchers.submit(2, partial(ran.append, "of another"))
    wait_until(lambda: ran == ["of another"])
    gate.set()
    wait_until(lambda: len(ran) == 4)
    fetchers.stop()
    assert ran == ["of another", "first", "second", "third"]


def second_time(answer: Answer) -> Answer:
    """An answer that hangs when it is asked for the first time."""
    once = threading.Event()

    def run(handler: http.server.BaseHTTPRequestHandler) -> None:
        if once.is_set():
            answer(handler)
        else:
            once.set()
            handler.rfile.read()  # until the other side hangs up

    return run


def test_stopped_while_it_fetches_another_engine_goes_on(desk: Desk) -> None:
    with serving(more={"/again": second_time(body(CSV))}) as server:
        with fetching(desk, server) as there:
            made = begun(there, server.url("/again"))
            wait_until(lambda: bool(server.seen))
        assert desk.engine.find(desk.actor, made).state == "running"
        with fetching(desk, server) as other:
            other.engine.start()
            done = other.rest(other.engine.find(other.actor, made))
    assert (done.state, done.created, files(desk)) == ("done", 1, [made])


def test_one_key_on_one_address_is_one_import(desk: Desk) -> None:
    with serving() as server, fetching(desk, server) as there:
        url = server.url("/people.csv")
        made = begun(there, url, key="k")
        assert begun(there, url, key="k") == made
        # As a call fetches it that need not wait long; what is there may have changed.
        here = replace(Source(b"Name\nBob\n", 9, media_type="text/csv"), address=url)
        assert there.engine.begin(there.actor, here, ImportOptions(country="GB"), key="k").id == made
        for address, overwrite in ((url + "?other", False), (url, True)):
            with pytest.raises(Conflict):
                begun(there, address, key="k", overwrite=overwrite)
        there.rest(there.engine.find(there.actor, made))
    assert list(desk.named()) == ["Ada"]

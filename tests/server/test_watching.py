"""How the service lets itself be watched: request ids, figures, readiness, log lines, traces."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS

PERSON = {"name": "Ada Okafor", "phone": "+16505550134"}


def figures(account: Account) -> dict[str, float]:
    """Every sample of /metrics by its name and labels."""
    with account.client() as client:
        text = client.get("/metrics").text
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


@pytest.mark.parametrize("path", ["/packagex/v1/contacts", "/packagex/v1/nothing", "/healthz", "/nothing"])
def test_every_answer_bears_an_id_of_its_own(account: Account, path: str) -> None:
    with account.client() as client:
        first, second = (client.get(path).headers["x-request-id"] for _ in range(2))
    assert first != second


def test_a_sane_id_of_the_caller_is_kept(account: Account) -> None:
    answer = account.packagex.get("/contacts", headers={"X-Request-Id": "7f3-a:b"})
    assert answer.headers["x-request-id"] == "7f3-a:b"


@pytest.mark.parametrize("sent", ["", "with blank", "x" * 129, '{"a":1}'])
def test_an_id_that_could_spoil_a_log_is_replaced(account: Account, sent: str) -> None:
    answer = account.packagex.get("/contacts", headers={"X-Request-Id": sent})
    assert answer.headers["x-request-id"] not in ("", sent)


def test_a_body_in_pieces_bears_the_id_too(account: Account) -> None:
    answer = account.native.get("/contacts/export", params={"format": "csv"}, headers={"X-Request-Id": "streamed"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, "streamed")


def test_a_replayed_answer_bears_the_id_of_this_request(account: Account) -> None:
    sent = {"Idempotency-Key": "the same"}
    ids = [
        account.packagex.post("/contacts", json=PERSON, headers={**sent, "X-Request-Id": name}).headers["x-request-id"]
        for name in ("first", "second")
    ]
    assert ids == ["first", "second"]


def test_the_golden_signals_are_told_by_dialect_and_operation(account: Account) -> None:
    before = figures(account)
    assert account.packagex.post("/contacts", json=PERSON).status_code == 201
    after = figures(account)
    moved = {name for name in after if after[name] > before.get(name, 0.0)}
    assert any(name.startswith("onebook_requests_total{dialect=packagex") and "status=201" in name for name in moved)
    assert any(name.startswith("onebook_request_seconds_count{dialect=packagex") for name in moved)
    assert {
        "onebook_commit_works_count{}",
        "onebook_commit_seconds_count{}",
        "onebook_database_wait_seconds_count{}",
        "onebook_write_queue_seconds_count{}",
    } <= moved
    saturation = (
        "onebook_requests_running",
        "onebook_threads_waiting",
        "onebook_write_queue_works",
        "onebook_imports_running",
    )
    assert {f"{name}{{}}" for name in saturation} <= set(after)


def test_imported_rows_are_counted_by_outcome(account: Account) -> None:
    before = figures(account).get("onebook_import_rows_total{outcome=created}", 0.0)
    rows = b"full_name,phone\nAda Okafor,+16505550134\nBen Diaz,+16505550135\n"
    made = account.native.post("/imports", content=rows, headers={"Content-Type": "text/csv"})
    assert made.status_code < 300, made.text
    until = time.monotonic() + PATIENCE_SECONDS
    while account.native.get(f"/imports/{made.json()['uid']}").json()["state"] != "done":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert figures(account)["onebook_import_rows_total{outcome=created}"] == before + 2


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A server whose database may be taken away; it logs each request."""
    server = Server(tmp_path / "data", environment={"ONEBOOK_LOG_REQUESTS": "1", "ONEBOOK_LOG_JSON": "1"})
    yield server
    server.stop()


def test_a_request_has_a_log_line_with_its_id(mortal: Server) -> None:
    account = mortal.new_account()
    account.packagex.get("/contacts?search=okafor", headers={"X-Request-Id": "look-here"})
    (line,) = [json.loads(line) for line in mortal.log.splitlines() if "look-here" in line]
    assert (line["event"], line["dialect"], line["status"]) == ("request", "packagex", 200)
    assert "okafor" not in mortal.log, "what people look for is nobody's business"


def test_readiness_tells_of_a_database_that_is_away(mortal: Server) -> None:
    account = mortal.new_account()
    path, aside = mortal.data / "onebook.db", mortal.data / "aside.db"
    with account.client() as client:
        path.rename(aside)
        away = [client.get("/readyz") for _ in range(200)][-1]
        while away.status_code == 200:  # an answer may be a second old
            away = client.get("/readyz")
        assert (away.status_code, away.headers["retry-after"]) == (503, "1")
        assert client.get("/healthz").status_code == 200
        aside.rename(path)
        while client.get("/readyz").status_code == 503:
            pass


class Collector(ThreadingHTTPServer):
    """Takes what is sent to it."""

    def __init__(self) -> None:
        bodies = self.bodies = list[bytes]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def collector() -> Iterator[Collector]:
    """An address to send traces to."""
    collecting = Collector()
    threading.Thread(target=collecting.serve_forever, daemon=True).start()
    yield collecting
    collecting.shutdown()
    collecting.server_close()


def test_traces_go_where_the_setting_says_and_carry_nobody(tmp_path: Path, collector: Collector) -> None:
    address = f"http://127.0.0.1:{collector.server_port}/v1/traces"
    server = Server(tmp_path / "data", environment={"ONEBOOK_TRACES": address})
    account = server.new_account()
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "X-Request-Id": "traced-one"}
    assert account.packagex.post("/contacts", json=PERSON, headers=sent).status_code == 201
    assert account.packagex.get("/contacts").status_code == 200
    assert server.stop() == 0
    told = b"".join(collector.bodies)
    assert b"traced-one" in told
    assert bytes.fromhex(trace) in told
    assert b"store.write" in told
    assert b"Okafor" not in told
    assert account.key.encode() not in told


def test_nothing_of_traces_is_loaded_unless_asked_for() -> None:
    code = "import sys, onebook.cli.serving; print(any(name.startswith('opentelemetry') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

"""A newcomer's first hour: what the README shows and what the server prints works as pasted."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.harness import free_port
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Demo:
    """A server that was started as `make serve` does it."""

    def __init__(self, folder: Path) -> None:
        self.env = folder / "data" / "demo.env"
        self.printed = folder / "printed"
        port = free_port()
        arguments = ["serve", "--demo", "--host", "127.0.0.1", "--port", str(port), "--data", str(self.env.parent)]
        with self.printed.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "-m", "onebook", *arguments], stdout=out)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._ready(f"http://127.0.0.1:{port}/readyz"):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    @staticmethod
    def _ready(url: str) -> bool:
        try:
            return httpx2.get(url, timeout=1, trust_env=False).status_code == 200
        except httpx2.TransportError:
            return False

    def paste(self, calls: str) -> list[str]:
        """Run calls in a shell that has read demo.env; what each of them answered."""
        script = f"set -eu\n. {self.env}\n" + re.sub(
            r"\bcurl (-s )?", "echo; curl --no-progress-meter --fail --noproxy '*' ", calls
        )
        run = subprocess.run(
            ["/bin/sh", "-c", script], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
        assert run.returncode == 0, run.stderr
        return run.stdout.strip().split("\n")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("first-hour"))
    yield running
    running.process.terminate()
    assert running.process.wait(PATIENCE_SECONDS) == 0


def test_the_key_of_the_demo_account_is_readable_by_its_owner_alone(demo: Demo) -> None:
    assert demo.env.stat().st_mode & 0o777 == 0o600
    names = [line.partition("=")[0] for line in demo.env.read_text().splitlines()]
    assert names == ["ONEBOOK_URL", "ONEBOOK_LOGIN", "ONEBOOK_KEY", "ONEBOOK_CREDENTIAL"]


def test_the_key_is_not_printed(demo: Demo) -> None:
    keys = [line.partition("=")[2] for line in demo.env.read_text().splitlines() if "KEY" in line]
    assert keys
    assert not any(key in demo.printed.read_text() for key in keys)


def test_the_readme_shows_calls_that_work_and_one_contact_through_all_four(demo: Demo) -> None:
    calls = [block for block in BLOCK.findall((ROOT / "README.md").read_text("utf-8")) if "curl" in block]
    assert [block.count("curl ") for block in calls] == [4, 4]
    written = demo.paste(calls[0].replace(". data/demo.env", ""))
    assert all("Okafor" in answer for answer in written[:3])
    shown = demo.paste(calls[1])
    assert len(shown) == 4
    assert all("Okafor" in answer and '"param1":"gold"' in answer for answer in shown)


def test_what_the_server_prints_works_as_pasted(demo: Demo) -> None:
    printed = demo.printed.read_text()
    assert f". {demo.env}\n" in printed
    calls = "\n".join(re.findall(r"^ +curl (?:.*\\\n)*.*$", printed, re.MULTILINE))
    answers = demo.paste(calls)
    assert len(answers) == 4
    assert all("Okafor" in answer for answer in answers[:3])

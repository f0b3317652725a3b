"""Made-up calls for every operation of every dialect: none may break the server, and every answer keeps its promise.

Schemathesis reads each dialect's OpenAPI document and makes calls of it, good and bad ones. Prints one line a dialect
and what failed; exits 1 if anything did.

Two of its checks are left out. No JSON Schema says what makes a mail address, a cursor or a country, so a call that
fits the schema may still be refused. And where a dialect passes over what it cannot use, such as an empty parameter, a
call that does not fit is rightly taken.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.harness import Account, Server

CONFIG: Final = """\
[generation]
allow-x00 = false  # every dialect but one refuses NUL, and no schema can say so

[parameters]
"query.credentialId" = "{credential}"
"""
WIDE: Final = 200  # of texts and arrays that may be longer than this, only the ends of their bounds would be tried
FORGIVING: Final = ("packagex", "alloy", "octopush")
DIALECTS: Final = ("native", "apptoto", *FORGIVING)


def credentials(account: Account, dialect: str) -> list[str]:
    """The options of schemathesis that let a dialect know the account."""
    basic = base64.b64encode(f"{account.login}:{account.key}".encode()).decode()
    headers = {
        "apptoto": [f"Authorization: Basic {basic}"],
        "native": [f"Authorization: Bearer {account.key}"],
        "packagex": [f"PX-API-KEY: {account.key}"],
        "alloy": [f"Authorization: bearer {account.key}"],
        "octopush": [f"api-login: {account.login}", f"api-key: {account.key}"],
    }
    return [part for header in headers[dialect] for part in ("--header", header)]


def unbounded(value: Any) -> Any:
    """A document without its wide bounds: schemathesis fills them, and gigabytes of memory with them."""
    if isinstance(value, dict):
        bounds = {name for name in ("maxLength", "maxItems") if isinstance(value.get(name), int) and value[name] > WIDE}
        return {name: unbounded(one) for name, one in value.items() if name not in bounds}
    return [unbounded(one) for one in value] if isinstance(value, list) else value


def source(account: Account, dialect: str, folder: Path) -> list[str]:
    """Where schemathesis reads the document: in a copy of what the server gives."""
    document = httpx2.get(f"{account.base_url}/openapi/{dialect}.json", timeout=60).json()
    copy = folder / "openapi.json"
    copy.write_text(json.dumps(unbounded(document)), "utf-8")
    return [str(copy), "--url", account.base_url + document["servers"][0]["url"]]


def command(account: Account, dialect: str, folder: Path, options: Sequence[str], *, forgiving: bool) -> list[str]:
    """The command line that tries one dialect."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG.format(credential=account.credential_id), "utf-8")
    left_out = ["positive_data_acceptance", *(["negative_data_rejection"] if forgiving else [])]
    return [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", *source(account, dialect, folder), *credentials(account, dialect)),
        # It would leave out operations with large bodies, as making them takes long, or as it throws many away.
        *("--no-shrink", "--continue-on-failure", "--suppress-health-check", "too_slow,filter_too_much", *options),
        *("--checks", "all", "--exclude-checks", ",".join(left_out)),
        # Its honest answer is 501: a book is no remote application.
        *("--exclude-path", "/forward"),
    ]


def attempt(account: Account, dialect: str, *options: str, quick: bool = False) -> bool:
    """Try one dialect and say how it went; whether all was well.

    Args: ``options`` are schemathesis's own; ``quick`` leaves out whether every bad call is refused.
    """
    forgiving = quick or dialect in FORGIVING
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        run = subprocess.run(
            command(account, dialect, Path(folder), options, forgiving=forgiving),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    cases = next((line.strip() for line in run.stdout.splitlines() if " generated, " in line), "no test case")
    print(f"{dialect}: {cases} in {time.monotonic() - started:.0f} s", flush=True)
    if run.returncode:
        print(run.stdout, run.stderr, sep="\n")
    return run.returncode == 0


def main() -> int:
    """Try the dialects that are asked for, each with an account of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=200, help="calls an operation")
    parser.add_argument("--dialect", choices=DIALECTS, action="append", help="all, if not given")
    parser.add_argument("--operation", help="only the operation of this id")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        try:
            options = ["--max-examples", str(asked.examples)]
            options += ["--include-operation-id", asked.operation] if asked.operation else []
            good = [attempt(server.new_account(), dialect, *options) for dialect in asked.dialect or DIALECTS]
            faults = [line for line in server.log.splitlines() if "fault" in line]
        finally:
            server.stop()
    print(*faults, sep="\n")
    return 0 if all(good) and not faults else 1


if __name__ == "__main__":
    raise SystemExit(main())

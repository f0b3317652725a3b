"""Shows one book through four doors: loads contacts.csv by PackageX, then looks at it by Apptoto, Alloy and Octopush.

Talks to the server that `make serve` started, or starts one for as long as it runs. Only the standard library:

    make demo        the same as: .venv/bin/python examples/demo.py --port 8111 --data ./data
"""

import argparse
import base64
import contextlib
import csv
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

ROOT = Path(__file__).parent.parent
CONTACTS = ROOT / "examples" / "contacts.csv"
CLUB = "Rowing Club"
START_SECONDS = 30
# The server is on this machine: a proxy named in the environment is not asked.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Demo:
    """The demo account, as demo.env names it."""

    url: str
    login: str
    key: str
    credential: str

    @classmethod
    def read(cls, file: Path) -> "Demo":
        """Read `NAME=value` lines, quoted or not, with or without `export`."""
        lines = (line.removeprefix("export ").partition("=") for line in file.read_text("utf-8").splitlines())
        values = {name.strip(): value.strip().strip("'\"") for name, _, value in lines}
        return cls(*(values[f"ONEBOOK_{name}"] for name in ("URL", "LOGIN", "KEY", "CREDENTIAL")))

    def call(self, path: str, headers: dict[str, str], body: object = None, **query: str) -> Any:
        """Call the server and return the answer's JSON; a refusal ends the demo with its own words."""
        url = f"{self.url}{path}{'?' if query else ''}{urlencode(query, quote_via=quote)}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {**headers, "Content-Type": "application/json"})
        try:
            with OPENER.open(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            sys.exit(f"{url} answered {refusal.code}: {refusal.read().decode(errors='replace')[:500]}")

    def apptoto(self, path: str, **query: str) -> Any:
        """Read by Apptoto: Basic credentials."""
        basic = base64.b64encode(f"{self.login}:{self.key}".encode()).decode()
        return self.call(f"/apptoto/v1{path}", {"Authorization": f"Basic {basic}"}, **query)

    def packagex(self, path: str, body: object = None, **query: str) -> Any:
        """Call PackageX: the key in a header of its own."""
        return self.call(f"/packagex/v1{path}", {"PX-API-KEY": self.key}, body, **query)

    def alloy(self, path: str, **query: str) -> Any:
        """Read by Alloy: a bearer key, and the credential in the query."""
        bearer = {"Authorization": f"bearer {self.key}"}
        return self.call(f"/alloy/2024-03/one{path}", bearer, credentialId=self.credential, **query)

    def octopush(self, path: str, body: object) -> Any:
        """Write by Octopush: login and key in headers."""
        return self.call(f"/octopush/v1/public{path}", {"api-login": self.login, "api-key": self.key}, body)

    def native(self, path: str, **query: str) -> Any:
        """Read by onebook's own API."""
        return self.call(f"/api/v1{path}", {"Authorization": f"Bearer {self.key}"}, **query)


def answers(url: str) -> bool:
    """Say whether a onebook answers there and is ready."""
    with contextlib.suppress(OSError), OPENER.open(f"{url}/readyz", timeout=2):
        return True
    return False


@contextlib.contextmanager
def server(port: int, data: Path) -> Iterator[None]:
    """Use the server on this port, or run one for the time being."""
    url = f"http://127.0.0.1:{port}"
    if answers(url):
        yield
        return
    print(f"No onebook on port {port}: starting one for the demo.")
    command = [str(Path(sys.executable).parent / "onebook"), "serve", "--demo", "--host", "127.0.0.1"]
    process = subprocess.Popen([*command, "--port", str(port), "--data", str(data)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"The server on port {port} did not come up.")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


def show(title: str, value: object) -> None:
    """Print a heading, and JSON below it as people like to read it."""
    print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}")
    print(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2))


def load(demo: Demo, rows: list[dict[str, str]]) -> None:
    """Send the file by PackageX and tell what became of its rows; a second demo finds it there."""
    groups = demo.packagex("/contacts", type="group", limit="100")["data"]
    if any(group["name"] == CLUB for group in groups):
        show("PackageX", f"{CONTACTS.name} is in the book already: nothing loaded.")
        return
    encoded = base64.b64encode(CONTACTS.read_bytes()).decode()
    started = time.perf_counter()
    answer = demo.packagex("/contacts", {"csv_url": f"data:text/csv;base64,{encoded}"})
    created, issues = answer["data"]["contact_ids"], answer["data"]["issues"]
    show(
        f"PackageX: {CONTACTS.name} by csv_url",
        f"{len(created)} of {len(rows)} rows created in {time.perf_counter() - started:.2f} s; "
        f"{len(issues)} rows have issues, among them:",
    )
    for issue in issues[:4]:
        cells = {heading: rows[issue["index"]][heading] for heading in ("Name", "Email", "Phone", "Type")}
        print(f"  row {issue['index']}: {', '.join(issue['errors'])}  {cells}")


def tour(demo: Demo, rows: list[dict[str, str]]) -> None:
    """Follow one member of the club through the other three, and write to the others by Octopush."""
    phones = [row["Phone"] for row in rows if row["Groups"] == CLUB and row["Phone"].startswith("+")]
    members = [found[0] for phone in phones if (found := demo.apptoto("/contacts", phone_number=phone)["contacts"])]
    person = members[0]
    show("Apptoto: one of them, found by telephone number", person)
    contacts = demo.alloy("/crm/contacts", lastName=person["last_name"], firstName=person["first_name"])["contacts"]
    show("Alloy: the same person as a CRM contact; remoteId is Apptoto's id", contacts[0])
    numbers = [{"phone_number": member["phone"], "param1": "rows on Thursdays"} for member in members]
    stored = demo.octopush("/contact/create", {"contacts": numbers, "list_name": "rowers", "tag_name": "club"})
    show("Octopush: the club's numbers put on a list, with a param1", stored)
    listed = demo.native("/contacts", list="rowers", limit="5")["contacts"]
    lines = [f"  {each['name']['full']}  {each['phones'][0]['e164']}  {each['custom']}" for each in listed]
    show("onebook's own API: who is on that list (the first five)", "\n".join(lines))
    ids = [contact["id"] for contact in demo.packagex("/contacts", search=person["name"])["data"][:1]]
    show("PackageX again: what the others wrote", demo.packagex(f"/contacts/{ids[0]}")["data"])


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(description="Load examples/contacts.csv by one dialect, read it by the others.")
    parser.add_argument("--port", type=int, default=8111)
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    options = parser.parse_args()
    rows = list(csv.DictReader(CONTACTS.read_text("utf-8").splitlines(keepends=True)))
    with server(options.port, options.data):
        file = options.data / "demo.env"
        if not file.exists():
            sys.exit(
                f"The onebook on port {options.port} has no {file}. Is it run by `make serve`, with the same DATA?"
            )
        demo = replace(Demo.read(file), url=f"http://127.0.0.1:{options.port}")
        load(demo, rows)
        tour(demo, rows)


if __name__ == "__main__":
    main()

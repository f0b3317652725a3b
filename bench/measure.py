"""Single creates through each dialect, and reads of one contact, against a plain FastAPI + uvicorn on the same store.

One server process each, 32 kept-alive connections from wrk, full durability, the two in turn; the body is a name, one
phone and one e-mail. The baseline calls the operation that the dialect calls: for Octopush, the upsert by number.
Prints requests a second and the ratios of each round, and their medians.

Needs wrk (Debian's package of that name).
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2

from tests.harness import Account, Server, free_port

CREATE_GOAL, READ_GOAL = 2.0, 3.5


class Call(NamedTuple):
    """One request to be repeated; in ``body`` the word COUNTER is replaced by seven running digits."""

    name: str
    method: str
    url: str
    headers: dict[str, str]
    body: str = ""


def script_of(call: Call) -> str:
    """The call as a wrk script."""
    headers = {**call.headers, "Content-Type": "application/json"}
    lines = [f'wrk.method = "{call.method}"']
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]
    lines += [
        f"local body = {json.dumps(call.body)}",
        "local count = 0",
        "request = function()",
        "  count = count + 1",
        '  return wrk.format(nil, nil, nil, (body:gsub("COUNTER", string.format("%07d", 2000000 + count))))'
        if call.body
        else "  return wrk.format()",
        "end",
        "done = function(summary, latency)",
        '  io.write(string.format("FAILED %d P99 %d\\n", summary.errors.status, latency:percentile(99)))',
        "end",
    ]
    return "\n".join(lines)


def measured(call: Call, seconds: float) -> float:
    """Requests a second; stops the run if any was refused."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script_of(call))
        file.flush()
        command = ["wrk", "-t1", "-c32", f"-d{seconds:.0f}s", "-s", file.name, call.url]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = re.search(r"FAILED (\d+)", told)
    if failed is None or int(failed[1]):
        sys.exit(f"{call.name}: requests failed\n{told}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if rate is None:
        sys.exit(told)
    return float(rate[1])


def creates(account: Account) -> list[Call]:
    """A create through each dialect."""
    url, person = account.base_url, {"phone": "+1650COUNTER", "email": "ada.COUNTER@example.org"}
    basic = httpx2.BasicAuth(account.login, account.key)._auth_header  # noqa: SLF001 - the header as httpx2 writes it
    alloy = {
        "firstName": "Ada",
        "lastName": "Byron COUNTER",
        "phoneNumbers": [{"phoneNumber": person["phone"]}],
        "emailAddresses": [{"emailAddress": person["email"]}],
    }
    octopush = {"phone_number": "+1650COUNTER", "first_name": "Ada", "last_name": "Byron", "email": person["email"]}
    apptoto = {"contacts": [{"address_book": "Contacts", "name": "Ada Byron", **person}]}
    login = {"api-login": account.login, "api-key": account.key}
    crm = f"{url}/alloy/2024-03/one/crm/contacts?credentialId={account.credential_id}"
    return [
        Call("apptoto", "POST", f"{url}/apptoto/v1/contacts", {"Authorization": basic}, json.dumps(apptoto)),
        Call(
            "packagex",
            "POST",
            f"{url}/packagex/v1/contacts",
            {"PX-API-KEY": account.key},
            json.dumps({"name": "Ada Byron", **person}),
        ),
        Call("alloy", "POST", crm, {"Authorization": f"bearer {account.key}"}, json.dumps(alloy)),
        Call(
            "octopush", "POST", f"{url}/octopush/v1/public/contact/create", login, json.dumps({"contacts": [octopush]})
        ),
    ]


def reads(account: Account) -> list[Call]:
    """A read of one contact through each dialect that can."""
    made = account.native.post(
        "/contacts",
        json={
            "name": {"full": "Ada Byron"},
            "phones": [{"raw": "+16505550134"}],
            "emails": [{"address": "ada@example.org"}],
        },
    ).json()
    listed = account.packagex.get("/contacts", params={"search": "ada"}).json()["data"][0]["id"]
    by_dialect = {call.name: call for call in creates(account)}
    url, uid = account.base_url, made["uid"]
    crm = f"{url}/alloy/2024-03/one/crm/contacts/{uid}?credentialId={account.credential_id}"
    return [
        Call("apptoto", "GET", f"{url}/apptoto/v1/contact?id={made['number']}", by_dialect["apptoto"].headers),
        Call("packagex", "GET", f"{url}/packagex/v1/contacts/{listed}", by_dialect["packagex"].headers),
        Call("alloy", "GET", crm, by_dialect["alloy"].headers),
        Call("native", "GET", f"{url}/api/v1/contacts/{uid}", {"Authorization": f"Bearer {account.key}"}),
    ]


@contextmanager
def baseline(server: Server) -> Iterator[str]:
    """The baseline over a database of its own; its address."""
    port = free_port()
    script = Path(__file__).with_name("baseline.py")
    process = subprocess.Popen([sys.executable, str(script), str(server.data / "onebook.db"), str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(400):
            try:
                httpx2.get(url, timeout=1)
                break
            except httpx2.TransportError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()


def compare(title: str, ours: list[Call], theirs: Call, *, rounds: int, seconds: float) -> dict[str, float]:
    """Measure each of ours in turn with theirs; the median ratio of each."""
    ratios: dict[str, float] = {}
    for call in ours:
        pairs = [(measured(call, seconds), measured(theirs, seconds)) for _ in range(rounds)]
        ratios[call.name] = statistics.median(mine / other for mine, other in pairs)
        told = ", ".join(f"{mine:,.0f} against {other:,.0f}" for mine, other in pairs)
        print(f"{title} {call.name:10} {ratios[call.name]:5.2f}x   requests/s: {told}", flush=True)
    return ratios


def main() -> int:
    """Measure; 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("This needs wrk.")
    with tempfile.TemporaryDirectory() as folder:
        server, other = Server(Path(folder) / "ours"), Server(Path(folder) / "theirs")
        account, guest = server.new_account(), other.new_account()
        other.stop()
        with baseline(other) as url:
            bearer = {"Authorization": f"Bearer {guest.key}"}
            person = {"name": "Ada Byron", "phone": "+1650COUNTER", "email": "ada.COUNTER@example.org"}
            made = httpx2.post(
                f"{url}/contacts",
                headers=bearer,
                json={"name": "Ada Byron", "phone": "+16505550134", "email": "ada@example.org"},
            ).json()
            create = Call("baseline", "POST", f"{url}/contacts", bearer, json.dumps(person))
            upsert = create._replace(url=f"{url}/contacts/by-phone")
            read = Call("baseline", "GET", f"{url}/contacts/{made['uid']}", bearer)
            one = compare("read  ", reads(account), read, rounds=given.rounds, seconds=given.seconds)
            calls, by_phone = creates(account)[:-1], creates(account)[-1:]
            two = compare("create", calls, create, rounds=given.rounds, seconds=given.seconds)
            two |= compare("create", by_phone, upsert, rounds=given.rounds, seconds=given.seconds)
        server.stop()
    print(f"goals: reads {READ_GOAL}x, creates {CREATE_GOAL}x")
    return 0 if min(one.values()) >= READ_GOAL and min(two.values()) >= CREATE_GOAL else 1


if __name__ == "__main__":
    sys.exit(main())

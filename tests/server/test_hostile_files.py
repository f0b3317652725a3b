"""Broken, hostile and odd files, and addresses that must not be reached, through every door of a running server.

Each ends in created rows and issues, or in one clear 4xx; the server lives on. What exactly comes of each is
tests/importing's concern.
"""

import time
from typing import Any

import pytest
from httpx2 import Response

from tests.dialects.packagex.calls import ENVELOPE, data_url
from tests.harness import Account, FileServer
from tests.importing import ugly
from tests.importing.test_fetch_places import HOSTS, NO_WEB_URLS
from tests.importing.test_hostile import LONG, ODD, REFUSED, endless_file, refused_file
from tests.patience import PATIENCE_SECONDS

_SHEET = f"<sheetData><row r='1'>{ugly.cell('A1', 'Name')}</row><row r='2'>{ugly.cell('A2', 'Ada')}</row></sheetData>"
_LAUGHS = "".join(f"<!ENTITY l{n + 1} '{f'&l{n};' * 10}'>" for n in range(9))
_BOOK = ugly.workbook([["Name"], ["Ada"]])
WORKBOOKS = {
    "a million laughs": ugly.raw_workbook(
        _SHEET.replace("Ada", "&l9;"), prolog=f"<!DOCTYPE worksheet [<!ENTITY l0 'ha'>{_LAUGHS}]>"
    ),
    "an entity of the machine": ugly.raw_workbook(
        _SHEET.replace("Ada", "&x;"), prolog="<!DOCTYPE worksheet [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    ),
    "lying string counts": ugly.raw_workbook(
        "<sheetData><row r='1'><c r='A1' t='s'><v>0</v></c></row><row r='2'><c r='A2' t='s'><v>999999999</v></c></row>"
        "</sheetData>",
        strings="<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' count='4294967295' "
        "uniqueCount='4294967295'><si><t>Name</t></si></sst>",
    ),
    "a lying directory": ugly.lying_zip(
        ugly.raw_workbook(_SHEET + " " * (1 << 20)), "xl/worksheets/sheet1.xml", 0xFFFFFFFE
    ),
    "a cell at the far corner": ugly.raw_workbook(
        f"<sheetData><row r='1'>{ugly.cell('A1', 'Name')}{ugly.cell('XFD1', 'x')}</row>"
        f"<row r='1048576'>{ugly.cell('XFD1048576', 'x')}</row></sheetData>"
    ),
    "half of a workbook": _BOOK[: len(_BOOK) // 2],
    "an old container of nothing": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
    "a workbook with rubbish for a sheet": ugly.raw_workbook(b"\xff\xfe\x00<<<>>>" * 100),
}
FILES = {name: data for name, (data, _, _) in ODD.items()} | WORKBOOKS
#: Those of many megabytes take seconds each; one of them is enough to see that the doors are no worse than the reader.
BIG = "a cell of 50 MB"
SENT = [*FILES, *(name for name in REFUSED if name not in LONG), BIG]


def file_called(name: str) -> bytes:
    if name == BIG:
        return endless_file("a cell")
    return FILES[name] if name in FILES else refused_file(name)


def by_native(account: Account, data: bytes) -> Response:
    """Import through onebook's own API, and wait for the end of what was begun."""
    headers = {"Content-Type": "application/octet-stream"}
    answer = account.native.post("/imports", content=data, headers=headers)
    if answer.status_code != 202:
        return answer
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        shown = account.native.get(f"/imports/{answer.json()['uid']}")
        if shown.json()["state"] in ("done", "failed"):
            return shown
        time.sleep(0.02)
    raise AssertionError(answer.text)


def must_be_clear(account: Account, answer: Response) -> None:
    """One sentence of why, nothing of the inside; and the server answers on."""
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert len(answer.text) < 2_000
    for secret in ("Traceback", "root:", "/tmp", ".py"):  # noqa: S108 - it is looked for
        assert secret not in answer.text
    assert account.client().get("/healthz").status_code == 200


@pytest.mark.parametrize("name", SENT)
def test_a_file_through_onebooks_own_door(account: Account, name: str) -> None:
    answer = by_native(account, file_called(name))
    if answer.status_code == 200:
        shown = answer.json()
        outcomes = ("created", "updated", "unchanged", "refused", "skipped")
        assert shown["state"] == "done" or shown["message"], shown
        assert sum(shown[outcome] for outcome in outcomes) == shown["rows"]
        assert len(account.native.get("/contacts").json()["contacts"]) == shown["created"]
        assert account.client().get("/healthz").status_code == 200
    else:
        must_be_clear(account, answer)


def loaded(account: Account, answer: Response) -> None:
    """Rows and issues, or a refusal in the envelope that names the file or the name."""
    body: dict[str, Any] = answer.json()
    assert set(body) >= ENVELOPE
    if answer.status_code == 201:
        stored = account.packagex.get("/contacts").json()["pagination"]["total_count"]
        assert len(body["data"]["contact_ids"]) == stored
        assert account.client().get("/healthz").status_code == 200
    else:
        assert body["errors"] in (["csv_url"], ["name"], [])
        must_be_clear(account, answer)
        assert account.packagex.get("/contacts").json()["pagination"]["total_count"] == 0


@pytest.mark.parametrize("name", SENT)
def test_a_file_through_a_data_url(account: Account, name: str) -> None:
    loaded(account, account.packagex.post("/contacts", json={"csv_url": data_url(file_called(name))}))


@pytest.mark.parametrize("name", [BIG, *WORKBOOKS])
def test_a_file_from_the_web(account: Account, file_server: FileServer, name: str) -> None:
    url = file_server.put(f"{name.replace(' ', '-')}.bin", file_called(name), "application/octet-stream")
    loaded(account, account.packagex.post("/contacts", json={"csv_url": url, "overwrite": True}))


URLS = (
    *NO_WEB_URLS,
    *(f"http://{host}:1/people.csv" for host in HOSTS),
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://100.100.100.200/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2001:0:7f00:1::]/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://user@169.254.169.254/",
    "http://127.0.0.1#@example.com/",
    "http://nowhere.invalid/people.csv",
)


@pytest.mark.parametrize("url", URLS)
def test_a_place_that_must_not_be_reached(account: Account, url: str) -> None:
    native = account.native.post("/imports", json={"url": url})
    must_be_clear(account, native)
    packagex = account.packagex.post("/contacts", json={"csv_url": url, "overwrite": True})
    must_be_clear(account, packagex)
    assert packagex.json()["errors"] == ["csv_url"]
    assert account.native.get("/imports").json()["imports"] == []

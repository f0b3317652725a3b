"""The page of all APIs needs nothing from any other host, and shows a document for each dialect."""

import hashlib
import re
from pathlib import Path

import httpx2
import pytest

from onebook.bootstrap import DIALECTS
from onebook.web.assets import STATIC
from tests.harness import Server

VENDOR = STATIC / "vendor"
ADDRESS = re.compile(r"(?:https?:)?//[\w.-]+\.\w+")
LINE = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)


def vendored() -> dict[str, str]:
    return dict(LINE.findall((VENDOR / "VENDORED.md").read_text("utf-8")))


def test_every_vendored_file_is_the_one_that_was_taken() -> None:
    there = [path for path in VENDOR.rglob("*") if path.is_file() and path.name not in {"VENDORED.md", "LICENSE"}]
    assert {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest() for path in there
    } == vendored()


def test_every_vendored_folder_has_its_licence() -> None:
    assert all((VENDOR / name).parent.joinpath("LICENSE").is_file() for name in vendored())


@pytest.mark.parametrize(
    "path", [path for path in STATIC.iterdir() if path.suffix in {".html", ".js"}], ids=lambda p: p.name
)
def test_our_own_pages_name_no_other_host(path: Path) -> None:
    assert ADDRESS.findall(path.read_text("utf-8")) == []


def test_the_browser_is_told_to_reach_no_other_host(server: Server) -> None:
    answer = httpx2.get(f"{server.url}/docs")
    assert answer.status_code == 200
    policy = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())


def test_all_that_the_page_loads_is_there(server: Server) -> None:
    page = httpx2.get(f"{server.url}/docs").text
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len(loaded) > len(DIALECTS)
    assert {path: httpx2.get(server.url + path).status_code for path in loaded} == dict.fromkeys(loaded, 200)


def test_each_dialect_has_its_document(server: Server) -> None:
    for dialect in DIALECTS:
        document = httpx2.get(f"{server.url}/openapi/{dialect.name}.json").json()
        assert document["servers"][0]["url"] == dialect.mounts[0]
        assert len(document["paths"]) == len({route.path for route in dialect.routes})


def test_an_unknown_document_is_not_there(server: Server) -> None:
    assert httpx2.get(f"{server.url}/openapi/nobody.json").status_code == 404


def test_the_front_door_leads_a_stranger_to_sign_in(server: Server) -> None:
    answer = httpx2.get(f"{server.url}/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")

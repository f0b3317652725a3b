"""`onebook export`: the format, the book, the file, and standard output."""

import json
import os
from functools import partial
from pathlib import Path

import pytest

from onebook.cli.exporting import chosen_format
from tests.cli.conftest import Run
from tests.harness import Account, Server


@pytest.fixture
def run(onebook: Run, server: Server) -> Run:
    """`onebook export` from the server's database."""
    return partial(onebook, "export", "--data", str(server.data), "--database", server.engine.url(server.data))


@pytest.fixture
def named(account: Account) -> Account:
    """An account with a contact in each of two books."""
    book = account.native.post("/books", json={"name": "Club"}).json()["number"]
    for body in ({"name": {"full": "Ada Byron"}}, {"name": {"full": "Grace Hopper"}, "book": book}):
        account.native.post("/contacts", json=body).raise_for_status()
    return account


def test_all_of_an_account_goes_to_standard_output(run: Run, named: Account) -> None:
    done = run("--account", named.name, "--format", "jsonl")
    assert done.status == 0
    assert [json.loads(line)["name"]["full"] for line in done.out.splitlines()] == ["Ada Byron", "Grace Hopper"]
    assert done.err == ""


def test_a_book_goes_to_a_file_that_only_its_owner_reads(run: Run, named: Account, tmp_path: Path) -> None:
    output = tmp_path / "club.csv"
    done = run("--account", named.name, "--book", "Club", "--output", str(output))
    assert (done.status, done.out) == (0, "")
    text = output.read_text("utf-8-sig")
    assert "Grace Hopper" in text
    assert "Ada Byron" not in text
    assert output.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["club.csv"]  # noqa: PTH208 - names are what is asked


def test_the_filters_of_the_api_choose_what_goes_out(run: Run, named: Account) -> None:
    done = run("--account", named.name, "--format", "jsonl", "--filter", "q=hopper", "--filter", "kind=individual")
    assert [json.loads(line)["name"]["full"] for line in done.out.splitlines()] == ["Grace Hopper"]
    assert run("--account", named.name, "--book", "Club", "--format", "jsonl", "--filter", "q=byron").out == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--filter", "tga=vip"], "There is no parameter tga."),
        (["--filter", "vip"], "A filter is a name and a value, such as tag=vip; 'vip' is none."),
        (["--output", "nowhere/people.csv"], "nowhere/people.csv cannot be written: No such file or directory."),
        (["--book", "Nowhere"], "There is no such address book."),
        (["--format", "pdf"], "The format is one of csv, xlsx, vcard, vcard3, jsonl."),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(
    run: Run, account: Account, arguments: list[str], sentence: str
) -> None:
    done = run("--account", account.name, *arguments)
    assert (done.status, done.err) == (2, f"onebook: {sentence}\n")


def test_an_export_that_fails_leaves_the_file_before_as_it_was(run: Run, account: Account, tmp_path: Path) -> None:
    output = tmp_path / "contacts.xlsx"
    output.write_bytes(b"yesterday's")
    account.native.post("/contacts", json={"name": {"full": "A"}, "notes": "x" * 40_000}).raise_for_status()
    assert run("--account", account.name, "--output", str(output)).status == 2
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("contacts.xlsx", b"yesterday's")]


@pytest.mark.parametrize(
    ("name", "output", "chosen"),
    [
        (None, None, "csv"),
        (None, "a.xlsx", "xlsx"),
        (None, "a.VCF", "vcard"),
        (None, "a.jsonl", "jsonl"),
        (None, "a.txt", "csv"),
        ("vcard3", "a.vcf", "vcard3"),
        ("jsonl", None, "jsonl"),
    ],
)
def test_the_format_is_the_named_one_else_that_of_the_file(name: str | None, output: str | None, chosen: str) -> None:
    assert chosen_format(name, Path(output) if output else None) == chosen

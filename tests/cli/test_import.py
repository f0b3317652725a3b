"""`onebook import`: files, plans, undoing, what is told of them, and the exit status."""

import io
import json
import os
import shlex
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.conftest import Run
from tests.harness import Account, Server

PEOPLE = "Name,Phone,Email\nAda Byron,020 7946 0001,ada@example.com\nBob Berg,12,bob@example.com\n"
MAPPING = '{"Name": "name.full", "Phone": "phone"}'
GOOD = "Name,Phone\nAda Byron,020 7946 0001\nCy Cole,020 7946 0002\n"


class Line:
    """The command line, for one account."""

    def __init__(self, onebook: Run, server: Server, account: Account, folder: Path) -> None:
        database = ["--data", str(server.data), "--database", server.engine.url(server.data)]
        self.words = ["import", *database, "--account", account.name]
        self._onebook = onebook
        self.account = account
        self.folder = folder

    def run(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        said = self._onebook(*self.words, *map(str, arguments))
        return subprocess.CompletedProcess(list(map(str, arguments)), said.status, said.out, said.err)

    def told(self, status: int, *arguments: object) -> dict[str, Any]:
        """What it says in JSON; it must end with this status."""
        done = self.run(*arguments, "--json")
        assert done.returncode == status, done.stderr
        return dict(json.loads(done.stdout))

    def file(self, text: str, name: str = "people.csv") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def names(self) -> list[str]:
        found = self.account.native.get("/contacts").json()["contacts"]
        return sorted(contact["name"]["full"] for contact in found)


@pytest.fixture
def line(onebook: Run, server: Server, account: Account, tmp_path: Path) -> Line:
    return Line(onebook, server, account, tmp_path)


def test_every_row_is_accounted_for_and_a_refused_one_told(line: Line) -> None:
    done = line.run(line.file(PEOPLE), "--country", "GB")
    assert done.returncode == 1
    first, counts, issue = done.stdout.splitlines()
    assert first.startswith("Imported as ")
    assert counts == "2 rows: 1 created, 0 updated, 0 unchanged, 1 refused, 0 skipped"
    assert issue.startswith("  row 3, Phone ('12'): ")
    assert line.names() == ["Ada Byron"]


def test_a_file_without_a_fault_ends_well_and_the_second_time_changes_nothing(line: Line) -> None:
    first = line.told(0, line.file(GOOD), "--country", "GB")
    assert (first["state"], first["rows"], first["created"], first["issues"]) == ("done", 2, 2, [])
    again = line.told(0, line.file(GOOD), "--country", "GB", "--match", "phone")
    assert (again["created"], again["unchanged"]) == (0, 2)


def test_a_plan_writes_nothing_until_it_is_applied(line: Line) -> None:
    planned = line.told(0, line.file(GOOD), "--country", "GB", "--plan")
    assert (planned["state"], planned["created"], line.names()) == ("planned", 2, [])
    assert [sample["name"] for sample in planned["samples"]] == ["Ada Byron", "Cy Cole"]
    applied = line.told(0, "--apply", planned["id"])
    assert (applied["state"], applied["created"]) == ("done", 2)
    assert line.names() == ["Ada Byron", "Cy Cole"]


def test_an_import_can_be_undone_once(line: Line) -> None:
    made = line.told(0, line.file(GOOD), "--country", "GB")
    assert line.told(0, "--undo", made["id"])["state"] == "undone"
    assert line.names() == []
    assert line.run("--undo", made["id"]).returncode == 2


def test_an_overwrite_replaces_the_book(line: Line) -> None:
    line.told(0, line.file(GOOD), "--country", "GB")
    line.told(0, line.file("Name\nDee Dorn\n"), "--overwrite")
    assert line.names() == ["Dee Dorn"]


def test_an_overwrite_without_a_good_row_fails_and_deletes_nothing(line: Line) -> None:
    line.told(0, line.file(GOOD), "--country", "GB")
    file, mapping = line.file("Name,Phone\nBob,12\n"), line.file(MAPPING, "mapping.json")
    failed = line.told(2, file, "--overwrite", "--country", "GB", "--mapping", mapping)
    assert (failed["state"], failed["code"]) == ("failed", "no_row")
    assert line.names() == ["Ada Byron", "Cy Cole"]


def test_a_mapping_says_what_columns_are_and_a_book_where_contacts_go(line: Line) -> None:
    line.account.native.post("/books", json={"name": "Club"}).raise_for_status()
    mapping = line.file('{"Quoi": "name.full", "Pointure": "custom.shoe"}', "mapping.json")
    file = line.file("Quoi,Pointure\nAda,38\n")
    line.told(0, file, "--book", "Club", "--mapping", mapping)
    contact = line.account.native.get("/contacts").json()["contacts"][0]
    assert (contact["name"]["full"], contact["custom"]) == ("Ada", {"shoe": "38"})
    told = line.run(line.file("Quoi\nBo\n"), "--plan", "--mapping", mapping).stdout
    assert "The file has no heading 'Pointure', which the mapping names." in told
    assert contact["book"] != line.account.native.get("/books").json()["books"][0]["number"]


def test_a_pipe_is_read_once_and_a_device_not_at_all(line: Line) -> None:
    pipe = line.folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(GOOD,), daemon=True)
    writer.start()
    assert line.told(0, pipe, "--country", "GB")["created"] == 2
    refused = line.run("/dev/zero")
    assert (refused.returncode, "neither a file nor a pipe" in refused.stderr) == (2, True)


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_all_issues_go_to_a_file_that_only_its_owner_reads(line: Line, ending: str) -> None:
    rows = "".join(f"Bob {number},12\n" for number in range(30))
    report = line.folder / f"issues.{ending}"
    file, mapping = line.file(f"Name,Phone\n{rows}"), line.file(MAPPING, "mapping.json")
    told = line.told(1, file, "--country", "GB", "--mapping", mapping, "--issues", report)
    assert (told["refused"], len(told["issues"])) == (30, 20)
    text = report.read_text("utf-8-sig")
    assert len(json.loads(text) if ending == "json" else text.splitlines()[1:]) == 30
    assert report.stat().st_mode & 0o777 == 0o600


def test_an_import_that_has_ended_is_told_again_with_its_refused_rows_as_they_stand(line: Line) -> None:
    report = line.folder / "issues.xlsx"
    made = line.told(1, line.file(PEOPLE), "--country", "GB")
    assert line.told(1, "--show", made["id"], "--issues", report) == made
    rows = list(openpyxl.load_workbook(io.BytesIO(report.read_bytes())).worksheets[0].iter_rows(values_only=True))
    assert rows[0][:4] == ("Name", "Phone", "Email", "onebook reason")
    assert [row[:3] for row in rows[1:]] == [("Bob Berg", "12", "bob@example.com")]


def test_refused_rows_that_were_mended_are_rows_of_the_same_import(line: Line) -> None:
    report = line.folder / "issues.xlsx"
    made = line.told(1, line.file(PEOPLE), "--country", "GB", "--issues", report)
    workbook = openpyxl.load_workbook(report)
    workbook.worksheets[0]["B2"] = "020 7946 0002"
    workbook.save(report)
    mended = line.told(0, report, "--mend", made["id"])
    assert (mended["id"], mended["rows"], mended["created"], mended["refused"]) == (made["id"], 2, 2, 0)
    assert line.names() == ["Ada Byron", "Bob Berg"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name one of these: a file, --apply ID, --undo ID, --show ID; --mend ID goes with a file."),
        (("nowhere.csv",), "nowhere.csv cannot be read: No such file or directory."),
        (("/proc/self/mem",), "/proc/self/mem cannot be read: Input/output error."),
        (("FILE", "--book", "Nowhere"), "There is no such address book."),
        (("FILE", "--country", "Utopia?"), "The country must be its two letters, such as FR."),
        (("FILE", "--mapping", "FILE"), "must be a JSON object of headings and targets"),
        (("FILE", "--issues", "issues.pdf"), "The file of issues must end in one of .json, .csv, .xlsx."),
        (("FILE", "--issues", "nowhere/issues.csv"), "nowhere/issues.csv cannot be written."),
        (("FILE", "--encoding", "klingon"), "The encoding that was named is not known."),
        (("FILE", "--delimiter", "::"), "'::' is not one of"),
        (("--undo", "nothing"), "There is no such import."),
    ],
    ids=[
        *(
            "nothing",
            "no file",
            "no disk",
            "no book",
            "no country",
            "no mapping",
            "no format",
            "no place",
            "no encoding",
        ),
        *("no delimiter", "no import"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(line: Line, arguments: tuple[str, ...], sentence: str) -> None:
    file = line.file(GOOD)
    done = line.run(*(file if argument == "FILE" else argument for argument in arguments))
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_no_table_is_refused_in_a_sentence(line: Line) -> None:
    done = line.run(line.file("", "empty.csv"))
    assert done.returncode == 2
    assert done.stderr.startswith("onebook: ")


def test_what_is_told_is_right_for_one_row_and_can_be_run_as_it_stands(line: Line) -> None:
    first, counts = line.run(line.file("Name\nAda Byron\n")).stdout.splitlines()
    assert counts.startswith("1 row: 1 created")
    assert line.run(*shlex.split(first.partition("onebook import ")[2])).returncode == 0
    assert line.names() == []


def test_what_a_file_does_not_tell_rightly_can_be_said(line: Line) -> None:
    text = "Name:Note\nZoë Müller:10; 20\n"
    path = line.folder / "people.txt"
    path.write_bytes(text.encode("mac_roman"))
    assert line.told(0, path, "--encoding", "mac_roman", "--delimiter", ":")["created"] == 1
    contact = line.account.native.get("/contacts").json()["contacts"][0]
    assert (contact["name"]["full"], contact["notes"]) == ("Zoë Müller", "10; 20")
    assert line.told(1, line.file("Name,Phone\nBob,+1 650 000 0000\n"), "--demand-valid")["refused"] == 1


@pytest.mark.parametrize("note", ["short", "long " * 200])
def test_what_is_piped_in_is_a_file_like_any_other(line: Line, monkeypatch: pytest.MonkeyPatch, note: str) -> None:
    text = "Name,Notes\n" + "".join(f"Person {row},{note}\n" for row in range(1_200))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert line.told(0, "-")["created"] == 1_200


def test_the_same_file_with_the_same_key_is_imported_once(line: Line) -> None:
    file = line.file(GOOD)
    first, second = (line.told(0, file, "--country", "GB", "--key", "monday") for _ in range(2))
    assert (first["id"], second["created"]) == (second["id"], 2)
    assert line.names() == ["Ada Byron", "Cy Cole"]
    other = line.run(line.file("Name\nEve\n", "other.csv"), "--key", "monday")
    assert (other.returncode, "The idempotency key was used for another file" in other.stderr) == (2, True)


def test_a_mapping_may_be_saved_or_remembered(line: Line) -> None:
    targets = {"Quoi": "name.full", "Pointure": "custom.shoe"}
    line.account.native.put("/import-mappings/shoes", json={"targets": targets}).raise_for_status()
    file = line.file("Quoi,Pointure\nAda,38\n")
    assert line.told(0, file, "--mapping", "shoes")["mapping_from"] == "saved"
    assert line.told(0, file)["mapping_from"] == "remembered"
    assert line.told(1, file, "--no-recall")["mapping_from"] == "recognised"
    unknown = line.run(file, "--mapping", "boots")
    assert (unknown.returncode, "No mapping is saved under this name." in unknown.stderr) == (2, True)


def test_a_terminal_shows_a_bar_with_the_figures(line: Line) -> None:
    rows = "".join(f"Person {number},{number % 7}\n" for number in range(6_000))
    file = line.file(f"Name,Shoe\n{rows}")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "onebook", *line.words, str(file)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as running:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # nobody writes any more
            while piece := os.read(ours, 65_536):
                shown += piece
    os.close(ours)
    text = shown.decode()
    assert running.returncode == 0, text
    assert [word for word in ("6000/6000", "rows/s", "0 refused", "done") if word not in text] == []


def test_who_has_opted_out_is_left_out_only_where_that_is_asked_for(line: Line) -> None:
    line.account.native.post("/opt-outs", json={"phone": "+442079460001"}).raise_for_status()
    file = line.file(GOOD)
    skipped = line.told(0, file, "--country", "GB", "--skip-opted-out")
    assert (skipped["created"], skipped["skipped"]) == (1, 1)
    taken = line.told(0, file, "--country", "GB", "--match", "phone")
    assert (taken["created"], taken["unchanged"], taken["skipped"]) == (1, 1, 0)

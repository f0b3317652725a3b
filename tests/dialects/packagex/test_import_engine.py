"""PackageX: a file in ``csv_url`` is an import like any other: found, taken back, done once."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.packagex.calls import create, csv_of, data_url, load, opened, read, refused, stored
from tests.harness import Account, Server
from tests.patience import PATIENCE_SECONDS

ROWS = 12_000
LONG = csv_of("Name,Email,Groups,Type", *(f"P {n},p{n}@example.com,Crew," for n in range(ROWS)), "Crew,,,group")


def imports_of(account: Account) -> list[dict[str, Any]]:
    """The imports of an account, the newest first, as onebook's own API shows them."""
    found: list[dict[str, Any]] = account.native.get("/imports").json()["imports"]
    return found


def undo(account: Account, uid: str) -> None:
    """Take an import back and wait until it is."""
    assert account.native.post(f"/imports/{uid}/undo").status_code == 202
    for _ in range(400):
        if account.native.get(f"/imports/{uid}").json()["state"] == "undone":
            return
        threading.Event().wait(0.05)
    raise AssertionError(imports_of(account)[0])


def test_a_file_is_an_import_that_onebook_shows(account: Account) -> None:
    load(account, csv_of("Name,Email", "Ada,", "Thor,thor@asgard", "Bea,"))
    (shown,) = imports_of(account)
    assert (shown["state"], shown["created"], shown["refused"]) == ("done", 2, 1)
    issues = account.native.get(f"/imports/{shown['uid']}/issues").json()
    assert [(issue["index"], issue["heading"]) for issue in issues] == [(1, "email")]


def test_a_file_can_be_taken_back(account: Account) -> None:
    ada = create(account, name="Ada")
    crew = create(account, name="Crew", type="group", children=[ada["id"]])
    load(account, csv_of("Name,Groups", "Bea,Crew", "Cy,Crew"))
    assert len(read(account, crew["id"])["group_contacts"]["children"]) == 3
    undo(account, imports_of(account)[0]["uid"])
    assert stored(account) == ["Ada", "Crew"]
    assert read(account, crew["id"])["group_contacts"]["children"] == [ada["id"]]


def test_an_overwrite_of_all_books_can_be_taken_back(account: Account) -> None:
    ada = create(account, name="Ada")
    crew = create(account, name="Crew", type="group", children=[ada["id"]])
    book = account.native.post("/books", json={"name": "Elsewhere"}).json()["number"]
    far = account.native.post("/contacts", json={"name": {"full": "Far Away"}, "book": book}).json()
    load(account, csv_of("Name", "Bea"), overwrite=True)
    assert stored(account) == ["Bea"]
    undo(account, imports_of(account)[0]["uid"])
    assert stored(account) == ["Ada", "Crew", "Far Away"]
    assert read(account, crew["id"]) == crew
    assert account.native.get(f"/contacts/{far['uid']}").json() == far


def test_groups_of_other_books_get_children_too(account: Account) -> None:
    book = account.native.post("/books", json={"name": "Elsewhere"}).json()["number"]
    crew = account.native.post("/contacts", json={"kind": "group", "name": {"full": "Crew"}, "book": book}).json()
    done = load(account, csv_of("Name,Groups", "Ada,Crew"))
    members = account.native.get(f"/contacts/{crew['uid']}/members").json()["members"]
    assert len(members) == 1
    assert read(account, done["contact_ids"][0])["name"] == "Ada"


def test_a_group_of_the_file_counts_before_one_that_was_there(account: Account) -> None:
    old = create(account, name="Crew", type="group")
    done = load(account, csv_of("Name,Type,Groups", "Ada,,Crew", "Crew,group,"))
    assert read(account, done["contact_ids"][1])["group_contacts"]["children"] == done["contact_ids"][:1]
    assert read(account, old["id"])["group_contacts"]["children"] == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_that_breaks_after_many_rows_leaves_nothing(account: Account, overwrite: bool) -> None:
    ada = create(account, name="Ada")
    body = {"csv_url": data_url(b"\xef\xbb\xbf" + LONG + b"\xff\xfe\xe9" * 2_000), "overwrite": overwrite}
    answer = account.packagex.post("/contacts", json=body, timeout=PATIENCE_SECONDS)
    refused(answer, 400, "csv_url")
    assert stored(account) == ["Ada"]
    assert read(account, ada["id"]) == ada


def test_a_long_file_is_answered_row_by_row(account: Account) -> None:
    done = load(account, LONG + b"Thor,thor@asgard,,\n")
    assert len(done["contact_ids"]) == len(set(done["contact_ids"])) == ROWS + 1
    assert done["issues"] == [{"index": ROWS + 1, "errors": ["email"]}]
    first, last = read(account, done["contact_ids"][0]), read(account, done["contact_ids"][-1])
    assert (first["name"], last["name"]) == ("P 0", "Crew")
    assert last["group_contacts"]["children"] == done["contact_ids"][:-1]


def test_a_key_used_for_an_import_of_another_file_is_a_conflict(account: Account) -> None:
    named = {"Idempotency-Key": "one"}
    content = csv_of("Name", "Ada")
    headers = {**named, "Content-Type": "text/csv"}
    assert account.native.post("/imports", content=content, headers=headers).status_code == 202
    answer = account.packagex.post("/contacts", json={"csv_url": data_url(content)}, headers=named)
    refused(answer, 409, code="conflict")


def test_rows_beyond_the_limit_leave_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", environment={"ONEBOOK_IMPORT_ROWS": "1000"})
    try:
        account = server.new_account()
        url = data_url(csv_of("Name", *(f"P {n}" for n in range(1001))))
        refused(account.packagex.post("/contacts", json={"csv_url": url}), 413, "csv_url", code="payload_too_large")
        assert stored(account) == []
        url = data_url(csv_of("Name", *(f"P {n}" for n in range(1000))))
        assert len(opened(account.packagex.post("/contacts", json={"csv_url": url}), 201)["contact_ids"]) == 1000
    finally:
        server.stop()


def test_an_import_goes_on_where_the_server_stopped_and_is_answered_once(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    try:
        account = server.new_account()
        body = {"csv_url": data_url(LONG + csv_of(*(f"Q {n},,," for n in range(20_000))))}
        answers: list[int] = []

        def ask() -> None:
            answer = account.packagex.post(
                "/contacts", json=body, headers={"Idempotency-Key": "k"}, timeout=PATIENCE_SECONDS
            )
            answers.append(answer.status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        while not (found := imports_of(account)) or not found[0]["created"]:
            threading.Event().wait(0.02)
        assert server.process is not None
        server.process.terminate()
        assert server.process.wait(PATIENCE_SECONDS) == 0
        asking.join(PATIENCE_SECONDS)
        assert answers in ([503], [201])
        server.start()
        again = account.packagex.post(
            "/contacts", json=body, headers={"Idempotency-Key": "k"}, timeout=PATIENCE_SECONDS
        )
        assert len(opened(again, 201)["contact_ids"]) == ROWS + 1 + 20_000
        assert len(imports_of(account)) == 1
    finally:
        server.stop()

"""Mappings: saved under a name, remembered for the same headings, shown before a file is imported."""

import json
from typing import Any

import pytest

from tests.dialects.native.test_imports import ended, names, post, rested
from tests.harness import Account, FileServer, statement

ODD = "Wer,Was\nAda Byron,chess\n"
TARGETS = {"Wer": "name.full", "Was": "custom.hobby"}
GIVEN = json.dumps(TARGETS)


def hobbies(account: Account) -> list[Any]:
    found = account.native.get("/contacts").json()["contacts"]
    return [contact["custom"].get("hobby") for contact in found]


def bare(account: Account, text: str = ODD, **params: str) -> dict[str, Any]:
    """Import a text that brings no mapping to its end."""
    answer = post(account, text.encode(), **params)
    assert answer.status_code == 202, answer.text
    return rested(account, answer.json()["uid"])


@statement("NA-88")
def test_a_mapping_is_saved_used_replaced_and_deleted(account: Account) -> None:
    saved = account.native.put("/import-mappings/Vereinsliste", json={"targets": TARGETS})
    assert (saved.status_code, saved.json()["targets"]) == (200, TARGETS)
    done = bare(account, mapping="Vereinsliste")
    assert (done["mapping_from"], done["created"], hobbies(account)) == ("saved", 1, ["chess"])
    other = {"Wer": "name.full", "Was": "notes"}
    assert account.native.put("/import-mappings/Vereinsliste", json={"targets": other}).json()["targets"] == other
    (listed,) = account.native.get("/import-mappings").json()["mappings"]
    assert (listed["name"], listed["targets"]) == ("Vereinsliste", other)
    assert account.native.get("/import-mappings/Vereinsliste").json() == listed
    assert account.native.delete("/import-mappings/Vereinsliste").status_code == 204
    for gone in (account.native.get, account.native.delete):
        assert gone("/import-mappings/Vereinsliste").status_code == 404
    assert post(account, ODD.encode(), mapping="Vereinsliste").status_code == 400


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x", {"targets": {"Wer": "shoe"}}),
        ("x", {"targets": {"Wer": 1}}),
        ("x", {"targets": []}),
        ("x", {}),
        ("x", {"targets": {}, "more": 1}),
        ("x" * 101, {"targets": TARGETS}),
        ("{x", {"targets": TARGETS}),
        (" ", {"targets": TARGETS}),
    ],
    ids=["target", "number", "list", "nothing", "more", "long", "brace", "blank"],
)
def test_what_is_no_mapping_is_not_saved(account: Account, name: str, body: Any) -> None:
    assert account.native.put(f"/import-mappings/{name}", json=body).status_code == 400
    assert account.native.get("/import-mappings").json() == {"mappings": []}


def test_a_key_bound_to_a_book_uses_mappings_and_changes_none(account: Account) -> None:
    account.native.put("/import-mappings/club", json={"targets": TARGETS}).raise_for_status()
    book = account.native.post("/books", json={"name": "Club"}).json()["number"]
    secret = account.native.post("/keys", json={"scope": "admin", "book": book}).json()["key"]
    bound = account.client("/api/v1", headers={"Authorization": f"Bearer {secret}"})
    assert bound.put("/import-mappings/club", json={"targets": {}}).status_code == 403
    assert bound.delete("/import-mappings/club").status_code == 403
    sent = bound.post("/imports?mapping=club", content=ODD.encode(), headers={"Content-Type": "text/csv"})
    assert (sent.status_code, sent.json()["mapping_from"], sent.json()["book"]) == (202, "saved", book)


@statement("NA-89")
def test_a_file_with_the_same_headings_gets_the_last_mapping_of_its_book(account: Account) -> None:
    assert bare(account)["mapping_from"] == "recognised"
    assert ended(account, mapping=GIVEN, text=ODD)["mapping_from"] == "given"
    moved = bare(account, " was ,WER\ngo,Cy Cole\n")
    assert (moved["mapping_from"], moved["options"]["mapping"]) == ("remembered", TARGETS)
    assert "go" in hobbies(account)
    assert bare(account, "Wer,Was,Wo\nDee,go,Rome\n")["mapping_from"] == "recognised"
    assert bare(account, recall="false")["mapping_from"] == "recognised"
    assert bare(account)["mapping_from"] == "remembered", "what was asked to forget nothing forgot nothing"
    book = str(account.native.post("/books", json={"name": "Club"}).json()["number"])
    assert bare(account, book=book)["mapping_from"] == "recognised"


def test_a_table_without_headings_gets_no_mapping_of_another(account: Account) -> None:
    letters = json.dumps({"A": "custom.hobby", "B": "name.full"})
    assert ended(account, mapping=letters, text="a@example.com,Ada Byron\n12,Bob Berg\n")["mapping_from"] == "given"
    moved = bare(account, "cy@example.com,Cy Cole\ndee@example.com,Dee Dorn\n")
    assert (moved["headings"], moved["mapping_from"]) == (["A", "B"], "recognised")


def test_a_plan_is_not_remembered_until_it_is_done(account: Account) -> None:
    planned = ended(account, text=ODD, mapping=GIVEN, plan="true")
    assert bare(account, plan="true")["mapping_from"] == "recognised"
    account.native.post(f"/imports/{planned['uid']}/apply").raise_for_status()
    assert rested(account, planned["uid"])["state"] == "done"
    assert bare(account, plan="true")["mapping_from"] == "remembered"


@statement("NA-90")
def test_a_look_at_a_file_shows_its_columns_and_keeps_nothing(account: Account, file_server: FileServer) -> None:
    text = "Name;E-mail;Schuhgröße\nAda;ada@example.com;38\nBob;;\nCy;cy@example.com;43\nDee;d@example.com;40\n"
    files = (
        (text.encode(), "text/csv"),
        (json.dumps({"url": file_server.put("people.csv", text.encode())}).encode(), ""),
    )
    for content, media_type in files:
        headers = {"Content-Type": media_type or "application/json"}
        answer = account.native.post("/imports/preview", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert (shown["format"], shown["delimiter"], shown["mapping_from"]) == ("csv", ";", "recognised")
        assert [(one["heading"], one["target"]) for one in shown["columns"]] == [
            ("Name", "name.full"),
            ("E-mail", "email"),
            ("Schuhgröße", "custom.Schuhgröße"),
        ]
        assert shown["columns"][1]["confidence"] > 0.9
        assert shown["columns"][2]["confidence"] == 0
        assert shown["columns"][1]["samples"] == ["ada@example.com", "cy@example.com", "d@example.com"]
    assert (account.native.get("/imports").json(), names(account)) == ({"imports": []}, [])


def test_what_a_delimiter_may_be_is_told_so_that_it_can_be_read(account: Account) -> None:
    headers = {"Content-Type": "text/csv"}
    answer = account.native.post("/imports/preview", content=b"Name\nAda\n", headers=headers, params={"delimiter": "x"})
    [told] = answer.json()["issues"]
    assert (answer.status_code, told["message"]) == (400, r'delimiter must be one of ",", ";", "\t", "|", ":".')


def test_a_look_shows_what_the_import_would_do(account: Account) -> None:
    def mapping_of(**params: str) -> tuple[str, list[str]]:
        headers = {"Content-Type": "text/csv"}
        shown = account.native.post("/imports/preview", content=ODD.encode(), headers=headers, params=params).json()
        return shown["mapping_from"], [one["target"] for one in shown["columns"]]

    ended(account, text=ODD, mapping=GIVEN)
    assert mapping_of() == ("remembered", list(TARGETS.values()))
    assert mapping_of(mapping='{"Wer": "name.full"}') == ("given", ["name.full", ""])
    assert mapping_of(recall="false")[0] == "recognised"


@pytest.mark.parametrize(
    ("content", "media_type", "params"),
    [
        (b"", "text/csv", {}),
        (b"PK\x03\x04 but no zip", "text/csv", {}),
        (ODD.encode(), "text/csv", {"plan": "true"}),
        (ODD.encode(), "text/csv", {"mapping": "nobody saved this"}),
        (b'{"url": "http://169.254.169.254/"}', "application/json", {}),
    ],
    ids=["empty", "zip", "option", "mapping", "address"],
)
def test_what_cannot_be_looked_at_is_refused(
    account: Account, content: bytes, media_type: str, params: dict[str, str]
) -> None:
    headers = {"Content-Type": media_type}
    answer = account.native.post("/imports/preview", content=content, headers=headers, params=params)
    assert answer.status_code == 400, answer.text


def test_a_vcard_has_no_columns(account: Account) -> None:
    card = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada Byron\r\nEND:VCARD\r\n"
    headers = {"Content-Type": "text/vcard"}
    shown = account.native.post("/imports/preview", content=card, headers=headers).json()
    assert (shown["format"], shown["columns"]) == ("vcard", [])


@statement("NA-92")
def test_headings_that_are_not_there_are_told(account: Account) -> None:
    mapping = json.dumps({**TARGETS, "Wann": "notes", "Was [2]": "tags", "Wo": ""})
    headers = {"Content-Type": "text/csv"}
    shown = account.native.post("/imports/preview", content=ODD, headers=headers, params={"mapping": mapping}).json()
    done = ended(account, text=ODD, mapping=mapping)
    assert shown["headings_missing"] == done["headings_missing"] == ["Wann", "Was [2]"]
    assert (done["state"], bare(account, "Name\nBo\n")["headings_missing"]) == ("done", [])


@statement("NA-91")
def test_a_column_of_opt_outs_sets_marks_if_a_mapping_says_so(account: Account) -> None:
    text = "Name,Email,Unsubscribed\nAda,ada@example.com,yes\nBen,ben@example.com,no\n"
    bare(account, text)
    assert account.native.get("/opt-outs").json()["opt_outs"] == []
    targets = {"Name": "name.full", "Email": "email", "Unsubscribed": "opt_out.email"}
    for opted_out in (text, text.replace("yes", "no")):
        bare(account, opted_out, mapping=json.dumps(targets), match="email")
        (mark,) = account.native.get("/opt-outs").json()["opt_outs"]
        assert (mark["key"], mark["source"]) == ("ada@example.com", "import")

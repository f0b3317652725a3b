"""Imports: every row accounted for, planned before, taken back after, and what was wrong as a file."""

import base64
import csv
import gzip
import io
import json
import socket
import time
from typing import Any

import httpx2
import openpyxl
import pytest

from onebook.operations import integrity
from tests.harness import Account, FileServer, Server, statement
from tests.patience import PATIENCE_SECONDS

Json = dict[str, Any]

PEOPLE = (
    "ID,Name,Phone,Email\n"
    "1,Ada Byron,020 7946 0001,ada@example.com\n"
    "2,Bob Berg,12,bob@example.com\n"
    "3,Cy Cole,020 7946 0003,cy@example.com\n"
)
MAPPING = json.dumps({"ID": "external_id", "Name": "name.full", "Phone": "phone", "Email": "email"})
AT_REST = ("planned", "done", "failed", "cancelled", "undone")


def post(account: Account, content: bytes, media_type: str = "text/csv", **params: Any) -> httpx2.Response:
    headers = {"Content-Type": media_type}
    return account.native.post("/imports", content=content, headers=headers, params=params)


def shown(account: Account, uid: str) -> Json:
    answer = account.native.get(f"/imports/{uid}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def rested(account: Account, uid: str) -> Json:
    """The import once nothing more happens by itself."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := shown(account, uid))["state"] not in AT_REST:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


def ended(account: Account, text: str = PEOPLE, **params: Any) -> Json:
    """Import a text to its end."""
    begun = post(account, text.encode(), **{"country": "GB", "mapping": MAPPING, **params})
    assert begun.status_code == 202, begun.text
    return rested(account, begun.json()["uid"])


def names(account: Account) -> list[str]:
    found = account.native.get("/contacts").json()["contacts"]
    return sorted(contact["name"]["full"] for contact in found)


def step(account: Account, made: Json, word: str) -> httpx2.Response:
    return account.native.post(f"/imports/{made['uid']}/{word}")


@statement("NA-70")
def test_every_row_has_one_outcome(account: Account) -> None:
    done = ended(account)
    outcomes = ("created", "updated", "unchanged", "refused", "skipped")
    assert [done[name] for name in outcomes] == [2, 0, 0, 1, 0]
    assert (done["state"], done["rows"], done["rows_total"]) == ("done", 3, 3)
    assert (done["seconds_left"], done["estimated_end"]) == (0, None)
    assert names(account) == ["Ada Byron", "Cy Cole"]


@statement("NA-71")
@pytest.mark.parametrize("way", ["file", "gzip", "data URL", "web address"])
def test_a_file_is_the_body_or_where_a_url_says(account: Account, file_server: FileServer, way: str) -> None:
    raw = PEOPLE.encode()
    urls = {
        "data URL": "data:text/csv;base64," + base64.b64encode(raw).decode(),
        "web address": file_server.put("imported.csv", raw),
    }
    if way in urls:
        params = {"country": "GB"}
        begun = account.native.post("/imports", json={"url": urls[way]}, params=params)
    else:
        body, media_type = (gzip.compress(raw), "application/gzip") if way == "gzip" else (raw, "text/csv")
        begun = post(account, body, media_type, country="GB")
    assert begun.status_code == 202, begun.text
    assert rested(account, begun.json()["uid"])["created"] == 2


@statement("NA-72")
def test_a_plan_writes_nothing_and_is_applied_as_it_stands(account: Account) -> None:
    planned = ended(account, plan="true")
    assert (planned["state"], planned["created"], planned["refused"], names(account)) == ("planned", 2, 1, [])
    assert {sample["outcome"] for sample in planned["samples"]} == {"created", "refused"}
    assert step(account, planned, "apply").status_code == 202
    done = rested(account, planned["uid"])
    assert (done["state"], done["created"], done["refused"]) == ("done", 2, 1)
    assert names(account) == ["Ada Byron", "Cy Cole"]


@statement("NA-73")
def test_a_plan_whose_contacts_were_changed_since_is_refused(account: Account) -> None:
    ended(account)
    planned = ended(account, PEOPLE.replace("Ada Byron", "Ada Lovelace"), plan="true", match="external_id")
    ada = account.native.get("/contacts", params={"external_id": "1"}).json()["contacts"][0]
    account.native.patch(f"/contacts/{ada['uid']}", json={"notes": "edited"}).raise_for_status()
    assert step(account, planned, "apply").status_code == 409
    assert "Ada Byron" in names(account)


@statement("NA-74")
def test_contacts_are_found_by_a_key_and_changed_by_the_rule(account: Account) -> None:
    ended(account)
    again = ended(account, PEOPLE.replace("Ada Byron", "Ada Lovelace"), match="external_id")
    assert (again["created"], again["updated"], again["unchanged"], again["refused"]) == (0, 1, 1, 1)
    kept = ended(account, match="email", found="keep")
    assert (kept["updated"], kept["unchanged"]) == (0, 2)
    assert names(account) == ["Ada Lovelace", "Cy Cole"]


@statement("NA-74")
def test_cells_replace_what_they_are_about_and_nothing_else(account: Account) -> None:
    number, address = "+1650555{}".format, {"type": "work", "line1": "2 W", "city": "Boston", "postal_code": "02110"}
    sent = {
        "name": {"full": "Ada Maria Okafor"},
        "emails": [{"address": "ada@example.com"}],
        "phones": [{"raw": number("0134"), "type": "mobile"}, {"raw": number("0135"), "type": "mobile"}],
        "addresses": [address],
    }
    account.native.post("/contacts", json=sent).raise_for_status()
    row = f"Email,First Name,Mobile,Mobile 2,Work City\nada@example.com,Eda,{number('0134')},{number('0199')},Salem\n"
    for outcome in ("updated", "unchanged"):
        done = rested(account, post(account, row.encode(), match="email").json()["uid"])
        assert done[outcome] == done["rows"] == 1
    [ada] = account.native.get("/contacts").json()["contacts"]
    assert ada["name"]["full"] == "Eda Okafor"
    assert [one["e164"] for one in ada["phones"]] == [number("0134"), number("0199")]
    assert {name: ada["addresses"][0][name] for name in address} == address | {"city": "Salem"}


@statement("NA-75")
def test_an_import_is_undone_but_for_what_others_have_edited(account: Account) -> None:
    made = ended(account)
    ada = account.native.get("/contacts", params={"external_id": "1"}).json()["contacts"][0]
    account.native.patch(f"/contacts/{ada['uid']}", json={"notes": "edited"}).raise_for_status()
    assert step(account, made, "undo").status_code == 202
    undone = rested(account, made["uid"])
    assert (undone["state"], undone["kept"], undone["kept_count"]) == ("undone", [ada["uid"]], 1)
    assert names(account) == ["Ada Byron"]
    assert step(account, made, "undo").status_code == 202
    assert rested(account, made["uid"])["kept"] == [ada["uid"]]
    account.native.delete(f"/contacts/{ada['uid']}").raise_for_status()
    step(account, made, "undo").raise_for_status()
    assert rested(account, made["uid"])["kept_count"] == 0
    assert step(account, made, "undo").status_code == 409


@statement("NA-76")
def test_an_overwrite_replaces_the_book_and_its_undoing_brings_it_back(account: Account) -> None:
    before = ended(account)
    made = ended(account, "ID,Name\n9,Dee Dorn\n", overwrite="true")
    assert (made["state"], names(account)) == ("done", ["Dee Dorn"])
    failed = ended(account, "ID,Name,Phone\n9,Bob,12\n", overwrite="true")
    assert (failed["state"], failed["code"], names(account)) == ("failed", "no_row", ["Dee Dorn"])
    refused = step(account, before, "undo")
    assert (refused.status_code, "overwritten since" in refused.json()["detail"]) == (409, True)
    step(account, made, "undo").raise_for_status()
    assert rested(account, made["uid"])["state"] == "undone"
    assert names(account) == ["Ada Byron", "Cy Cole"]


@statement("NA-77")
def test_all_issues_come_as_json_csv_or_a_workbook(account: Account) -> None:
    uid = ended(account)["uid"]
    listed = account.native.get(f"/imports/{uid}/issues")
    assert listed.headers["content-type"] == "application/json"
    assert [(one["index"], one["row"], one["heading"], one["value"]) for one in listed.json()] == [
        (1, 3, "Phone", "12")
    ]
    sheet = account.native.get(f"/imports/{uid}/issues", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [(row["row"], row["heading"]) for row in rows] == [("3", "Phone")]
    book = account.native.get(f"/imports/{uid}/issues", params={"format": "xlsx"})
    cells = list(openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0].iter_rows(values_only=True))
    assert cells[1][:4] == ("2", "Bob Berg", "12", "bob@example.com")


@statement("NA-78")
def test_the_same_file_with_the_same_key_is_the_same_import(account: Account) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "monday"}
    first, second, other = (
        account.native.post("/imports", content=text.encode(), headers=headers, params={"mapping": MAPPING})
        for text in (PEOPLE, PEOPLE, "Name\nEve\n")
    )
    assert (first.status_code, second.status_code, other.status_code) == (202, 202, 409)
    assert first.json()["uid"] == second.json()["uid"]
    rested(account, first.json()["uid"])
    assert len(account.native.get("/imports").json()["imports"]) == 1


@statement("NA-79")
def test_the_newest_imports_are_listed_first(account: Account) -> None:
    made = [ended(account, f"Name\nEve {number}\n", name=f"{number}.csv") for number in range(2)]
    listed = account.native.get("/imports").json()["imports"]
    assert [one["uid"] for one in listed] == [made[1]["uid"], made[0]["uid"]]
    assert [one["file"] for one in listed] == ["1.csv", "0.csv"]


@statement("NA-80")
def test_imports_of_others_and_of_other_books_are_not_there(account: Account, other_account: Account) -> None:
    uid = ended(account)["uid"]
    book = account.native.post("/books", json={"name": "Club"}).json()["number"]
    secret = account.native.post("/keys", json={"scope": "admin", "book": book}).json()["key"]
    bound = account.client("/api/v1", headers={"Authorization": f"Bearer {secret}"})
    for client in (bound, other_account.native):
        assert client.get("/imports").json() == {"imports": []}
        found = [client.get(f"/imports/{uid}"), client.get(f"/imports/{uid}/issues")]
        done = [client.post(f"/imports/{uid}/{word}") for word in ("apply", "cancel", "undo")]
        done.append(client.post(f"/imports/{uid}/mend", content=b"Name"))
        assert [answer.status_code for answer in (*found, *done)] == [404] * 6


@statement("NA-81")
@pytest.mark.parametrize(
    ("content", "media_type", "params"),
    [
        (b"", "text/csv", {}),
        (b"Name\nAda\n", "multipart/form-data; boundary=x", {}),
        (b"{}", "application/json", {}),
        (b"Name\nAda\n", "text/csv", {"match": "shoe"}),
        (b"Name\nAda\n", "text/csv", {"overwrite": "maybe"}),
        (b"Name\nAda\n", "text/csv", {"mapping": '{"Name": "shoe"}'}),
        (b"Name\nAda\n", "text/csv", {"mapping": "Name"}),
        (b"Name\nAda\n", "text/csv", {"encoding": "klingon"}),
        (b"Name\nAda\n", "text/csv", {"shoe": "38"}),
        (b"PK\x03\x04 but no zip", "text/csv", {}),
        (b'{"url": "http://169.254.169.254/"}', "application/json", {}),
    ],
    ids=["empty", "form", "no url", "match", "flag", "target", "mapping", "encoding", "unknown", "zip", "address"],
)
def test_what_cannot_be_imported_is_refused_at_once(
    account: Account, content: bytes, media_type: str, params: dict[str, str]
) -> None:
    answer = post(account, content, media_type, **params)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert account.native.get("/imports").json() == {"imports": []}


@statement("NA-82")
def test_an_import_at_rest_cannot_be_cancelled_nor_applied(account: Account) -> None:
    done = ended(account)
    assert [step(account, done, word).status_code for word in ("cancel", "apply")] == [409, 409]


@statement("NA-83")
def test_a_running_import_is_cancelled_within_seconds_and_can_be_undone(account: Account) -> None:
    rows = "".join(f"{number},Person {number}\n" for number in range(60_000))
    begun = post(account, f"ID,Name\n{rows}".encode(), mapping=MAPPING).json()
    assert step(account, begun, "cancel").status_code == 202
    cancelled = rested(account, begun["uid"])
    assert cancelled["state"] == "cancelled"
    assert cancelled["rows"] < 60_000
    step(account, begun, "undo").raise_for_status()
    assert rested(account, begun["uid"])["state"] == "undone"
    assert names(account) == []


@statement("NA-85")
def test_an_import_at_rest_is_forgotten_and_its_contacts_are_not(account: Account) -> None:
    made = ended(account)
    path = f"/imports/{made['uid']}"
    assert account.native.delete(path).status_code == 204
    assert account.native.get("/imports").json() == {"imports": []}
    assert names(account) == ["Ada Byron", "Cy Cole"]
    assert [account.native.delete(path).status_code, step(account, made, "undo").status_code] == [404, 404]
    rows = "".join(f"{number},Person {number}\n" for number in range(60_000))
    running = post(account, f"ID,Name\n{rows}".encode(), mapping=MAPPING).json()
    assert account.native.delete(f"/imports/{running['uid']}").status_code == 409
    step(account, running, "cancel").raise_for_status()


@statement("NA-86")
def test_a_file_may_be_larger_than_other_bodies_and_is_taken_whole_or_not_at_all(account: Account) -> None:
    padding = b"#" * (17 << 20)  # more than the bound of bodies
    assert post(account, json.dumps({"url": padding.decode()}).encode(), "application/json").status_code == 413
    assert post(account, b"PK\x03\x04" + padding).status_code == 400
    url = httpx2.URL(account.base_url)
    with socket.create_connection((url.host, url.port)) as connection:
        head = f"POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.key}\r\n"
        connection.sendall(f"{head}Content-Type: text/csv\r\nContent-Length: 99\r\n\r\nName\nAda Byron\n".encode())
    time.sleep(0.3)
    assert account.native.get("/imports").json() == {"imports": []}


@statement("NA-87")
def test_every_change_is_told_to_who_listens_up_to_the_last(account: Account) -> None:
    rows = "".join(f"{number},Person {number}\n" for number in range(5_000))
    uid = post(account, f"ID,Name\n{rows}".encode(), mapping=MAPPING).json()["uid"]
    told = account.native.get(f"/imports/{uid}/events")
    assert (told.status_code, told.headers["content-type"]) == (200, "text/event-stream")
    events = [
        dict(line.split(": ", 1) for line in one.splitlines()) for one in told.text.split("\n\n") if "id: " in one
    ]
    assert {event["event"] for event in events[:-1]} <= {"progress"}
    last = json.loads(events[-1]["data"])
    assert (events[-1]["event"], last["state"], last["created"]) == ("end", "done", 5_000)
    known = {"Last-Event-ID": events[-1]["id"]}
    assert account.native.get(f"/imports/{uid}/events", headers=known).status_code == 204


@statement("NA-84")
def test_refused_rows_that_were_mended_are_rows_of_the_same_import(account: Account) -> None:
    made = ended(account)
    report = account.native.get(f"/imports/{made['uid']}/issues", params={"format": "xlsx"})
    workbook = openpyxl.load_workbook(io.BytesIO(report.content))
    workbook.worksheets[0]["C2"] = "020 7946 0002"
    saved = io.BytesIO()
    workbook.save(saved)
    path = f"/imports/{made['uid']}/mend"
    mended = account.native.post(path, content=saved.getvalue(), headers={"Content-Type": "application/zip"})
    assert mended.status_code == 200, mended.text
    assert [mended.json()[name] for name in ("uid", "rows", "created", "refused")] == [made["uid"], 3, 3, 0]
    assert names(account) == ["Ada Byron", "Bob Berg", "Cy Cole"]
    other = account.native.post(path, content=PEOPLE.encode(), headers={"Content-Type": "text/csv"})
    assert other.status_code == 400
    again = f"/imports/{ended(account)['uid']}/mend"
    assert account.native.post(again, content=saved.getvalue()).status_code == 400
    assert post(account, saved.getvalue(), "application/zip").json()["issues"][0]["code"] == "correction"


@pytest.mark.parametrize(
    ("kind", "media_type"), [("jsonl", "application/jsonl"), ("csv", "text/csv"), ("vcard", "text/vcard")]
)
def test_locations_come_back_where_they_are_known(account: Account, server: Server, kind: str, media_type: str) -> None:
    depot = account.native.post("/locations", json={"name": "Depot", "address": {"city": "Rome"}}).json()["uid"]
    ada = account.native.post("/contacts", json={"name": {"full": "Ada Byron"}, "locations": [depot]}).json()
    file = account.native.get("/contacts/export", params={"format": kind}).content
    assert account.native.delete(f"/contacts/{ada['uid']}").status_code == 204
    other = server.new_account()
    for where, expected in ((account, [depot]), (other, [])):
        done = rested(where, post(where, file, media_type).json()["uid"])
        assert (done["state"], done["created"]) == ("done", 1)
        [found] = where.native.get("/contacts").json()["contacts"]
        assert (found["name"]["full"], found["locations"]) == ("Ada Byron", expected)
        assert where.packagex.get("/contacts").status_code == 200
    assert list(integrity.check(server._store)) == []


def test_what_is_no_location_is_left_out(account: Account) -> None:
    lines = b'{"name":{"full":"R One"},"locations":["nonsense","01900000-0000-7000-8000-000000000000"]}'
    done = rested(account, post(account, lines, "application/jsonl").json()["uid"])
    assert (done["created"], done["refused"]) == (1, 0)
    [found] = account.native.get("/contacts").json()["contacts"]
    assert (found["name"]["full"], found["locations"]) == ("R One", [])
    assert account.packagex.get("/contacts").status_code == 200


@pytest.mark.parametrize("text", ["Email\nnew@example.com\n", "Email,Phone\nnew@example.com,+12025550143\n"])
def test_a_file_without_names_replaces_nothing(account: Account, text: str) -> None:
    ended(account)
    refused = post(account, text.encode(), overwrite="true")
    assert (refused.status_code, refused.json()["issues"][0]["code"]) == (400, "no_column")
    assert names(account) == ["Ada Byron", "Cy Cole"]


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("Name,Country Code,Phone\nAda,+44,7700900123\n", {"name": "Ada", "phones": ["+447700900123"], "places": []}),
        ("Name,Phone\nAda,0044 20 7946 0123\n", {"name": "Ada", "phones": ["+442079460123"], "places": []}),
        (
            "Name,Address,City,State,Zip\nAda,1 Main St,Oakland,CA,94601\n",
            {"name": "Ada", "phones": [], "places": ["1 Main St, Oakland, CA 94601"]},
        ),
        ("Anrede;Name;Ort\nFrau;Ada Byron;Bonn\n", {"name": "Frau Ada Byron", "phones": [], "places": ["Bonn"]}),
    ],
)
def test_cells_of_a_row_are_read_together(account: Account, text: str, shows: Json) -> None:
    begun = post(account, text.encode(), country="US")
    assert rested(account, begun.json()["uid"])["created"] == 1
    [contact] = account.native.get("/contacts").json()["contacts"]
    assert {
        "name": contact["name"]["full"],
        "phones": [phone["e164"] for phone in contact["phones"]],
        "places": [address["formatted"] for address in contact["addresses"]],
    } == shows


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VCARD\nFN:Ada\nTEL:+442079460001\nEND:VCARDBEGIN:VCARD\nFN:Bob\nTEL:+442079460002\nEND:VCARD",
        '{"name": "Ada", "phone": ["+442079460001"]}\n{"name": {"first": "Bob"}, "tel": {"number": "+442079460002"}}',
    ],
    ids=["joined cards", "nested keys"],
)
def test_contacts_of_other_programs_stay_apart_and_whole(account: Account, text: str) -> None:
    done = rested(account, post(account, text.encode()).json()["uid"])
    assert (done["state"], done["rows"], done["created"]) == ("done", 2, 2)
    found = account.native.get("/contacts").json()["contacts"]
    assert sorted((one["name"]["full"], *(phone["e164"] for phone in one["phones"])) for one in found) == [
        ("Ada", "+442079460001"),
        ("Bob", "+442079460002"),
    ]


def test_a_row_with_another_company_unties_its_contact(account: Account) -> None:
    acme = account.native.post("/organizations", json={"name": "Acme"}).json()["uid"]
    body = {"external_id": "e1", "name": {"full": "Ada"}, "organization_uid": acme}
    uid = account.native.post("/contacts", json=body).json()["uid"]

    def after(text: str, **params: str) -> tuple[str, Any, Any]:
        mapping = json.dumps({"ID": "external_id", "Company": "organization"})
        done = ended(account, text, match="external_id", mapping=mapping, **params)
        found = account.native.get(f"/contacts/{uid}").json()
        outcome = next(name for name in ("updated", "unchanged") if done[name])
        return outcome, found["organization"], found["organization_uid"]

    assert after("ID,Company\ne1,Acme\n") == ("unchanged", "Acme", acme)
    assert after("ID,Company\ne1,Other\n", found="fill") == ("unchanged", "Acme", acme)
    assert after("ID,Company\ne1,Other\n") == ("updated", "Other", None)
    assert after("ID,Company\ne1,Other\n") == ("unchanged", "Other", None)

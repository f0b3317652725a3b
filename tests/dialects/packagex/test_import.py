"""PackageX: many contacts from a file."""

from typing import Any

import pytest

from tests.dialects.packagex.calls import (
    WORKBOOK,
    create,
    csv_of,
    data_url,
    load,
    loaded,
    names,
    read,
    refused,
    stored,
    update,
    workbook_of,
)
from tests.harness import Account, FileServer, statement

HEADINGS = "Name,Email,Phone,Address,Address Line2,Type,Groups,metadata.csv_import"
HEROES = (
    HEADINGS,
    'Steve Rogers,steve@shield.example,+14155550101,"569 Leaman Pl, Brooklyn, NY 11201",Apt 2,person,Avengers,yes',
    'Tony Stark,tony@stark.example,(415) 555-0102,"200 Park Ave, New York, NY 10166",,,Avengers,yes',
    "Thor,thor@asgard,+14155550103,,,,Avengers,yes",
    "Avengers,team@avengers.example,,,,group,,yes",
)
CAP = 7_864_320


@statement("PX-17")
def test_each_good_row_becomes_a_contact(account: Account) -> None:
    done = load(account, csv_of(*HEROES))
    assert len(done["contact_ids"]) == 3
    assert stored(account) == ["Avengers", "Steve Rogers", "Tony Stark"]
    steve = read(account, done["contact_ids"][0])
    assert (steve["name"], steve["email"], steve["phone"]) == ("Steve Rogers", "steve@shield.example", "+14155550101")


@statement("PX-18")
def test_the_answer_lists_ids_and_no_contacts(account: Account) -> None:
    done = load(account, csv_of(*HEROES))
    assert set(done) == {"contact_ids", "issues"}
    shown = [read(account, contact)["name"] for contact in done["contact_ids"]]
    assert shown == ["Steve Rogers", "Tony Stark", "Avengers"]
    assert "Steve" not in str(done)


@statement("PX-19")
def test_a_bad_email_is_reported_by_index(account: Account) -> None:
    done = load(account, csv_of(*HEROES))
    assert done["issues"] == [{"index": 2, "errors": ["email"]}]
    assert "Thor" not in stored(account)


@statement("PX-20")
def test_a_bad_phone_is_reported_by_index(account: Account) -> None:
    done = load(account, csv_of("Name,Phone", "Ada,+14155550134", "Bea,12", "Cy,"))
    assert done["issues"] == [{"index": 1, "errors": ["phone"]}]
    assert stored(account) == ["Ada", "Cy"]


@statement("PX-21")
def test_two_faults_are_one_issue(account: Account) -> None:
    done = load(account, csv_of("Phone,Email,Name", "12,thor@asgard,Ada", "12,thor@asgard,"))
    assert done == {
        "contact_ids": [],
        "issues": [{"index": 0, "errors": ["email", "phone"]}, {"index": 1, "errors": ["name", "email", "phone"]}],
    }
    assert stored(account) == []


@statement("PX-22")
def test_a_file_without_faults_has_no_issues(account: Account) -> None:
    done = load(account, csv_of("Name", "Ada", "Bea"))
    assert done["issues"] == []
    assert len(done["contact_ids"]) == 2


@statement("PX-23")
def test_a_name_may_come_in_two_columns(account: Account) -> None:
    first, second, third = loaded(account, csv_of("First Name,Last Name", "Ada,Okafor", "Bea,", ",Cy"))
    assert [first["name"], second["name"], third["name"]] == ["Ada Okafor", "Bea", "Cy"]
    shown = {contact["name"]["full"]: contact["name"] for contact in account.native.get("/contacts").json()["contacts"]}
    assert shown["Ada Okafor"] == {"full": "Ada Okafor", "given": "Ada", "family": "Okafor"}


@statement("PX-24")
def test_the_type_column_makes_groups(account: Account) -> None:
    made = loaded(account, csv_of("Name,Type", "Ada,", "Crew,group", "Bea,person", "Team,GROUP"))
    assert [contact["type"] for contact in made] == ["person", "group", "person", "group"]


@statement("PX-25")
def test_members_find_their_group_wherever_it_stands(account: Account) -> None:
    rows = ("Name,Type,Groups", "Ada,,Crew", "Crew,group,", "Bea,,Crew", "Cy,,Nobody's")
    ada, crew, bea, cy = loaded(account, csv_of(*rows))
    assert crew["group_contacts"]["children"] == [ada["id"], bea["id"]]
    assert [entry["name"] for entry in crew["referenced_contacts"]] == ["Ada", "Bea"]
    assert names(account, child=cy["id"]) == []


@statement("PX-26")
def test_a_dotted_heading_is_metadata(account: Account) -> None:
    rows = ("Name,metadata.csv_import,metadata.Floor No", "Ada,yes,3", "Bea,,", "Cy,no,")
    ada, bea, cy = loaded(account, csv_of(*rows))
    assert ada["metadata"] == {"csv_import": "yes", "Floor No": "3"}
    assert bea["metadata"] == {}
    assert cy["metadata"] == {"csv_import": "no"}


@statement("PX-27")
def test_two_columns_make_one_address(account: Account) -> None:
    rows = ("Name,Address,Address Line2", 'Ada,"123 Main St, Springfield, IL 62704",Apt 4')
    address = loaded(account, csv_of(*rows))[0]["address"]
    assert address["line1"] == "123 Main St"
    assert address["line2"] == "Apt 4"
    assert (address["city"], address["state_code"], address["postal_code"]) == ("Springfield", "IL", "62704")
    typed = create(account, name="Bea", address="123 Main St, Springfield, IL 62704", address_line2="Apt 4")
    assert typed["address"] == address


SHEET = (
    ("Name", "Email", "Phone", "Address", "Type", "Groups", "metadata.floor"),
    ("Ada", "ada@example.com", 14155550134, "123 Main St, Springfield, IL 62704", "", "Crew", 3),
    ("Thor", "thor@asgard", "", "", "", "Crew", ""),
    ("Crew", "", "", "", "group", "", ""),
)
SAME_AS_CSV = csv_of(
    "Name,Email,Phone,Address,Type,Groups,metadata.floor",
    'Ada,ada@example.com,14155550134,"123 Main St, Springfield, IL 62704",,Crew,3',
    "Thor,thor@asgard,,,,Crew,",
    "Crew,,,,group,,",
)


def check_sheet(account: Account, done: dict[str, Any]) -> None:
    """What the sheet says is there: two contacts, one in the other, and Thor reported."""
    assert done["issues"] == [{"index": 1, "errors": ["email"]}]
    ada, crew = (read(account, contact) for contact in done["contact_ids"])
    assert (ada["name"], ada["email"], ada["phone"]) == ("Ada", "ada@example.com", "+14155550134")
    assert ada["address"]["postal_code"] == "62704"
    assert ada["metadata"] == {"floor": "3"}
    assert crew["group_contacts"]["children"] == [ada["id"]]


@statement("PX-28")
@pytest.mark.parametrize("media_type", [WORKBOOK, "application/octet-stream", "text/csv", ""])
def test_a_workbook_does_what_a_csv_does(account: Account, media_type: str) -> None:
    check_sheet(account, load(account, workbook_of(*SHEET), media_type=media_type))
    assert stored(account) == ["Ada", "Crew"]


@statement("PX-29")
@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [("people.csv", SAME_AS_CSV, "text/csv"), ("people.xlsx", workbook_of(*SHEET), WORKBOOK)],
    ids=["csv", "xlsx"],
)
def test_a_web_address_does_what_a_data_url_does(
    account: Account, file_server: FileServer, name: str, content: bytes, media_type: str
) -> None:
    url = file_server.put(name, content, media_type)
    answer = account.packagex.post("/contacts", json={"csv_url": url})
    assert answer.status_code == 201, answer.text
    check_sheet(account, answer.json()["data"])
    assert stored(account) == ["Ada", "Crew"]


def big_url(length: int) -> str:
    """A data URL of about ``length`` characters (at most three fewer), made big by a column that means nothing."""
    head = "data:text/csv;base64,"
    size = (length - len(head)) // 4 * 3
    rows, filler = 400, "x" * (size // 400 - 20)
    content = "Name,Remark\n" + "".join(f"Person {number},{filler}\n" for number in range(rows))
    content += "\n" * (size - len(content))
    return data_url(content.encode())


@statement("PX-30")
def test_a_data_url_may_be_big_but_not_too_big(account: Account) -> None:
    url = big_url(7_400_000)
    assert 7_399_990 < len(url) <= 7_400_000
    answer = account.packagex.post("/contacts", json={"csv_url": url})
    assert answer.status_code == 201, answer.text[:500]
    assert len(answer.json()["data"]["contact_ids"]) == 400
    beyond = big_url(CAP + 8)
    assert CAP < len(beyond) < CAP + 9
    answer = account.packagex.post("/contacts", json={"csv_url": beyond, "overwrite": True})
    refused(answer, 413, "csv_url", code="payload_too_large")
    assert account.packagex.get("/contacts").json()["pagination"]["total_count"] == 400


@statement("PX-31")
def test_overwrite_leaves_the_file_and_nothing_else(account: Account) -> None:
    ada = create(account, name="Ada")["id"]
    group = create(account, name="Old Crew", type="group", children=[ada])["id"]
    book = account.native.post("/books", json={"name": "Elsewhere"}).json()["number"]
    account.native.post("/contacts", json={"name": {"full": "Far Away"}, "book": book})
    done = load(account, csv_of(*HEROES), overwrite=True)
    assert stored(account) == ["Avengers", "Steve Rogers", "Tony Stark"]
    assert names(account) == ["Avengers", "Steve Rogers", "Tony Stark"]
    assert len(done["contact_ids"]) == 3
    for gone in (ada, group):
        refused(account.packagex.get(f"/contacts/{gone}"), 404)
    assert {shown["name"] for shown in account.native.get("/books").json()["books"]} >= {"Elsewhere"}


@statement("PX-32")
@pytest.mark.parametrize("more", [{}, {"overwrite": False}], ids=["not given", "false"])
def test_without_overwrite_all_stays(account: Account, more: dict[str, Any]) -> None:
    ada = create(account, name="Ada", email="ada@example.com")
    load(account, csv_of("Name,Email", "Ada,ada@example.com"), **more)
    load(account, csv_of("Name,Email", "Ada,ada@example.com"), **more)
    assert stored(account) == ["Ada", "Ada", "Ada"]
    assert read(account, ada["id"]) == ada


@statement("PX-33")
@pytest.mark.parametrize(
    ("url", "errors"),
    [
        (data_url(b"PK\x03\x04 no workbook at all"), ["csv_url"]),
        ("data:text/csv;base64,%%%", ["csv_url"]),
        ("data:text/csv,Name", ["csv_url"]),
        ("ftp://example.com/people.csv", ["csv_url"]),
        ("people.csv", ["csv_url"]),
        (data_url(csv_of("Email", "ada@example.com")), ["name"]),
        (data_url(csv_of("Name,Email", "Thor,thor@asgard", ",ada@example.com")), ["csv_url"]),
        (data_url(csv_of("Name,Email")), ["csv_url"]),
        (data_url(b""), ["csv_url"]),
    ],
    ids=["zip", "base64", "no base64", "scheme", "no url", "no name column", "no good row", "no row", "empty"],
)
def test_a_useless_file_deletes_nothing(account: Account, url: str, errors: list[str]) -> None:
    ada = create(account, name="Ada")
    answer = account.packagex.post("/contacts", json={"csv_url": url, "overwrite": True})
    refused(answer, 400, *errors)
    assert read(account, ada["id"]) == ada
    assert stored(account) == ["Ada"]


@statement("PX-47")
def test_a_blank_line_counts_but_says_nothing(account: Account) -> None:
    done = load(account, csv_of("Name,Email", "Ada,", "", ",", "Thor,thor@asgard", " , ", "Bea,bea@", "Cy,"))
    assert done["issues"] == [{"index": 3, "errors": ["email"]}, {"index": 5, "errors": ["email"]}]
    assert stored(account) == ["Ada", "Cy"]


@statement("PX-48")
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "mark"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_marks_and_line_ends_do_not_matter(account: Account, mark: bytes, line_end: bytes) -> None:
    content = mark + csv_of("Name,Email,metadata.note", "Zoë,zoe@example.com,é", "Thor,thor@asgard,").replace(
        b"\n", line_end
    )
    done = load(account, content)
    assert done["issues"] == [{"index": 1, "errors": ["email"]}]
    zoe = read(account, done["contact_ids"][0])
    assert (zoe["name"], zoe["email"], zoe["metadata"]) == ("Zoë", "zoe@example.com", {"note": "é"})


NO_FLAGS: tuple[Any, ...] = ("true", 1, 0, "", None, [], {})
NO_URLS: tuple[Any, ...] = ("", "  ", None, 7, True, [], {})


@statement("PX-49")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"name": "Bea", "overwrite": True}, ["overwrite"]),
        ({"overwrite": True}, ["overwrite"]),
        *(({"csv_url": "GOOD", "overwrite": value}, ["overwrite"]) for value in NO_FLAGS),
        *(({"name": "Bea", "csv_url": value}, ["csv_url"]) for value in NO_URLS),
    ],
    ids=str,
)
def test_flags_and_addresses_are_never_guessed(account: Account, body: dict[str, Any], errors: list[str]) -> None:
    create(account, name="Ada")
    good = data_url(csv_of("Name", "Bea"))
    sent = {field: good if value == "GOOD" else value for field, value in body.items()}
    refused(account.packagex.post("/contacts", json=sent), 400, *errors)
    assert stored(account) == ["Ada"]


@statement("PX-51")
def test_an_unknown_type_leaves_its_row_out(account: Account) -> None:
    done = load(account, csv_of("Name,Type", "Ada,robot", "Bea,Person", "Cy,groups", "Dee,Group"))
    assert done["issues"] == [{"index": 0, "errors": ["type"]}, {"index": 2, "errors": ["type"]}]
    assert stored(account) == ["Bea", "Dee"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_long_file_keeps_its_order_and_its_groups(account: Account, overwrite: bool) -> None:
    old = create(account, name="Old Crew", type="group")["id"]
    rows = [f"Person {number:04},{'thor@asgard' if number == 900 else ''},,Crew;Old Crew" for number in range(1000)]
    rows[500] = "Crew,,group,Everyone"
    done = load(account, csv_of("Name,Email,Type,Groups", *rows, "Everyone,,group,"), overwrite=overwrite)
    assert done["issues"] == [{"index": 900, "errors": ["email"]}]
    assert len(done["contact_ids"]) == 1000
    people = [one for at, one in enumerate(done["contact_ids"]) if at not in (500, 999)]
    crew, everyone = read(account, done["contact_ids"][500]), read(account, done["contact_ids"][999])
    assert crew["group_contacts"]["children"] == people
    assert [entry["name"] for entry in crew["referenced_contacts"]][:2] == ["Person 0000", "Person 0001"]
    assert everyone["group_contacts"]["children"] == [crew["id"]]
    if overwrite:
        refused(account.packagex.get(f"/contacts/{old}"), 404)
    else:
        assert read(account, old)["group_contacts"]["children"] == people
    total = account.packagex.get("/contacts").json()["pagination"]["total_count"]
    assert total == (1000 if overwrite else 1001)


def test_a_long_file_that_breaks_leaves_nothing(account: Account) -> None:
    create(account, name="Ada")
    head = csv_of("Name", *(f"Person {number}" for number in range(2000)))
    body = {"csv_url": data_url(head + b"\xff" + "é".encode("utf-16") * 3 + b"\x00" * 400_000), "overwrite": True}
    answer = account.packagex.post("/contacts", json=body)
    refused(answer, 400, "csv_url")
    assert stored(account) == ["Ada"]


def test_headings_are_read_kindly(account: Account) -> None:
    made = loaded(account, csv_of(" NAME ,e_mail,EMAIL,address_line2,Favourite", "Ada,x,ada@example.com,Apt 4,tea"))
    assert (made[0]["name"], made[0]["email"]) == ("Ada", "ada@example.com")
    assert made[0]["address"]["line2"] == "Apt 4"


def test_a_groups_cell_is_one_name_first_and_then_several(account: Account) -> None:
    old = create(account, name="Old Crew", type="group")["id"]
    rows = (
        "Name,Type,Groups",
        '"Smith, Jones",group,',
        "Smith,group,",
        'Ada,,"Smith, Jones"',
        'Bea,,"Smith; Old Crew"',
        "Cy,,smith",
        "Old Crew,person,",
    )
    firm, smith, ada, bea, _, _ = loaded(account, csv_of(*rows))
    assert firm["group_contacts"]["children"] == [ada["id"]]
    assert smith["group_contacts"]["children"] == [bea["id"]]
    assert read(account, old)["group_contacts"]["children"] == [bea["id"]]


def test_groups_that_would_hold_each_other_are_not_tied(account: Account) -> None:
    rows = ("Name,Type,Groups", "A,group,B", "B,group,A", "C,group,C", "Ada,,A")
    made = loaded(account, csv_of(*rows))
    ties = [contact["group_contacts"]["children"] for contact in made]
    assert ties[:3] == [[made[3]["id"]], [], []]


def test_metadata_limits_hold_for_rows(account: Account) -> None:
    long_key = "metadata." + "k" * 101
    done = load(account, csv_of(f"Name,metadata.note,{long_key}", "Ada,ok,", f"Bea,{'v' * 501},", "Cy,,x"))
    assert done["issues"] == [{"index": 1, "errors": ["metadata"]}, {"index": 2, "errors": ["metadata"]}]
    assert stored(account) == ["Ada"]


def test_a_file_makes_other_fields_of_the_body_count_for_nothing(account: Account) -> None:
    load(account, csv_of("Name", "Ada"), name=7, email="thor@asgard")
    assert stored(account) == ["Ada"]


def test_a_quoted_cell_may_hold_lines(account: Account) -> None:
    done = load(account, csv_of("Name,Email,metadata.note", 'Ada,ada@example.com,"two\nlines"', "Thor,thor@asgard,"))
    assert done["issues"] == [{"index": 1, "errors": ["email"]}]
    assert read(account, done["contact_ids"][0])["metadata"] == {"note": "two\nlines"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/people.csv",
        "http://localhost/people.csv",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/people.csv",
        "http://10.0.0.1/people.csv",
        "http://0/people.csv",
        "https://",
        "http://user:secret@127.0.0.1:9/x",
        "file:///etc/passwd",
    ],
)
def test_what_is_not_public_is_not_fetched(account: Account, url: str) -> None:
    answer = account.packagex.post("/contacts", json={"csv_url": url, "overwrite": True})
    refused(answer, 400, "csv_url")
    assert "secret" not in answer.text


def test_a_web_address_without_a_file_is_said_to_be_so(account: Account, file_server: FileServer) -> None:
    url = file_server.put("there.csv", b"Name\nAda\n", "text/csv")
    answer = account.packagex.post("/contacts", json={"csv_url": url + ".not"})
    refused(answer, 400, "csv_url", code="csv_unreachable")
    assert stored(account) == []


def test_overwrite_spares_other_accounts_and_books_out_of_sight(account: Account, other_account: Account) -> None:
    create(other_account, name="Foreign")
    create(account, name="Default")
    book = account.native.post("/books", json={"name": "Depot"}).json()["number"]
    key = account.native.post("/keys", json={"scope": "write", "book": book}).json()["key"]
    caller = account.client("/packagex/v1", headers={"PX-API-KEY": key}, auth=None)
    assert caller.post("/contacts", json={"name": "Old"}).status_code == 201
    url = data_url(csv_of("Name", "New"))
    assert caller.post("/contacts", json={"csv_url": url, "overwrite": True}).status_code == 201
    assert stored(account) == ["Default", "New"]
    assert stored(other_account) == ["Foreign"]


def test_overwrite_keeps_opt_outs_and_locations(account: Account) -> None:
    account.native.post("/opt-outs", json={"phone": "+14155550134"})
    account.packagex.post("/locations", json={"name": "Depot", "address": "1 Main St"})
    load(account, csv_of("Name,Phone", "Ada,+14155550134"), overwrite=True)
    assert account.native.get("/contacts").json()["contacts"][0]["opt_out"] is True
    assert len(account.packagex.get("/locations").json()["data"]) == 1


def test_a_file_adds_to_the_children_a_group_had(account: Account) -> None:
    ada = create(account, name="Ada")["id"]
    crew = create(account, name="Crew", type="group", children=[ada], primary=[ada])["id"]
    bea = loaded(account, csv_of("Name,Groups", "Bea,Crew"))[0]["id"]
    assert read(account, crew)["group_contacts"] == {"children": [ada, bea], "primary": [ada]}
    assert update(account, crew, notes="still")["group_contacts"]["children"] == [ada, bea]

"""PackageX: lists, filters and search."""

import pytest

from tests.dialects.packagex.calls import create, csv_of, listed, load, names, opened, refused, update
from tests.harness import Account, statement


@statement("PX-37")
def test_a_list_is_an_array_with_its_paging(account: Account) -> None:
    empty = account.packagex.get("/contacts").json()
    assert empty["data"] == []
    assert empty["pagination"] == {"limit": 25, "page": 1, "has_more": False, "total_count": 0}
    made = create(account, name="Ada")
    one = account.packagex.get("/contacts").json()
    assert one["data"] == [made]
    assert one["pagination"] == {"limit": 25, "page": 1, "has_more": False, "total_count": 1}


@statement("PX-38")
def test_thirty_contacts_are_two_pages(account: Account) -> None:
    load(account, csv_of("Name", *(f"Person {number:02}" for number in range(30))))
    first = account.packagex.get("/contacts", params={"page": 1}).json()
    second = account.packagex.get("/contacts", params={"page": 2}).json()
    assert (len(first["data"]), len(second["data"])) == (25, 5)
    assert first["pagination"] == {"limit": 25, "page": 1, "has_more": True, "total_count": 30}
    assert second["pagination"] == {"limit": 25, "page": 2, "has_more": False, "total_count": 30}
    shown = [contact["name"] for contact in first["data"] + second["data"]]
    assert shown == [f"Person {number:02}" for number in range(30)]


@statement("PX-39")
def test_a_list_goes_by_name(account: Account) -> None:
    for name in ("bea", "Ada", "Cy", "Zoë", "dee"):
        create(account, name=name)
    ordered = ["Ada", "bea", "Cy", "dee", "Zoë"]
    assert names(account) == ordered
    assert names(account, order_by="name", direction="asc") == ordered
    assert names(account, direction="desc") == ordered[::-1]


@statement("PX-40")
def test_groups_are_picked_out(account: Account) -> None:
    ada, bea = create(account, name="Ada")["id"], create(account, name="Bea")["id"]
    crew = create(account, name="Crew", type="group", children=[ada])["id"]
    create(account, name="Team", type="group", children=[ada, bea, crew])
    create(account, name="Void", type="group")
    assert names(account, type="group") == ["Crew", "Team", "Void"]
    assert names(account, type="person") == ["Ada", "Bea"]
    assert names(account, child=ada) == ["Crew", "Team"]
    assert names(account, child=bea) == ["Team"]
    assert names(account, child=crew) == ["Team"]
    assert names(account, child="contact_" + "2" * 22) == []


PEOPLE = (
    {"name": "Jonathan Appleseed", "email": "jon.appleseed@orchard.example", "phone": "+14155550134"},
    {"name": "Jonas Berg", "email": "berg@fjord.example", "phone": "+4721555019"},
    {"name": "Mary Katharine Smith", "email": "mk@smithy.example"},
    {"name": "Ann Lee", "email": "ann@lee.example"},
)


@statement("PX-41")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("appleseed", ["Jonathan Appleseed"]),
        ("APPLES", ["Jonathan Appleseed"]),
        ("jona", ["Jonas Berg", "Jonathan Appleseed"]),
        ("orchard", ["Jonathan Appleseed"]),
        ("fjo", ["Jonas Berg"]),
        ("smithy", ["Mary Katharine Smith"]),
        ("4155550134", ["Jonathan Appleseed"]),
        ("+1415555", ["Jonathan Appleseed"]),
        ("1415555", ["Jonathan Appleseed"]),
        ("415555", ["Jonathan Appleseed"]),
        ("21555019", ["Jonas Berg"]),
        ("appleseeds", ["Jonathan Appleseed"]),
        ("aplpeseed", ["Jonathan Appleseed"]),
        ("applseed", ["Jonathan Appleseed"]),
        ("katherine", ["Mary Katharine Smith"]),
        ("ppleseed", []),
        ("ane", []),
        ("nobody", []),
        ("berg nobody", ["Jonas Berg"]),
    ],
)
def test_search_finds_and_forgives(account: Account, words: str, found: list[str]) -> None:
    for person in PEOPLE:
        create(account, **person)
    hits = listed(account, search=words)
    assert sorted(hit["name"] for hit in hits) == found
    scores = [hit["_search"]["relevance_score"] for hit in hits]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)


def test_the_best_match_comes_first_and_is_marked(account: Account) -> None:
    for name in ("Smithers", "Smyth", "Anna Smith", "Anna Jones"):
        create(account, name=name)
    hits = listed(account, search="anna smith")
    assert hits[0]["name"] == "Anna Smith"
    assert hits[0]["_search"]["name"] == "<mark>Anna</mark> <mark>Smith</mark>"
    ordered = names(account, search="anna smith", order_by="name")
    assert ordered == sorted(ordered)
    assert "_search" not in listed(account)[0]


def test_marks_cannot_be_smuggled(account: Account) -> None:
    create(account, name="Eve <script>alert(1)</script>")
    shown = listed(account, search="eve")[0]
    assert shown["name"] == "Eve <script>alert(1)</script>"
    assert "<script>" not in shown["_search"]["name"]


@pytest.mark.parametrize(
    "words", ['"', "a* OR b", "name:x", "(", "-ada", "NEAR(a b)", "%", "_", "'; --", "\\", "a", ""]
)
def test_search_takes_any_words(account: Account, words: str) -> None:
    create(account, name="Cy Young")
    assert account.packagex.get("/contacts", params={"search": words}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "used"), [("1", 1), ("100", 100), ("101", 100), ("0", 1), ("-5", 1), ("9" * 18, 100)]
)
def test_a_limit_is_brought_into_its_range(account: Account, asked: str, used: int) -> None:
    assert account.packagex.get("/contacts", params={"limit": asked}).json()["pagination"]["limit"] == used


def test_a_page_past_the_end_is_empty(account: Account) -> None:
    create(account, name="Ada")
    for page in ("2", "1000000", "9" * 18):
        body = account.packagex.get("/contacts", params={"page": page}).json()
        assert body["status"] == 200
        assert body["data"] == []
        assert body["pagination"]["has_more"] is False
        assert body["pagination"]["total_count"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order_by", "shoe_size"),
        ("direction", "up"),
        ("type", "robot"),
        ("page", "two"),
        ("limit", "many"),
        ("created_at[gte]", "yesterday"),
        ("created_at[around]", "1"),
    ],
)
def test_a_bad_value_is_named(account: Account, name: str, value: str) -> None:
    refused(account.packagex.get("/contacts", params={name: value}), 400, name)


def test_unknown_parameters_are_ignored(account: Account) -> None:
    create(account, name="Ada")
    assert names(account, colour="blue", sort="x") == ["Ada"]


@pytest.mark.parametrize("order_by", ["email", "created_at", "updated_at"])
def test_a_list_goes_by_what_is_asked(account: Account, order_by: str) -> None:
    for name, email in (("Ada", "3@example.com"), ("Bea", "1@example.com"), ("Cy", "2@example.com")):
        create(account, name=name, email=email)
    ordered = {"email": ["Bea", "Cy", "Ada"]}.get(order_by, ["Ada", "Bea", "Cy"])
    assert names(account, order_by=order_by) == ordered
    assert names(account, order_by=order_by, direction="desc") == ordered[::-1]


def test_a_list_is_filtered_by_metadata(account: Account) -> None:
    create(account, name="Ada", metadata={"floor": "3", "wing": "a"})
    create(account, name="Bea", metadata={"floor": 3})
    create(account, name="Cy", metadata={"floor": "4"})
    assert names(account, **{"metadata[floor]": "3"}) == ["Ada", "Bea"]
    assert names(account, **{"metadata.floor": "4"}) == ["Cy"]
    assert names(account, **{"metadata[floor]": "3", "metadata[wing]": "a"}) == ["Ada"]


def test_a_list_is_filtered_by_time(account: Account) -> None:
    made = create(account, name="Ada")["created_at"]
    for moment in (str(made), str(made * 1000), "2020-01-01T00:00:00Z", "2020-01-01", "2020-01-01T00:00:00 02:00"):
        assert names(account, **{"created_at[gte]": moment}) == ["Ada"]
        assert names(account, **{"created_at[lt]": moment}) == []
    assert names(account, **{"updated_at[gt]": str(made + 60)}) == []
    assert names(account, **{"updated_at[lte]": str(made + 60)}) == ["Ada"]


def test_a_list_is_filtered_by_place(account: Account) -> None:
    place = account.packagex.post("/locations", json={"name": "Depot", "address": "1 Main St"}).json()["data"]["id"]
    create(account, name="Ada", locations=[place])
    bea = create(account, name="Bea", address="123 Main St Apt 4, Springfield, IL 62704")
    create(account, name="Cy", address="123 Main St Apt 5, Springfield, IL 62704")
    create(account, name="Dee", address="500 7th Ave, New York, NY 10018")
    assert names(account, location=place) == names(account, location_id=place) == ["Ada"]
    assert names(account, location="loc_" + "2" * 22) == []
    assert names(account, address_hash=bea["address"]["hash"]) == ["Bea", "Cy"]
    assert names(account, address_hash="nowhere") == []


def test_a_list_is_filtered_by_groups(account: Account) -> None:
    ada, bea, cy = (create(account, name=name)["id"] for name in ("Ada", "Bea", "Cy"))
    crew = create(account, name="Crew", type="group", children=[ada, bea])["id"]
    team = create(account, name="Team", type="group", children=[bea, cy])["id"]
    assert names(account, group_id=crew) == ["Ada", "Bea"]
    assert names(account, group_id=f"{crew},{team}") == ["Ada", "Bea", "Cy"]
    assert names(account, group_id="nobody") == []
    update(account, crew, group_contacts={"children": []})
    assert names(account, group_id=crew) == []


def test_filters_and_paging_go_together(account: Account) -> None:
    load(account, csv_of("Name,Type", *(f"Group {number},group" for number in range(5)), "Ada,", "Bea,"))
    answer = account.packagex.get("/contacts", params={"type": "group", "limit": 2, "page": 3}).json()
    assert [contact["name"] for contact in answer["data"]] == ["Group 4"]
    assert answer["pagination"] == {"limit": 2, "page": 3, "has_more": False, "total_count": 5}
    assert len(opened(account.packagex.get("/contacts", params={"type": "group", "limit": 2, "page": 2}))) == 2

"""PackageX: one contact as it is shown, and its address."""

import time

from tests.dialects.packagex.calls import Json, create, opened, read, refused, stored, update
from tests.harness import Account, statement

MAIN = "123 Main St, Springfield, IL 62704"


def locate(account: Account, name: str, address: str) -> Json:
    """Create a location."""
    made: Json = opened(account.packagex.post("/locations", json={"name": name, "address": address}), 201)
    return made


@statement("PX-7")
def test_a_contact_says_what_it_is_and_when_it_was_made(account: Account) -> None:
    made = create(account, name="Ada Okafor")
    now = time.time()
    assert made["object"] == "contact"
    for moment in (made["created_at"], made["updated_at"]):
        assert isinstance(moment, int)
        assert now - 60 <= moment <= now + 60
    group = create(account, name="Crew", type="group")
    assert group["object"] == "contact"


@statement("PX-34")
def test_an_address_is_given_by_its_id(account: Account) -> None:
    address = create(account, name="Ada", address=f"{MAIN}", address_line2="Apt 4")["address"]
    assert create(account, name="Bea", address=address["id"])["address"] == address
    cy = create(account, name="Cy", address="500 7th Ave, New York, NY 10018")
    assert update(account, cy["id"], address=address["id"])["address"] == address
    assert read(account, cy["id"])["address"] == address


@statement("PX-35")
def test_an_address_is_given_by_the_id_of_a_location(account: Account) -> None:
    place = locate(account, "Depot", MAIN)
    made = create(account, name="Ada", address=place["id"])
    assert made["address"] == place["address"]
    assert made["address"]["line1"] == "123 Main St"
    bea = create(account, name="Bea")
    assert update(account, bea["id"], address=place["id"])["address"] == place["address"]


@statement("PX-36")
def test_two_units_are_in_one_building(account: Account) -> None:
    first = create(account, name="Ada", address="123 Main St Apt 4, Springfield, IL 62704")["address"]
    second = create(account, name="Bea", address=MAIN, address_line2="Apt 5")["address"]
    bare = create(account, name="Cy", address=MAIN)["address"]
    assert first["hash"] == second["hash"] == bare["hash"]
    assert len({first["id"], second["id"], bare["id"]}) == 3
    assert "Apt" not in first["textarea"] + second["textarea"]
    assert "123 Main St" in second["textarea"]
    assert "\n" in second["textarea"]
    assert "Apt 5" in second["formatted_address"]
    assert "\n" not in second["formatted_address"]


@statement("PX-45")
def test_the_singular_path_shows_the_same(account: Account) -> None:
    contact = create(account, name="Ada Okafor", email="ada@example.com")["id"]
    plural = account.packagex.get(f"/contacts/{contact}").json()
    singular = account.packagex.get(f"/contact/{contact}").json()
    assert plural.pop("endpoint") == f"/v1/contacts/{contact}"
    assert singular.pop("endpoint") == f"/v1/contact/{contact}"
    assert singular == plural


@statement("PX-52")
def test_only_the_accounts_own_addresses_are_known(account: Account, other_account: Account) -> None:
    place = locate(account, "Depot", MAIN)
    assert create(account, name="Ada", address=place["address"]["id"])["address"] == place["address"]
    contact = create(account, name="Bea", address="500 7th Ave, New York, NY 10018")
    assert create(account, name="Cy", address=contact["address"]["id"])["address"] == contact["address"]
    for foreign in (place["id"], place["address"]["id"], contact["address"]["id"]):
        answer = other_account.packagex.post("/contacts", json={"name": "Dee", "address": foreign})
        refused(answer, 400, "address")
    assert stored(other_account) == []


def test_an_address_of_the_united_states_is_parsed(account: Account) -> None:
    address = create(account, name="Ada", address="500 7th Ave, Fl 10, New York, NY 10018")["address"]
    assert address["object"] == "address"
    assert address["line1"] == "500 7th Ave"
    assert address["line2"] == "Fl 10"
    assert address["city"] == "New York"
    assert (address["state"], address["state_code"]) == ("New York", "NY")
    assert address["postal_code"] == "10018"
    assert (address["country"], address["country_code"]) == ("United States", "US")
    assert (address["timezone"], address["coordinates"], address["verified"]) == (None, None, False)


def test_an_address_comes_back_when_it_is_sent_back(account: Account) -> None:
    address = create(account, name="Ada", address="500 7th Ave, Fl 10, New York, NY 10018")["address"]
    assert create(account, name="Bea", address=address)["address"] == address


def test_an_unknown_location_is_no_address(account: Account) -> None:
    for unknown in ("loc_" + "2" * 22, "loc_", "loc_nowhere"):
        refused(account.packagex.post("/contacts", json={"name": "Ada", "address": unknown}), 400, "address")
    assert stored(account) == []


def test_a_contact_belongs_to_locations(account: Account) -> None:
    depot, yard = locate(account, "Depot", MAIN), locate(account, "Yard", "500 7th Ave, New York, NY 10018")
    made = create(account, name="Ada", locations=[yard["id"], depot["id"]])
    assert made["locations"] == [yard["id"], depot["id"]]
    assert update(account, made["id"], locations=[depot["id"]])["locations"] == [depot["id"]]
    answer = account.packagex.post(f"/contacts/{made['id']}", json={"locations": ["loc_" + "2" * 22]})
    refused(answer, 400, "locations")
    assert read(account, made["id"])["locations"] == [depot["id"]]


def test_a_location_is_shown_and_listed(account: Account, other_account: Account) -> None:
    depot = locate(account, "Depot", MAIN)
    assert depot["object"] == "location"
    assert depot["name"] == "Depot"
    assert depot["id"].startswith("loc_")
    assert opened(account.packagex.get(f"/locations/{depot['id']}")) == depot
    assert opened(account.packagex.get("/locations")) == [depot]
    assert account.packagex.get("/locations").json()["pagination"]["total_count"] == 1
    assert opened(other_account.packagex.get("/locations")) == []
    refused(other_account.packagex.get(f"/locations/{depot['id']}"), 404, code="not_found")


def test_a_location_needs_a_name_and_an_address(account: Account) -> None:
    refused(account.packagex.post("/locations", json={}), 400, "name", "address")
    refused(account.packagex.post("/locations", json={"name": "Depot"}), 400, "address")
    assert opened(account.packagex.get("/locations")) == []


def test_a_nameless_contact_shows_what_it_has(account: Account) -> None:
    for body in ({"phones": [{"raw": "+14155550134"}]}, {"emails": [{"address": "a@example.com"}]}, {"notes": "?"}):
        assert account.native.post("/contacts", json=body).status_code == 201
    assert {contact["name"] for contact in opened(account.packagex.get("/contacts"))} == {
        "+14155550134",
        "a@example.com",
        "(no name)",
    }
    assert set(account.native.get("/contacts").json()["contacts"][0]["name"].values()) == {None}

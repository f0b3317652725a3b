"""PackageX: deleting."""

from tests.dialects.packagex.calls import create, opened, read, refused, stored, update
from tests.harness import Account, statement


@statement("PX-44")
def test_a_deleted_contact_is_gone_from_its_groups_too(account: Account) -> None:
    group = create(account, name="Crew", type="group")["id"]
    ada, bea = create(account, name="Ada")["id"], create(account, name="Bea")["id"]
    update(account, group, group_contacts={"children": [ada, bea], "primary": [ada]})
    gone = opened(account.packagex.request("DELETE", f"/contacts/{ada}"))
    assert gone["id"] == ada
    refused(account.packagex.get(f"/contacts/{ada}"), 404, code="not_found")
    refused(account.packagex.request("DELETE", f"/contacts/{ada}"), 404, code="not_found")
    shown = read(account, group)
    assert shown["group_contacts"] == {"children": [bea], "primary": []}
    assert [entry["id"] for entry in shown["referenced_contacts"]] == [bea]
    assert stored(account) == ["Bea", "Crew"]


def test_a_deleted_group_leaves_its_children(account: Account) -> None:
    group, ada = create(account, name="Crew", type="group")["id"], create(account, name="Ada")["id"]
    update(account, group, group_contacts={"children": [ada]})
    opened(account.packagex.request("DELETE", f"/contacts/{group}"))
    assert read(account, ada)["name"] == "Ada"


def test_an_unknown_contact_cannot_be_deleted(account: Account) -> None:
    create(account, name="Ada")
    for contact in ("contact_" + "2" * 22, "nobody", "contact_%00"):
        refused(account.packagex.request("DELETE", f"/contacts/{contact}"), 404, code="not_found")
    assert stored(account) == ["Ada"]

"""Deleting contacts: AL-20."""

from tests.dialects.alloy.calls import UNKNOWN_ID, count, create, listed, read, refused, stored, success
from tests.harness import Account, statement


@statement("AL-20")
def test_a_deleted_contact_is_gone(account: Account) -> None:
    stays, goes = create(account, lastName="Stays"), create(account, lastName="Goes")
    answer = account.alloy.delete(f"/crm/contacts/{goes['id']}")
    assert answer.headers["content-type"].startswith("application/json")
    assert success(answer) == {"success": True}
    refused(account.alloy.get(f"/crm/contacts/{goes['id']}"), 404)
    refused(account.alloy.put(f"/crm/contacts/{goes['id']}", json={"lastName": "Back"}), 404)
    refused(account.alloy.delete(f"/crm/contacts/{goes['id']}"), 404)
    assert count(account) == 1
    assert listed(account) == [stays]
    assert [contact["uid"] for contact in stored(account)] == [stays["id"]]


def test_deleting_what_is_not_there_is_404(account: Account) -> None:
    made = create(account)
    refused(account.alloy.delete(f"/crm/contacts/{UNKNOWN_ID}"), 404)
    assert read(account, made["id"]) == made


def test_ids_are_not_used_again(account: Account) -> None:
    first = create(account)
    success(account.alloy.delete(f"/crm/contacts/{first['id']}"))
    second = create(account)
    assert first["id"] != second["id"]
    assert int(second["remoteId"]) > int(first["remoteId"])

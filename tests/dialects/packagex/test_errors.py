"""PackageX: the envelope, and verbs that are not there."""

import pytest

from tests.dialects.packagex.calls import ENVELOPE, create, csv_of, data_url, refused, stored
from tests.harness import Account, statement


@statement("PX-4")
def test_every_answer_has_the_envelope(account: Account) -> None:
    contact = create(account, name="Ada")["id"]
    caller, stranger = account.packagex, account.client("/packagex/v1", auth=None)
    answers = (
        ("/v1/contacts", caller.post("/contacts", json={"name": "Bea"})),
        ("/v1/contacts", caller.post("/contacts", json={"csv_url": data_url(csv_of("Name", "Cy"))})),
        ("/v1/contacts", caller.post("/contacts", json={})),
        ("/v1/contacts", caller.post("/contacts", content=b"{")),
        ("/v1/contacts", caller.get("/contacts", params={"limit": 1})),
        (f"/v1/contacts/{contact}", caller.get(f"/contacts/{contact}")),
        (f"/v1/contacts/{contact}", caller.post(f"/contacts/{contact}", json={"notes": "new"})),
        (f"/v1/contacts/{contact}", caller.request("DELETE", f"/contacts/{contact}")),
        (f"/v1/contacts/{contact}", caller.get(f"/contacts/{contact}")),
        ("/v1/contacts", stranger.get("/contacts")),
        ("/v1/contacts", caller.request("PATCH", "/contacts")),
        ("/v1/nowhere", caller.get("/nowhere")),
    )
    statuses = [answer.status_code for _, answer in answers]
    assert statuses == [201, 201, 400, 400, 200, 200, 200, 200, 404, 401, 405, 404]
    for endpoint, answer in answers:
        body = answer.json()
        assert set(body) >= ENVELOPE
        assert body["status"] == answer.status_code
        assert body["endpoint"] == endpoint
        assert isinstance(body["message"], str)
        assert body["message"]
        assert isinstance(body["errors"], list)
        assert isinstance(body["events"], list)
        assert (body["pagination"] is not None) == isinstance(body["data"], list)


@statement("PX-46")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_verbs_that_the_vendor_lacks_are_refused(account: Account, method: str) -> None:
    contact = create(account, name="Ada")["id"]
    for path in ("/contacts", f"/contacts/{contact}", f"/contact/{contact}"):
        answer = account.packagex.request(method, path, json={"name": "Bea"})
        refused(answer, 405, code="method_not_allowed")
        assert answer.headers["allow"]
    assert stored(account) == ["Ada"]


def test_events_say_what_happened(account: Account) -> None:
    made = account.packagex.post("/contacts", json={"name": "Ada"}).json()
    assert made["events"] == ["contact.created"]
    contact = made["data"]["id"]
    assert account.packagex.post(f"/contacts/{contact}", json={"notes": "x"}).json()["events"] == ["contact.updated"]
    assert account.packagex.get(f"/contacts/{contact}").json()["events"] == []
    assert account.packagex.request("DELETE", f"/contacts/{contact}").json()["events"] == ["contact.deleted"]


def test_a_path_that_is_not_there_is_not_found(account: Account) -> None:
    for path in ("/", "/groups", "/imports", "/contacts/a/b", "/batches"):
        refused(account.packagex.get(path), 404, code="not_found")

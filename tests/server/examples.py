"""At least one good request of every route, in terms of a `World`: a route without one fails the tests that use them.

The first request of a route succeeds in the world that it is made of. The others try more ways of naming what the world
holds; whether they succeed depends on who sends them.
"""

import base64
from typing import Any

from onebook.bootstrap import DIALECTS
from onebook.dialects.base import Route
from tests.server.world import Call, Words, World

Examples = dict[str, list[Call]]


def routes() -> list[tuple[str, Route]]:
    """Every route of every dialect, with the dialect's name, but those of imports.

    What an import does goes on after its answer, so those have tests of their own: test_imports.py
    and test_imports_apart.py in tests/dialects/native.
    """
    return [(dialect.name, route) for dialect in DIALECTS for route in dialect.routes if "/imports" not in route.path]


def route_id(value: Any) -> str:
    """The name of a route, for the ids of tests."""
    return value.name if isinstance(value, Route) else str(value)


def calls_of(dialect: str, route: Route, world: World) -> list[Call]:
    """The requests of a route. Fails with a sentence if there are none."""
    found = {"native": _native, "apptoto": _apptoto, "packagex": _packagex, "alloy": _alloy, "octopush": _octopush}
    assert dialect in found, f"Add the examples of the dialect {dialect} to {__file__}."
    examples = found[dialect](world)
    assert route.name in examples, f"Add a good request of {dialect}'s {route.name} to {__file__}."
    for call in examples[route.name]:
        missing = [name for name in _braces(route.path) if name not in call.params]
        assert not missing, f"Give {missing} in the request of {dialect}'s {route.name} in {__file__}."
    return examples[route.name]


def _braces(path: str) -> list[str]:
    return [part.strip("{}") for part in path.split("/") if part.startswith("{")]


def _native(w: World) -> Examples:
    return {**_native_contacts(w), **_native_nouns(w), **_native_access(w), **_native_mappings(w)}


def _native_contacts(w: World) -> Examples:
    one, group = {"uid": w.uid}, {"uid": w.group}
    named = {"full": "New Name"}
    finding: list[Words] = [
        {},
        {"book": w.book},
        {"list": w.list_name},
        {"tag": w.tag_name},
        {"group": w.group},
        {"external_id": w.external_id},
        {"phone": w.phone},
        {"email": w.email},
        {"organization": w.organization},
        {"q": w.tag},
        {"kind": "group"},
    ]
    return {
        "findContacts": [Call(query=query) for query in finding],
        "exportContacts": [
            Call(query={"format": "jsonl"}),
            Call(),
            Call(query={"book": str(w.book), "format": "vcard"}),
        ],
        "createContact": [
            Call(body={"name": named}),
            Call(body={"name": named, "book": w.book}),
            Call(body={"name": named, "external_id": w.external_id, "lists": [w.list_name], "tags": [w.tag_name]}),
            Call(body={"name": named, "organization_uid": w.organization}),
            Call(body={"name": named, "kind": "group", "members": [{"uid": w.uid}]}),
            Call(body={"name": named, "phones": [{"raw": w.phone}], "emails": [{"address": w.email}]}),
        ],
        "readContact": [Call(one), Call(group)],
        "changeContact": [
            Call(one, body={"name": named, "lists": [], "custom": {"a": 1}}),
            Call(group, body={"members": []}),
        ],
        "deleteContact": [Call(one), Call(group, {"erase": "true"})],
        "readMembers": [Call(group)],
        "replaceMembers": [Call(group, body={"members": []}), Call(group, body={"members": [{"uid": w.uid}]})],
    }


def _native_nouns(w: World) -> Examples:
    book, organization, location = {"number": w.book}, {"uid": w.organization}, {"uid": w.location}
    moves = {"add": [w.group], "remove": [w.uid]}
    labels: Examples = {}
    for noun, plural, number, name in (("List", "lists", w.list, w.list_name), ("Tag", "tags", w.label, w.tag_name)):
        at: Words = {"number": number}
        labels |= {
            f"list{noun}s": [Call()],
            f"create{noun}": [Call(body={"name": f"new {plural} {w.tag}"}), Call(body={"name": name})],
            f"read{noun}": [Call(at)],
            f"rename{noun}": [Call(at, body={"name": f"renamed {w.tag}"})],
            f"delete{noun}": [Call(at)],
            f"move{noun}Contacts": [Call(at, body=moves), Call(at, body={"add": [w.uid]})],
        }
    return {
        **labels,
        "listBooks": [Call()],
        "createBook": [Call(body={"name": f"new {w.tag}"}), Call(body={"name": w.book_name})],
        "readBook": [Call(book)],
        "changeBook": [Call(book, body={"name": f"renamed {w.tag}", "phone_types": ["x"]})],
        "deleteBook": [Call({"number": w.empty_book}), Call(book)],
        "listOptOuts": [Call(), Call(query={"phone": w.phone})],
        "createOptOut": [Call(body={"phone": f"{w.phone[:-1]}x9"}), Call(body={"phone": w.phone, "source": "new"})],
        "deleteOptOut": [Call(query={"phone": w.phone}), Call(query={"email": w.email})],
        "listOrganizations": [Call()],
        "createOrganization": [Call(body={"name": f"new {w.tag}"}), Call(body={"name": w.organization_name})],
        "readOrganization": [Call(organization)],
        "changeOrganization": [Call(organization, body={"name": f"renamed {w.tag}", "fields": {}})],
        "deleteOrganization": [Call(organization)],
        "listLocations": [Call()],
        "createLocation": [Call(body={"name": "new", "address": {"city": "Rome"}})],
        "readLocation": [Call(location)],
        "deleteLocation": [Call(location)],
    }


def _native_access(w: World) -> Examples:
    key, credential = {"id": w.key_id}, {"id": w.credential_id}
    return {
        "readAccount": [Call()],
        "changeAccount": [Call(body={"default_country": "FR"})],
        "listKeys": [Call()],
        "createKey": [Call(body={"scope": "read"}), Call(body={"scope": "admin", "book": w.book})],
        "readKey": [Call(key)],
        "switchKey": [Call(key, body={"enabled": False})],
        "deleteKey": [Call(key)],
        "listCredentials": [Call()],
        "createCredential": [Call(body={"kind": "local", "book": w.book})],
        "readCredential": [Call(credential)],
        "deleteCredential": [Call(credential)],
        "readChanges": [Call(), Call(query={"limit": 500})],
    }


def _native_mappings(w: World) -> Examples:
    mapping, targets = {"name": w.mapping_name}, {"targets": {"Nom": "name.full"}}
    return {
        "listImportMappings": [Call()],
        "readImportMapping": [Call(mapping)],
        "saveImportMapping": [Call({"name": f"new {w.tag}"}, body=targets), Call(mapping, body=targets)],
        "deleteImportMapping": [Call(mapping)],
    }


def _apptoto(w: World) -> Examples:
    new = {"address_book": "Contacts", "name": "New Name"}
    by_id, by_external_id = {"id": w.number}, {"external_id": w.external_id}
    finding: list[Words] = [
        {},
        {"address_book_id": w.book},
        {"phone_number": w.phone},
        {"email_address": w.email},
        by_id,
        by_external_id,
    ]
    return {
        "createContacts": [
            Call(body={"contacts": [new]}),
            Call(body={"contacts": [{**new, "address_book": w.book_name, "external_id": w.external_id}]}),
            Call(body={"contacts": [{**new, "address_book_id": w.book}]}),
        ],
        "updateContacts": [
            Call(body={"contacts": [{**by_id, "name": "New Name", "phone_numbers": []}]}),
            Call(body={"contacts": [{**by_external_id, **new, "custom_data": {}}]}),
            Call(body={"contacts": [{**by_external_id, **new, "address_book": w.book_name}]}),
        ],
        "listContacts": [Call(query=query) for query in finding],
        "getContact": [Call(query=by_id), Call(query=by_external_id)],
        "deleteContact": [
            Call(query=by_id),
            Call(query={**by_external_id, "address_book_id": w.book}),
            Call(body=by_external_id),
        ],
        "listAddressBooks": [Call()],
    }


def _packagex(w: World) -> Examples:
    one, group = {"contact": w.packagex_id}, {"contact": w.packagex_group}
    children = {"children": [w.packagex_id]}
    place = {"location": w.packagex_location}
    file = base64.b64encode(b"name\nFrom A File\n").decode()
    finding: list[Words] = [
        {},
        {"child": w.packagex_id},
        {"group_id": w.packagex_group},
        place,
        {"search": w.tag},
        {"metadata[param1]": w.tag},
        {"order_by": "created_at", "limit": 100},
    ]
    return {
        "createContact": [
            Call(body={"name": "New Name"}),
            Call(body={"csv_url": f"data:text/csv;base64,{file}"}),
            Call(body={"csv_url": f"data:text/csv;base64,{file}", "overwrite": True}),
            Call(body={"name": "New Name", "type": "group", "group_contacts": children}),
            Call(body={"name": "New Name", "locations": [w.packagex_location]}),
            Call(body={"name": "New Name", "address": w.packagex_location}),
            Call(body={"name": "New Name", "address": w.address}),
        ],
        "updateContact": [
            Call(one, body={"name": "New Name", "notes": None}),
            Call(group, body={"group_contacts": {"children": []}}),
        ],
        "getContact": [Call(one), Call(group)],
        "getContactSingular": [Call(one), Call(group)],
        "listContacts": [Call(query=query) for query in finding],
        "deleteContact": [Call(one), Call(group)],
        "createLocation": [
            Call(body={"name": "new", "address": "1 Main St, Springfield, IL 62701"}),
            Call(body={"name": "new", "address": w.packagex_location}),
            Call(body={"name": "new", "address": w.address}),
        ],
        "listLocations": [Call()],
        "getLocation": [Call(place)],
    }


def _alloy(w: World) -> Examples:
    return {**_alloy_crm(w), **_alloy_rest(w)}


def _alloy_crm(w: World) -> Examples:
    by: Words = {"credentialId": w.credential_id}
    found: Examples = {}
    for noun, param, uid, new, change in (
        ("Contact", "contactId", w.uid, {"lastName": "New"}, {"firstName": "New", "phoneNumbers": []}),
        ("Account", "accountId", w.organization, {"accountName": "New"}, {"description": "new"}),
    ):
        at: Words = {param: uid}
        found |= {
            f"create{noun}": [Call(query=by, body=new), Call(body=new)],
            f"list{noun}s": [Call(query=by), Call(), Call(query={"connectionId": w.credential_id})],
            f"count{noun}s": [Call(query=by), Call()],
            f"get{noun}": [Call(at, by), Call(at)],
            f"update{noun}": [Call(at, by, change), Call(at, {}, change)],
            f"patch{noun}": [Call(at, by, change), Call(at, {}, change)],
            f"delete{noun}": [Call(at, by), Call(at)],
        }
    tied = {"lastName": "New", "account": w.organization}
    found["createContact"] += [Call(body=tied), Call(query=by, body={**tied, "account": w.organization_name})]
    return found


def _alloy_rest(w: World) -> Examples:
    user = {"userId": w.user_id}
    by_name = {"userId": w.user_name}
    credential: Words = {**user, "credentialId": w.user_credential_id}
    subscription = {"subscriptionId": w.subscription_id}
    new_credential = {"credential": {"type": "hubspot", "data": {}}}
    return {
        "listOperations": [Call(query={"app": "hubspot"})],
        "listFields": [Call(query={"app": "hubspot", "operation": "createContact"})],
        "listApps": [Call()],
        "getApp": [Call({"app": "hubspot"})],
        "forward": [Call(query={"credentialId": w.credential_id}, body={}), Call(body={})],
        "createUser": [
            Call(body={"username": f"new {w.tag}"}),
            Call(body={"username": w.book_name}),
            Call(body={"username": w.user_name}),
        ],
        "listUsers": [Call()],
        "getUser": [Call(user), Call(by_name)],
        "updateUser": [Call(user, body={"fullName": "New Name"}), Call(by_name, body={"fullName": "New Name"})],
        "deleteUser": [Call(user), Call(by_name)],
        "createCredential": [
            Call(body={**user, **new_credential}),
            Call(body={**by_name, **new_credential}),
        ],
        "listCredentials": [Call(user), Call(by_name)],
        "deleteCredential": [Call(credential), Call({**user, "credentialId": w.credential_id})],
        "createSubscription": [Call(body={"address": "https://example.org/hook", "topic": ["crm/contacts"]})],
        "listSubscriptions": [Call()],
        "getSubscription": [Call(subscription)],
        "deleteSubscription": [Call(subscription)],
    }


def _octopush(w: World) -> Examples:
    lists = {"list_name": w.list_name}
    person = {"phone_number": w.phone, "first_name": "New", "param1": "new"}
    return {
        "createContacts": [
            Call(body={"contacts": [person], "list_name": w.list_name, "tag_names": [w.tag_name]}),
            Call(body={"contacts": [person], "un_list": True, "un_tag": True}),
        ],
        "deleteContacts": [Call(body={"phone_numbers": [w.phone]}), Call(body={"phone_numbers": [w.phone], **lists})],
        "createList": [Call(body={"list_name": f"new {w.tag}"}), Call(body=lists)],
        "deleteList": [Call(body=lists)],
        "emptyList": [Call(body=lists), Call(body={**lists, "delete_contacts": True})],
    }

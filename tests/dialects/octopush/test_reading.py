"""Octopush: whatever JSON comes, reading it ends in a command or in one of our own errors."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from onebook.dialects import casting
from onebook.dialects.base import REFUSED, Limits, Request
from onebook.dialects.octopush import CONTACT, CREATE, DELETE, EMPTY, ROUTES
from onebook.dialects.octopush.numbers import phone_of
from onebook.errors import OnebookError
from onebook.model import phone
from onebook.model.account import Account, Key
from onebook.operations.actor import Actor

ACTOR = Actor(Account(1, "", "one", "one", None, 0), Key("1", "write", None, True, None, 0), "octopush")
TEXTS = st.text() | st.text("0123456789+ -().", min_size=5, max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([f.name for f in CONTACT]), inner),
    max_leaves=12,
)
NAMES = sorted({field.name for table in (CREATE, DELETE, EMPTY) for field in table})


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.sampled_from(ROUTES))
def test_any_object_is_read_or_refused(body: dict[str, Any], route: Any) -> None:
    request = Request(route.method, route.path, "", {}, json.dumps(body).encode(), Limits(), who=ACTOR)
    with suppress(OnebookError):
        assert route.read(request)


@given(TEXTS, st.sampled_from([None, "FR", "US", "IT"]))
@example("00111222233334444", None)
@example("+0612345", None)
def test_a_stored_number_is_found_again_by_its_own_spelling(text: str, country: str | None) -> None:
    found = phone_of(text, country)
    if found is None:
        return
    again = phone_of(found.raw, country)
    assert again is not None
    assert phone.key_of(again) == phone.key_of(found)
    assert phone.key_of(found).startswith("+")
    assert phone.key_of(found)[1:].isdecimal()


@given(VALUES)
def test_a_text_is_read_to_the_same_text_again(value: Any) -> None:
    for converter in (casting.Text, casting.name(20), casting.Digits):
        read = converter.read(value, "", [])
        if read is not REFUSED and read is not None:
            assert converter.read(read, "", []) == read

"""Public ids carry a uid and give it back; nothing else is taken for one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebook.model import ids

UID = "01890a5d-ac96-774b-bcce-b302099a8057"


@given(st.binary(min_size=16, max_size=16))
def test_sixteen_bytes_come_back(data: bytes) -> None:
    text = ids.encode58(data)
    assert len(text) == 22
    assert ids.decode58(text) == data


def test_the_least_and_the_greatest_take_as_many_characters() -> None:
    assert ids.encode58(bytes(16)) == "1" * 22
    assert ids.encode58(b"\xff" * 16) == "YcVfxkQb6JRzqk5kF2tNLv"


@pytest.mark.parametrize("size", [0, 15, 17])
def test_other_lengths_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        ids.encode58(bytes(size))


@pytest.mark.parametrize("text", ["", "1" * 21, "1" * 23, "0" + "1" * 21, "YcVfxkQb6JRzqk5kF2tNLw", "z" * 22, "é" * 22])
def test_what_is_no_id_is_none(text: str) -> None:
    assert ids.decode58(text) is None


@given(st.uuids())
def test_a_contact_id_gives_its_uid(uid: UUID) -> None:
    public = ids.contact_id(str(uid))
    assert public.startswith("contact_")
    assert ids.uid_of_contact_id(public) == str(uid)
    assert ids.uid_of_contact_id(public.replace("contact_", "ctct_")) == str(uid)


@given(st.text())
def test_any_text_may_be_asked(text: str) -> None:
    assert ids.uid_of_contact_id(text) is None or text.startswith(("contact_", "ctct_"))


def test_a_prefix_is_part_of_the_id() -> None:
    public = ids.prefixed("loc_", UID)
    assert ids.unprefixed(("loc_",), public) == UID
    assert ids.unprefixed(("org_",), public) is None
    assert ids.uid_of_contact_id(public) is None

"""Mail addresses: email-validator's rules, 64 octets for the local part, and never an exception."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.emails import by_library, compare
from onebook.model import email


def test_our_reading_and_the_librarys_are_the_same() -> None:
    differing, _, _ = compare(20_000, seed=3)
    assert differing == []


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("Ada.Byron@Example.COM", "Ada.Byron@example.com"),
        ("INFO@example.com", "info@example.com"),
        ("ada@m\u00fcnchen.example", "ada@m\u00fcnchen.example"),
        ("cafe\u0301@example.com", "caf\u00e9@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("\u00e9" * 32 + "@example.com", "\u00e9" * 32 + "@example.com"),
        ("a@" + "b" * 60 + ".example.com", "a@" + "b" * 60 + ".example.com"),
    ],
)
def test_a_valid_address_has_a_normal_form(address: str, normal: str) -> None:
    assert email.normalize(address) == normal


@pytest.mark.parametrize(
    "address",
    [
        "",
        "thor@avengers",
        "ada",
        "@example.com",
        "ada@",
        "ada@example..com",
        "a..b@example.com",
        " ada@example.com",
        "ada@example.com\n",
        "a" * 65 + "@example.com",
        "\u00e9" * 33 + "@example.com",
        "a@" + ".".join(["b" * 62] * 4) + ".com",
        "ada@localhost",
        "ada@example.test",
        "Ada <ada@example.com>",
        '"ada b"@example.com',
        "ada@[127.0.0.1]",
        "ada\x00@example.com",
        "\udc80@example.com",
        "ada@\udc80.com",
    ],
)
def test_what_is_no_address_has_none(address: str) -> None:
    assert email.normalize(address) is None


def test_the_whole_may_have_254_octets_and_not_one_more() -> None:
    domain = ".".join(["b" * 61] * 3) + ".com"
    longest = "a" * (254 - 1 - len(domain)) + "@" + domain
    assert email.normalize(longest) == longest
    assert email.normalize("a" + longest) is None


PARTS = st.text("aA1.-_+@ \u00e9e\u0301\u00df\u3002\udc80\x00xn--", max_size=12) | st.text(max_size=8)


@given(
    st.builds("{}@{}.{}".format, PARTS, PARTS, st.sampled_from(["com", "COM", "test", "a1", "\u0440\u0444"]))
    | st.text()
)
@example("a" * 300)
def test_any_text_is_read_as_the_library_reads_it(address: str) -> None:
    assert email.normalize(address) == by_library(address)


@given(st.emails() | st.builds("{}@{}.com".format, PARTS, PARTS))
def test_a_normal_form_is_its_own_normal_form(address: str) -> None:
    normal = email.normalize(address)
    assert normal is None or email.normalize(normal) == normal


def test_equal_addresses_have_one_key() -> None:
    assert email.key_of(" Ada@Example.com ") == email.key_of("ada@example.COM")


@given(st.text())
def test_a_key_is_its_own_key(address: str) -> None:
    assert email.key_of(email.key_of(address)) == email.key_of(address)

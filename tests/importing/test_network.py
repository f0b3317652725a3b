"""The judge of addresses: every special block, at both ends and one past them."""

import ipaddress

import pytest

from onebook.importing.network import SPECIAL, is_number, is_public

PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "2000::",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2003::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "3ffd:ffff::1",
    "3fff:1000::1",
)

# Each with the name of the trick.
FORBIDDEN = (
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback, its far end"),
    ("0.0.0.0", "this machine"),  # noqa: S104 -- nothing is bound to it
    ("10.1.2.3", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("100.64.0.1", "carrier NAT"),
    ("100.100.100.200", "metadata in carrier NAT"),
    ("169.254.169.254", "metadata"),
    ("169.254.170.2", "metadata of containers"),
    ("168.63.129.16", "wire server"),
    ("192.0.0.192", "metadata in protocol assignments"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("255.255.255.255", "broadcast"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("0:0:0:0:0:0:0:1", "loopback, in full"),
    ("::ffff:127.0.0.1", "mapped loopback"),
    ("::ffff:7f00:1", "mapped loopback, in hexadecimal"),
    ("::ffff:8.8.8.8", "mapped public"),
    ("::127.0.0.1", "compatible loopback"),
    ("::8.8.8.8", "compatible public"),
    ("::ffff:0:127.0.0.1", "translated loopback"),
    ("64:ff9b::127.0.0.1", "loopback behind NAT64"),
    ("64:ff9b::a9fe:a9fe", "metadata behind NAT64"),
    ("64:ff9b:1::7f00:1", "loopback behind a local NAT64"),
    ("2002:7f00:1::1", "loopback by 6to4"),
    ("2002:a9fe:a9fe::1", "metadata by 6to4"),
    ("2001:0:7f00:1::", "Teredo"),
    ("2001:0:4136:e378:8000:63bf:80ff:fffe", "Teredo, loopback inverted"),
    ("2606:4700::5efe:7f00:1", "ISATAP"),
    ("2606:4700::200:5efe:10.0.0.1", "ISATAP, universal bit set"),
    ("fd00:ec2::254", "metadata over IPv6"),
    ("fd20:ce::254", "metadata over IPv6"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local with a zone"),
    ("2606:4700::1%eth0", "public with a zone"),
    ("fec0::1", "site-local"),
    ("ff02::1", "multicast"),
    ("4000::1", "not given out"),
    ("1fff:ffff::1", "not given out"),
    ("", "nothing"),
    ("localhost", "a name"),
    ("127.1", "short spelling"),
    ("2130706433", "decimal spelling"),
    ("0x7f000001", "hexadecimal spelling"),
    ("0177.0.0.1", "octal spelling"),
    ("010.8.8.8", "leading zero"),
    ("8.8.8.8 ", "with a blank"),
    ("8.8.8.8\n", "with a line end"),
    ("[::1]", "in brackets"),
    ("１２７.0.0.1", "wide digits"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_passes(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(("address", "trick"), FORBIDDEN, ids=[f"{trick}: {address!r}" for address, trick in FORBIDDEN])
def test_other_address_is_refused(address: str, trick: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(("block", "purpose"), SPECIAL, ids=[block for block, _ in SPECIAL])
def test_special_block_is_refused_from_end_to_end(block: str, purpose: str) -> None:
    network = ipaddress.ip_network(block)
    middle = network[network.num_addresses // 2]
    assert not any(is_public(str(address)) for address in (network[0], middle, network[-1]))


def test_nothing_is_public_that_the_library_calls_otherwise() -> None:
    """The library's list is shorter than ours, so it must not know a block that we do not."""
    sample = [ipaddress.IPv4Address(number << 18 | 0x0101) for number in range(1 << 14)]
    assert [str(address) for address in sample if is_public(str(address)) and not address.is_global] == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "1.2.3.4.", "a.0x", "a.1"]
)
def test_number_in_any_spelling_is_seen(host: str) -> None:
    assert is_number(host)


@pytest.mark.parametrize("host", ["example.com", "1e100.net", "0x.example", "cafe.example", "123.example"])
def test_name_is_no_number(host: str) -> None:
    assert not is_number(host)

"""Which internet addresses may be reached: public unicast ones, judged by a list, and no others.

The list is our own, because no library's ``is_global`` covers all of it: each block of the registries of IANA
that is not plain public unicast stands here, with IPv4 inside IPv6 in all its forms, and the addresses at which
clouds serve secrets to their machines.
"""

import ipaddress
from ipaddress import IPv4Network, IPv6Address, IPv6Network

# Block, and what it is for. Source: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890,
# RFC 8190), the multicast and class E blocks, and the RFC named in each line. Blocks that the registries call
# globally reachable but that serve no files (relays, sinks, anycast services) are in it on purpose.
SPECIAL: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network, RFC 791"),
    ("10.0.0.0/8", "private, RFC 1918"),
    ("100.64.0.0/10", "shared by carriers (CGNAT), RFC 6598; holds a cloud's metadata at 100.100.100.200"),
    ("127.0.0.0/8", "loopback, RFC 1122"),
    ("168.63.129.16/32", "a cloud's wire server: public by its number, served to the machine alone"),
    ("169.254.0.0/16", "link-local, RFC 3927; holds the metadata of most clouds at 169.254.169.254"),
    ("172.16.0.0/12", "private, RFC 1918"),
    ("192.0.0.0/24", "protocol assignments, RFC 6890; holds a cloud's metadata at 192.0.0.192"),
    ("192.0.2.0/24", "documentation, RFC 5737"),
    ("192.31.196.0/24", "AS112 sink, RFC 7535"),
    ("192.52.193.0/24", "multicast tunnelling (AMT), RFC 7450"),
    ("192.88.99.0/24", "6to4 relay, RFC 7526"),
    ("192.168.0.0/16", "private, RFC 1918"),
    ("192.175.48.0/24", "AS112 sink, RFC 7534"),
    ("198.18.0.0/15", "benchmarking, RFC 2544"),
    ("198.51.100.0/24", "documentation, RFC 5737"),
    ("203.0.113.0/24", "documentation, RFC 5737"),
    ("224.0.0.0/4", "multicast, RFC 5771"),
    ("240.0.0.0/4", "reserved, RFC 1112"),
    ("255.255.255.255/32", "broadcast, RFC 8190"),
    ("::/128", "unspecified, RFC 4291"),
    ("::1/128", "loopback, RFC 4291"),
    ("::/96", "IPv4-compatible, RFC 4291"),
    ("::ffff:0:0/96", "IPv4-mapped, RFC 4291"),
    ("::ffff:0:0:0/96", "IPv4-translated, RFC 7915"),
    ("64:ff9b::/96", "IPv4 behind NAT64, RFC 6052"),
    ("64:ff9b:1::/48", "IPv4 behind a local NAT64, RFC 8215"),
    ("100::/64", "discard, RFC 6666"),
    ("100:0:0:1::/64", "dummy prefix, RFC 9780"),
    ("2001::/23", "protocol assignments, RFC 2928"),
    ("2001::/32", "Teredo, IPv4 within, RFC 4380"),
    ("2001:2::/48", "benchmarking, RFC 5180"),
    ("2001:3::/32", "multicast tunnelling (AMT), RFC 7450"),
    ("2001:4:112::/48", "AS112 sink, RFC 7535"),
    ("2001:10::/28", "ORCHID, RFC 4843"),
    ("2001:20::/28", "ORCHIDv2, RFC 7343"),
    ("2001:30::/28", "drone identifiers, RFC 9374"),
    ("2001:db8::/32", "documentation, RFC 3849"),
    ("2002::/16", "6to4, IPv4 within, RFC 3056"),
    ("2620:4f:8000::/48", "AS112 sink, RFC 7534"),
    ("3ffe::/16", "6bone, given back, RFC 3701"),
    ("3fff::/20", "documentation, RFC 9637"),
    ("5f00::/16", "segment routing, RFC 9602"),
    ("fc00::/7", "unique local, RFC 4193; holds clouds' metadata at fd00:ec2::254 and fd20:ce::254"),
    ("fe80::/10", "link-local, RFC 4291"),
    ("fec0::/10", "site-local, RFC 3879"),
    ("ff00::/8", "multicast, RFC 4291"),
)

# All of IPv6 that has been given out as unicast lies here; whatever does not is refused, listed or not.
# Source: RFC 4291, 2.4; the IANA registry of the IPv6 address space.
_UNICAST_V6 = IPv6Network("2000::/3")
_FORBIDDEN_V4 = tuple(IPv4Network(block) for block, _ in SPECIAL if ":" not in block)
_FORBIDDEN_V6 = tuple(IPv6Network(block) for block, _ in SPECIAL if ":" in block)
# The half of an interface identifier that says "an IPv4 address follows", whatever network it is in.
# Source: RFC 5214, 6.1 (ISATAP).
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def is_public(address: str) -> bool:
    """Whether an address is public unicast, so that a stranger may have us connect to it.

    Args:
        address: as a number in its usual spelling (``93.184.215.14``, ``2606:2800:21f::1``); any other spelling
            (octal, hexadecimal, one number, with a zone) is not public.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        return _is_public_v6(parsed)
    return not any(parsed in block for block in _FORBIDDEN_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in _UNICAST_V6:
        return False
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return not any(address in block for block in _FORBIDDEN_V6)


def is_number(host: str) -> bool:
    """Whether a host would be taken for an IPv4 number by some resolver, in whatever spelling.

    ``127.1``, ``0x7f000001``, ``017700000001`` and ``2130706433`` all are loopback to the C library.

    Source: WHATWG URL, 3.5 ("ends in a number").
    """
    last = host.removesuffix(".").rpartition(".")[2].lower()
    return last.isdigit() or (last.startswith("0x") and all(digit in "0123456789abcdef" for digit in last[2:]))

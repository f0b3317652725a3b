"""Mail addresses: what is one, its normal form, and when two are equal.

The rules are email-validator's, without any look-up in the network: syntax after RFC 5322, 3.4.1 and RFC 6531,
names of domains after IDNA 2008, no domain without a dot. To them come 64 octets for the local part
(RFC 5321, 4.5.3.1.1); the 254 octets of the whole (4.5.3.1.3) the library counts itself.

Nearly all addresses in the wild are plain ASCII. For these one pattern decides, with the same result as the
library, at a thirtieth of its time; the library sees the rest.
"""

import re
from functools import lru_cache
from typing import Final

import email_validator
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

LOCAL_PART_OCTETS: Final = 64
ADDRESS_OCTETS: Final = 254

# No text can be divided in two ways, so there is nothing to come back to. Only sets of characters are possessive:
# repeated groups that are have matched wrongly up to Python 3.11.4 (CPython's gh-106052), Debian 12's among them.
_ATOM: Final = r"[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]++"
# A label of a domain name, of 63 octets at most (RFC 1035, 2.3.1). Two hyphens in third place mark Punycode or are
# wrong: for the library to say.
_LABEL: Final = r"(?!..--)(?![a-zA-Z0-9-]{64})[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*"
_LOCAL_PART: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?P<top>{_LABEL}(?<=[a-zA-Z]))")
# Domains that no mail can reach (RFC 6761 and others), all of one label, so that the last one tells.
_RESERVED: Final = frozenset(email_validator.SPECIAL_USE_DOMAIN_NAMES)
# What word processors, chats and files that were joined leave around a text: marks that nobody sees.
# Source: Unicode, general category Cf; the ones that are met in contacts.
_UNSEEN: Final = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
# ``Ada Byron <ada@example.com>``, as mail programs write it (RFC 5322, 3.4), and the scheme of RFC 6068.
_WITHIN: Final = re.compile(r"[^<>]*<(?P<address>[^<>]+)>")
_SCHEME: Final = "mailto:"
_AROUND: Final = _UNSEEN + " \t\r\n\xa0"
# Names of roles (RFC 2142) are the same in any letter case.
_ROLES: Final = frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


def normalize(address: str) -> str | None:
    """The normal form of a mail address: its domain in lower case, Unicode in NFC.

    Args:
        address: any text; blanks around it are not removed, and make it no address.

    Returns:
        the address to store; None if it is not valid.
    """
    if len(address) > ADDRESS_OCTETS:
        return None
    local, _, domain = address.rpartition("@")
    known = _ordinary_domain(domain) if _LOCAL_PART.fullmatch(local) else None
    if known is None:
        return None if _is_hopeless(address) else _by_library(address)
    if len(local) > LOCAL_PART_OCTETS or known == "":
        return None
    return f"{local.lower() if local.lower() in _ROLES else local}@{known}"


def found_in(cell: str) -> str | None:
    r"""The normal form of the one mail address in a spreadsheet's cell, whatever programs write around it.

    >>> found_in("Ada Byron <mailto:ada@example.com>"), found_in(" \u200eada@example.com")
    ('ada@example.com', 'ada@example.com')
    """
    address = normalize(cell)
    if address is not None:
        return address
    text = cell.strip(_AROUND)
    within = _WITHIN.fullmatch(text)
    text = (within["address"] if within else text).removeprefix(_SCHEME).strip(_AROUND)
    return normalize(text) if text != cell else None


def has_unseen(text: str) -> bool:
    """Whether there are marks in a text that nobody sees."""
    return any(mark in text for mark in _UNSEEN)


@lru_cache(maxsize=4_096)
def _ordinary_domain(domain: str) -> str | None:
    """The normal form of a plain domain: empty if no mail can reach it; None for any other text."""
    plain = _DOMAIN.fullmatch(domain)
    if plain is None:
        return None
    return "" if plain["top"].lower() in _RESERVED else domain.lower()


def _is_hopeless(text: str) -> bool:
    """Whether the library refuses an ASCII text for sure, as it does most texts in columns of addresses."""
    return text.isascii() and ("@" not in text or " " in text or text[0] == "@" or text[-1] == "@")


# Where many addresses are read those that are none are read twice: to find them, and to say so.
@lru_cache(maxsize=1_024)
def _by_library(address: str) -> str | None:
    try:
        found = email_validator.validate_email(address, check_deliverability=False)
    # It writes some texts in UTF-8 before it has looked at them, and a lone surrogate has none.
    except (email_validator.EmailNotValidError, UnicodeError):
        return None
    return found.normalized if len(found.local_part.encode()) <= LOCAL_PART_OCTETS else None


def key_of(address: str) -> str:
    """What two equal addresses have in common: trimmed, without regard to letter case. Takes any text."""
    return address.strip().casefold()

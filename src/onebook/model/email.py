"""Mail addresses: what is one, its normal form, and when two are equal.

The rules are email-validator's, without any look-up in the network: syntax after RFC 5322, 3.4.1 and RFC 6531,
names of domains after IDNA 2008, no domain without a dot. To them come 64 octets for the local part
(RFC 5321, 4.5.3.1.1); the 254 octets of the whole (4.5.3.1.3) the library counts itself.

Nearly all addresses in the wild are plain ASCII. For these one pattern decides, with the same result as the
library, at a thirtieth of its time; the library sees the rest.
"""

import re
from typing import Final

import email_validator
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

LOCAL_PART_OCTETS: Final = 64
ADDRESS_OCTETS: Final = 254

_ATOM: Final = r"[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+"
# A label of a domain name. Two hyphens in third place mark Punycode or are wrong: for the library to say.
_LABEL: Final = r"(?!..--)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_TOP: Final = r"(?!..--)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?<=[a-zA-Z])"
# Domains that no mail can reach (RFC 6761 and others): the library refuses them, so none passes here.
_RESERVED: Final = "|".join(re.escape(name) for name in email_validator.SPECIAL_USE_DOMAIN_NAMES)
_ORDINARY: Final = re.compile(
    rf"(?P<local>(?=[^@]{{1,{LOCAL_PART_OCTETS}}}@){_ATOM}(?:\.{_ATOM})*)"
    rf"@(?P<domain>(?:{_LABEL}\.)+(?!(?:{_RESERVED})\Z){_TOP})",
    re.ASCII | re.IGNORECASE,
)
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
    ordinary = _ORDINARY.fullmatch(address)
    if ordinary is None:
        return _by_library(address)
    local, domain = ordinary.groups()
    if local.lower() in _ROLES:
        local = local.lower()
    return f"{local}@{domain.lower()}"


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

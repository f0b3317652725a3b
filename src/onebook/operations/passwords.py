"""Passwords: which will do, how they are kept, and whether one fits."""

import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from onebook.errors import Issue

# NIST SP 800-63B, 3.1.1.2: length is what counts, and rules of composition do not help.
SHORTEST: Final = 12
LONGEST: Final = 1000
# OWASP, Password Storage: Argon2id with 19 MiB, two passes, one lane.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Each costs memory and a processor for some 30 ms; a flood of them must not take both from everybody else.
_AT_ONCE: Final = threading.BoundedSemaphore(2)
# What nobody's password fits, checked where there is no person, so that both take the same time.
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def faults(password: str, email: str) -> list[Issue]:
    """What is wrong with a password that somebody chooses."""
    if len(password) < SHORTEST:
        return [Issue("password", "too_short", f"A password has at least {SHORTEST} characters.")]
    if len(password) > LONGEST:
        return [Issue("password", "too_long", f"A password has at most {LONGEST} characters.")]
    if password.casefold() == email.strip().casefold() or len(set(password)) == 1:
        return [Issue("password", "too_easy", "This password is the first that anybody would try.")]
    return []


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password.encode("utf-8", "replace"))


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was kept; without one it takes as long, and is not."""
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _NOBODY, password[: LONGEST + 1].encode("utf-8", "replace"))
        except (InvalidHashError, VerificationError):
            return False
    return kept is not None

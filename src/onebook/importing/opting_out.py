"""Columns that say who does not want to be written to or called: their headings, and what in their cells means yes.

Undoing an import takes no mark back. So such a column is only proposed, and taken if a mapping says so.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from onebook.importing.lexicon import words_of
from onebook.model.opt_out import Channel

#: Target to what is marked: the row's numbers, its mail addresses, or both.
CHANNELS: Final[Mapping[str, tuple[Channel, ...]]] = {
    "opt_out": ("phone", "email"),
    "opt_out.phone": ("phone",),
    "opt_out.email": ("email",),
}
# Whole headings, as their words are; Salesforce, HubSpot, Mailchimp, Google and what people write.
_HEADINGS: Final = {
    "opt_out": (
        *("opt out", "optout", "opted out", "do not contact", "dnc", "keine werbung", "nicht kontaktieren"),
        *("widerspruch", "ne pas contacter", "no contactar"),
    ),
    "opt_out.phone": (
        *("do not call", "phone opt out", "sms opt out", "opted out of sms", "nicht anrufen", "ne pas appeler"),
        *("no llamar", "stop sms"),
    ),
    "opt_out.email": (
        *("unsubscribed", "unsubscribe", "unsub", "unsub time", "email opt out", "has opted out of email"),
        *("opted out of email", "unsubscribed from all email", "do not email", "do not mail", "abgemeldet"),
        *("newsletter abgemeldet", "desabonne", "desinscrit", "dado de baja", "baja"),
    ),
}
_TARGETS: Final = {heading: target for target, headings in _HEADINGS.items() for heading in headings}
_YES: Final = frozenset(
    {
        *("1", "y", "yes", "true", "x", "on", "ja", "j", "wahr", "oui", "o", "vrai", "si", "sí", "s", "verdadero"),
        *("✓", "✔", "opt out", "opt-out", "opted out", "unsubscribed", "stop", "abgemeldet"),
    }
)
# The day on which they have said so.
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(?:\D.*)?|\d{1,2}[./]\d{1,2}[./](?:\d\d){1,2}(?:\D.*)?")


def target_of(heading: str) -> str | None:
    """The target of a heading; None if it speaks of something else.

    >>> target_of("E-mail Opt-Out")
    'opt_out.email'
    """
    return _TARGETS.get(" ".join(words_of(heading)))


def says_so(cell: str) -> bool:
    """Whether a cell means that the person has opted out; what nobody understands does not.

    >>> says_so("Yes"), says_so("2024-05-01 10:00"), says_so("no"), says_so("")
    (True, True, False, False)
    """
    return cell.lower() in _YES or _DAY.fullmatch(cell) is not None


def channels(said: Mapping[str, str]) -> tuple[Channel, ...]:
    """What a row's cells opt out of. Args: ``said``: target to cell."""
    found: Sequence[Channel] = [one for target, cell in said.items() if says_so(cell) for one in CHANNELS[target]]
    return tuple(dict.fromkeys(found))

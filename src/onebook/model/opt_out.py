"""Opt-outs: a mark on a phone number or mail address, above every write; no import or merge clears it."""

from typing import Literal

from msgspec import Struct

Channel = Literal["phone", "email"]
CHANNELS: tuple[Channel, ...] = ("phone", "email")


class OptOut(Struct, frozen=True):
    """Args: ``key`` is the phone key or the folded mail address; ``source`` says who or what set the mark."""

    number: int
    channel: Channel
    key: str
    source: str
    created_at: int

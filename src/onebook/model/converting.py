"""Values as JSON has them, read as kinds of our own."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

T = TypeVar("T")


def converting(kind: type[T]) -> Callable[[object], T]:
    """What reads values as a kind.

    To be asked for while a module is imported, by one thread: msgspec gives what it knows of a kind to other threads
    before it is whole, and reading by that ends the process.
    """
    msgspec.json.Decoder(kind)  # from now on the kind is known
    return partial(msgspec.convert, type=kind)

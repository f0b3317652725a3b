"""Waiting for what must come sooner or later: a busy machine is no fault of the code."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 180.0


def wait_until(fulfilled: Callable[[], bool], why: object = "") -> None:
    """Look again and again.

    Args: ``why``: what to say if it never comes.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while not fulfilled():
        assert time.monotonic() < until, why
        time.sleep(0.01)

"""Processes that read files are started ahead, and no longer kept than somebody may want them."""

import time
from collections.abc import Iterator

import pytest

from onebook.operations.imports_spares import KEPT_SECONDS, Process, Spares, end


@pytest.fixture
def spares() -> Iterator[Spares]:
    spares = Spares(1)
    yield spares
    spares.close()


@pytest.fixture
def taken(spares: Spares) -> Iterator[Process]:
    spares.prepare()
    taken = spares.take()
    yield taken
    end([taken])


def test_there_are_no_more_than_one_import_takes(spares: Spares) -> None:
    spares.prepare()
    spares.prepare()
    first, second = spares.take(), spares.take()
    try:
        assert first.args == second.args
        assert len({first.pid, second.pid}) == 2
        assert spares._waiting == []
    finally:
        end([first, second])


def test_one_that_died_meanwhile_is_not_given(spares: Spares) -> None:
    spares.prepare()
    dead = spares._waiting[0]
    dead.kill()
    dead.wait()
    taken = spares.take()
    try:
        assert taken.poll() is None
    finally:
        end([taken])


def test_those_that_nobody_takes_are_ended(spares: Spares) -> None:
    spares.prepare()
    (waiting,) = spares._waiting
    spares.sweep()
    assert waiting.poll() is None
    spares.sweep(time.monotonic() + KEPT_SECONDS + 1)
    assert waiting.poll() is not None


def test_one_that_was_taken_is_its_taker_s(spares: Spares, taken: Process) -> None:
    spares.close()
    assert taken.poll() is None

"""Long works make way for the short ones that come between them, not for what came before the first of them."""

import pytest

from onebook.model.account import Account
from onebook.store.base import Work
from onebook.store.hurry import Hurry

_SHORT = Work(Account(1, "uid", "House", "house", "FR", 0), "", "test", lambda session: None)
_LONG = _SHORT._replace(alone=True)
_OPENS = _SHORT._replace(opens=True)


class _Clock:
    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("came", "is_on"),
    [
        ([], False),
        ([(0.0, _SHORT)], True),
        ([(0.0, _SHORT), (2.9, None)], True),
        ([(0.0, _SHORT), (3.1, None)], False),
        ([(0.0, _SHORT), (0.1, _LONG)], False),
        ([(0.0, _LONG), (0.1, _SHORT)], True),
        ([(0.0, _LONG), (2.0, _SHORT), (0.1, _LONG)], True),
        ([(0.0, _LONG), (9.0, _LONG), (1.0, _SHORT), (8.0, _LONG), (1.0, _SHORT), (2.0, _LONG)], True),
        ([(0.0, _LONG), (10.5, _SHORT), (0.1, _LONG)], False),
        ([(0.0, _LONG), (1.0, _SHORT), (0.1, _OPENS), (0.1, _LONG)], False),
        ([(0.0, _LONG), (1.0, _OPENS), (0.1, _SHORT), (0.1, _LONG)], True),
    ],
)
def test_short_works_are_made_way_for(came: list[tuple[float, Work | None]], is_on: bool) -> None:
    clock = _Clock()
    hurry = Hurry(clock)
    for after, work in came:
        clock.seconds += after
        if work is not None:
            hurry.came(work)
    assert hurry.is_on() == is_on

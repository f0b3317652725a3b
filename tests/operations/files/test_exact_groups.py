"""Which contacts of a file go into which of its groups."""

import pytest

from onebook.operations.imports_exact_groups import Tie, without_circles


@pytest.mark.parametrize(
    ("ties", "kept"),
    [
        ([], []),
        ([(1, 2), (1, 3), (2, 3)], [(1, 2), (1, 3), (2, 3)]),
        ([(1, 1), (1, 2)], [(1, 2)]),
        ([(1, 2), (2, 1), (1, 3), (4, 1)], [(1, 3), (4, 1)]),
        ([(1, 2), (2, 3), (3, 1), (3, 4), (4, 5)], [(3, 4), (4, 5)]),
    ],
    ids=["none", "no circle", "itself", "two", "three"],
)
def test_only_ties_of_a_circle_are_left_out(ties: list[Tie], kept: list[Tie]) -> None:
    assert without_circles(ties) == kept


def test_a_long_chain_is_no_work() -> None:
    ties = [(number + 1, number) for number in range(50_000)]
    assert without_circles(ties) == ties

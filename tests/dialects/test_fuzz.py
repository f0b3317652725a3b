"""A few made-up calls for every operation: the short form of ``make fuzz``."""

import pytest

from bench.fuzz import DIALECTS, attempt
from tests.harness import Account, Server


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_made_up_calls_break_nothing(server: Server, account: Account, dialect: str) -> None:
    before = server.log.count("fault")
    assert attempt(account, dialect, "--phases", "fuzzing", "--max-examples", "3", "--seed", "1", quick=True)
    assert server.log.count("fault") == before

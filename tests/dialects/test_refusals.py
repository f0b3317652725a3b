"""Errors of a kind that a dialect does not know by name are answered as the kind above them."""

import pytest

from onebook.bootstrap import DIALECTS
from onebook.dialects.base import Broken, Dialect, Limits, Request
from onebook.errors import InvalidInput, OnebookError, RemoteFailed
from onebook.importing.fetch import Slow
from onebook.importing.patience import takes_long

REMOTE = ("web address", "The web address could not be fetched.")
SLOW = Slow(REMOTE[0], retryable=True, message=REMOTE[1])


class Odd(OnebookError):
    """A kind that no dialect knows."""


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    ("error", "like"),
    [
        (takes_long("url"), InvalidInput(takes_long("url").issues)),
        (SLOW, RemoteFailed(REMOTE[0], retryable=True, message=REMOTE[1])),
    ],
)
def test_an_error_is_answered_as_its_kind(dialect: Dialect, error: OnebookError, like: OnebookError) -> None:
    request = Request("GET", "/", "", {}, b"", Limits())
    assert dialect.refuse(request, error) == dialect.refuse(request, like)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_an_error_of_no_kind_is_a_fault(dialect: Dialect) -> None:
    request = Request("GET", "/", "", {}, b"", Limits())
    odd, broken = dialect.refuse(request, Odd("x")), dialect.refuse(request, Broken())
    assert (odd.status, odd.headers) == (broken.status, broken.headers)
    assert broken.status == 500

"""Operations run on every engine that the store runs on."""

import pytest

from onebook.store.base import Store
from tests.operations.desk import Desk
from tests.store.engines import clock as clock
from tests.store.engines import engine as engine
from tests.store.engines import folder as folder
from tests.store.engines import store as store


@pytest.fixture
def desk(store: Store) -> Desk:
    """An account whose owner acts."""
    return Desk(store)

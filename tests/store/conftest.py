"""Every test of the store runs on every engine."""

from tests.store.earlier import newest as newest
from tests.store.engines import clock as clock
from tests.store.engines import engine as engine
from tests.store.engines import folder as folder
from tests.store.engines import store as store

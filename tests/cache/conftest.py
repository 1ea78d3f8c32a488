"""What tests of the whole package share."""

import pytest

from cache import ResultStore


@pytest.fixture
def store(tmp_path):
    store = ResultStore(tmp_path / "store")
    yield store
    store.close()

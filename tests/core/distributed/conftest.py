"""Two worker processes, which the tests of this folder share."""

import pytest

from core.distributed.cluster import start_workers


@pytest.fixture(scope="session")
def client():
    client = start_workers(2)
    yield client
    client.close()
    client.cluster.close()

"""Pages of the history."""

import pytest

from cache import Filter, Order
from cache.runs.filters import ORDERS
from tests.cache.samples import make_run


def test_pages_are_newest_first(history):
    for number in (3, 1, 4, 0, 2):
        history.record(make_run(number))
    assert [run.created for run in history.recent(2)] == [1004, 1003]
    assert [run.created for run in history.recent(2, offset=2)] == [1002, 1001]
    assert [run.created for run in history.recent(9, offset=4)] == [1000]


@pytest.mark.parametrize("by", ORDERS)
def test_every_order_pages_through_each_run_once(listed, by):
    for descending in (True, False):
        order = Order(by, descending)
        pages = [run.run_id for offset in range(0, 12, 3) for run in listed.find(Filter(), order, 3, offset).runs]
        assert pages == [run.run_id for run in listed.find(Filter(), order, 99).runs]
        assert len(set(pages)) == 10

"""Pages of the history."""

import pytest

from cache import Filter, Order
from cache.runs.filters import ORDERS
from cache.runs.lists import Page
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


@pytest.mark.parametrize("where", [Filter(), Filter(search="circle")])
def test_a_page_beyond_the_end_is_empty_and_knows_how_many_there_are(listed, where):
    assert listed.find(where, Order(), 5, 8).total == 10 and len(listed.find(where, Order(), 5, 8).runs) == 2
    assert listed.find(where, Order(), 5, 10) == listed.find(where, Order(), 5, 99) == Page((), 10)
    assert listed.find(where, Order(), 0) == Page((), 10)


def test_counting_is_how_many_are_found(listed):
    for where in (Filter(), Filter(model="even"), Filter(search="circle", rating=5), Filter(trash=True)):
        assert listed.count_of(where) == listed.find(where, Order(), 1).total
    assert (listed.count(), listed.count("circle"), listed.count("square"), listed.trashed()) == (10, 10, 0, 0)

"""What was dropped, put together for people."""

from cache.results.change_log import Drop
from dashboard.ui.history.evictions import REASONS, EvictionRow, eviction_rows


def test_what_was_dropped_is_put_together_by_hour_and_reason():
    hour = 3600 * 500_000
    drops = [
        Drop(hour + 50, "evicted", "layer", 36, 1000),
        Drop(hour + 60, "evicted", "pass", 1, 10),
        Drop(hour + 20, "cleaned", "picture", 2, 500),
        Drop(hour - 10, "evicted", "layer", 5, 7),
        Drop(hour - 20, "of the future", "layer", 1, 1),
    ]
    assert eviction_rows(drops) == [
        EvictionRow(hour + 60, REASONS["evicted"], 36, 1, 1010),
        EvictionRow(hour + 20, REASONS["cleaned"], 0, 2, 500),
        EvictionRow(hour - 10, REASONS["evicted"], 5, 0, 7),
        EvictionRow(hour - 20, "of the future", 1, 0, 1),
    ]

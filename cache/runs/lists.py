"""Lists of the history: which records fulfil a filter, a page at a time, and how many do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cache.runs.connection import HistoryConnection
from cache.runs.filters import Filter, Order
from cache.runs.record import RunRecord


@dataclass(frozen=True)
class Page:
    """Some of the runs that fulfil a filter, and how many do."""

    runs: tuple[RunRecord, ...]
    total: int


def find(history: HistoryConnection, where: Filter, order: Order, limit: int, offset: int) -> Page:
    """Runs that fulfil `where`, in that order: at most `limit`, after the first `offset`."""
    condition, values = where.condition()
    index, is_sorted = order.index(where)
    with history.statements() as connection:
        # The page's ids first: whatever is skipped or sorted is then a few bytes, not a row with its picture.
        if where.search.strip() and is_sorted:
            # With their number: what the search finds is then looked up only once.
            everything = f"SELECT id FROM {_table(index)} WHERE {condition} ORDER BY {order.sql()}"
            sql = (
                f"WITH found AS MATERIALIZED ({everything}) SELECT COUNT(*), "
                "(SELECT json_group_array(id) FROM (SELECT id FROM found LIMIT ? OFFSET ?)) FROM found"
            )
            total, found = connection.execute(sql, (*values, limit, offset)).fetchone()
            return Page(_records(history, json.loads(found), order), total)
        total = _total(history, where.index, condition, values)
        limit = max(0, min(limit, total - offset))
        # Nobody counts from the far end: the last page costs what the first does.
        backwards = total - offset - limit < offset
        skipped = total - offset - limit if backwards else offset
        ids = (
            f"SELECT id FROM {_table(index)} WHERE {condition} "
            f"ORDER BY {order.sql(backwards=backwards)} LIMIT ? OFFSET ?"
        )
        found = [row[0] for row in connection.execute(ids, (*values, limit, skipped))] if limit else []
        return Page(_records(history, found, order), total)


def count(history: HistoryConnection, where: Filter) -> int:
    """How many runs fulfil a filter."""
    return _total(history, where.index, *where.condition())


def _records(history: HistoryConnection, ids: Sequence[int], order: Order) -> tuple[RunRecord, ...]:
    return tuple(history.read(f"id IN ({', '.join('?' * len(ids))})", ids, order))


def _total(history: HistoryConnection, index: str, condition: str, values: Sequence[Any]) -> int:
    sql = f"SELECT COUNT(*) FROM {_table(index)} WHERE {condition}"
    return history.memoised((sql, *values), lambda connection: connection.execute(sql, values).fetchone()[0])


def _table(index: str) -> str:
    return f"runs INDEXED BY {index}" if index else "runs"

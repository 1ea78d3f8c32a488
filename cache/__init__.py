"""What is remembered: results, original pictures and the history of runs.

Knows `core.schema` and `core.errors`; no model, no page.
"""

from cache.errors import StoreError
from cache.jobs.log import JobLog, JobRow
from cache.keys import answer_key, map_key, run_id, run_key
from cache.pictures import PictureFolder
from cache.results.assembly import assemble
from cache.results.coverage import Coverage, Gap, look_up
from cache.results.store import ResultStore
from cache.runs.annotations import Change
from cache.runs.askers import Asker
from cache.runs.filters import Filter, Order
from cache.runs.history import RunHistory
from cache.runs.record import RunRecord

__all__ = [
    "Asker",
    "Change",
    "Coverage",
    "Filter",
    "Gap",
    "JobLog",
    "JobRow",
    "Order",
    "PictureFolder",
    "ResultStore",
    "RunHistory",
    "RunRecord",
    "StoreError",
    "answer_key",
    "assemble",
    "look_up",
    "map_key",
    "run_id",
    "run_key",
]

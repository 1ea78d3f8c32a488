"""What is remembered: results, original pictures and the history of runs.

Knows `core.schema` and `core.errors`; no model, no page.
"""

from cache.annotations import Change
from cache.assembly import assemble
from cache.errors import StoreError
from cache.filters import Filter, Order
from cache.holdings import Gap, Holding, look_up
from cache.job_log import JobLog, JobRow
from cache.keys import answer_key, map_key, run_id, run_key
from cache.lines import Asker
from cache.pictures import PictureFolder
from cache.runs import Run, RunLog
from cache.store import ResultStore

__all__ = [
    "Asker",
    "Change",
    "Filter",
    "Gap",
    "Holding",
    "JobLog",
    "JobRow",
    "Order",
    "PictureFolder",
    "ResultStore",
    "Run",
    "RunLog",
    "StoreError",
    "answer_key",
    "assemble",
    "look_up",
    "map_key",
    "run_id",
    "run_key",
]

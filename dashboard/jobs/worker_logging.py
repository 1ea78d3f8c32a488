"""Gives worker processes the server's way of logging, those too that are started later. Brings Dask."""

import logging

from distributed import WorkerPlugin

from dashboard import logs


class LogLines(WorkerPlugin):
    """Sets up logging where a worker begins.

    Args:
        style, level: as `dashboard.logs.configure`.
    """

    name = "log-lines"

    def __init__(self, style: str, level: str) -> None:
        self._style = style
        self._level = level

    def setup(self, worker: object) -> None:
        """Called by Dask in the worker's process."""
        logs.configure(self._style, self._level)
        logging.getLogger("distributed.worker").addFilter(_is_not_of_a_task)


def _is_not_of_a_task(record: logging.LogRecord) -> bool:
    # Dask writes an error's text, in which words of a prompt or an answer may stand, and not whose job it was. The
    # error itself goes to the server; `core.distributed.explainer` says in a line of its own what kind it was.
    return not str(record.msg).startswith("Compute Failed")

"""Gives worker processes the server's way of logging, those too that are started later. Brings Dask."""

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

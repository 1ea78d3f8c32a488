"""What the server writes to standard error: text for people, or a JSON object per line for programs.

A line about a job carries the job's id, wherever in the program it was written: whoever works on a job
says so with `job`. Prompts, answers and file names are logged nowhere.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial

from dashboard.traces import one_line, trace

OURS = ("core", "cache", "dashboard")
"""Packages whose lines are written from the level of the settings on; others' from warnings on."""
_LIBRARIES = ("streamlit", "uvicorn", "websockets", "distributed", "py.warnings")
"""Libraries that have handlers of their own, or would have."""

_QUIET = {
    # Progress bars, drawn by libraries that are loaded later.
    "TQDM_DISABLE": "1",
    # A process of Python's that outlives a server which is told to stop, and tidies up after it.
    "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",
}
"""Environment in which neither this process nor those that it starts write what is no line of a log."""

_job: ContextVar[str | None] = ContextVar("job", default=None)
_KNOWN = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "job"}


@contextmanager
def job(job_id: str | None) -> Iterator[None]:
    """Within it, every line that this thread writes is about that job; None for none."""
    token = _job.set(job_id)
    try:
        yield
    finally:
        _job.reset(token)


def current_job() -> Callable[[], AbstractContextManager[None]]:
    """`job` of what this thread's lines are about now, for another thread or process."""
    return partial(job, _job.get())


def configure(style: str = "text", level: str = "INFO") -> None:
    """Sets up logging of this process; safe to call again.

    Args:
        style: "text" or "json".
        level: from which on this program's own lines are written.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [other for other in root.handlers if not isinstance(other.formatter, (TextLines, JsonLines))]
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    if style == "json":
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        _take_over(handler.formatter)
    sys.excepthook = _log_exception
    threading.excepthook = _log_thread_exception
    sys.unraisablehook = _log_unraisable


class _Lines(logging.Formatter):
    """What both formats have in common."""

    def formatException(self, exc_info) -> str:  # noqa: N802 - the standard library's name
        """The traceback, without words that people wrote."""
        return "" if exc_info[1] is None else trace(exc_info[1])


class TextLines(_Lines):
    """Time, level, where from, the job, and what."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(job)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """As `logging.Formatter.format`; a message stays on its line."""
        about = _job_of(record)
        copy = logging.makeLogRecord(vars(record))
        copy.msg, copy.args, copy.exc_text = one_line(record.getMessage()), None, None
        copy.job = f"[{about}] " if about else ""
        return super().format(copy)


class JsonLines(_Lines):
    """One object per line: time, level, logger, message, the job, and whatever the line was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, in ASCII, so that no text within can end it or look like another."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        about = _job_of(record)
        if about:
            line["job"] = about
        line |= {name: value for name, value in vars(record).items() if name not in _KNOWN and name not in line}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _job_of(record: logging.LogRecord) -> str | None:
    return getattr(record, "job", None) or _job.get()


def _take_over(formatter: logging.Formatter) -> None:
    """Gives the libraries' own handlers this formatter: those that are there, and those that are still to come."""
    for name in list(logging.Logger.manager.loggerDict):
        if name.split(".")[0] in _LIBRARIES:
            for handler in logging.getLogger(name).handlers:
                handler.setFormatter(formatter)

    class Logger(logging.Logger):
        def addHandler(self, handler: logging.Handler) -> None:  # noqa: N802 - the standard library's name
            if self.name.split(".")[0] in _LIBRARIES:
                handler.setFormatter(formatter)
            super().addHandler(handler)

    logging.setLoggerClass(Logger)


def _log_exception(kind, error, trace) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return sys.__excepthook__(kind, error, trace)
    logging.getLogger("dashboard").critical("The program ended.", exc_info=(kind, error, trace))


def _log_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        logging.getLogger("dashboard").critical(
            "A thread ended: %s.",
            args.thread and args.thread.name,
            exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
        )


def _log_unraisable(raised: "sys.UnraisableHookArgs") -> None:
    """Errors that nobody can catch, such as those of an object that is let go."""
    if raised.exc_value is not None:
        logging.getLogger("dashboard").error(
            "Something failed while it was tidied up.",
            exc_info=(raised.exc_type, raised.exc_value, raised.exc_traceback),
        )

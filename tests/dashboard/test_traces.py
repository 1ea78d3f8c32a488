"""Tracebacks: everything of the program, and nothing that people wrote."""

import sqlite3

import pytest

from dashboard.traces import trace


def raised(error: BaseException, before: BaseException | None = None) -> BaseException:
    try:
        if before is None:
            raise error
        raise error from before
    except BaseException as caught:
        return caught


@pytest.mark.parametrize(
    "error",
    [ValueError("SECRET"), KeyError("SECRET"), UnicodeEncodeError("utf-8", "SECRET\ud800", 6, 7, "no")],
    ids=repr,
)
def test_what_quotes_its_input_is_named_by_its_kind(error):
    written = trace(raised(error))
    assert "SECRET" not in written and "\n" in written
    assert written.splitlines()[-1].startswith(f"{type(error).__name__} (what it says is left out")
    assert "in raised" in written


@pytest.mark.parametrize(
    ("error", "last"),
    [
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (sqlite3.OperationalError("disk I/O error"), "sqlite3.OperationalError: disk I/O error"),
        (RuntimeError("two\nlines"), r"RuntimeError: two\nlines"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_what_the_machine_says_stays(error, last):
    assert trace(raised(error)).splitlines()[-1] == last


def test_what_led_to_an_error_comes_before_it():
    first = raised(ValueError("SECRET"))
    written = trace(raised(RuntimeError("it failed"), first))
    assert written.index("ValueError") < written.index("direct cause") < written.index("RuntimeError: it failed")
    assert "SECRET" not in written


def test_an_error_that_leads_to_itself_is_written_once():
    first, second = ValueError("a"), TypeError("b")
    first.__cause__, second.__cause__ = second, first
    assert trace(first).count("ValueError") == 1


def test_errors_of_a_group_are_all_there():
    written = trace(raised(ExceptionGroup("SECRET", [OSError("one"), ValueError("SECRET")])))
    assert "OSError: one" in written and "ValueError (" in written and "SECRET" not in written

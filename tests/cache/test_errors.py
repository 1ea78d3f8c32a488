"""Each failure of a disk or database is a sentence that says what to do."""

import errno
import sqlite3

import pytest

from cache.errors import brief, is_damage, shown, sqlite_code, store_error


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), "the disk is full"),
        (OSError(errno.ENOSPC, "No space left"), "the disk is full"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "the disk is full"),
        (sqlite_error(sqlite3.SQLITE_READONLY), "Make the folder writable"),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN), "Make the folder writable"),
        (OSError(errno.EACCES, "Permission denied"), "Make the folder writable"),
        (sqlite_error(sqlite3.SQLITE_BUSY), "held by another program"),
        (sqlite_error(sqlite3.SQLITE_IOERR), "the disk reports an error"),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), r"is damaged \(as SQLite says it\)"),
        (sqlite_error(sqlite3.SQLITE_NOTADB), "sets the file aside"),
        (ValueError("something else"), r"cannot be used \(something else\)"),
    ],
)
def test_a_failure_is_one_sentence_about_its_subject(error, words):
    assert str(store_error(error, "The history")).startswith("The history ")
    with pytest.raises(Exception, match=words):
        raise store_error(error, "The history")


def test_an_extended_code_counts_as_its_primary_one_and_hidden_causes_are_found():
    assert sqlite_code(sqlite_error(sqlite3.SQLITE_IOERR_FSYNC)) == sqlite3.SQLITE_IOERR
    assert sqlite_code(OSError(errno.ENOSPC, "full")) is None
    try:
        try:
            raise sqlite_error(sqlite3.SQLITE_CORRUPT)
        except sqlite3.Error:
            raise TimeoutError from None  # as diskcache does
    except TimeoutError as error:
        assert sqlite_code(error) == sqlite3.SQLITE_CORRUPT and is_damage(error)
    assert not is_damage(sqlite_error(sqlite3.SQLITE_BUSY))


def test_what_strangers_wrote_is_shown_on_one_short_line():
    assert shown("layer") == "layer" and brief("layer") == "'layer'"
    assert shown("a\nb") == brief("a\nb") == "'a\\nb'"
    for planted in ("\x1b" * 10**5, b"\xff" * 10**5, 10**300):
        assert len(shown(planted)) <= 400 and shown(planted).isprintable()

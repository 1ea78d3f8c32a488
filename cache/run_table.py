"""The SQLite file behind the history: its tables, its migrations, and opening it safely."""

import json
import logging
import sqlite3
from pathlib import Path

from cache.errors import StoreError, is_damage, store_error
from cache.folders import alone, move_aside, private_folder
from core.errors import ExplainError
from core.schema import ExplainRequest

logger = logging.getLogger(__name__)

# One tuple of statements per version; append, never edit: files in use stand at any of them.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL UNIQUE,
            created REAL NOT NULL,
            updated REAL NOT NULL,
            image TEXT NOT NULL,
            picture_name TEXT NOT NULL,
            prompt TEXT NOT NULL,
            answer TEXT NOT NULL,
            model_name TEXT NOT NULL,
            request TEXT NOT NULL,
            method TEXT NOT NULL,
            num_samples INTEGER NOT NULL,
            duration REAL NOT NULL,
            thumbnail BLOB NOT NULL
        )
        """,
        "CREATE INDEX runs_created ON runs (created DESC, id DESC)",
        # Trigrams find any three letters in a row, hence Chinese, which has no spaces to split at.
        "CREATE VIRTUAL TABLE runs_text USING fts5"
        "(prompt, answer, content='runs', content_rowid='id', tokenize='trigram')",
        """
        CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
            INSERT INTO runs_text (rowid, prompt, answer) VALUES (new.id, new.prompt, new.answer);
        END
        """,
        """
        CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
            INSERT INTO runs_text (runs_text, rowid, prompt, answer)
            VALUES ('delete', old.id, old.prompt, old.answer);
        END
        """,
        """
        CREATE TRIGGER runs_updated AFTER UPDATE OF prompt, answer ON runs BEGIN
            INSERT INTO runs_text (runs_text, rowid, prompt, answer)
            VALUES ('delete', old.id, old.prompt, old.answer);
            INSERT INTO runs_text (rowid, prompt, answer) VALUES (new.id, new.prompt, new.answer);
        END
        """,
    ),
    (
        "ALTER TABLE runs ADD COLUMN noise_std REAL NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN target TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN computed_samples INTEGER NOT NULL DEFAULT 0",
        "UPDATE runs SET noise_std = json_extract(request, '$.noise_std'), target = explained(request)",
        "CREATE INDEX runs_pace ON runs (model_name, method, created DESC) WHERE computed_samples > 0",
    ),
)


def open_runs(path: str | Path, timeout: float) -> sqlite3.Connection:
    """A connection to the history, migrated to this version; a broken file is moved aside first.

    Args:
        path: the file; its folder is created with mode 0700.
        timeout: seconds to wait for another process that writes.

    Raises:
        StoreError: the folder or file cannot be used, or a newer version of this program wrote it.
    """
    given = Path(path)
    file = private_folder(given.parent, f"{given.name}*", "The history") / given.name
    try:
        with alone(file.parent):
            try:
                return _open(file, timeout)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
            aside = move_aside(file)
            logger.warning("The history was damaged; it is now %s, and a fresh one begins.", aside)
            return _open(file, timeout)
    except (sqlite3.Error, OSError) as error:
        raise store_error(error, f"The history in {file}") from error


def _open(file: Path, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _migrate(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, file: Path) -> None:
    # IMMEDIATE: of two processes that open an old file, the second waits here and finds it new.
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StoreError(
                f"The history in {file} was written by a newer version of this program. "
                "Update the program, or choose another folder."
            )
        connection.create_function("explained", 1, _explained, deterministic=True)
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _explained(request: str) -> str:
    """What a stored request explains, in words; "" where this version no longer reads it."""
    try:
        return ExplainRequest.from_dict(json.loads(request)).target.describe()
    except (ExplainError, KeyError, TypeError, ValueError):
        return ""

"""What the history names: counts, and digests of pictures. Changes nothing."""

from pathlib import Path

from cache.files.sqlite import rows


def count_runs(history: Path) -> int:
    """Rows of the history; 0 where there is none."""
    return rows(history, "SELECT COUNT(*) FROM runs", _history(history))[0][0] if history.exists() else 0


def named_pictures(history: Path) -> set[str]:
    """The digests of the pictures that runs are about, each of several in one prompt."""
    query = (
        "SELECT image FROM runs UNION "
        # Of most runs the first one is the only one: their requests need not be parsed.
        "SELECT value FROM (SELECT request FROM run_details WHERE instr(request, '\"images\"')), "
        "json_each(request, '$.images')"
    )
    return {str(row[0]) for row in rows(history, query, _history(history))}


def _history(file: Path) -> str:
    return f"The history in {file}"

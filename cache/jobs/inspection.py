"""Which pictures unfinished jobs need. Changes nothing."""

from pathlib import Path

from cache.files.sqlite import rows


def waiting_pictures(jobs: Path) -> set[str]:
    """The digests of the pictures that unfinished jobs are about, interrupted ones among them."""
    unfinished = "FROM (SELECT asking FROM jobs WHERE state IN ('queued', 'running', 'interrupted'))"
    query = (
        f"SELECT json_extract(asking, '$.request.image') {unfinished} UNION "
        f"SELECT value {unfinished}, json_each(asking, '$.request.images')"
    )
    return {str(row[0]) for row in rows(jobs, query, f"The list of jobs in {jobs}")}

"""Which pictures unfinished jobs need is read from the list alone."""

import pytest

from cache import JobLog, StoreError
from cache.jobs.inspection import waiting_pictures


def about(*images: str) -> dict:
    request = {"image": images[0]}
    return {"request": {**request, "images": list(images)} if len(images) > 1 else request}


def test_pictures_of_unfinished_jobs_are_needed_each_of_several(tmp_path):
    path = tmp_path / "jobs" / "jobs.sqlite"
    log = JobLog(path)
    for name, images in (("waits", "a"), ("runs", "bcd"), ("done", "e"), ("failed", "f")):
        log.begin(name, "anna", about(*images))
    log.note("runs", "running", 1, 3)
    log.note("done", "done")
    log.note("failed", "failed", problem="No memory.")
    assert waiting_pictures(path) == set("abcd")
    log.close()
    reopened = JobLog(path)
    assert {row.job_id for row in reopened.interrupted()} == {"waits", "runs"}
    assert waiting_pictures(path) == set("abcd")  # somebody may go on with them
    reopened.close()


def test_a_list_that_is_not_there_is_said_and_not_made(tmp_path):
    with pytest.raises(StoreError, match="The list of jobs in"):
        waiting_pictures(tmp_path / "jobs.sqlite")
    assert list(tmp_path.iterdir()) == []

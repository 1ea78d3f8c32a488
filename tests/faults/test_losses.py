"""The data folder deleted or replaced under servers that go on: what is computed then is kept and found."""

import os
import selectors
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cache import ResultStore
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage, results_folder
from tests.cache.samples import assert_same, make_request, make_result, make_run
from tests.cache.writer import result_of
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
DIGEST = "ab" * 32

PROGRAM = """
import sys
from pathlib import Path
from dashboard.settings import Settings
from dashboard.storage.data_folder import audit_folder, open_storage
from dashboard.storage.audit_log import AuditLog
from tests.cache.samples import make_run
from tests.cache.writer import result_of

storage = open_storage(Settings(data_folder=Path(sys.argv[1])))
audit = AuditLog(audit_folder(storage.folder))
for line in sys.stdin:
    seed = int(line)
    storage.results.put(result_of(seed))
    storage.pictures.put("%064x" % seed, b"picture")
    storage.runs.record(make_run(seed))
    storage.jobs.begin(f"job{seed}", "anna", {})
    audit.write("sign-in", f"person{seed}")
    print(seed, flush=True)
"""


@pytest.mark.parametrize("lost", ["", "results", "history", "pictures", "jobs", "audit"])
def test_a_server_that_goes_on_keeps_what_comes_after_a_deletion(tmp_path, lost):
    folder = tmp_path / "data"
    server = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    answers = selectors.DefaultSelector()
    answers.register(server.stdout, selectors.EVENT_READ)

    def compute(seed):
        server.stdin.write(f"{seed}\n")
        server.stdin.flush()
        assert answers.select(PATIENCE), "the server does not go on"
        assert server.stdout.readline() == f"{seed}\n"

    try:
        compute(1)
        shutil.rmtree(folder / lost)
        compute(2)
        _, said = server.communicate(timeout=PATIENCE)
    finally:
        server.kill()
        answers.close()
    assert server.returncode == 0
    storage = open_storage(Settings(data_folder=folder))
    assert_same(storage.results.get(result_of(2).request), result_of(2))
    assert (storage.results.get(result_of(1).request) is None) == (lost in ("", "results"))
    assert storage.pictures.get(f"{2:064x}") == b"picture"
    assert storage.runs.get(make_run(2).run_id) is not None
    assert storage.jobs.get("job2").state == "interrupted"
    assert "person2" in (folder / "audit" / "audit.jsonl").read_text("ascii")
    parts = {path.name.partition(".lost-")[0] for path in folder.glob("*.lost-*Z")}
    assert parts == ({lost} if lost else {"results", "history", "pictures", "jobs", "audit"})
    assert said.count("was deleted or replaced while this server used it") == len(parts)


def test_a_put_during_which_the_results_are_deleted_is_stored_in_the_new_ones(tmp_path, monkeypatch):
    store, commit = ResultStore(tmp_path / "results"), ResultStore._commit

    def lose(self, *arguments):
        commit(self, *arguments)
        monkeypatch.setattr(ResultStore, "_commit", commit)
        shutil.rmtree(self.folder)

    monkeypatch.setattr(ResultStore, "_commit", lose)
    store.put(make_result(make_request()))
    fresh = ResultStore(store.folder)
    assert_same(fresh.get(make_request()), make_result(make_request()))
    fresh.close()
    store.close()


def test_a_backup_of_the_results_that_is_put_in_place_is_read_and_written(tmp_path):
    folder = results_folder(tmp_path)
    store = ResultStore(folder)
    store.put(result_of(0))
    store.close()
    shutil.copy(folder / "cache.db", tmp_path / "backup")
    store = ResultStore(folder)
    store.put(result_of(1))
    os.replace(tmp_path / "backup", folder / "cache.db")
    assert store.get(result_of(1).request) is None
    assert_same(store.get(result_of(0).request), result_of(0))
    store.put(result_of(2))
    assert_same(store.get(result_of(2).request), result_of(2))
    store.close()
    fresh = ResultStore(folder)
    assert_same(fresh.get(result_of(2).request), result_of(2))
    fresh.close()

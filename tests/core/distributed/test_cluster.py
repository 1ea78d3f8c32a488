"""Worker processes of this machine, and who may talk to them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from distributed.utils import LoopRunner

from core.distributed.cluster import NICENESS, join_workers
from core.distributed.keeping import STARTS
from core.errors import WorkersLost
from tests.core.clusters import cluster_of_others, write_certificates
from tests.some import some
from tests.waiting import PATIENCE

PLANTED = """
open({told!r}, "a").write(__file__)
raise SystemExit("planted code ran")
"""
BEGIN = """
import json, os, sys
from pathlib import Path

from core.distributed.cluster import start_workers
from core.import_path import forget_working_folder


def look(dask_worker):
    import importlib.util, tempfile

    found = {name: importlib.util.find_spec(name) for name in ("planted_module", "kiwisolver", "multiprocessing")}
    return {
        "path": [os.path.realpath(entry) for entry in sys.path],
        "origins": {name: spec and spec.origin for name, spec in found.items()},
        "scratch": dask_worker.local_directory,
        "temporary": tempfile.gettempdir(),
        "threads": os.environ["OMP_NUM_THREADS"],
    }


if __name__ == "__main__":
    forget_working_folder()
    client = start_workers(1)
    (seen,) = client.run(look).values()
    seen["server"] = [os.path.realpath(entry) for entry in sys.path]
    seen["mode"] = Path(seen["temporary"]).stat().st_mode & 0o777
    print(json.dumps(seen))
    client.close()
    client.cluster.close()
"""


def test_what_computes_leaves_the_processor_to_others(client):
    others = os.nice(0)
    (here,) = {client.submit(os.nice, 0, workers=[worker], pure=False).result() for worker in client.nthreads()}
    assert here == min(others + NICENESS, 19)


def test_nothing_of_what_was_sent_is_remembered(client):
    assert client.submit(len, bytes(100_000), pure=False).result() == 100_000
    scheduler = client.cluster.scheduler
    logs = [scheduler.transition_log, *(comm.recent_message_log for comm in scheduler.stream_comms.values())]
    assert len(logs) == 3 and not any(logs)


def test_nobody_looks_a_hundred_times_a_second_where_a_worker_is(client):
    looks = client.run(lambda dask_worker: sorted(dask_worker.periodic_callbacks))
    assert len(looks) == 2 and all("heartbeat" in names and "profile" not in names for names in looks.values())


def test_a_heartbeat_that_nobody_hears_is_no_news(client):
    async def lose_one(dask_worker):
        """What is logged when a heartbeat of a worker finds no scheduler, and when something else goes wrong there."""
        import logging

        seen = []
        handler = logging.Handler()
        handler.emit = lambda record: seen.append(record.msg)
        logger = logging.getLogger("distributed.worker")

        async def away(**_):
            raise OSError("nobody there")

        class Away:
            heartbeat_worker = staticmethod(away)

        logger.addHandler(handler)
        scheduler, dask_worker.scheduler = dask_worker.scheduler, Away
        try:
            await dask_worker.heartbeat()
            logger.warning("something else")
        finally:
            dask_worker.scheduler = scheduler
            logger.removeHandler(handler)
        return seen

    for said in some(client.run(lose_one).values()):
        assert said == ["something else"]


def test_nobody_without_the_certificates_gets_in(client, monkeypatch):
    monkeypatch.setattr("core.distributed.cluster.CONNECT", 2.0)
    address = client.scheduler.address
    assert address.startswith("tls://127.0.0.1:")
    with pytest.raises(WorkersLost, match="No scheduler answers"):
        join_workers(address.replace("tls://", "tcp://"))
    with pytest.raises(WorkersLost, match="No scheduler answers"):
        join_workers(address)


@pytest.mark.parametrize(("stalls", "said"), [(1, "No scheduler answers"), (99, "too busy to reach its workers")])
def test_a_machine_that_stands_still_is_asked_again(stalls, said, monkeypatch):
    """Dask gives up on its own thread after ten seconds, with an AssertionError that says nothing."""
    begin, begun = LoopRunner.start, []

    def start(runner):
        begun.append(runner)
        if len(begun) <= stalls:
            raise AssertionError
        begin(runner)

    monkeypatch.setattr(LoopRunner, "start", start)
    monkeypatch.setattr("core.distributed.cluster.CONNECT", 0.5)
    with pytest.raises(WorkersLost, match=said):
        join_workers("tcp://127.0.0.1:9")  # where nobody listens
    assert len(begun) == min(stalls + 1, STARTS)


def test_each_worker_has_one_thread_and_its_share_of_the_cores(client):
    assert list(client.nthreads().values()) == [1, 1]
    threads = client.run(lambda: os.environ["OMP_NUM_THREADS"])
    assert set(threads.values()) == {str(max(1, (os.cpu_count() or 1) // 2))}


def test_workers_elsewhere_import_nothing_from_their_scratch_folder_or_working_folder(tmp_path):
    certificates = write_certificates(tmp_path)

    def path_of(dask_worker):
        return {"path": list(sys.path), "scratch": dask_worker.local_directory, "folder": os.getcwd()}

    with cluster_of_others(tmp_path, certificates) as address, join_workers(address, certificates) as client:
        client.wait_for_workers(1, timeout=PATIENCE)
        (seen,) = client.run(path_of).values()
    assert seen["folder"] == str(tmp_path) and Path(seen["scratch"]).is_relative_to(tmp_path)
    assert seen["path"] and not [entry for entry in seen["path"] if Path(entry or ".").is_relative_to(tmp_path)]
    assert "" not in seen["path"]


def test_nothing_that_others_have_put_into_the_temporary_folder_is_ever_imported(tmp_path):
    """Not from Dask's scratch folder, which somebody has made first, nor from the working folder, which is shared."""
    shared, told = tmp_path / "tmp", tmp_path / "told"
    shared.mkdir()
    shared.chmod(0o1777)
    trap = shared / "dask-scratch-space"
    for folder in (shared, trap):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o1777)
        for name in ("planted_module", "kiwisolver", "multiprocessing", "sitecustomize"):
            (folder / f"{name}.py").write_text(PLANTED.format(told=str(told)))
    script = tmp_path / "begin.py"
    script.write_text(BEGIN)
    done = subprocess.run(
        [sys.executable, script],
        cwd=shared,
        env={**{name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}, "TMPDIR": str(shared)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    seen = json.loads(done.stdout.splitlines()[-1])
    assert not told.exists()
    for path in (seen["path"], seen["server"]):
        assert path and [entry for entry in path if Path(entry).is_relative_to(shared)] == []
    assert seen["origins"]["planted_module"] is None
    assert not any(origin and Path(origin).is_relative_to(shared) for origin in seen["origins"].values())
    own = Path(seen["temporary"])
    assert own.parent == shared and seen["mode"] == 0o700 and Path(seen["scratch"]).is_relative_to(own)
    assert not own.exists(), "what was temporary outlived its process"

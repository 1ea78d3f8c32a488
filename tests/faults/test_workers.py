"""Worker processes do not outlive the process that started them."""

import json
import os
import signal
import subprocess
import sys

from tests.waiting import wait_until

START = """
import json, os, sys, time

def main():
    from core.distributed.cluster import start_workers
    client = start_workers(2)
    print(json.dumps(list(client.run(os.getpid).values())), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    main()
"""


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"  # a zombie is gone but for its name


def test_a_killed_server_leaves_no_worker_behind(tmp_path):
    script = tmp_path / "start.py"
    script.write_text(START)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        workers = json.loads(server.stdout.readline())
        assert len(workers) == 2 and all(map(is_there, workers))
        os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_there, workers)), "Workers went on without their server.")

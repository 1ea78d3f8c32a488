"""A Dask cluster as somebody else starts it: certificates, a scheduler and a worker, by Dask's own commands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cryptography import x509

from core.distributed.cluster import Certificates
from tests.certificates import self_signed
from tests.processes import end_with_parent
from tests.waiting import wait_until


def write_certificates(folder: Path) -> Certificates:
    """A certificate that is its own authority, as `openssl req -x509` makes them."""
    certificate, key = self_signed(
        folder, "smooth-gradcam", x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    return Certificates(certificate, certificate, key)


@contextmanager
def cluster_of_others(folder: Path, certificates: Certificates, port: int = 0, memory: int = 0) -> Iterator[str]:
    """The address of a scheduler with one worker, started with the commands of the README.

    Args:
        memory: bytes beyond which the worker is killed; 0 for never.
    """
    tls = ["--tls-ca-file", certificates.authority, "--tls-cert", certificates.certificate]
    common = ["--protocol", "tls", "--host", "127.0.0.1", "--no-dashboard", *tls, "--tls-key", certificates.key]
    place = folder / "scheduler.json"
    place.unlink(missing_ok=True)
    dask = [sys.executable, "-m", "dask"]
    commands = (
        [*dask, "scheduler", "--port", str(port), "--scheduler-file", place, *common],
        [*dask, "worker", "--nthreads", "1", "--memory-limit", str(memory), "--scheduler-file", place, *common],
    )
    private = {**os.environ, "PYTHONSAFEPATH": "1", "DASK_TEMPORARY_DIRECTORY": str(folder)}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with ExitStack() as stack:
        for command in commands:
            process = subprocess.Popen(command, cwd=folder, env=private, preexec_fn=end_with_parent, **silent)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            wait_until(place.exists)
        yield json.loads(place.read_text())["address"]

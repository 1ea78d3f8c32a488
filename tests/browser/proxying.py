"""A real nginx with the configuration of docs/deploy, on ports and with files of this test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from tests.browser.serving import ROOT, free_port
from tests.certificates import self_signed
from tests.waiting import PATIENCE, wait_until

CONFIGURATION = ROOT / "docs" / "deploy" / "nginx.conf"
HOST = "maps.example.org"
NAME, PASSWORD = "ann", "correct horse"


@dataclass(frozen=True)
class Proxy:
    """A running nginx: on which ports of 127.0.0.1, with which certificate."""

    plain: int
    tls: int
    certificate: Path

    @property
    def address(self) -> str:
        """How a browser that knows where the host is calls it."""
        return f"https://{HOST}:{self.tls}"


def find_nginx() -> str:
    """Debian's nginx; without one the test is skipped, or fails where all must run."""
    path = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None:
        reason = "There is no nginx: install Debian's package nginx."
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return path


@contextmanager
def proxy(folder: Path, upstream: str, *, most: str | None = None) -> Iterator[Proxy]:
    """nginx in front of a server.

    Args:
        folder: for its files.
        upstream: host and port of that server.
        most: another size limit, so that no test needs 200 MB.
    """
    nginx, plain, tls = find_nginx(), free_port(), free_port()
    certificate, key = certify(folder)
    (folder / "passwords").write_text(f"{NAME}:{{PLAIN}}{PASSWORD}\n")
    text = CONFIGURATION.read_text("utf-8")
    for old, new in {
        "127.0.0.1:8501": upstream,
        "listen 80": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{tls}",
        "/etc/ssl/smooth-gradcam/certificate.pem": str(certificate),
        "/etc/ssl/smooth-gradcam/key.pem": str(key),
        "/etc/nginx/smooth-gradcam.htpasswd": str(folder / "passwords"),
        **({"client_max_body_size 201m": f"client_max_body_size {most}"} if most else {}),
    }.items():
        assert old in text, f"{CONFIGURATION} says nothing of {old}"
        text = text.replace(old, new)
    written = folder / "nginx.conf"
    places = "".join(f"{kind}_temp_path {folder / kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    written.write_text(
        f"daemon off; worker_processes 1; pid {folder / 'pid'}; {'user root;' if os.getuid() == 0 else ''}\n"
        f"error_log {folder / 'errors'} warn; events {{}}\n"
        f"http {{ access_log {folder / 'accesses'}; client_body_temp_path {folder / 'bodies'}; {places}\n{text}}}\n"
    )
    process = subprocess.Popen([nginx, "-c", written, "-e", folder / "errors"])
    try:
        wait_until(lambda: process.poll() is not None or _has_begun(folder), "nginx did not start.")
        assert process.poll() is None, (folder / "errors").read_text()
        yield Proxy(plain, tls, certificate)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _has_begun(folder: Path) -> bool:
    return (folder / "pid").exists() and bool((folder / "pid").read_text().strip())


def certify(folder: Path) -> tuple[Path, Path]:
    """A certificate of `HOST` that it signed itself, and its key."""
    return self_signed(folder, HOST, x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)

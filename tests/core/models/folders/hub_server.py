"""A hub on this machine, as far as downloads need one: what it says of models, their files, and whom it refuses."""

import contextlib
import functools
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.waiting import PATIENCE

COMMIT = "89abcdef0123456789abcdef0123456789abcdef"
_PIECE = 1 << 16


class Hub:
    """What the server holds, and what it was asked for.

    Attributes:
        folders: hub id -> the folder whose files the model has.
        refused: hub id -> (status, the hub's own code of the error) for whoever asks for its files.
        fetched: names of files that were asked for, in that order.
        pace: held by a file's bytes after the first piece: while it is not set, they wait.
        status: for all requests, where not None.
        address: where it is asked.
    """

    address: str

    def __init__(self) -> None:
        self.folders: dict[str, Path] = {}
        self.refused: dict[str, tuple[int, str]] = {}
        self.fetched: list[str] = []
        self.pace = threading.Event()
        self.pace.set()
        self.status: int | None = None

    def files(self, hub_id: str) -> list[Path]:
        return sorted(path for path in self.folders[hub_id].iterdir() if path.is_file())


def _etag(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            parts = [unquote(part) for part in urlsplit(self.path).path.split("/") if part]
            if hub.status is not None:
                return self._send(hub.status, b"{}", body)
            if parts[0] == "api":
                hub_id, rest = "/".join(parts[2:4]), parts[4:]
                return self._about(hub_id, rest, body)
            hub_id, rest = "/".join(parts[:2]), parts[4:]
            if hub_id in hub.refused:
                return self._refuse(*hub.refused[hub_id], body)
            path = hub.folders[hub_id] / "/".join(rest)
            if not path.is_file():
                return self._refuse(404, "EntryNotFound", body)
            headers = {"ETag": f'"{_etag(path)}"', "X-Repo-Commit": COMMIT}
            if body:
                hub.fetched.append(path.name)
            self._send(200, path.read_bytes(), body, headers)

        def _about(self, hub_id: str, rest: list[str], body: bool) -> None:
            if hub_id not in hub.folders:
                return self._refuse(404, "RepoNotFound", body)
            files = hub.files(hub_id)
            if rest[:1] == ["tree"]:
                told = [{"type": "file", "path": path.name, "size": path.stat().st_size} for path in files]
                told = [{**each, "oid": "0" * 40} for each in told]
            else:
                siblings = [{"rfilename": path.name, "size": path.stat().st_size} for path in files]
                told = {"id": hub_id, "modelId": hub_id, "sha": COMMIT, "siblings": siblings}
            self._send(200, json.dumps(told).encode(), body, {"Content-Type": "application/json"})

        def _refuse(self, status: int, code: str, body: bool) -> None:
            self._send(status, b"{}", body, {"X-Error-Code": code, "X-Error-Message": code})

        def _send(self, status: int, content: bytes, body: bool, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if not body:
                return
            with contextlib.suppress(OSError):  # whoever asked has left
                for begin in range(0, len(content), _PIECE):
                    self.wfile.write(content[begin : begin + _PIECE])
                    self.wfile.flush()
                    if len(content) > _PIECE:
                        hub.pace.wait(30)

    return Handler


def start() -> tuple[Hub, ThreadingHTTPServer]:
    """A hub that answers from now on."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    return hub, server


def ask(address: str, patch: pytest.MonkeyPatch, cache: Path) -> None:
    """From now on that address is the hub, and an empty folder its cache; nothing else of the network is asked."""
    from huggingface_hub import constants

    for name, value in (("HF_ENDPOINT", address), ("HF_HUB_OFFLINE", "0"), ("HF_HUB_DISABLE_TELEMETRY", "1")):
        patch.setenv(name, value)
    for name in ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT"):  # a hub that is slow, or held up, is not away
        patch.setenv(name, str(round(PATIENCE)))
    patch.setattr(constants, "HF_HUB_OFFLINE", False)
    patch.setattr(constants, "ENDPOINT", address)
    patch.setattr(constants, "HF_HUB_CACHE", str(cache))


@functools.cache
def shared() -> Hub:
    """A hub for as long as this process lives."""
    return start()[0]


@contextlib.contextmanager
def serving(patch: pytest.MonkeyPatch, cache: Path) -> Iterator[Hub]:
    """A hub of its own that is asked meanwhile."""
    hub, server = start()
    ask(hub.address, patch, cache)
    try:
        yield hub
    finally:
        hub.pace.set()
        server.shutdown()
        server.server_close()

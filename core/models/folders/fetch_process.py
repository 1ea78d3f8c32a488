"""The process that fetches a model: `python fetch_process.py '{"hub_id": ...}'`; see `core.models.folders.downloads`.

It says in lines of JSON how far it is, in bytes, or why it fails. It needs nothing of this project. Told to stop, or
left alone, it takes away what it had only begun to write and ends within seconds.
"""

import errno
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tqdm.std import tqdm

SECONDS_BETWEEN_REPORTS = 0.5
SECONDS_TO_STOP = 3.0

_stopping = threading.Event()
# Error's class, or one that it inherits from -> what is told; the first that fits.
_KINDS = {
    "GatedRepoError": "gated",
    "RepositoryNotFoundError": "unknown",
    "DisabledRepoError": "disabled",
    "RevisionNotFoundError": "revision",
    "OfflineModeIsEnabled": "offline",
    "TransportError": "away",
    "ConnectionError": "away",
    "TimeoutError": "away",
}
_OF_DISKS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}


class Silent(tqdm):
    """A progress bar that is never shown, and through which downloads hear that they are to stop."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.pop("name", None)
        super().__init__(*arguments, **{**options, "disable": True})

    def update(self, n: float | None = 1) -> bool | None:
        if _stopping.is_set():
            raise InterruptedError
        return super().update(n)


def main() -> int:
    """Fetches what it is asked for; returns the exit code."""
    asked = json.loads(sys.argv[1])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stopping.set())
    storage = Path(asked["cache"]) / f"models--{asked['hub_id'].replace('/', '--')}"
    before = set(unfinished(storage))
    try:
        fetch(asked, storage, before)
    except Exception as error:
        if not _stopping.is_set():
            say(**reason(error))
        return 1
    return 0


def fetch(asked: dict[str, Any], storage: Path, before: set[Path]) -> None:
    from huggingface_hub import HfApi, snapshot_download

    hub_id, cache = asked["hub_id"], Path(asked["cache"])
    info = HfApi().model_info(hub_id, files_metadata=True)
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    wanted = {
        name: size
        for name, size in sizes.items()
        if any(fnmatch(name, pattern) for pattern in asked["wanted"])
        and not any(fnmatch(name, pattern) for pattern in asked["spared"])
    }
    if not any(name.endswith(".safetensors") for name in wanted):
        others = sorted(name for name in sizes if name.endswith((".bin", ".gguf", ".pt", ".pth", ".h5", ".onnx")))
        say(error="weights", detail=", ".join(others[:3]))
        return
    there = storage / "snapshots" / (info.sha or "")
    needed = sum(size for name, size in wanted.items() if not (there / name).exists())
    free = shutil.disk_usage(next(path for path in (cache, *cache.parents) if path.is_dir())).free
    if needed > free:
        say(error="room", needed=needed, free=free)
        return
    threading.Thread(target=report, args=(storage, needed, before), daemon=True).start()
    snapshot_download(
        hub_id,
        cache_dir=cache,
        allow_patterns=asked["wanted"],
        ignore_patterns=asked["spared"],
        tqdm_class=Silent,
    )
    say(done=needed, total=max(1, needed))


def report(storage: Path, needed: int, before: set[Path]) -> None:
    """Says again and again how far it is; ends the process where it should have stopped and does not."""
    begun, stopped_at = written(storage), None
    while stopped_at is None or time.monotonic() < stopped_at + SECONDS_TO_STOP:
        if not _stopping.is_set():
            say(done=max(0, min(needed, written(storage) - begun)), total=max(1, needed))
        elif stopped_at is None:
            stopped_at = time.monotonic()
        time.sleep(SECONDS_BETWEEN_REPORTS)
    for path in set(unfinished(storage)) - before:
        path.unlink(missing_ok=True)
    os._exit(1)


def written(storage: Path) -> int:
    """Bytes of a model that are on the disk, with those of files that are not whole yet."""
    total = 0
    for path in files_in(storage):
        try:
            total += path.lstat().st_size
        except OSError:  # it was given its own name meanwhile
            continue
    return total


def unfinished(storage: Path) -> list[Path]:
    return [path for path in files_in(storage) if path.name.endswith(".incomplete")]


def files_in(storage: Path) -> Iterator[Path]:
    # Where links cannot be made, files lie in the snapshots themselves.
    for folder in (storage / "blobs", storage / "snapshots"):
        yield from (path for path in folder.rglob("*") if not path.is_symlink() and path.is_file())


def reason(error: BaseException) -> dict[str, Any]:
    """What kind of failure it is; an error may stand behind the one that is raised."""
    behind: list[BaseException] = []
    while error is not None and error not in behind:
        behind.append(error)
        error = error.__cause__ or error.__context__
    for each in behind:
        names = {kind.__name__ for kind in type(each).__mro__}
        status = getattr(getattr(each, "response", None), "status_code", None)
        for name, kind in _KINDS.items():
            if name in names:
                return {"error": kind, "detail": first_line(each)}
        if status is not None:
            return {"error": "token" if status == 401 else "hub", "detail": f"HTTP {status}"}
        if isinstance(each, OSError) and each.errno in _OF_DISKS:
            return {"error": "folder", "detail": each.strerror or type(each).__name__}
    return {"error": "other", "detail": first_line(behind[0])}


def first_line(error: BaseException) -> str:
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def say(**told: Any) -> None:
    """A line for whoever started this; where they are gone, it is told to stop."""
    try:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
    except OSError:
        _stopping.set()


if __name__ == "__main__":
    sys.exit(main())

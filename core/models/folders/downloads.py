"""Fetches a model from the hub in a process of its own, tells how far it is, and can be stopped at any time.

A process, since huggingface_hub's threads cannot be stopped and would keep a server that is told to end from ending. No
torch here.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core.models.folders.files import FILES
from core.models.folders.hub_refusals import refusal
from core.schema.progress import Progress

OnProgress = Callable[[Progress], None]

# Files in folders are other exports of the same model, and so is what is called consolidated.
_OTHER_EXPORTS = ("*/*", "consolidated*.safetensors")
_SCRIPT = Path(__file__).with_name("fetch_process.py")
_SECONDS_TO_STOP = 8.0


def download(hub_id: str, cache: Path, missing: list[str], on_progress: OnProgress | None = None) -> None:
    """Fetches what lacks of a model of the hub; whole files that are there stay.

    Args:
        cache: the hub's cache on this machine.
        missing: what is known to be missing of a snapshot that is there in part.
        on_progress: hears of every half second; what it raises stops the process and is passed on. None: a bar is drawn
            on standard error, if that is a terminal.

    Raises:
        ModelError: the sentence says why it cannot be fetched, and what to do.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise refusal(hub_id, {"error": "offline"}, cache, missing)
    with (
        _bar(hub_id) if on_progress is None else nullcontext(on_progress) as tell,
        closing(_told(hub_id, cache)) as lines,
    ):
        for told in lines:
            if "error" in told:
                raise refusal(hub_id, told, cache, missing)
            tell(Progress("fetch", told["done"], told["total"]))


@contextmanager
def _bar(hub_id: str) -> Iterator[OnProgress]:
    with tqdm(desc=hub_id, unit="B", unit_scale=True, disable=None) as bar:

        def show(progress: Progress) -> None:
            bar.total = progress.total
            bar.update(progress.done - bar.n)

        yield show


def _told(hub_id: str, cache: Path) -> Iterator[dict[str, Any]]:
    """What the process says, line by line. Whoever leaves before its end stops it."""
    asked = {"hub_id": hub_id, "cache": str(cache), "wanted": list(FILES), "spared": list(_OTHER_EXPORTS)}
    command = [sys.executable, "-P", str(_SCRIPT), json.dumps(asked)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        is_told, warning = False, ""
        try:
            for line in process.stdout:
                try:
                    told = json.loads(line)
                except ValueError:  # what libraries warn of, or a traceback
                    warning = line.strip() or warning
                    continue
                is_told = is_told or "error" in told
                yield told
            if process.wait() != 0 and not is_told:
                yield {"error": "other", "detail": warning or f"exit code {process.returncode}"}
        finally:
            _end(process)


def _end(process: subprocess.Popen) -> None:
    process.terminate()  # it takes away what it had only begun to write
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()

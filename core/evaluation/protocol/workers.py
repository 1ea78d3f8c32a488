"""A data set dealt out to several processes, each with the model; this one writes the log.

Entries come as bytes of JSON through a pipe for each process: a process that is killed cuts off its own pipe and
nothing else, and what it was at is measured by the next call.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch

from core.engine.explainer import Explainer
from core.errors import ExplainError, InputError, WorkersLost
from core.evaluation.protocol.plan import Plan
from core.evaluation.protocol.run import OnRows, Share, evaluate, measure_share, open_log, rows_done, summed_up
from core.evaluation.protocol.source import Source
from core.models.checkpoints import ModelCard, describe_model

MOST = 64
_GRACE = 5.0
"""Seconds for a process that is told to end."""


@dataclass(frozen=True)
class _Work:
    """What a process is told to do."""

    source: Source
    plan: Plan
    model: str | None
    device: str
    share: Share
    done: frozenset[int]
    threads: int


def evaluate_source(
    source: Source,
    plan: Plan,
    out: str | Path,
    *,
    model: str | None = None,
    device: str = "auto",
    workers: int = 1,
    on_rows: OnRows = lambda done, total: None,
) -> dict[str, Any]:
    """As `core.evaluation.protocol.run.evaluate`, with the model loaded here, or in as many processes as are asked for.

    Args:
        source: the data set.
        model, device: as of `core.models.checkpoints.describe_model`.
        workers: processes; with one, none is started. On a machine with several GPUs, each takes its own.

    Raises:
        InputError: as `evaluate`; there are too many workers.
        ModelError: the model cannot be loaded.
        WorkersLost: a worker ended before its share was done; call again to go on.
        OSError: the log cannot be written.
    """
    if not 1 <= workers <= MOST:
        raise InputError(f"The number of workers must be 1 to {MOST}, not {workers}.")
    data, card = source.open(), describe_model(model, device)
    if workers == 1:
        return evaluate(Explainer.from_pretrained(card), data, plan, out, folder=card.folder, on_rows=on_rows)
    plan = plan.for_depth(card.decoder.layers)
    about = {"name": card.name, "fingerprint": card.fingerprint}
    with open_log(data, plan, about, Path(out)) as log:
        done = rows_done(log)
        on_rows(done, len(data))
        threads = max(1, (os.cpu_count() or 1) // workers)
        work = [
            _Work(source, plan, model, _device(device, index), Share(index, workers), frozenset(log.done), threads)
            for index in range(workers)
        ]
        for entry in _entries(work):
            log.add(entry)
            done += entry["rows"]
            on_rows(done, len(data))
        return summed_up(log, data, plan, about)


def _device(device: str, index: int) -> str:
    """A GPU for each process where there are several; what was named stays what it is."""
    count = torch.cuda.device_count() if device in ("auto", "cuda") else 0
    return f"cuda:{index % count}" if count > 1 else device


def _entries(work: list[_Work]) -> Iterator[dict[str, Any]]:
    """What the processes find, as it comes. They end when this generator does, whatever ends it."""
    context = get_context("spawn")
    pipes, processes = [], []
    try:
        for each in work:
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=_process, args=(each, there), daemon=True)
            process.start()
            there.close()
            pipes.append(here)
            processes.append(process)
        yield from _received(pipes)
    finally:
        _end(processes)
        for pipe in pipes:
            pipe.close()


def _received(pipes: list[Connection]) -> Iterator[dict[str, Any]]:
    waiting = list(pipes)
    while waiting:
        for pipe in wait(waiting):
            try:
                told = json.loads(pipe.recv_bytes())
            except (EOFError, OSError):
                raise WorkersLost(
                    "A worker ended before its share was done, perhaps for lack of memory. What is measured is kept: "
                    "call again to go on, with fewer workers if memory is short."
                ) from None
            if "problem" in told:
                raise InputError(told["problem"])
            if "end" in told:
                waiting.remove(pipe)
            else:
                yield told


def _end(processes: list[BaseProcess]) -> None:
    for process in processes:
        if process.is_alive():
            process.terminate()
    for process in processes:
        process.join(_GRACE)
        if process.is_alive():
            process.kill()


def _process(work: _Work, pipe: Connection) -> None:
    """What a process does: its share, an entry a message, and at the end a word that this is all."""

    def tell(message: dict[str, Any]) -> None:
        pipe.send_bytes(json.dumps(message).encode())

    torch.set_num_threads(work.threads)
    # Whoever waits is gone: nobody is there who could be told.
    with suppress(BrokenPipeError):
        try:
            card = describe_model(work.model, work.device)
            _measure(work, card, tell)
            tell({"end": True})
        except ExplainError as error:
            tell({"problem": str(error)})


def _measure(work: _Work, card: ModelCard, tell: Callable[[dict[str, Any]], None]) -> None:
    explainer = Explainer.from_pretrained(card)
    measure_share(explainer, work.source.open(), work.plan, work.done, tell, work.share, card.folder)

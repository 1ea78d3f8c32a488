"""Requests and results to store: every number follows from the arguments."""

import sqlite3
from contextlib import closing

import numpy as np
from hypothesis import HealthCheck, settings

from cache import Filter, Order, ResultStore, RunHistory, RunRecord, look_up, run_id
from cache.keys import map_keys, pass_key
from core.schema import Answer, ExplainRequest, ExplainResult, TimeStep, Token, gather

# Disks are slow at times, and a shared machine more so: examples are few.
few_examples = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

IMAGE, MODEL = "ab" * 32, "embedded@1:float32:sdpa:pil"


def make_request(**changes) -> ExplainRequest:
    """A request about layers 0 to 3, with `changes`."""
    values = {"image": IMAGE, "prompt": "Where is the circle?", "model": MODEL, "layers": (0, 1, 2, 3)}
    return ExplainRequest(**{**values, **changes})


def make_answer(text: str = "on the left") -> Answer:
    """An answer of one token per word."""
    words = text.split()
    return Answer(text, tuple(Token(i, word, 0.1 * i, ((word + "?", 0.05),)) for i, word in enumerate(words)))


def make_result(request: ExplainRequest, *, grid: tuple[int, int] = (5, 7), **changes) -> ExplainResult:
    """A result whose map of layer l depends on l and on the seed alone; one map in all is as of layer 99."""
    maps = [
        np.random.default_rng([request.seed, 99 if layer is None else layer]).random((2, *grid), dtype=np.float32)
        for layer in request.maps
    ]
    values = {
        "request": request,
        "answer": make_answer(),
        "heat": np.stack([heat for heat, _ in maps]),
        "squared_deviation": np.stack([deviation for _, deviation in maps]),
        "num_samples": request.num_samples,
        "total_layers": 36,
        "timings": {"answer": 0.5, "samples": 2.25},
    }
    return ExplainResult(**{**values, **changes})


def make_video_result(request: ExplainRequest | None = None, *, steps: int = 3, **changes) -> ExplainResult:
    """A result about a video of two frames a step, half a second each; its maps depend on layer, seed and samples."""
    request = make_request(frames=2 * steps, layers=(0, 1)) if request is None else request
    maps = [
        np.random.default_rng([request.seed, 99 if layer is None else layer, request.num_samples]).random(
            (2, steps, 5, 7), dtype=np.float32
        )
        for layer in request.maps
    ]
    values = {
        "heat": np.stack([heat for heat, _ in maps]),
        "squared_deviation": np.stack([deviation for _, deviation in maps]),
        "steps": tuple(TimeStep(step / 2, (step + 1) / 2) for step in range(steps)),
    }
    return make_result(request, **{**values, **changes})


def assert_same(left: ExplainResult | None, right: ExplainResult) -> None:
    """Every field equal, the numbers bit for bit."""
    assert left is not None
    assert left.request == right.request
    assert left.answer == right.answer
    assert (left.num_samples, left.total_layers) == (right.num_samples, right.total_layers)
    assert left.grid == right.grid
    assert left.steps == right.steps
    assert left.timings == right.timings
    assert left.heat.dtype == right.heat.dtype == np.float32
    assert left.heat.tobytes() == right.heat.tobytes()
    assert left.squared_deviation.tobytes() == right.squared_deviation.tobytes()


def missing_maps(store: ResultStore, request: ExplainRequest) -> tuple[int | None, ...]:
    """Which maps of a request are not stored; empty exactly when the store has the result."""
    missing = {layer for gap in look_up(store, [request]).missing for layer in gap.request.maps}
    return tuple(layer for layer in request.maps if layer in missing)


def make_run(number: int = 0, **changes) -> RunRecord:
    """The record of a run: `number` is its seed, and seconds after the first."""
    request = make_request(seed=number)
    values = {
        "run_id": run_id(request),
        "created": 1000.0 + number,
        "updated": 1000.0 + number,
        "image": request.image,
        "picture_name": "scene.png",
        "prompt": request.prompt,
        "answer": "on the left",
        "model_name": "embedded",
        "request": request.to_dict(),
        "method": request.method,
        "num_samples": request.num_samples,
        "duration": 2.5,
        "thumbnail": b"RIFF\0WEBP",
    }
    return RunRecord(**{**values, **changes})


def total(history: RunHistory, **where) -> int:
    """How many runs of a history fulfil a filter."""
    return history.find(Filter(**where), Order(), 1).total


def of_two_pictures(**changes) -> ExplainResult:
    """A result about two pictures of different grids, with its combined maps."""
    request = make_request(image="aa", images=("aa", "bb"), **changes)
    parts = [
        make_result(part.of_picture(number), grid=((5, 7), (3, 4))[number])
        for number in range(2)
        for part in (request, request.with_method("combined", ()))
    ]
    return gather(parts)


def change(store: ResultStore, statement: str, *values) -> int:
    """Changes the database of a store behind its back; how many rows that concerned."""
    with closing(sqlite3.connect(store.folder / "cache.db")) as connection, connection:
        return connection.execute(statement, values).rowcount


def age(store: ResultStore, seconds: float, **changes) -> None:
    """Lets the entries of a request have been stored so many seconds earlier."""
    request = make_request(**changes)
    statement = "UPDATE Cache SET store_time = store_time - ?1, expire_time = expire_time - ?1 WHERE key = ?2"
    for key in (pass_key(request), *map_keys(request).values()):
        change(store, statement, seconds, key)

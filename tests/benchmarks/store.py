"""The store's speed, by hand: `python -m tests.benchmarks.store`.

Medians on the disk that holds the temporary folder: a result of 36 layers of 50 x 75 put and read back,
in turns with two plain ways of keeping the same arrays (np.savez, and diskcache as it comes, which
pickles), what it takes to find out which samples are missing, and a page of history. Exit code 1 where
reading or writing takes longer than it may.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import diskcache
import numpy as np

from cache import ResultStore, RunHistory, RunRecord, look_up, run_id
from core.schema import Answer, ExplainRequest, ExplainResult, Token

LAYERS, GRID, REPEATS, RUNS = 36, (50, 75), 25, 1_000
MOST_MILLISECONDS = {"put": 40.0, "get": 10.0}
"""What a put and a get of such a result may take."""


def milliseconds(action: Callable[[int], object], repeats: int = REPEATS) -> float:
    """Median time of `action(0)`, `action(1)`, ... in milliseconds."""
    return in_turns({"it": action}, repeats)["it"]


def in_turns(actions: dict[str, Callable[[int], object]], repeats: int = REPEATS) -> dict[str, float]:
    """The median time of each action in milliseconds; they take turns, so that a busy moment hits all."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(repeats):
        for name, action in actions.items():
            start = time.perf_counter()
            action(turn)
            times[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(values) for name, values in times.items()}


def make_result(seed: int) -> ExplainResult:
    """A result with dense, smooth maps, which compress badly, as gradient norms do."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(LAYERS, *GRID))
    heat = np.abs(noise + np.roll(noise, 1, 1) + np.roll(noise, 1, 2)).astype(np.float32) * 1e-3
    request = ExplainRequest(
        image=f"{seed:064x}", prompt="What is here?", model="m", layers=tuple(range(LAYERS)), seed=seed
    )
    tokens = tuple(Token(i, f" word{i}", 0.5, ((" other", 0.25),) * 5) for i in range(60))
    answer = Answer("".join(token.text for token in tokens), tokens)
    return ExplainResult(request, answer, heat, heat**2, request.num_samples, LAYERS, {"samples": 1.0})


def compare(folder: Path, store: ResultStore, results: list[ExplainResult]) -> dict[str, float]:
    """Prints the store beside the plain ways; returns its own milliseconds for "put" and "get"."""
    pickling = diskcache.Cache(str(folder / "pickling"), size_limit=2**34)

    def savez(turn: int) -> None:
        np.savez(folder / f"{turn}.npz", heat=results[turn].heat, deviation=results[turn].squared_deviation)

    def load(turn: int) -> None:
        with np.load(folder / f"{turn}.npz", allow_pickle=False) as arrays:
            arrays["heat"], arrays["deviation"]

    def pickle(turn: int) -> None:
        pickling.set(turn, (results[turn].heat, results[turn].squared_deviation))

    def pickle_layers(turn: int) -> None:
        with pickling.transact():
            for layer in range(LAYERS):
                pickling.set((turn, layer), (results[turn].heat[layer], results[turn].squared_deviation[layer]))

    ways = {
        "put": {
            "store": lambda turn: store.put(results[turn]),
            "np.savez": savez,
            "pickled": pickle,
            "pickled by layer": pickle_layers,
        },
        "get": {
            "store": lambda turn: store.get(results[turn].request),
            "np.load": load,
            "pickled": lambda turn: pickling.get(turn),
            "pickled by layer": lambda turn: [pickling.get((turn, layer)) for layer in range(LAYERS)],
        },
    }
    own = {}
    for what, actions in ways.items():
        times = in_turns(actions)
        own[what] = times.pop("store")
        beside = ", ".join(f"{own[what] / other:.1f} x {name} ({other:.2f} ms)" for name, other in times.items())
        print(f"  {what}  {own[what]:6.2f} ms of at most {MOST_MILLISECONDS[what]:g}: {beside}")
    size = (folder / "0.npz").stat().st_size
    print(f"  size {store.volume() / REPEATS / 1e6:6.2f} MB, {store.volume() / REPEATS / size:.2f} x np.savez")
    pickling.close()
    return own


def look_ups(store: ResultStore, results: list[ExplainResult]) -> None:
    """Prints what it takes to find out what is missing, which a page does before anything runs."""
    asked = [replace(result.request, num_samples=30) for result in results]
    unknown = [replace(result.request, prompt="Something else?") for result in results]
    for title, requests in (
        ("all is stored", [result.request for result in results]),
        ("10 of 30 samples are stored", asked),
        ("nothing is stored", unknown),
    ):
        print(f"  {milliseconds(lambda turn, them=requests: look_up(store, [them[turn]])):6.2f} ms  {title}")
    count = milliseconds(lambda turn: [store._counter.count(True) for _ in range(1_000)])
    print(f"  {count:6.2f} us  counting a hit")


def history(folder: Path, result: ExplainResult) -> None:
    """Prints what a page of history takes."""
    log = RunHistory(folder / "history" / "runs.db")
    request = result.request
    for number in range(RUNS):
        one = ExplainRequest(**{**request.__dict__, "seed": number})
        log.record(
            RunRecord(
                run_id=run_id(one),
                created=float(number),
                updated=float(number),
                image=one.image,
                picture_name="scene.png",
                prompt=f"Where is the red circle number {number}? 红色的圆形在哪里?",
                answer=result.answer.text,
                model_name="embedded",
                request=one.to_dict(),
                method=one.method,
                num_samples=one.num_samples,
                duration=1.0,
                thumbnail=bytes(5_000),
            )
        )
    pages = {
        "newest": lambda turn: log.recent(50),
        "last page": lambda turn: log.recent(50, RUNS - 50),
        "search of a word": lambda turn: log.recent(50, search="number 99"),
        "search of 红色的圆": lambda turn: log.recent(50, search="红色的圆"),
        "search of 圆形 (no index)": lambda turn: log.recent(50, search="圆形"),
    }
    print(f"history of {RUNS:,} runs, a page of 50, median of {REPEATS}")
    for title, page in pages.items():
        print(f"  {milliseconds(page):6.2f} ms  {title}")
    log.close()


def main() -> int:
    """Prints the figures; returns the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = [make_result(seed) for seed in range(REPEATS)]
        store = ResultStore(folder / "store")
        print(f"{LAYERS} layers of {GRID[0]} x {GRID[1]}, median of {REPEATS}")
        own = compare(folder, store, results)
        print("what is missing of such a result")
        look_ups(store, results)
        store.close()
        history(folder, results[0])
    return int(any(own[what] > most for what, most in MOST_MILLISECONDS.items()))


if __name__ == "__main__":
    sys.exit(main())

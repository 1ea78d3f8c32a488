"""The store's speed, by hand: `python tests/benchmarks/store.py`.

Medians on the disk that holds the temporary folder: a result of 36 layers of 50 x 75 put and read
back, beside plain np.savez and np.load of the same arrays in the same run, and a page of history.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cache import ResultStore, Run, RunLog, run_id
from core.schema import Answer, ExplainRequest, ExplainResult, Token

LAYERS, GRID, REPEATS, RUNS = 36, (50, 75), 25, 1_000


def milliseconds(action: Callable[[int], object], repeats: int = REPEATS) -> float:
    """Median time of `action(0)`, `action(1)`, ... in milliseconds."""
    times = []
    for turn in range(repeats):
        start = time.perf_counter()
        action(turn)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


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


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = [make_result(seed) for seed in range(REPEATS)]
        store = ResultStore(folder / "store")
        put = milliseconds(lambda turn: store.put(results[turn]))
        volume = store.volume()
        get = milliseconds(lambda turn: store.get(results[turn].request))

        def savez(turn: int) -> None:
            arrays = {"heat": results[turn].heat, "deviation": results[turn].squared_deviation}
            np.savez(folder / f"{turn}.npz", **arrays)

        def load(turn: int) -> None:
            with np.load(folder / f"{turn}.npz", allow_pickle=False) as arrays:
                arrays["heat"], arrays["deviation"]

        plain_put, plain_get = milliseconds(savez), milliseconds(load)
        size = (folder / "0.npz").stat().st_size
        print(f"{LAYERS} layers of {GRID[0]} x {GRID[1]}, median of {REPEATS}")
        print(f"  put  {put:6.2f} ms, {put / plain_put:5.2f} x np.savez ({plain_put:.2f} ms)")
        print(f"  get  {get:6.2f} ms, {get / plain_get:5.2f} x np.load ({plain_get:.2f} ms)")
        print(f"  size {volume / REPEATS / 1e6:6.2f} MB, {volume / REPEATS / size:5.2f} x np.savez")

        log = RunLog(folder / "history" / "runs.db")
        request = results[0].request
        for number in range(RUNS):
            one = ExplainRequest(**{**request.__dict__, "seed": number})
            log.record(
                Run(
                    run_id=run_id(one),
                    created=float(number),
                    updated=float(number),
                    image=one.image,
                    picture_name="scene.png",
                    prompt=f"Where is the red circle number {number}? 红色的圆形在哪里?",
                    answer=results[0].answer.text,
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
        store.close()


if __name__ == "__main__":
    main()

"""The history's speed at 100,000 runs, by hand: `python -m tests.benchmarks.history [RUNS]`.

Medians for pages, orders, filters and searches, each with the count that a page shows beside it. Exit code 1
where one takes longer than it may.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from cache import Filter, Order, RunHistory
from cache.runs.annotations import Change
from cache.runs.filters import ORDERS
from cache.runs.migrations import open_runs
from core.rendering.encoding import png
from core.schema import ExplainRequest
from core.schema.methods import METHODS
from tests.benchmarks.store import milliseconds

RUNS, TRASHED, PAGE, REPEATS = 100_000, 999, 25, 7
MOST_MILLISECONDS = 100.0
"""What a page and its count may take together."""
THUMBNAIL = 4_000
"""Bytes of a made-up thumbnail: a real picture of one pixel, and noise that no reader looks at."""

SUBJECTS = ("red circle", "blue square", "small star", "green triangle", "person on the left", "traffic light")
SAID = (
    "The {} is in the upper left corner, beside a larger shape that partly hides it, on a plain background.",
    "There is a {} in the middle of the picture. It stands out against the grey area, and nothing overlaps it.",
    "I can see one {}, close to the lower edge; its colour is brighter than that of everything around it.",
    "图中的{}位于左上角，旁边有一个较大的正方形，背景是浅灰色的，没有其他物体遮挡它。",
)
ASKED = (
    "Where is the {}?",
    "Describe the {} in detail, number {}.",
    "How large is the {}? 红色的圆形在哪里？",
    "{}在哪里？",
)


def build(file: Path, runs: int) -> None:
    """Writes so many made-up runs, all at once."""
    chance = random.Random(0)
    connection = open_runs(file, 30.0)
    names = (
        "id, run_id, created, updated, pinned, rating, tags, image, picture_name, model_name, method, num_samples, "
        "noise_std, duration, computed_samples, target, title, prompt, answer, note, stored, stored_since"
    )
    slots = ", ".join("?" * len(names.split(",")))
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO runs ({names}) VALUES ({slots})", _rows(runs, chance))
    connection.executemany("INSERT INTO run_details (id, request, thumbnail) VALUES (?, ?, ?)", _details(runs, chance))
    connection.execute("DELETE FROM uncounted")
    connection.execute("COMMIT")
    connection.close()


def _rows(runs: int, chance: random.Random) -> Iterator[tuple]:
    methods = list(METHODS)
    for number in range(1, runs + 1):
        subject = chance.choice(SUBJECTS)
        created = 1.7e9 + 300.0 * number
        tags = json.dumps(["paper"] if number % 50 == 0 else ["odd", "check"] if number % 997 == 0 else [])
        asked = chance.choice(ASKED).format(subject, number)
        said = " ".join(chance.choice(SAID).format(subject) for _ in range(chance.randint(1, 4)))
        yield (
            number,
            f"{number:016x}",
            created,
            created,
            int(number % 9_001 == 0),
            chance.choice((0,) * 20 + (1, 2, 3, 4, 5)),
            tags,
            f"{number % 5_000:064x}",
            f"photo {number % 5_000}.jpg",
            chance.choice(("embedded", "Qwen/Qwen2.5-VL-3B-Instruct", "Qwen/Qwen2.5-VL-7B-Instruct")),
            chance.choice(methods),
            chance.choice((4, 10, 10, 10, 30)),
            0.15,
            chance.expovariate(0.1),
            10,
            "the whole answer",
            "",
            asked,
            said,
            "looked at twice, 边缘很奇怪" if number % 400 == 0 else "",
            *((chance.randint(20_000, 2_000_000), created) if chance.random() < 0.4 else (None, None)),
        )


def _details(runs: int, chance: random.Random) -> Iterator[tuple]:
    pixel = png(np.zeros((1, 1, 3), np.uint8))
    request = ExplainRequest(image="ab" * 32, prompt="?", model="m" * 64, layers=tuple(range(36)))
    for number in range(1, runs + 1):
        yield number, json.dumps(request.to_dict()), pixel + chance.randbytes(THUMBNAIL - len(pixel))


def views(runs: int) -> dict[str, tuple[Filter, Order, int]]:
    """What somebody may look at: title -> filter, order, rows skipped."""
    usual, last = Order("pinned"), runs - TRASHED - PAGE
    month = (1.7e9 + 300.0 * runs * 0.5, 1.7e9 + 300.0 * runs * 0.6)
    filters = {
        "model": Filter(model="embedded"),
        "method": Filter(method="combined"),
        "tag of 2 %": Filter(tag="paper"),
        "4 stars and more": Filter(rating=4),
        "pinned": Filter(pinned=True),
        "picture's name": Filter(picture="photo 77"),
        "samples 5 to 20": Filter(samples=(5, 20)),
        "a tenth of the time": Filter(created=month),
        "seven at once": Filter(
            model="embedded", method="combined", rating=3, samples=(10, None), created=month, picture="3", tag="paper"
        ),
        "nothing fits": Filter(model="nobody's", rating=5, samples=(77, 78)),
        "heat stored": Filter(stored=True),
        "0.5 MB stored and more": Filter(size=(500_000, None)),
        "trash": Filter(trash=True),
        "search number 99999": Filter(search="number 99999"),
        "search traffic light": Filter(search="traffic light"),
        "search the (in most)": Filter(search="the"),
        "search is in the picture (in many)": Filter(search="is in the picture"),
        "search 红色的圆形": Filter(search="红色的圆形"),
        "search 边缘 (two characters, rare)": Filter(search="边缘"),
        "search 圆形 (two characters)": Filter(search="圆形"),
        "search x (one letter)": Filter(search="x"),
        "search zebra (nowhere)": Filter(search="zebra"),
        "search and filters": Filter(search="circle", model="embedded", rating=4),
    }
    found = {"first page": (Filter(), usual, 0), "middle page": (Filter(), usual, runs // 2)}
    found |= {"last page": (Filter(), usual, last), "oldest first": (Filter(), Order("created", False), 0)}
    found |= {f"order {by}": (Filter(), Order(by, False), 0) for by in ORDERS}
    for by in ("rating", "prompt", "picture"):
        found |= {
            f"middle page by {by}": (Filter(), Order(by), runs // 2),
            f"last page by {by}": (Filter(), Order(by), last),
        }
    found |= {f"filter: {name}": (where, usual, 0) for name, where in filters.items()}
    many = Filter(samples=(5, 20))
    return found | {
        "filter: samples 5 to 20, by prompt": (many, Order("prompt"), 0),
        "search the (in most), by prompt": (Filter(search="the"), Order("prompt"), 0),
        "search the (in most), by rating": (Filter(search="the"), Order("rating"), 0),
    }


def fresh(log: RunHistory, action: Callable[[], object]) -> float:
    """Median milliseconds of an action, nothing being remembered of what it worked out before."""

    def once(turn: int) -> None:
        log.connection._memo.clear()
        action()

    return milliseconds(once, REPEATS)


def main(arguments: list[str]) -> int:
    """Prints the figures; returns the exit code."""
    runs = int(arguments[0]) if arguments else RUNS
    slow = []
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "history" / "runs.sqlite"
        started = time.perf_counter()
        build(file, runs)
        print(f"{runs:,} runs written in {time.perf_counter() - started:.0f} s, {file.stat().st_size / 1e6:,.0f} MB")
        log = RunHistory(file)
        log.write([f"{number:016x}" for number in range(7, 7 * TRASHED + 1, 7)], Change(trash=True))
        print(f"a page of {PAGE} and its count, median of {REPEATS}, at most {MOST_MILLISECONDS:g} ms together")
        for title, (where, order, offset) in views(runs).items():
            took = fresh(log, lambda of=(where, order, PAGE, offset): log.find(*of))
            mark = "" if took <= MOST_MILLISECONDS else "  TOO SLOW"
            slow += [title] if mark else []
            total = log.find(where, order, 1).total
            print(f"  {took:7.2f} ms  {title} ({total:,}){mark}", flush=True)
        print(f"  {fresh(log, log.overview.choices):7.2f} ms  what can be filtered by")
        print(f"  {milliseconds(lambda turn: log.overview.recent_prompts(12), REPEATS):7.2f} ms  latest prompts")
        change = Change(add_tags=("seen",), note="looked at", rating=4)
        names = [f"{number:016x}" for number in range(50_000, 50_000 + PAGE)]
        print(
            f"  {milliseconds(lambda turn: log.write(names, change), REPEATS):7.2f} ms  writing a note to {PAGE} runs"
        )
        log.close()
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

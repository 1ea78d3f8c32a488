"""What came of it: results computed again, runs that are lost, files that nobody needs, and the bars."""

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import ExplainRequest, load_picture
from core.schema.run_requests import whole_run
from dashboard.storage.data_folder import Storage
from tests.faults.team.diary import Diary, percentile
from tests.faults.team.lives import is_real

SLOWER = 2.5
"""How many times the 95th percentile of the few that of the many may be."""
GROWTH = 0.10
"""How much more memory the server may have at the end than at its beginning."""


@dataclass(frozen=True)
class Memory:
    """Bytes of the last server, and of its workers.

    Attributes:
        start: when every page had been opened once.
        peak: while people worked.
        after: when everybody had left, some minutes later.
    """

    start: tuple[int, int]
    peak: tuple[int, int]
    after: tuple[int, int]

    @property
    def growth(self) -> float:
        """Of the server, as a share of its start."""
        return self.after[0] / self.start[0] - 1


def compare(storage: Storage, diary: Diary, most: int, chance: random.Random) -> None:
    """Computes runs of the history again in this one process, with as many threads as a worker has: one."""
    from core import Explainer  # brings torch, which looks once, now, for how many threads it may take

    explainer = Explainer.from_pretrained(device="cpu")
    runs = [run for run in storage.runs.recent(100_000) if is_real(run.request)]
    diary.counts["runs in the history that were asked here"] = len(runs)
    for run in chance.sample(runs, min(most, len(runs))):
        request = ExplainRequest.from_dict(run.request)
        stored = storage.results.get(request, counted=False)
        picture = load_picture(storage.pictures.get(run.image))
        (expected,) = explainer.run(picture, [request])
        diary.counts["results compared"] += 1
        if stored is None:
            diary.counts["lost runs"] += 1
            diary.complain(f"the result of {run.run_id} is gone")
        elif stored.answer != expected.answer or not np.allclose(stored.heat, expected.heat, rtol=1e-4, atol=1e-7):
            diary.counts["wrong results"] += 1
            diary.complain(f"the result of {run.run_id} is not what one process computes")


def find_lost(storage: Storage, diary: Diary) -> None:
    """Runs whose name somebody was told, and that are neither in the history nor given up."""
    for name in sorted(diary.asked - diary.given_up):
        run = storage.runs.get(name)
        if run is None:
            diary.counts["lost runs"] += 1
            diary.complain(f"the run {name} was asked and is not in the history")
        elif storage.results.get_all(whole_run(ExplainRequest.from_dict(run.request)), counted=False) is None:
            diary.counts["lost runs"] += 1
            diary.complain(f"the run {name} is in the history without its maps")


def leftovers(folder: Path) -> list[str]:
    """Files that nobody needs."""
    data = folder / "data"
    kinds = ("*.part", "*.server", "*.broken-*", "*.val", "*.tmp")
    return sorted(str(path.relative_to(data)) for kind in kinds for path in data.rglob(kind))


def missed(few: Diary, many: Diary, memory: Memory, kills: tuple[int, int], left: list[str]) -> list[str]:
    """Every bar that was missed, a sentence each.

    Args:
        few, many: what happened with few people, and with many while processes were killed.
        kills: how many workers and servers were to be killed.
        left: files that nobody needs.
    """
    found = [f"{count} times: {problem}" for problem, count in Counter(few.problems + many.problems).most_common()]
    found += [f"left over: {each}" for each in left]
    for what, wanted in zip(("worker", "server"), kills, strict=True):
        hit = many.counts[f"{what} kills that hit"]
        if wanted and not hit:
            found.append(
                f"none of {many.counts[f'{what} kills']} {what} kills came while a job ran: nothing was proven"
            )
    if not many.counts["answers"] or not many.counts["results compared"]:
        found.append("no question was answered and compared: nothing was proven")
    slower = percentile(many.all_seconds, 95) / percentile(few.all_seconds, 95)
    if not slower <= SLOWER:
        found.append(f"the 95th percentile is {slower:.2f} times that of few people; at most {SLOWER}")
    if not memory.growth <= GROWTH:
        found.append(f"the server has {memory.growth:+.1%} of memory after everybody has left; at most {GROWTH:+.0%}")
    return found


def table(few: Diary, many: Diary, people: tuple[int, int]) -> str:
    """Seconds of each action, with few people and with many."""
    head = f"{'seconds of a page run':24}" + "".join(f"{count:4} people: n  p50   p95  " for count in people)
    rows = [head]
    for action in sorted({*few.seconds, *many.seconds}):
        rows.append(f"{action:24}" + "".join(_cells(each.seconds.get(action, [])) for each in (few, many)))
    return "\n".join([*rows, f"{'all':24}" + _cells(few.all_seconds) + _cells(many.all_seconds)])


def _cells(seconds: list[float]) -> str:
    return f"{len(seconds):14,} {percentile(seconds, 50):5.2f} {percentile(seconds, 95):5.2f}  "

"""A team on one server, with everything going wrong now and then: `python -m tests.faults.team`.

First few people, then many, browse a history of so many runs, ask new questions, and cancel some; meanwhile workers
are killed, and the server itself, while jobs run. Then everybody leaves. At the end every result must equal what one
process computes, every run that somebody was told the name of must be in the history, nothing may have been shown as an
error but the sentences that belong to what was done, no process or file may be left over, pages of the many may not be
much slower than those of the few, and the server must have given its memory back. Exit code 1 where one is missed.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from dashboard.settings import Settings
from dashboard.storage.data_folder import history_file, open_storage
from tests.benchmarks.history import build
from tests.faults.team.diary import Diary
from tests.faults.team.lives import go_on, kill_server, let_finish, live, started, warm_up
from tests.faults.team.people import Stage, come
from tests.faults.team.verdict import Memory, compare, find_lost, leftovers, missed, table

NEW = 100_000
"""Seeds from here on are nobody's: what is asked with them is stored by nobody."""


def main() -> int:
    """Runs it and prints what happened; exit code 1 if a bar was missed."""
    options = _options()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    few, many, chance = Diary(), Diary(), random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="team-") as name:
        folder = Path(name)
        storage = open_storage(Settings(data_folder=folder / "data"))
        storage.jobs.close()
        build(history_file(folder / "data"), options.runs)
        _with_few(folder, few, options, chance)
        memory = _with_many(folder, many, options, chance)
        storage = open_storage(Settings(data_folder=folder / "data"))
        for diary in (few, many):
            find_lost(storage, diary)
        compare(storage, many, options.compare, chance)
        storage.jobs.close()
        left = leftovers(folder)
    print(table(few, many, (options.few, options.visitors)))
    for what, count in sorted((few.counts + many.counts).items()):
        print(f"{count:7,} {what}")
    for what in ("wrong results", "lost runs"):
        print(f"{few.counts[what] + many.counts[what]:7,} {what} in all")
    print(f"{len(few.problems) + len(many.problems):7,} error pages and other problems")
    for number, what in enumerate(("server", "workers")):
        sizes = [f"{each[number] / 2**20:,.0f}" for each in (memory.start, memory.peak, memory.after)]
        print(f"memory of the {what}: start {sizes[0]} MB, peak {sizes[1]} MB, after {sizes[2]} MB")
    problems = missed(few, many, memory, (options.worker_kills, options.server_kills), left)
    for problem in problems:
        print(f"MISSED {problem}")
    print("every bar was kept" if not problems else f"{len(problems)} missed")
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.team", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="with many people and kills")
    parser.add_argument("--visitors", type=int, default=50, help="how many people those are")
    parser.add_argument("--few", type=int, default=20, help="people to compare with")
    parser.add_argument("--few-minutes", type=float, default=5.0, help="for how long those come first")
    parser.add_argument("--quiet-minutes", type=float, default=10.0, help="after everybody has left")
    parser.add_argument("--runs", type=int, default=10_000, help="in the history when it begins")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--worker-kills", type=int, default=12)
    parser.add_argument("--server-kills", type=int, default=2)
    parser.add_argument("--compare", type=int, default=60, help="runs that are computed again at the end")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _with_few(folder: Path, diary: Diary, options: argparse.Namespace, chance: random.Random) -> None:
    stage = Stage()
    with started(folder, options.workers) as running:
        warm_up(running.address, diary, NEW)
        stage.address = running.address
        people = come(stage, diary, options.few, options.seed)
        live(running, folder, stage, diary, options.few_minutes * 60, 0, chance)
        _send_home(stage, people, diary)
        let_finish(running, diary)


def _with_many(folder: Path, diary: Diary, options: argparse.Namespace, chance: random.Random) -> Memory:
    stage, people = Stage(), []
    lives = options.server_kills + 1
    for number in range(lives):
        is_last = number == lives - 1
        # The last one lives longest: what grows shows there.
        share = 0.5 if is_last and lives > 1 else 0.5 / max(1, lives - 1) if lives > 1 else 1.0
        kills = options.worker_kills // lives + (options.worker_kills % lives if is_last else 0)
        with started(folder, options.workers) as running:
            warm_up(running.address, diary, NEW + 1 + number)
            start = running.memory()
            if number:
                go_on(running.address, diary)
            diary.memory.clear()
            stage.address = running.address
            people = people or come(stage, diary, options.visitors, options.seed + 1000)
            live(running, folder, stage, diary, options.minutes * 60 * share, kills, chance)
            if not is_last:
                kill_server(running, diary)
                continue
            _send_home(stage, people, diary)
            let_finish(running, diary)
            time.sleep(options.quiet_minutes * 60)
            peak = tuple(max(each[which] for each in diary.memory) for which in (0, 1))
            return Memory(start, peak, running.memory())
    raise AssertionError("the last life returns")


def _send_home(stage: Stage, people: list, diary: Diary) -> None:
    stage.over.set()
    deadline = time.monotonic() + 900
    for person in people:
        person.join(max(0.0, deadline - time.monotonic()))
    if still := sum(person.is_alive() for person in people):
        diary.complain(f"{still} people were still at their pages a quarter of an hour after they wanted to leave")


if __name__ == "__main__":
    sys.exit(main())
